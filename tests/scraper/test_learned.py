"""Boilerplate is learned from crawl to crawl: a call to action that a publication introduces is gone on the third day."""

# ruff: noqa: E501  markup reads best with an element on one line

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractors import Page, extract
from scraper import learned
from scraper.cli import scrape
from scraper.crawl import crawl
from scraper.errors import ScrapeError
from scraper.reextract import reextract
from scraper.relearning import relearn
from scraper.store import Store
from tests.scraper.gazette import Gazette, headline, served

CTA = "The readers' circle meets at the old brewery, and a seat is free for whoever writes in time"
MONTH = range(1, 21)
INTRODUCED = 10

LINES = [
    f"{who} of {where} told the council on Tuesday that {what}, and asked for an answer before the frost."
    for who, where, what in product(
        ("Ana Roe", "Tomas Birk", "Ilse Tamm", "Noor Haddad", "Jo Marchetti"),
        ("Mill Lane", "Old Town", "Chapel Hill", "Upper Weir", "Ferry Quay"),
        ("the lamps burn all day", "the sluice leaks", "nobody sweeps the steps", "the last bus is too early", "the well ran dry"),
    )
]  # fmt: skip


@pytest.fixture
def gazette() -> Iterator[Gazette]:
    with served() as gazette:
        yield gazette


def page(day: int, origin: str) -> str:
    """Return the day's story: five lines that no other day has, and from some day on a call to action."""
    prose = "".join(f"<p>{line}</p>" for line in LINES[5 * day : 5 * day + 5])
    more = f"<p>{CTA}.</p>" if day >= INTRODUCED else ""
    return f"""<!doctype html><html lang="en"><head><title>{headline(day)}</title><link rel="canonical" href="{origin}/story/{day}">
        <meta property="og:type" content="article"><meta property="article:published_time" content="2026-03-{day:02}T08:00:00Z">
        </head><body><main><article><h1>{headline(day)}</h1><p class="byline">By Ana Roe</p>{prose}{more}</article></main></body></html>"""


def publish(gazette: Gazette, day: int) -> None:
    gazette.put(f"/story/{day}", page(day, gazette.origin))
    item = f"<item><title>{headline(day)}</title><link>{gazette.origin}/story/{day}</link></item>"
    gazette.put(
        f"/feed.xml?{day}",
        f"<rss><channel><title>G</title>{item}</channel></rss>",
        kind="application/rss+xml",
    )


@pytest.fixture
def month(gazette: Gazette, tmp_path: Path) -> Iterator[tuple[Gazette, Store, Path]]:
    """A month of which every day was crawled."""
    config = gazette.config(tmp_path)
    for day in MONTH:
        publish(gazette, day)
        publication = gazette.publication(feeds=(f"{gazette.origin}/feed.xml?{day}",))
        asyncio.run(crawl(config, (publication,)))
    with Store(tmp_path / "articles.db") as store:
        yield gazette, store, tmp_path


def bodies(store: Store) -> dict[int, str]:
    rows = store.conn.execute("SELECT url, body FROM articles")
    return {int(url.rsplit("/", 1)[1]): body for url, body in rows}


def test_a_new_call_to_action_is_gone_from_the_third_day_on(month: tuple[Gazette, Store, Path]) -> None:
    gazette, store, folder = month
    found = bodies(store)
    assert sorted(found) == list(MONTH)
    assert [day for day, body in found.items() if CTA in body] == [INTRODUCED, INTRODUCED + 1]
    for day, body in found.items():
        assert all(line in body for line in LINES[5 * day : 5 * day + 5]), day
    reextract(store, gazette.config(folder))
    again = bodies(store)
    assert [day for day, body in again.items() if CTA in body] == []
    for day in (INTRODUCED, INTRODUCED + 1):
        assert all(line in again[day] for line in LINES[5 * day : 5 * day + 5])


def test_what_was_learned_is_listed_overruled_and_counted_anew(month: tuple[Gazette, Store, Path]) -> None:
    gazette, store, folder = month
    publication = store.find_publication("gazette")
    before = learned.load(store.conn, publication)
    line = next(one for one in learned.listed(store.conn, publication) if one.text.startswith(CTA))
    assert (line.seen, line.verdict, line.articles) == (len(MONTH) - INTRODUCED + 1, None, line.seen)
    with store.transaction() as db:
        assert learned.judge(db, publication, line.id, "keep").verdict == "keep"
    kept = learned.load(store.conn, publication)
    assert kept.version != before.version
    html = page(15, gazette.origin).encode()
    assert CTA in extract(Page(f"{gazette.origin}/story/15", html, "text/html"), noise=kept).body
    again = relearn(store, gazette.config(folder), publication)
    assert (again.articles, again.without_page, again.report) == (len(MONTH), 0, None)
    assert learned.load(store.conn, publication) == kept


def test_what_was_forgotten_is_learned_from_the_archive_and_the_touched_are_extracted_anew(
    month: tuple[Gazette, Store, Path],
) -> None:
    gazette, store, folder = month
    publication = store.find_publication("gazette")
    known = learned.load(store.conn, publication)
    with store.transaction() as db:
        db.execute("DELETE FROM noise")
        db.execute("UPDATE articles SET page_id = NULL WHERE url LIKE '%/1'")
    again = relearn(store, gazette.config(folder), publication)
    assert (again.articles, again.without_page) == (len(MONTH), 1)
    assert again.report is not None
    assert learned.load(store.conn, publication).counts == known.counts
    assert not any(CTA in body for body in bodies(store).values())


def test_an_id_that_is_none_is_told(month: tuple[Gazette, Store, Path]) -> None:
    _, store, _ = month
    with pytest.raises(ScrapeError, match="no line has an id that begins 'zzzz'"), store.transaction() as db:
        learned.judge(db, store.find_publication("gazette"), "zzzz", "drop")


def test_a_line_seen_once_is_forgotten_in_time(month: tuple[Gazette, Store, Path]) -> None:
    _, store, _ = month
    publication = store.find_publication("gazette")
    known = learned.load(store.conn, publication)
    with store.transaction() as db:
        assert learned.forget(db, datetime(2100, 1, 1, tzinfo=UTC)) > 0
    assert learned.load(store.conn, publication) == known


def test_the_commands(month: tuple[Gazette, Store, Path]) -> None:
    gazette, store, folder = month
    config = folder / "config.toml"
    config.write_text(f'[publications.gazette]\nurl = "{gazette.origin}/"\n')
    places = ("--set", f"paths.database={store.path}", "--set", f"paths.archive={folder / 'archive'}")
    arguments = ["--config", str(config), *places, "noise"]
    line = next(one for one in learned.listed(store.conn, 1) if one.text.startswith(CTA))
    listed = CliRunner().invoke(scrape, [*arguments, "list", "gazette", "--csv"])
    assert line.id in listed.output
    dropped = CliRunner().invoke(scrape, [*arguments, "drop", "gazette", line.id])
    assert dropped.exit_code == 0, dropped.output
    assert learned.load(store.conn, 1).dropped
    assert "extracted 11 articles anew" in dropped.output
    assert not any(CTA in body for body in bodies(store).values())
    assert CliRunner().invoke(scrape, [*arguments, "learn"]).exit_code == 0
    assert CliRunner().invoke(scrape, [*arguments, "keep", "gazette", "zzzz"]).exit_code == 1
