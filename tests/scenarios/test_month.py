"""A month in minutes: five publications that publish, edit, move, delete and break, crawled every six hours.

The clock runs SPEED times as fast as ours within a round and jumps to the next. Server and crawl read the
same one, so the server's log tells whether a host was ever asked too soon.
"""

import asyncio
import hashlib
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from scraper.clock import Clock
from scraper.config import load
from scraper.crawl import crawl
from tests.scenarios.command import is_whole, query, settings, sized
from tests.scenarios.figures import note
from tests.scenarios.world import Asked, response, serving
from tests.scraper.gazette import DEEDS, PLACES

SPEED = 25
DAYS = sized(1, 30)
EVERY = timedelta(hours=6)
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOSTS = tuple(f"127.0.0.{number}" for number in range(11, 16))
DELAY = 5.0  # seconds of the fast clock
CRAWL_DELAY = {HOSTS[1]: 10.0}
SLACK = 2.5  # seconds of the fast clock: 100 ms of ours, which a busy machine may hold a request up
PER_DAY = 3
BROKEN = (HOSTS[2], timedelta(days=8), timedelta(days=9))  # 503 for a day


class FastClock:
    """Real time, SPEED times as fast, and jumps."""

    def __init__(self) -> None:
        self._started, self._jumped = time.monotonic(), 0.0

    def seconds(self) -> float:
        return (time.monotonic() - self._started) * SPEED + self._jumped

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)

    def jump_to(self, moment: datetime) -> None:
        self._jumped += max((moment - self.now()).total_seconds(), 0.0)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.seconds, self.sleep)


@dataclass(frozen=True, slots=True)
class Story:
    """One story and its fate. Moments are None for what does not befall it."""

    host: str
    number: int
    published: datetime
    edited: datetime | None
    moved: datetime | None
    deleted: datetime | None

    @property
    def headline(self) -> str:
        return f"{PLACES[self.number % 7]} {DEEDS[self.number % 4]}, report {self.number} of {self.host[-2:]}"


def fates() -> list[Story]:
    chance, stories = random.Random(30), []
    for host in HOSTS:
        for number in range(PER_DAY * DAYS):
            published = BEGIN + timedelta(days=chance.uniform(-0.2, DAYS - 0.3))
            later = published + timedelta(hours=chance.uniform(1, 48))
            fate = chance.choices(("stays", "edited", "moved", "deleted"), (7, 2, 0.5, 0.5))[0]
            when = {name: later if fate == name else None for name in ("edited", "moved", "deleted")}
            stories.append(Story(host, number, published, **when))
    return stories


@dataclass
class Village:
    """The five publications. ``log`` has host, path and moment of each request, by the fast clock."""

    fast: FastClock
    stories: dict[tuple[str, int], Story]
    log: list[tuple[str, str, float]] = field(default_factory=list)
    port: int = 0

    def answer(self, asked: Asked) -> bytes:
        now = self.fast.now()
        self.log.append((asked.host, asked.path, self.fast.seconds()))
        host, start, end = BROKEN
        if asked.host == host and start <= now - BEGIN < end:
            return response("broken", 503, retry_after="600")
        if asked.path == "/robots.txt":
            delay = f"Crawl-delay: {CRAWL_DELAY[asked.host]:.0f}\n" if asked.host in CRAWL_DELAY else ""
            rules = f"User-agent: *\nDisallow: /private/\n{delay}"
            return response(rules, content_type="text/plain")
        if asked.path == "/feed.xml":
            return tagged(asked, self.feed(asked.host, now), "application/rss+xml")
        _, kind, number = asked.path.split("/")
        story = self.stories.get((asked.host, int(number)))
        if story is None or story.published > now:
            return response(status=404)
        return self.page(story, kind, now, asked)

    def page(self, story: Story, kind: str, now: datetime, asked: Asked) -> bytes:
        if story.deleted and story.deleted <= now:
            return response("gone", 410)
        if story.moved and story.moved <= now and kind == "story":
            return response(status=301, location=f"/moved/{story.number}")
        update = story.edited is not None and story.edited <= now
        more = (
            "<p>Update: the mayor has since said that all of this had been a mistake.</p>" if update else ""
        )
        paragraphs = "".join(
            f"<p>Part {part} of report {story.number} from {story.host}: the people of {PLACES[part]} met on "
            f"a Tuesday evening to hear what had been decided, and stayed until the lamps went out.</p>"
            for part in range(5)
        )
        body = (
            f"<html lang=en><title>{story.headline}</title><article><h1>{story.headline}</h1>"
            f"<time datetime='{story.published.isoformat()}'></time>{paragraphs}{more}</article>"
        )
        return tagged(asked, body, "text/html; charset=utf-8")

    def feed(self, host: str, now: datetime) -> str:
        out = [story for (at, _), story in self.stories.items() if at == host and story.published <= now]
        newest = sorted(out, key=lambda story: story.published, reverse=True)[:20]
        origin = f"http://{host}:{self.port}"
        items = "".join(
            f"<item><title>{story.headline}</title><link>{origin}/story/{story.number}</link>"
            f"<pubDate>{story.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for story in newest
        )
        private = f"<item><title>private</title><link>{origin}/private/1</link></item>"
        return f'<rss version="2.0"><channel>{items}{private}</channel></rss>'


def tagged(asked: Asked, body: str, kind: str) -> bytes:
    """Return the answer with an ETag, or 304; the last host knows no ETags."""
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"' if asked.host != HOSTS[-1] else ""
    if tag and asked.headers.get("if-none-match") == tag:
        return response(status=304, etag=tag, content_length="", content_type="")
    return response(body, content_type=kind, etag=tag)


def test_a_month_in_minutes(tmp_path: Path) -> None:
    fast = FastClock()
    village = Village(fast, {(story.host, story.number): story for story in fates()})
    everything = 0
    with serving(village.answer) as world:
        village.port = world.port
        settings(
            tmp_path,
            {f"p{host[-2:]}": {"url": f"{world.origin(host)}/", "feeds": [f"{world.origin(host)}/feed.xml"]}
             for host in HOSTS},
            politeness={"delay": DELAY},
        )  # fmt: skip
        config = load(tmp_path / "config.toml")
        for number in range(int(timedelta(days=DAYS) / EVERY) + 1):
            fast.jump_to(BEGIN + number * EVERY)
            summary = asyncio.run(crawl(config, config.publications, clock=fast.clock))
            assert summary.contradictions == ()
            assert summary.outcome == "finished"
            everything += len(HOSTS) * 2 + query(tmp_path, "SELECT count(*) FROM urls")[0][0]
    ended = BEGIN + timedelta(days=DAYS)
    check_politeness(village)
    check_articles(village, tmp_path, ended)
    assert is_whole(tmp_path)
    share = len(village.log) / everything
    if DAYS > 7:
        assert share < 0.5
    ledger = {f"{state} {reason or ''}".strip(): count for state, reason, count in query(
        tmp_path, "SELECT state, reason, count(*) FROM urls GROUP BY state, reason")}  # fmt: skip
    note("21. a month", days=DAYS, publications=len(HOSTS), requests=len(village.log),
         share_of_asking_for_all_each_time=f"{share:.1%}", **ledger)  # fmt: skip


def check_politeness(village: Village) -> None:
    assert not [path for _, path, _ in village.log if path.startswith("/private/")]
    for host in HOSTS:
        times = [at for where, _, at in village.log if where == host]
        delay = CRAWL_DELAY.get(host, DELAY)
        known = times[2:]  # the first request asks for the robots.txt that names its delay
        assert min(later - sooner for sooner, later in pairwise(known)) >= delay - SLACK, host


def check_articles(village: Village, folder: Path, ended: datetime) -> None:
    """Every story that could be seen for a day is there once, and what was edited long ago has a revision."""
    seen = [
        story for story in village.stories.values()
        if story.published < ended - EVERY
        and (story.deleted is None or story.deleted - story.published > timedelta(days=1.2))
    ]  # fmt: skip
    stored = [row[0] for row in query(folder, "SELECT headline FROM articles")]
    assert {story.headline for story in seen} <= set(stored)
    assert len(stored) == len(set(stored))
    edited = {story.headline for story in seen if story.edited and story.edited < ended - timedelta(days=4)}
    current = {
        row[0] for row in query(folder, "SELECT headline FROM articles WHERE body LIKE '%Update: the%'")
    }
    assert edited <= current
    early = {
        story.headline for story in seen
        if story.headline in edited and story.edited and story.edited - story.published > EVERY
    }  # fmt: skip
    revised = {row[0] for row in query(
        folder, "SELECT headline FROM articles JOIN revisions ON article_id = articles.id")}  # fmt: skip
    broken = {story.headline for story in seen if story.host == BROKEN[0]}
    assert early - broken <= revised
