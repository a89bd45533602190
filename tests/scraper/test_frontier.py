"""Addresses: one row each, small, found at once, due when they should be."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper import frontier
from scraper.outcome import Outcome, State
from scraper.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Lead:
    url: str
    source: str = "feed https://gazette.example/feed"
    published_at: datetime | None = None


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with Store(tmp_path / "articles.db") as store, store.transaction() as db:
        db.execute("INSERT INTO publications (key, name, url) VALUES ('g', 'G', 'https://gazette.example/')")
        db.execute("INSERT INTO runs (started_at, version) VALUES ('2026-03-02T12:00:00Z', '0')")
        yield db


def add(db: sqlite3.Connection, *leads: Lead) -> int:
    return frontier.add(db, leads, publication_id=1, now=NOON).new


def due(db: sqlite3.Connection, now: datetime = NOON) -> list[str]:
    return [
        one.url
        for host_id, _ in frontier.hosts_due(db, [1], now)
        for one in frontier.due(db, host_id, [1], run=1, now=now, limit=100)
    ]


def test_two_spellings_of_one_page_are_one_address(db: sqlite3.Connection) -> None:
    assert (
        add(db, Lead("https://gazette.example/a?utm_source=feed"), Lead("https://gazette.example/a#top")) == 1
    )
    assert add(db, Lead("https://GAZETTE.example/a")) == 0
    assert due(db) == ["https://gazette.example/a?utm_source=feed"]


def test_what_is_no_web_address_is_not_entered(db: sqlite3.Connection) -> None:
    assert add(db, Lead("javascript:alert(1)"), Lead("mailto:a@gazette.example"), Lead("http://")) == 0


def test_names_and_passwords_are_not_stored(db: sqlite3.Connection) -> None:
    add(db, Lead("https://user:canary@gazette.example/a"))
    assert "canary" not in "".join(db.iterdump())


def test_the_newest_is_due_first_and_a_date_ahead_counts_as_now(db: sqlite3.Connection) -> None:
    add(
        db,
        Lead("https://gazette.example/old", published_at=NOON - 9 * HOUR),
        Lead("https://gazette.example/ahead", published_at=NOON + 9 * HOUR),
        Lead("https://gazette.example/new", published_at=NOON - HOUR),
    )
    assert [url.rpartition("/")[2] for url in due(db)] == ["ahead", "new", "old"]


def test_an_address_is_asked_once_in_a_run_though_it_stays_due(db: sqlite3.Connection) -> None:
    add(db, Lead("https://gazette.example/a"))
    failed = Outcome(State.DUE, "timeout")
    frontier.settle(db, frontier.key("https://gazette.example/a"), failed, run=1, next_visit=NOON)
    assert due(db) == []
    db.execute("UPDATE urls SET run_id = NULL")
    assert len(due(db)) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/2026/03/02/dam", False, id="a date"),
        pytest.param("/news/news/dam", False, id="twice the same"),
        pytest.param("/a/a/a/b", True, id="three times the same"),
        pytest.param("/x/a/y/a/z/a/", True, id="three times, with others between"),
        pytest.param("/x" * 3 + "/y" * 2, True, id="three times at the start"),
        pytest.param("/" + "/".join(str(level) for level in range(30)), True, id="thirty levels"),
        pytest.param("/a?next=/b/b/b/b", False, id="a query is no path"),
    ],
)
def test_traps(path: str, expected: bool) -> None:
    assert frontier.is_trap(f"https://gazette.example{path}") is expected


@pytest.mark.parametrize(
    ("outcome", "age", "tries", "hours"),
    [
        pytest.param(Outcome(State.SAVED), 1 * HOUR, 0, 6, id="fresh story: in six hours"),
        pytest.param(Outcome(State.UNCHANGED), 48 * HOUR, 0, 24, id="two days old: in one"),
        pytest.param(Outcome(State.UNCHANGED), 200 * 24 * HOUR, 0, 720, id="half a year old: in a month"),
        pytest.param(Outcome(State.UNCHANGED), 366 * 24 * HOUR, 0, None, id="a year old: no more"),
        pytest.param(Outcome(State.SKIPPED, "wall"), 48 * HOUR, 0, 24, id="a wall before a story: tomorrow"),
        pytest.param(Outcome(State.SKIPPED, "wall"), None, 0, None, id="a wall and no story: no more"),
        pytest.param(Outcome(State.FAILED, "gone"), 48 * HOUR, 0, None, id="deleted: no more"),
        pytest.param(Outcome(State.DUE, "timeout"), None, 0, 0, id="first failure: in the next run"),
        pytest.param(Outcome(State.DUE, "timeout"), None, 2, 6, id="third failure: in six hours"),
    ],
)
def test_when_an_address_is_asked_again(
    outcome: Outcome, age: timedelta | None, tries: int, hours: int | None
) -> None:
    written_at = None if age is None else NOON - age
    visit = frontier.next_visit(outcome, now=NOON, written_at=written_at, tries=tries, retry_after=None)
    assert visit == (None if hours is None else NOON + hours * HOUR)


def test_a_story_that_changes_often_is_asked_sooner() -> None:
    written_at = NOON - 60 * HOUR
    hours = [
        (visit - NOON) / HOUR
        for changes in (0, 1, 3, 50)
        if (visit := frontier.next_visit(Outcome(State.UPDATED), now=NOON, written_at=written_at, tries=0,
                                         retry_after=None, changes=changes))
    ]  # fmt: skip
    assert hours == [30, 20, 12, 6]


def test_what_the_settings_no_longer_exclude_is_due_again(db: sqlite3.Connection) -> None:
    lead = Lead("https://gazette.example/tag/dam")
    assert frontier.add(db, [lead], publication_id=1, now=NOON, skip="excluded").new == 1
    assert due(db) == []
    assert frontier.add(db, [lead], publication_id=1, now=NOON) == frontier.Entered(0, 1)
    assert due(db) == [lead.url]


def test_a_server_that_names_a_time_is_not_asked_before_it() -> None:
    busy = Outcome(State.DUE, "rate_limited")
    visit = frontier.next_visit(busy, now=NOON, written_at=None, tries=0, retry_after=7200)
    assert visit == NOON + 2 * HOUR


def test_the_ledger_that_does_not_add_up_says_where(db: sqlite3.Connection) -> None:
    add(db, Lead("https://gazette.example/a"), Lead("https://gazette.example/b"))
    begun = frontier.Before(addresses=1, last_article=0)
    assert frontier.contradictions(db, run=1, before=begun, entered=1, outcomes={}) == []
    db.execute("UPDATE urls SET state = 'saved' WHERE path = '/a'")
    db.execute("UPDATE urls SET due_at = NULL WHERE path = '/b'")
    db.execute("INSERT INTO articles (url, canonical_url, kind, body, blocks, words, access, saved_at, "
               "updated_at, checked_at) VALUES ('https://gazette.example/c', 'https://gazette.example/c', "
               "'article', '', '[]', 0, 'free', '', '', '')")  # fmt: skip
    found = frontier.contradictions(db, run=1, before=begun, entered=2, outcomes={("saved", None): 1})
    assert found == [
        "3 addresses were discovered, but 2 are in a state",
        "this run came to {('saved', None): 1}, but the record of its visits says {}",
        "1 addresses are due at no time",
        "1 addresses count as stored and lead to no article",
        "1 new articles belong to no address",
    ]
    assert frontier.before_run(db) == frontier.Before(addresses=2, last_article=1)


def test_what_a_crawl_asks_of_the_ledger_reads_no_whole_table(db: sqlite3.Connection) -> None:
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    begun = frontier.before_run(db)
    frontier.contradictions(db, run=1, before=begun, entered=0, outcomes={})
    db.set_trace_callback(None)
    plans = [row[3] for query in asked for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert len(asked) == 7
    assert {plan for plan in plans if plan.startswith("SCAN")} == {
        "SCAN tally",
        "SCAN urls USING INDEX urls_timeless",
        "SCAN urls USING INDEX urls_storyless",
    }


def test_an_address_takes_at_most_150_bytes_and_is_found_in_no_time(tmp_path: Path) -> None:
    count = 10_000
    url = "https://gazette.example/2026/03/{:05}/harbour-reopens-its-library-after-two-years-of-works"
    path = tmp_path / "articles.db"
    with Store(path) as store:
        store.checkpoint()
        empty = path.stat().st_size
        with store.transaction() as db:
            db.execute(
                "INSERT INTO publications (key, name, url) VALUES ('g', 'G', 'https://gazette.example/')"
            )
            for start in range(0, count, 500):
                leads = [Lead(url.format(number)) for number in range(start, start + 500)]
                assert frontier.add(db, leads, publication_id=1, now=NOON).new == 500
        store.checkpoint()
        started = time.perf_counter()
        assert all(frontier.known(store.conn, url.format(number)) for number in range(0, count, 20))
        assert (time.perf_counter() - started) / (count / 20) < 0.002
    assert (path.stat().st_size - empty) / count <= 150
