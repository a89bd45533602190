"""Scenario 12: what robots.txt says, or why it cannot be had, decides what the server is asked for."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from scraper.clock import Clock
from scraper.config import load
from scraper.crawl import crawl
from tests.scenarios.command import LONG, outcomes, query, run, settings
from tests.scenarios.figures import note
from tests.scenarios.kits import KITS, scored
from tests.scenarios.world import Answer, Asked, feed, response, serving
from tests.scraper.gazette import story

RULES = response("User-agent: *\nDisallow: /private/\n", content_type="text/plain")


async def silence(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        await asyncio.sleep(0.05)


async def reset(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def cut(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"User-agent: *\n", content_length="900"))


FILES: dict[str, tuple[Answer, bool]] = {  # what stands at /robots.txt, and whether pages may be asked then
    "rules": (RULES, True),
    "401": (response(status=401), True),
    "403": (response(status=403), True),
    "404": (response(status=404), True),
    "redirects": (response(status=301, location="/hop/1"), True),
    "redirects for ever": (response(status=302, location="/robots.txt"), True),
    "429": (response(status=429), False),
    "500": (response(status=500), False),
    "503": (response(status=503), False),
    "no answer": (silence, False),
    "reset": (reset, False),
    "cut": (cut, False),
}


def test_12_robots_txt_decides(tmp_path: Path) -> None:
    """Every host answers in its own way for robots.txt; the feed that names their pages is on another one."""
    site: dict[str, Answer] = {
        f"/hop/{n}": response(status=301, location=f"/hop/{n + 1}") for n in range(1, 5)
    }
    hosts = {f"127.0.3.{number}": name for number, name in enumerate(FILES, 1)}
    with serving(site) as world:
        for host, name in hosts.items():
            site[f"{host}/robots.txt"] = FILES[name][0]
        site["/hop/5"] = RULES
        for number in range(len(hosts)):
            site[f"/story/{number}"] = response(story(number, world.origin()))
        site["/go"] = response(status=302, location="/private/2")
        pages = [f"{world.origin(host)}/story/{number}" for number, host in enumerate(hosts)]
        private = [f"{world.origin(host)}{path}" for host in hosts for path in ("/private/1", "/go")]
        site["/feed.xml"] = feed(*pages, *private)
        hub = world.origin()
        settings(
            tmp_path,
            {"g": {"url": f"{hub}/", "feeds": [f"{hub}/feed.xml"], "include": ["."]}},
            fetching={"total_timeout": 4.0},  # a loaded machine may need more than one for an answer
            politeness={"delay": 0, "max_delay": 0.01},
        )
        run(tmp_path)
        asked = {host: world.asked(host) for host in hosts}
    for number, (host, name) in enumerate(hosts.items()):
        may = FILES[name][1]
        assert asked[host][f"/story/{number}"] == may, name
        assert bool(sum(n for path, n in asked[host].items() if path.startswith(("/story", "/go")))) == may, (
            name
        )
    for host, name in hosts.items():
        if name in ("rules", "redirects"):
            assert asked[host]["/private/1"] == asked[host]["/private/2"] == 0, name
            assert asked[host]["/go"] == 1
    forbidden = query(tmp_path, "SELECT count(*) FROM urls WHERE state = 'skipped' AND reason = 'robots'")
    assert forbidden == [(4,)]
    waiting = query(
        tmp_path, "SELECT count(*) FROM urls WHERE state = 'due' AND reason IN ('robots', 'reset')"
    )
    assert waiting == [(3 * sum(not may for _, may in FILES.values()),)]
    note("12. robots.txt", hosts=len(hosts), asked_though_it_could_not_be_had=0, forbidden_asked=0)


def test_12_robots_txt_is_asked_for_again_after_a_day(tmp_path: Path) -> None:
    """The clock is ours plus what the test adds to it; each round brings a new story."""
    added, stories = timedelta(), count()

    def answer(asked: Asked) -> bytes:
        if asked.path == "/robots.txt":
            return RULES
        if asked.path == "/feed.xml":
            return feed(*(f"{world.origin()}/story/{number}" for number in range(next(stories) + 1)))
        return response(story(int(asked.path[7:]), world.origin()))

    turned = Clock(
        lambda: datetime.now(UTC) + added, lambda: time.monotonic() + added.total_seconds(), asyncio.sleep
    )
    asked: list[int] = []
    with serving(answer) as world:
        settings(tmp_path, {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}})
        config = load(tmp_path / "config.toml")
        for hours in (0, 23, 25):
            added = timedelta(hours=hours)
            asyncio.run(crawl(config, config.publications, clock=turned))
            asked.append(world.asked()["/robots.txt"])
        assert Counter(world.asked())["/feed.xml"] == 3
    assert asked == [1, 1, 2]
    assert set(outcomes(tmp_path)) == {f"/story/{number}" for number in range(3)}


@pytest.mark.skipif(not (LONG and KITS), reason="the labelled kits are not here")
def test_12_the_rules_of_the_kit() -> None:
    scores = scored("robots_rules", "robots_outcomes", "crawl_delays")
    assert [score.kit for score in scores if not score.passed] == []
    judged = [score for score in scores if score.mark]
    note(
        "12. robots.txt, kit",
        rows=sum(score.total for score in judged),
        right=sum(score.good for score in judged),
    )
