"""The alarm: it names the publication and the fields that got worse, and is silent about the others."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors import Article, Page, attempt
from scraper import crawl, health, observations
from scraper.config import Publication
from scraper.health import ALARM, Alarm
from scraper.store import Store
from tests.scraper.gazette import served

MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
NAMES = ("Ana Roe", "Bo Lind", "Cy Dahl", "Dee Moss", "Eli Park", "Flo Reyes", "Gus Horn")
SECTIONS = ("Region", "Sport", "Science", "Culture")
PLACES = ("Harbour", "Mill Lane", "Old Town", "Station Road", "Upper Weir", "Chapel Hill", "Ferry Quay")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "articles.db") as store:
        yield store


def page(paper: int, number: int, *, redesigned: bool = False) -> bytes:
    """Return a story of a paper in its own markup; the redesign has no byline and dek that a reader finds."""
    name, section = NAMES[number % len(NAMES)], SECTIONS[number % len(SECTIONS)]
    place = PLACES[(paper + number) % len(PLACES)]
    headline = f"{place} waits for report {number} of paper {paper}"
    dek = f"The people of {place} were told of it in {number + 2} letters"
    story = "".join(
        f"<p>Paragraph {part} of report {number}: in {PLACES[(number + part) % 7]} the council met on "
        f"a Tuesday to hear what paper {paper} had written, and stayed until the lamps went out again.</p>"
        for part in range(6)
    )
    top = f'<p class="dek">{dek}</p><p class="byline">By <a rel="author" href="/by">{name}</a></p>'
    if paper % 3 == 0 and number % 4 == 0:
        top = top.partition("</p>")[2]  # some papers do without a dek now and then
    if redesigned:
        top = '<div data-hydrate="top"></div>'
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
        <title>{headline} | Paper {paper}</title>
        <meta property="og:type" content="article"><meta property="article:section" content="{section}">
        <meta property="article:published_time" content="2026-03-02T08:00:00Z"></head><body>
        <nav><a href="/">Home</a></nav><main>
        <article class="p{paper}">
        <h1>{headline}</h1>{top}{story}</article></main>
        <footer><p>Paper {paper}, Quay 1</p></footer></body></html>""".encode()


def papers(store: Store, count: int) -> list[int]:
    return [
        store.publication_id(Publication(f"p{n}", f"Paper {n}", f"https://p{n}.example/"))
        for n in range(count)
    ]


def run(
    store: Store, publications: list[int], day: int, *, redesigned: int | None = None, pages: int = 5
) -> None:
    """Crawl ``pages`` new stories of each paper."""
    number = store.begin_run(MORNING + timedelta(days=day))
    for paper, publication in enumerate(publications):
        for story in range(day * pages, (day + 1) * pages):
            url = f"https://p{paper}.example/{story}"
            result = attempt(Page(url, page(paper, story, redesigned=paper == redesigned)))
            store.save(url, result, run=number, publication_id=publication)


def test_a_redesign_of_one_of_ten_publications_is_named_and_nothing_else(store: Store) -> None:
    publications = papers(store, 10)
    for day in range(6):
        run(store, publications, day)
        assert health.check(store.conn) == []
    for day in (6, 7):
        run(store, publications, day, redesigned=3)
    alarms = health.check(store.conn)
    assert {(alarm.publication, alarm.field) for alarm in alarms if alarm.level == ALARM} == {
        ("p3", "authors"),
        ("p3", "dek"),
    }
    (authors,) = [alarm for alarm in alarms if alarm.field == "authors"]
    assert authors.last_good == "https://p3.example/29"
    assert authors.first_bad in ("https://p3.example/30", "https://p3.example/35")
    assert "pages had it, before 100%" in authors.said


def test_it_stays_named_while_it_lasts_and_is_no_news_when_it_is_mended(store: Store) -> None:
    publications = papers(store, 1)
    for day in range(14):
        run(store, publications, day, redesigned=0 if 6 <= day < 13 else None)
        fields = {alarm.field for alarm in health.check(store.conn)}
        assert fields == ({"authors", "dek"} if 7 <= day < 13 else fields if day == 6 else set()), day


def test_it_is_named_in_the_very_run_that_sees_it(store: Store) -> None:
    publications = papers(store, 2)
    for day in range(5):
        run(store, publications, day)
    run(store, publications, 5, redesigned=1)
    assert {(alarm.publication, alarm.field) for alarm in health.check(store.conn)} == {
        ("p1", "authors"),
        ("p1", "dek"),
    }


def test_what_is_short_or_unsure_now_is_named(store: Store) -> None:
    (publication,) = papers(store, 1)
    for day in range(6):
        number = store.begin_run(MORNING + timedelta(days=day))
        for story in range(5):
            url = f"https://p0.example/{day}-{story}"
            result = attempt(Page(url, page(0, day * 5 + story)))
            assert isinstance(result, Article)
            if day == 5:
                origin = replace(result.provenance["headline"], confidence=0.5, method="url")
                provenance = {**result.provenance, "headline": origin}
                result = replace(result, body=result.body[:200], provenance=provenance)
            store.save(url, result, run=number, publication_id=publication)
    found = {(alarm.field, alarm.kind): alarm.level for alarm in health.check(store.conn)}
    assert found == {
        ("body", "length"): ALARM,
        ("headline", "confidence"): ALARM,
        ("headline", "method"): health.TOLD,
    }


def test_a_few_pages_are_no_evidence(store: Store) -> None:
    publications = papers(store, 1)
    run(store, publications, 0, pages=19)
    run(store, publications, 1, redesigned=0, pages=19)
    assert health.check(store.conn) == []


# Sources.

Read = tuple[int, int] | str  # leads and new addresses, or why it could not be read
FEED = "https://p0.example/feed"


def readings(store: Store, days: list[Read], *, source: str = FEED) -> list[Alarm]:
    (publication,) = papers(store, 1)
    for day, read in enumerate(days):
        known = store.conn.execute("SELECT id FROM runs WHERE id = ?", (day + 1,)).fetchone()
        number = known[0] if known else store.begin_run(MORNING + timedelta(days=day))
        leads, new = (0, 0) if isinstance(read, str) else read
        trouble = (read, "x") if isinstance(read, str) else None
        with store.transaction() as db:
            observations.reading(
                db,
                run=number,
                publication_id=publication,
                source=source,
                leads=leads,
                new=new,
                trouble=trouble,
            )
    return health.check(store.conn)


FINE: list[Read] = [(20, 20), (20, 6), (20, 5), (20, 7), (20, 6)]


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        pytest.param(FINE, [], id="as ever"),
        pytest.param([*FINE, (20, 0)], [], id="nothing new today"),
        pytest.param([*FINE, (20, 0), (20, 0)], ["silent"], id="nothing new for two days, a dozen expected"),
        pytest.param([(20, 20), (20, 1), (20, 0), (20, 0), (20, 1), (20, 0), (20, 1), (20, 0), (20, 0)], [],
                     id="seldom anything new"),
        pytest.param([*FINE, "timeout"], [], id="a time-out is passing"),
        pytest.param([*FINE, "timeout", "timeout"], ["died"], id="two are not"),
        pytest.param([*FINE, "not_found"], ["died"], id="the feed is gone"),
        pytest.param([*FINE, "not_understood"], ["died"], id="the feed is no feed any more"),
        pytest.param([*FINE, "forbidden"], ["blocks"], id="they refuse us"),
        pytest.param([*FINE, "rate_limited", "robots"], ["blocks"], id="they refuse us in two ways"),
        pytest.param(["not_found"], ["died"], id="never worked"),
    ],
)  # fmt: skip
def test_why_a_source_gives_nothing(store: Store, days: list[Read], kinds: list[str]) -> None:
    assert [alarm.kind for alarm in readings(store, days)] == kinds


def test_one_of_two_feeds_that_died_is_named(store: Store) -> None:
    readings(store, [*FINE, (20, 3)])
    other: list[Read] = [(10, 10), (10, 1), (10, 2), (10, 1), (10, 2), "gone"]
    (alarm,) = readings(store, other, source="https://p0.example/sport.rss")
    assert alarm.kind == "died"
    assert "sport.rss" in alarm.said


# In a crawl.


def test_the_crawl_that_sees_it_says_so(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(24)
        config = gazette.config(tmp_path)
        first = asyncio.run(crawl.crawl(config, config.publications))
        assert first.alarms == ()
        gazette.publish(30)
        wall = "<title>Log in</title><h1>Log in to continue reading</h1><form><input type=password></form>"
        for number in range(24, 30):
            gazette.put(f"/story/{number}", f"<!doctype html><html><body>{wall}</body></html>")
        second = asyncio.run(crawl.crawl(config, config.publications))
    assert [(alarm.field, alarm.kind) for alarm in second.alarms] == [
        ("article", "filled"),
        ("source", "blocks"),
    ]
    alarm = second.alarms[0]
    assert alarm.publication == "gazette"
    assert alarm.first_bad == f"{gazette.origin}/story/29"
    assert alarm.last_good is not None


def test_a_change_of_ours_in_a_crawl_is_told_from_an_edit_of_the_publisher(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(1)
        config = gazette.config(tmp_path)
        asyncio.run(crawl.crawl(config, config.publications))
        with Store(config.paths.database) as store, store.transaction() as db:
            db.execute("UPDATE articles SET body = body || char(10, 10) || 'Old noise.', edition = 'earlier'")
            db.execute("UPDATE urls SET due_at = 0")
        _, kind, body = gazette.pages["/story/0"]
        gazette.put("/story/0", body.replace("most of them", "some of them"), kind=kind)
        asyncio.run(crawl.crawl(config, config.publications))
        with Store(config.paths.database) as store:
            found = store.conn.execute(
                "SELECT whose, changed, edition = 'earlier' FROM revisions ORDER BY id"
            )
            assert found.fetchall() == [("ours", "body", 1), ("publisher", "body", 0)]
