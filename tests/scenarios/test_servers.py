"""Scenarios 7 to 10 and 13: hostile and broken servers cost only their own pages."""

import asyncio
import gzip
import io
import socket
import time
import zlib
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.scenarios import kits
from tests.scenarios.command import LONG, outcomes, query, run, settings, sized
from tests.scenarios.figures import note
from tests.scenarios.world import Answer, Asked, feed, response, serving
from tests.scraper.gazette import story

BOMB = sized(60, 1024) * 1024**2  # bytes of zeros
GOOD = 20


def zeros() -> Iterator[bytes]:
    block = b"\0" * 1024**2
    yield from (block for _ in range(BOMB // len(block)))


def gzipped() -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for block in zeros():
            file.write(block)
    return out.getvalue()


def deflated() -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(block) for block in zeros()) + packer.flush()


def brotlied() -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join(packer.process(block) for block in zeros()) + packer.finish()


def zstandarded() -> bytes:
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join(packer.compress(block) for block in zeros()) + packer.flush()


def test_7_bombs(tmp_path: Path) -> None:
    bombs = {"gzip": gzipped(), "deflate": deflated(), "br": brotlied(), "zstd": zstandarded()}
    site: dict[str, Answer] = {}
    with serving(site) as world:
        origin = world.origin()
        for number in range(GOOD):
            site[f"/story/{number}"] = response(story(number, origin))
        for name, body in bombs.items():
            site[f"/bomb/{name}"] = response(body, content_encoding=name)
        site["/bomb/twice"] = response(gzip.compress(bombs["gzip"]), content_encoding="gzip, gzip")
        stories = [f"{origin}/story/{number}" for number in range(GOOD)]
        site["/feed.xml"] = feed(*stories, *(f"{origin}{path}" for path in site if path.startswith("/bomb/")))
        site["/map.xml.gz"] = response(bombs["gzip"], content_type="application/gzip")
        site["/bomb.xml"] = response(
            bombs["gzip"], content_type="application/rss+xml", content_encoding="gzip"
        )
        site["127.0.0.2/robots.txt"] = response(
            bombs["gzip"], content_type="text/plain", content_encoding="gzip"
        )
        calm = {"g": {"url": f"{origin}/", "feeds": [f"{origin}/good.xml"]}}
        site["/good.xml"] = feed(*stories)
        settings(tmp_path / "calm", calm)
        usual = run(tmp_path / "calm").memory
        other = f"{world.origin('127.0.0.2')}/"
        feeds, maps = [f"{origin}/feed.xml", f"{origin}/bomb.xml"], [f"{origin}/map.xml.gz"]
        settings(
            tmp_path,
            {
                "g": {"url": f"{origin}/", "feeds": feeds, "sitemaps": maps},
                "other": {"url": other, "sections": [other]},
            },
        )
        started = time.monotonic()
        done = run(tmp_path)
        seconds = time.monotonic() - started
    found = outcomes(tmp_path)
    assert {found[path] for path in site if path.startswith("/bomb/")} == {("failed", "too_large")}
    assert query(tmp_path, "SELECT count(*) FROM articles") == [(GOOD,)]
    assert done.code == 3
    growth = (done.memory - usual) / 1024**2
    assert growth < 64
    note("7. bombs", unpacked_MB=BOMB // 1024**2, memory_MB_more=round(growth), seconds=round(seconds, 1))


LETTERS = "".join(f"<p>Letter {n} of {n * n} said {n * 7919 % 10007}.</p>" for n in range(20_000))
WHOLE = story(0, "http://gazette.example", more=LETTERS).encode()  # of several blocks in every coding
CODED = {
    "gzip": gzip.compress(WHOLE),
    "deflate": zlib.compress(WHOLE),
    "br": brotli.compress(WHOLE),
    "zstd": zstandard.compress(WHOLE),
}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CUT: dict[str, bytes] = {  # the beginning of a good page, and no more
    **{name: OK + f"Content-Encoding: {name}\r\n\r\n".encode() + body[: len(body) // 2]
       for name, body in CODED.items()},
    "length": OK + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE[:600],
    "chunk": CHUNKED + b"%x\r\n" % len(WHOLE) + WHOLE[:600],
    "last chunk": CHUNKED + b"258\r\n" + WHOLE[:600] + b"\r\n",
}  # fmt: skip
BROKEN: dict[str, bytes] = {  # no answer at all, by HTTP
    "nothing": b"",
    "no status": b"HTTP/1.1\r\n\r\n" + WHOLE,
    "another protocol": b"SSH-2.0-door\r\n" + WHOLE,
    "header without end": OK + b"X-Long: " + b"x" * 800_000,
    "no colon": OK + b"Dam held\r\n\r\n" + WHOLE,
    "two lengths": OK + b"Content-Length: 10\r\nContent-Length: 20\r\n\r\n" + WHOLE,
    "length in words": OK + b"Content-Length: ten\r\n\r\n" + WHOLE,
    "negative length": OK + b"Content-Length: -1\r\n\r\n" + WHOLE,
    "no size of a chunk": CHUNKED + b"zz\r\n" + WHOLE,
    "NUL in a header": OK + b"X-Odd: a\0b\r\n\r\n" + WHOLE,
    "NUL in a trailer": CHUNKED + b"%x\r\n%s\r\n0\r\nX-Odd: a\0b\r\n\r\n" % (len(WHOLE), WHOLE),
}


@pytest.mark.parametrize("core", ["httpx", "aiohttp"])
def test_8_what_is_cut_or_broken_is_never_an_article(core: str, tmp_path: Path) -> None:
    """Own answers, and in the long form those of the kit; the cut ones are archived and marked as cut."""

    def raw(sent: bytes) -> Answer:
        async def write(_asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(sent.replace(b"@PORT@", b"%d" % world.port))
            await writer.drain()

        return write

    kit = kits.rows("http_raw/http_raw.jsonl") if LONG else []
    failing = {f"/cut/{name.replace(' ', '-')}": sent for name, sent in CUT.items()}
    failing |= {f"/broken/{name.replace(' ', '-')}": sent for name, sent in BROKEN.items()}
    failing |= {f"/kit/{row['id']}": b64decode(row["raw_b64"]) for row in kit if row["expect"] == "fail"}
    others = {f"/kit/{row['id']}": b64decode(row["raw_b64"]) for row in kit if row["expect"] != "fail"}
    site: dict[str, Answer] = {path: raw(sent) for path, sent in (failing | others).items()}
    with serving(site) as world:
        site["/whole"] = response(story(1, world.origin()))
        hosts = (f"127.0.{4 + number // 250}.{number % 250 + 1}" for number in count())  # one parks its host
        site["/feed.xml"] = feed(
            *(f"{world.origin(host)}{path}" for host, path in zip(hosts, site, strict=False))
        )
        settings(
            tmp_path,
            {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"], "include": ["."]}},
            fetching={"total_timeout": 4.0, "transport": core},
            politeness={"delay": 0, "max_delay": 0.01},
        )
        done = run(tmp_path)
    found = outcomes(tmp_path)
    assert {found[path][0] for path in failing} <= {"failed", "due"}
    assert all(found[path][1] for path in failing)
    assert found["/whole"] == ("saved", None)
    assert query(tmp_path, "SELECT count(*) FROM urls WHERE reason = 'parse_crash'") == [(0,)]
    assert "Traceback" not in done.stderr
    kept = dict(query(tmp_path, """SELECT path, truncated FROM pages JOIN urls ON urls.id = url_id
        WHERE path LIKE '/cut/%' OR path = '/whole'"""))  # fmt: skip
    assert kept.pop("/whole") is None
    assert kept == {path: "disconnect" for path in failing if path.startswith("/cut/")}
    assert run(tmp_path, "archive", "verify").code == 0
    note(f"8. cut bodies, {core}", answers=len(site) - 2, that_must_fail=len(failing), served_as_articles=0)


def test_9_slow_servers_hold_up_nobody(tmp_path: Path) -> None:
    slow_hosts, limit, pages = sized(10, 50), sized(1, 5), sized(30, 100)

    lasted: list[float] = []

    async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
        try:
            await dripping(asked, writer)
        finally:
            lasted.append(time.monotonic() - asked.at)

    async def dripping(asked: Asked, writer: asyncio.StreamWriter) -> None:
        head = (
            b"HTTP/1.1 200 OK\r\n" if int(asked.host.rpartition(".")[2]) % 2 else response(b"x" * 999)[:-999]
        )
        writer.write(head)
        while not writer.is_closing():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.2)

    def answer(asked: Asked) -> Answer:
        if asked.host != "127.0.0.1":
            return (
                drip
                if asked.path == "/slow"
                else response(status=404)
                if "robots" in asked.path
                else slow_feed(asked)
            )
        if asked.path == "/feed.xml":
            return feed(*(f"{world.origin()}/story/{number}" for number in range(pages)))
        return (
            response(story(int(asked.path[7:]), world.origin()))
            if "/story/" in asked.path
            else response(status=404)
        )

    def slow_feed(asked: Asked) -> bytes:
        return feed(f"{world.origin(asked.host)}/slow")

    with serving(answer) as world:
        healthy = {"good": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}}
        slow = {
            f"slow{number}": {"url": f"{world.origin(f'127.0.1.{number}')}/",
                              "feeds": [f"{world.origin(f'127.0.1.{number}')}/feed.xml"]}
            for number in range(1, slow_hosts + 1)
        }  # fmt: skip
        settings(tmp_path / "alone", healthy)
        run(tmp_path / "alone")
        alone = spread(world.log)
        world.log.clear()
        settings(tmp_path, healthy | slow, fetching={"total_timeout": limit})
        run(tmp_path)
        beside = spread(world.log)
        deadline = time.monotonic() + 5
        while world.open and time.monotonic() < deadline:
            time.sleep(0.05)
        assert world.open == 0, "every connection was closed"
    assert query(tmp_path, "SELECT count(*) FROM articles") == [(pages,)]
    assert query(tmp_path, "SELECT DISTINCT state, reason FROM urls WHERE path = '/slow'") == [
        ("due", "timeout")
    ]
    assert query(tmp_path, "SELECT count(*) FROM urls WHERE path = '/slow'") == [(slow_hosts,)]
    assert beside <= max(1.5 * alone, alone + 2)
    assert len(lasted) == slow_hosts
    assert all(limit - 1 <= seconds <= limit + 1 for seconds in lasted) or not LONG
    note(
        "9. slow servers",
        hosts=slow_hosts,
        healthy_alone_s=round(alone, 1),
        healthy_beside_them_s=round(beside, 1),
        limit_s=limit,
        longest_s=round(max(lasted), 1),
    )


def spread(log: list[Asked]) -> float:
    """Return the seconds from the first to the last story of the healthy host."""
    times = [asked.at for asked in log if asked.host == "127.0.0.1" and "/story/" in asked.path]
    return max(times) - min(times)


def test_10_an_endless_body_is_left_at_the_limit(tmp_path: Path) -> None:
    sent = 0
    closed = asyncio.Event()

    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        try:
            while True:
                writer.write(block)
                await writer.drain()
                sent += 65536
                await asyncio.sleep(0.001)  # or what fills the system's buffers would count as read
        finally:
            closed.set()

    site: dict[str, Answer] = {"/endless": endless}
    with serving(site) as world:
        published = {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}}
        settings(tmp_path / "calm", published)
        site["/feed.xml"] = feed()
        usual = run(tmp_path / "calm").memory
        site["/feed.xml"] = feed(f"{world.origin()}/endless")
        settings(tmp_path, published)
        growth = (run(tmp_path).memory - usual) / 1024**2
    limit = 10 * 1024**2
    assert closed.is_set()
    assert outcomes(tmp_path)["/endless"] == ("failed", "too_large")
    assert sent < limit + (1 if LONG else 8) * 1024**2
    assert growth < 64
    truncated = query(tmp_path, "SELECT truncated FROM pages")
    assert truncated == [("length",)]
    note("10. endless body", limit_MB=10, sent_MB=round(sent / 1024**2, 1), memory_MB_more=round(growth))


def test_13_no_host_is_asked_before_it_wants(tmp_path: Path) -> None:
    """429 or 503 with every form of Retry-After; the host's own log tells when it was asked again."""
    soon = (datetime.now(UTC) + timedelta(seconds=9)).replace(microsecond=0)
    waits = {
        "127.0.2.1": ("2", 2.0),
        "127.0.2.2": (format_datetime(soon, usegmt=True), None),
        "127.0.2.3": (soon.strftime("%A, %d-%b-%y %H:%M:%S GMT"), None),
        "127.0.2.4": (soon.strftime("%a %b %e %H:%M:%S %Y"), None),
        "127.0.2.5": ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        "127.0.2.6": ("-1", 0.0),
        "127.0.2.7": ("abc", 0.0),
        "127.0.2.8": ("999999999", 9e9),
    }
    refused: set[str] = set()

    def answer(asked: Asked) -> bytes:
        if asked.path == "/feed.xml":
            return feed(*(f"{world.origin(asked.host)}/story/{number}" for number in (0, 1)))
        if not asked.path.startswith("/story/"):
            return response(status=404)
        if asked.host in waits and asked.host not in refused:
            refused.add(asked.host)
            status = 503 if int(asked.host[-1]) % 2 else 429
            return response("slow down", status, retry_after=waits[asked.host][0])
        return response(story(int(asked.path[7:]), world.origin(asked.host)))

    with serving(answer) as world:
        wall = datetime.now(UTC).timestamp() - time.monotonic()
        hosts = [*waits, "127.0.2.9"]
        settings(
            tmp_path,
            {f"h{number}": {"url": f"{world.origin(host)}/", "feeds": [f"{world.origin(host)}/feed.xml"]}
             for number, host in enumerate(hosts)},
            fetching={"attempts": 3},
        )  # fmt: skip
        done = run(tmp_path)
        by_host = {
            host: [one.at for one in world.log if one.host == host and "/story/" in one.path]
            for host in hosts
        }
    early = []
    for host, (_, asked_for) in waits.items():
        times = by_host[host]
        due = soon.timestamp() - wall if asked_for is None else times[0] + asked_for
        early += [host] * sum(at < due - 0.05 for at in times[1:])
    assert early == []
    assert len(by_host["127.0.2.8"]) == 1, "asked to stay away for years: parked"
    parked = query(tmp_path, "SELECT reason FROM urls JOIN hosts ON hosts.id = host_id "
                             "WHERE origin LIKE '%127.0.2.8%' AND state = 'due'")  # fmt: skip
    assert sorted(parked) == [("rate_limited",), ("rate_limited",)]
    assert len(by_host["127.0.2.9"]) == 2
    assert query(tmp_path, "SELECT count(*) FROM articles") == [(16,)]
    assert done.code == 3
    note("13. Retry-After", hosts=len(waits), asked_too_early=len(early), parked=1)
