"""Scenarios 11, 14, 15 and 16: links that lead where nobody should go, sites without end, pages that hurt."""

import asyncio
import itertools
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from scraper.config import load
from scraper.crawl import crawl
from tests.scenarios import kits
from tests.scenarios.command import LONG, outcomes, query, run, settings, sized
from tests.scenarios.figures import note
from tests.scenarios.world import Answer, Asked, feed, response, serving
from tests.scraper.gazette import headline, story

LOOPBACK = (  # spellings of this machine and of what else is not public
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]",
    "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1", "192.168.0.1", "100.64.0.1",
)  # fmt: skip


def test_11_nothing_leads_inside(tmp_path: Path) -> None:
    """The publication's own server is allowed by host and port; a canary listens on another port."""
    names = (*LOOPBACK, *of_the_kit())
    with canary() as (port, hits), serving({}) as world:
        inside = [f"http://{name}:{port}/{number}" for number, name in enumerate(names)]
        site: dict[str, Answer] = {
            f"/hop/{number}": response(status=302, location=url) for number, url in enumerate(inside)
        }
        for number, scheme in enumerate(("file:///etc/passwd", "ftp://127.0.0.1/", "data:text/html,x")):
            site[f"/odd/{number}"] = response(status=302, location=scheme)
        hops = [f"{world.origin()}{path}" for path in site]
        site["/feed.xml"] = feed(*inside, *hops)
        site["/map.xml"] = response(
            "<sitemapindex>" + "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in inside)
            + "</sitemapindex>", content_type="application/xml")  # fmt: skip
        site["/robots.txt"] = response(
            "\n".join(f"Sitemap: {url}" for url in inside), content_type="text/plain"
        )
        world.answer = lambda asked: site.get(asked.path, response(status=404))
        origin = world.origin()
        settings(
            tmp_path,
            {"g": {"url": f"{origin}/", "feeds": [f"{origin}/feed.xml", inside[0]],
                   "sitemaps": [f"{origin}/map.xml"], "include": ["."]}},
            fetching={"allow_private": [f"127.0.0.1:{world.port}"]},
        )  # fmt: skip
        run(tmp_path)
        assert hits() == 0
    found = outcomes(tmp_path)
    assert {found[f"/{number}"] for number in range(len(names))} == {("skipped", "blocked_address")}
    assert {found[f"/hop/{number}"] for number in range(len(names))} == {("skipped", "blocked_address")}
    assert {found[f"/odd/{number}"] for number in range(3)} == {("failed", "bad_redirect")}
    note("11. nothing leads inside", addresses=2 * len(names), canary_hits=0)


def test_11_no_address_given_by_hand_leads_inside(tmp_path: Path) -> None:
    names = (*LOOPBACK, *of_the_kit())
    settings(tmp_path, {}, fetching={"allow_private": []})
    with canary() as (port, hits):
        done = run(
            tmp_path,
            "url",
            "--save",
            *(f"http://{name}:{port}/{number}" for number, name in enumerate(names)),
        )
        assert hits() == 0
    assert done.code == 1, "none of them gave a page"
    assert list(outcomes(tmp_path).values()) == [("skipped", "blocked_address")] * len(names)
    note("11. nothing leads inside, by hand", addresses=len(names), canary_hits=0)


@contextmanager
def canary() -> Iterator[tuple[int, Callable[[], int]]]:
    """Listen on every address of this machine: the port, and how often somebody has come."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with closing(socket.create_server(("", 0), family=family, dualstack_ipv6=both)) as bird:
        bird.setblocking(False)

        def hits() -> int:
            count = 0
            with suppress(BlockingIOError):
                while True:
                    bird.accept()[0].close()
                    count += 1
            return count

        yield bird.getsockname()[1], hits


def of_the_kit() -> list[str]:
    """Return the hosts that the labelled kit says must be blocked, none in the short run."""
    blocked = [row for row in kits.rows("ssrf/ssrf.jsonl") if row["block"]] if LONG else []
    return [
        re.sub(r"^https?://(\[[^]]*\]|[^/:]*).*$", r"\1", value)
        if row["kind"] == "url"
        else f"[{value}]"
        if ":" in value
        else value
        for row in blocked
        for value in [row["value"]]
    ]


def test_14_sites_without_end_end(tmp_path: Path) -> None:
    unique = itertools.count()
    stories = 50

    def page(title: str, *links: str) -> bytes:
        return response(
            f"<title>{title}</title><h1>{title}</h1><ul>"
            + "".join(f'<li><a href="{link}">{link}</a>' for link in links)
        )

    def answer(asked: Asked) -> bytes:
        path = asked.path
        fresh = f"{next(unique):032x}"
        if path == "/":
            traps = ("/calendar/0", "/news?page=1", "/deep/a/", f"/session?sid={fresh}", "/filter")
            return page("Front", *traps, f"/(S({fresh[:24]}))/session", *(f"/section/{n}" for n in range(5)))
        if found := re.fullmatch(r"/section/(\d)", path):
            return page("Section", *(f"/story/{number}" for number in range(int(found[1]), stories, 5)))
        if found := re.fullmatch(r"/story/(\d+)", path):
            return response(story(int(found[1]), world.origin()))
        if found := re.fullmatch(r"/calendar/(\d+)", path):
            return page(f"Day {found[1]}", f"/calendar/{int(found[1]) + 1}")
        if found := re.fullmatch(r"/news\?page=(\d+)", path):
            return page(
                f"News {found[1]}", f"/news?page={int(found[1]) + 1}", f"/news?page={int(found[1]) + 2}"
            )
        if "session" in path:
            return page("Session", f"/session?sid={fresh}", f"/(S({fresh[:24]}))/session")
        if path.startswith("/filter"):
            number = int(re.sub(r"\D", "", path) or 0)
            return page("Filter", *(f"/filter?color={number + n}" for n in range(1 if number else 1000)))
        if path.startswith("/deep/"):
            return page("Deep", "a/", "b/")
        return response(status=404)

    with serving(answer) as world:
        settings(tmp_path, {"g": {"url": f"{world.origin()}/"}})
        started = time.monotonic()
        run(tmp_path)
        seconds = time.monotonic() - started
        asked = world.asked()
    traps = {
        name: sum(count for path, count in asked.items() if name in path)
        for name in ("calendar", "page=", "session", "deep", "filter")
    }
    headlines = query(tmp_path, "SELECT headline FROM articles WHERE headline LIKE '% in week %'")
    assert sorted(row[0] for row in headlines) == sorted(headline(number) for number in range(stories))
    assert max(traps.values()) <= 200, traps
    note(
        "14. traps",
        articles=stories,
        seconds=round(seconds, 1),
        **{f"asked_of_{k.strip('=')}": v for k, v in traps.items()},
    )


def test_15_redirects_end_and_take_no_secret_along(tmp_path: Path) -> None:
    def answer(asked: Asked) -> bytes:
        path = asked.path
        if path == "/feed.xml":
            return feed(
                *(f"{world.origin()}{way}" for way in ("/loop/0", "/chain/0", "/away", "/javascript"))
            )
        if found := re.fullmatch(r"/loop/(\d)", path):
            return response(status=302, location=f"/loop/{1 - int(found[1])}")
        if found := re.fullmatch(r"/chain/(\d+)", path):
            return response(status=301, location=f"/chain/{int(found[1]) + 1}")
        if path == "/away":
            return response(status=307, location=f"{world.origin('127.0.0.9')}/elsewhere")
        if path == "/javascript":
            return response(status=302, location="javascript:alert(1)")
        return response(status=404)

    with serving(answer) as world:
        settings(
            tmp_path,
            {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}},
        )
        text = (tmp_path / "config.toml").read_text()
        (tmp_path / "config.toml").write_text(
            text + 'headers = { Authorization = "Bearer canary", Cookie = "canary=1" }\n'
        )
        done = run(tmp_path)
        asked = world.asked()
        leaked = [one for one in world.log if one.host == "127.0.0.9" and "canary" in json.dumps(one.headers)]
        own = [one for one in world.log if one.path == "/away"]
    found = outcomes(tmp_path)
    assert (found["/loop/0"], found["/chain/0"], found["/javascript"]) == (
        ("failed", "redirect_loop"), ("failed", "redirect_loop"), ("failed", "bad_redirect"),
    )  # fmt: skip
    assert sum(count for path, count in asked.items() if path.startswith("/chain/")) <= 11
    assert "canary" in own[0].headers["authorization"]
    assert leaked == []
    assert "canary" not in done.stderr
    assert b"canary" not in (tmp_path / "articles.db").read_bytes()
    note("15. redirects", longest_chain_followed=10, secrets_on_other_origins=len(leaked))


HOSTILE = {
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</div>",
    "nested": "<div>" * 100_000,
    "options": "<select>" + "<option>x" * 200_000,
    "links": "".join(f"<a href=/{n}>x</a>" for n in range(300_000)),
}


def test_16_pages_that_hurt_their_reader_stop_nobody(tmp_path: Path) -> None:
    """The crawl runs in this process, and a heartbeat beside it tells how long the event loop was held up."""
    pages, seconds = sized(10, 50), sized(2, 10)
    site: dict[str, Answer] = {}
    with serving(site) as world:
        for number in range(pages):
            site[f"/story/{number}"] = response(story(number, world.origin()))
        for name, markup in HOSTILE.items():
            site[f"/hostile/{name}"] = response(f"<title>x</title><h1>x</h1>{markup}")
        site["/feed.xml"] = feed(*(f"{world.origin()}{path}" for path in site))
        settings(
            tmp_path,
            {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}},
            extracting={"page_seconds": seconds, "processes": 2},
        )
        config = load(tmp_path / "config.toml")
        gaps: list[float] = []

        async def beat() -> None:
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                gaps.append(time.monotonic() - before - 0.01)

        async def both() -> None:
            heart = asyncio.create_task(beat())
            await crawl(config, config.publications)
            heart.cancel()

        asyncio.run(both())
    found = outcomes(tmp_path)
    hostile = {path: outcome for path, outcome in found.items() if path.startswith("/hostile/")}
    assert len(hostile) == len(HOSTILE)
    assert all(state in ("failed", "skipped", "saved") for state, _ in hostile.values())
    assert query(tmp_path, "SELECT count(*) FROM articles WHERE headline LIKE '% in week %'") == [(pages,)]
    assert max(gaps) < (0.5 if LONG else 2.0), "other fetches go on meanwhile"
    given_up = sum(reason in ("parse_timeout", "parse_memory") for _, reason in hostile.values())
    held_up = round(1000 * max(gaps))
    note("16. parser torture", hostile=len(HOSTILE), given_up=given_up, longest_hold_up_ms=held_up)
