"""Print how the network side does on the labelled kits: ``python benchmarks/kits.py KITS [-v]``.

KITS is the unpacked folder of kits; without it the folder ``kits`` beside the environment variable CORPUS is
taken. ``-v`` lists the rows that miss. Everything runs on loopback; exit 1 if a kit is below its mark.
"""

import asyncio
import importlib.util
import json
import os
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from extractors import decode as decoding
from scraper import addresses, discover, httpdate, robots
from scraper.clock import SYSTEM
from scraper.config import Config, Fetching, Politeness, Publication
from scraper.errors import FetchError, Permanent
from scraper.fetch import DOCUMENT, Fetched, Fetcher
from scraper.gate import BlockedAddress, Gate, GatedNetwork
from scraper.politeness import Politeness as Polite

Row = dict[str, Any]


@dataclass
class Score:
    """What one kit gave. ``mark`` is the share that must be reached, 0 for "look only"."""

    kit: str
    mark: float
    good: int = 0
    total: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, good: bool, miss: object) -> None:
        self.good += good
        self.total += 1
        if not good:
            self.misses.append(str(miss)[:300])

    @property
    def passed(self) -> bool:
        return self.good >= self.mark * self.total


def rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


# robots.txt


def robots_rules(kits: Path) -> Iterator[Score]:
    scores = {
        tier: Score(f"robots, tier {tier}", mark) for tier, mark in (("A", 1.0), ("B", 1.0), ("C", 0.0))
    }
    for row in rows(kits / "robots/robots.jsonl"):
        body = b64decode(row["robots_b64"]) if row.get("robots_b64") else row["robots_txt"].encode()
        decision = robots.parse(body).decide(row["url"], row["user_agent"])
        scores[row["tier"]].add(decision.allowed == row["allowed"], (row["id"], row["test"], decision))
    yield from scores.values()


def crawl_delays(kits: Path) -> Iterator[Score]:
    score = Score("robots, crawl_delay", 1.0)
    for row in rows(kits / "robots/crawl_delay.jsonl"):
        delay = robots.parse(row["robots_txt"].encode()).crawl_delay(row["user_agent"])
        score.add(delay == row["crawl_delay_s"], (row["source"], row["user_agent"], delay))
    yield score


def robots_outcomes(kits: Path) -> Iterator[Score]:
    score = Score("robots, robots_fetch", 1.0)
    for row in rows(kits / "robots/robots_fetch.jsonl"):
        outcome = asyncio.run(_robots_outcome(row))
        score.add(outcome in _expected_outcomes(row), (row["case"], outcome))
    yield score


def _expected_outcomes(row: Row) -> set[str]:
    expect = row["expect"]
    if "byte 400 000" in row["case"]:
        return {"parse"}
    if expect.startswith("MAY treat"):
        return {"allow_all", "parse", "disallow_all"}
    if expect.startswith("use the cached"):
        return {"parse"}
    return (
        {"allow_all"}
        if expect == "allow_all"
        else {"disallow_all"}
        if "disallow_all" in expect
        else {"parse"}
    )


_RULES = b"User-agent: *\nDisallow: /secret\n"


async def _robots_outcome(row: Row) -> str:
    """Serve robots.txt as the row says, then ask what may be fetched: ``parse`` is by the rules above."""
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    body = _RULES
    if "byte 400 000" in row["case"]:
        body = b"#" * 399_984 + b"\nUser-agent: *\nDisallow: /secret\n" + b"#" * 190_000 + b"\nDisallow: /\n"
    status = row.get("status")
    answers: list[bytes] = [_answer(status or 200, body)]
    if row.get("redirects"):
        answers = [_answer(200, body)]
    if row.get("truncated"):
        answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + body]
    if status is None and not row.get("redirects"):
        answers = [b""]
    cached = "cached less than 24 h" in row["case"]
    if cached:
        answers.insert(0, _answer(200, body))
    hops = row.get("redirects", 0)

    def script(path: str) -> bytes:
        at = int(path.rpartition("hop")[2] or 0) if "hop" in path else 0
        if at < hops:
            return _answer(301, b"", f"Location: http://127.0.0.{at + 2}:{{port}}/hop{at + 1}\r\n")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async with _server(script, "0.0.0.0") as port:
        fetching = Fetching(allow_private=("127.0.0.0/8",), attempts=1, total_timeout=5)
        async with Fetcher(fetching) as fetcher:
            polite = Polite(
                Config(fetching=fetching, politeness=Politeness(delay=0)),
                fetcher,
                clock=replace(SYSTEM, now=lambda: clock[0]),
            )
            base = f"http://127.0.0.1:{port}"
            if cached:
                await _may(polite, f"{base}/open")
                clock[0] += timedelta(hours=25)
            open_, secret = await _may(polite, f"{base}/open"), await _may(polite, f"{base}/secret")
    return {(True, True): "allow_all", (True, False): "parse", (False, False): "disallow_all"}[open_, secret]


async def _may(polite: Polite, url: str) -> bool:
    try:
        await polite.allowed(url)
    except FetchError:
        return False
    return True


# Addresses


def whatwg(kits: Path) -> Iterator[Score]:
    score = Score("urls, WHATWG", 1.0)
    for row in rows(kits / "urls/urls.jsonl"):
        web = not row["failure"] and row["href"].startswith(("http:", "https:"))
        expected = row["href"].partition("#")[0] if web else None
        got = addresses.resolve(row["input"], row["base"])
        score.add(got == expected, (row["id"], row["input"], got, expected))
    yield score
    score = Score("urls, nonhttp_links refused", 1.0)
    for row in rows(kits / "urls/nonhttp_links.jsonl"):
        score.add(addresses.resolve(row["input"], row["base"]) is None, row["input"])
    yield score
    score = Score("urls, idna", 1.0)
    for row in rows(kits / "urls/idna.jsonl"):
        got = addresses.resolve(f"http://{row['input']}/")
        host = addresses.host(got) if got else None
        expected = row["ascii"] or None
        score.add(host == (expected.rstrip(".") if expected else None), (row["input"], host, expected))
    yield score


def canonical(kits: Path) -> Iterator[Score]:
    """Idempotence must hold; pairs that some crawler calls one page show how far ours goes along."""
    stable, same = Score("urls, canonical idempotent", 1.0), Score("urls, canonical: agrees on pairs", 0.0)
    for row in rows(kits / "urls/canonical.jsonl"):
        key = addresses.canonical(row["input"])
        stable.add(addresses.canonical(key) == key, (row["input"], key, addresses.canonical(key)))
        twin = row["canonical"] and addresses.resolve(row["canonical"])
        if twin and addresses.resolve(row["input"]):
            same.add(addresses.canonical(twin) == key, (row["input"], key, row["canonical"]))
    yield from (stable, same)


def ssrf(kits: Path) -> Iterator[Score]:
    score = Score("ssrf", 1.0)
    for row in rows(kits / "ssrf/ssrf.jsonl"):
        url = row["value"] if row["kind"] == "url" else _url_of_ip(row["value"])
        score.add(asyncio.run(_is_blocked(url)) == row["block"], (row["kind"], row["value"], row["block"]))
    yield score


def _url_of_ip(ip: str) -> str:
    return f"http://[{ip}]/" if ":" in ip else f"http://{ip}/"


async def _is_blocked(url: str) -> bool:
    address = addresses.resolve(url)
    if address is None:
        return True
    name = urlsplit(address).hostname or ""
    try:
        await GatedNetwork(Gate()).admitted(name, 80)
    except BlockedAddress:
        return True
    return False


# Feeds, sitemaps, XML


def feeds(kits: Path) -> Iterator[Score]:
    core, rest = Score("feeds, core fields", 0.98), Score("feeds, all checks", 0.0)
    for row in rows(kits / "feeds/feeds.jsonl"):
        if row["checks"] is None:
            continue
        headers = {name.lower(): value for name, value in row["headers"].items()}
        body = (kits / "feeds" / row["file"]).read_bytes()
        base = headers.get("content-location") or row["base_url"]
        parsed = discover.parse_feed(body, headers.get("content-type", ""), base)
        good = all(_holds(check, parsed) for check in row["checks"])
        rest.add(good, row["file"])
        if row["core_field"]:
            core.add(good, row["file"])
    yield from (core, rest)


def _holds(check: Row, parsed: Any) -> bool:
    value = parsed
    try:
        for step in check["path"]:
            if step == "#len":
                value = len(value)
                continue
            value = value[int(step)] if isinstance(value, list | tuple) else value[step]
    except (KeyError, IndexError):
        value = None
    if "truthy" in check:
        return bool(value) == bool(check["truthy"])
    expected = check.get("equals")
    same: bool = (list(value) if isinstance(value, tuple) else value) == expected
    return same


def sitemaps(kits: Path) -> Iterator[Score]:
    score = Score("sitemaps", 0.95)
    for row in rows(kits / "sitemaps/sitemap_docs.jsonl"):
        good, miss = _sitemap_document(row)
        score.add(good, (row["id"], row["test"], miss))
    for row in rows(kits / "sitemaps/sitemap_sites.jsonl"):
        found = asyncio.run(_sitemap_site(row))
        score.add(found == set(row["expected_pages"]), (row["id"], row["test"], sorted(found)[:4]))
    yield score


def _sitemap_document(row: Row) -> tuple[bool, object]:
    """Compare addresses and dates. Rows flagged as made by a stricter parser may be exceeded."""
    try:
        body = discover.unpacked(b64decode(row["body_b64"]))
        parsed = discover.sitemap(body, row["content_type"] or "", row["url"])
    except ValueError as error:
        return row["error"] is not None or not row["locs"], error
    leads = parsed.sitemaps if row["is_index"] else parsed.pages
    dates: dict[str, datetime | None] = {}
    for lead in leads:
        dates.setdefault(lead.url, lead.published_at)
    expected = {addresses.resolve(url): date and datetime.fromisoformat(date) for url, date in row["locs"]}
    right = all(url in dates and dates[url] == date for url, date in expected.items() if url and date)
    covers = set(dates) >= set(expected) if row["strict_same_dir_filter"] else set(dates) == set(expected)
    return right and covers, list(dates)[:4]


async def _sitemap_site(row: Row) -> set[str]:
    documents = {document["url"]: document for document in row["docs"]}

    async def get(url: str) -> Fetched:
        at = url
        for _ in range(10):
            document = documents.get(at) or {"status": 404, "headers": {}, "body_b64": ""}
            headers = {name.lower(): value for name, value in document["headers"].items()}
            if document["status"] not in (301, 302):
                break
            at = headers["location"]
        if document["status"] != 200:
            raise Permanent(url, "not_found", status=document["status"])
        body = b64decode(document["body_b64"] or "")
        return Fetched(url, at, 200, tuple(headers.items()), body, datetime.now(UTC), 0.0)

    publication = Publication("kit", "kit", row["home"] + "/")
    leads = [found async for found in discover.discover(publication, get) if isinstance(found, discover.Lead)]
    return {lead.url for lead in leads if lead.source.startswith("sitemap")}


def xml(kits: Path) -> Iterator[Score]:
    score = Score("xml, hostile, under 1 s each", 1.0)
    for row in json.loads((kits / "xml/manifest.json").read_text()):
        body = (kits / "xml" / row["file"]).read_bytes()
        started = time.perf_counter()
        texts = "".join(_texts(body))
        seconds = time.perf_counter() - started
        score.add(seconds < 1 and len(texts) < 10 * len(body), (row["file"], seconds, len(texts)))
    yield score


def _texts(body: bytes) -> Iterator[str]:
    for read in (lambda: discover.sitemap(body, "text/xml", "http://x.example/").pages,
                 lambda: discover.feed(body, "text/xml", "http://x.example/")):  # fmt: skip
        try:
            yield str(read())
        except ValueError as error:
            yield str(error)


# HTTP


def http_raw(kits: Path) -> Iterator[Score]:
    yield from _raw(kits, "httpx")


def http_raw_aiohttp(kits: Path) -> Iterator[Score]:
    """The extra's core."""
    if importlib.util.find_spec("aiohttp"):
        yield from _raw(kits, "aiohttp")


def _raw(kits: Path, core: str) -> Iterator[Score]:
    name = "http_raw" if core == "httpx" else f"http_raw, {core} core"
    must_fail, calm = Score(f"{name}, fail rows fail", 1.0), Score(f"{name}, no crash, none over 5 s", 1.0)
    found = asyncio.run(_raw_outcomes(list(rows(kits / "http_raw/http_raw.jsonl")), core))
    for row, outcome, seconds in found:
        calm.add(not outcome.startswith("crash") and seconds < 5, (row["id"], row["name"], outcome, seconds))
        if row["expect"] == "fail":
            must_fail.add(outcome.startswith("failed"), (row["id"], row["name"], outcome))
    yield from (must_fail, calm)


async def _raw_outcomes(found: list[Row], core: str) -> list[tuple[Row, str, float]]:
    by_path = {f"/{row['id']}": b64decode(row["raw_b64"]) for row in found}
    async with _server(lambda path: by_path.get(path, _answer(200, b"elsewhere")), "127.0.0.1") as port:
        fetching = Fetching(allow_private=(f"127.0.0.1:{port}",), attempts=1, total_timeout=4, transport=core)
        async with Fetcher(fetching) as fetcher:
            return [(row, *await _timed(fetcher, f"http://127.0.0.1:{port}/{row['id']}")) for row in found]


async def _timed(fetcher: Fetcher, url: str) -> tuple[str, float]:
    started = time.perf_counter()
    try:
        outcome = f"status {(await fetcher.fetch(url, wanted=DOCUMENT)).status}"
    except FetchError as error:
        outcome = f"failed: {error.reason}"
    except Exception as error:  # noqa: BLE001  a crash is what is looked for
        outcome = f"crash: {error!r}"
    return outcome, time.perf_counter() - started


def compression(kits: Path) -> Iterator[Score]:
    score = Score("compression", 1.0)
    for row, outcome in asyncio.run(_compressed(kits)):
        score.add(_right_compression(row, outcome), (row["file"], row["kind"], outcome))
    yield score


def _right_compression(row: Row, outcome: str) -> bool:
    """Good ones open, bombs are too large, cut ones cut; more than two codings are refused on purpose."""
    if row["content_encoding"].count(",") > 1:
        return outcome == "failed: bad_encoding"
    expected = {
        "good": ("status",),
        "bomb": ("failed: too_large",),
        "truncated": ("failed: cut_short", "failed: bad_e"),
    }
    return outcome.startswith(expected[row["kind"]])


async def _compressed(kits: Path) -> list[tuple[Row, str]]:
    found = json.loads((kits / "compression/manifest.json").read_text())
    by_path = {
        f"/{row['file']}": _answer(
            200,
            (kits / "compression" / row["file"]).read_bytes(),
            f"Content-Type: text/html\r\nContent-Encoding: {row['content_encoding']}\r\n",
        )
        for row in found
    }
    async with _server(by_path.__getitem__, "127.0.0.1") as port:
        # the bombs of the kit hold 11 MB, so the limit here is below that
        fetching = Fetching(allow_private=(f"127.0.0.1:{port}",), attempts=1, max_body_bytes=10_000_000)
        async with Fetcher(fetching) as fetcher:
            asked = replace(DOCUMENT, body=None)
            return [
                (row, await _outcome(fetcher, f"http://127.0.0.1:{port}/{row['file']}", asked))
                for row in found
            ]


async def _outcome(fetcher: Fetcher, url: str, wanted: Any) -> str:
    try:
        return f"status {(await fetcher.fetch(url, wanted=wanted)).status}"
    except FetchError as error:
        return f"failed: {error.reason}"


def encodings(kits: Path) -> Iterator[Score]:
    """Compared is the text, without a byte order mark: ASCII reads the same in many encodings."""
    declared, undeclared = Score("encodings, prescan", 0.97), Score("encodings, undeclared", 0.94)
    headers = Score("encodings, Content-Type headers", 0.96)
    for row in rows(kits / "encodings/encodings.jsonl"):
        if row["kind"] == "html-prescan":
            body, codec = b64decode(row["bytes_b64"]), decoding.lookup(row["expected_whatwg"]) or ""
            got = decoding.decode(body, row["content_type"] or "")
            declared.add(got == body.decode(codec, "replace").removeprefix("\ufeff"), (row["id"], codec))
    for row in rows(kits / "encodings/undeclared.jsonl"):
        undeclared.add(decoding.decode(b64decode(row["bytes_b64"])) == row["text"], (row["id"], row["text"]))
    for row in rows(kits / "encodings/content_type_headers.jsonl"):
        named = decoding.from_header(row["header"] or "")
        headers.add(named == decoding.lookup(row["encoding"] or ""), (row["header"], named, row["encoding"]))
    yield from (declared, headers, undeclared)


def http_dates(kits: Path) -> Iterator[Score]:
    """A date read wrongly is a miss; one not read is none, for servers send three forms only."""
    wrong, read = Score("dates, HTTP: none wrong", 1.0), Score("dates, HTTP: read", 0.0)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for row in rows(kits / "dates/date_strings.jsonl"):
        got = httpdate.parse(row["text"], now=now)
        epoch = None if got is None else got.timestamp()
        if row["text"].startswith("Sun, 06 Nov 2044"):
            continue  # a right date; its label is that of curl on machines with 32-bit time
        wrong.add(epoch is None or epoch == row["epoch"], (row["text"], epoch, row["epoch"]))
        read.add(epoch == row["epoch"], (row["text"], epoch, row["epoch"]))
    yield from (wrong, read)


def _answer(status: int, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} -\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def _server(script: Callable[[str], bytes], interface: str) -> AsyncIterator[int]:
    """Serve on a free port: ``script`` gives the bytes for a path; the connection closes after them."""
    port = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split()[1].decode()
        writer.write(script(path).replace(b"@PORT@", b"%d" % port).replace(b"{port}", b"%d" % port))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, interface, 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield port


KITS: tuple[Callable[[Path], Iterator[Score]], ...] = (
    robots_rules, crawl_delays, robots_outcomes, whatwg, canonical, ssrf, feeds, sitemaps, xml, http_raw,
    http_raw_aiohttp, compression, encodings, http_dates,
)  # fmt: skip


def scores(kits: Path) -> list[Score]:
    return [score for kit in KITS for score in kit(kits)]


def main(arguments: list[str]) -> int:
    verbose = "-v" in arguments
    folders = [argument for argument in arguments if argument != "-v"]
    corpus = os.environ.get("CORPUS")
    if not folders and not corpus:
        print("usage: python benchmarks/kits.py KITS [-v]   (or set CORPUS)", file=sys.stderr)
        return 2
    kits = Path(folders[0]) if folders else Path(str(corpus)).parent / "kits"
    found = scores(kits)
    print(f"{'kit':<36} {'good':>6} {'of':>6} {'share':>8} {'mark':>7}")
    for score in found:
        mark = f"{score.mark:.0%}" if score.mark else "-"
        share = score.good / max(score.total, 1)
        flag = "" if score.passed else "  BELOW"
        print(f"{score.kit:<36} {score.good:>6} {score.total:>6} {share:>8.1%} {mark:>7}{flag}")
        for miss in score.misses if verbose else ():
            print(f"    {miss}")
    return 0 if all(score.passed for score in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
