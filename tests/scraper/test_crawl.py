"""The whole way over real HTTP on loopback: what is found ends in one state, and a crawl can be stopped."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scraper import hosts
from scraper.clock import SYSTEM
from scraper.config import Publication
from scraper.crawl import crawl
from scraper.errors import Locked
from scraper.events import Event, LeadFound, LeadsFound, Resting, Summary, Visited
from scraper.store import Store
from scraper.why import why
from scraper.window import Window
from tests.scraper.gazette import Gazette, headline, served, story
from tests.scraper.test_kill import CRAWL, ROOT


@pytest.fixture
def gazette() -> Iterator[Gazette]:
    with served() as gazette:
        yield gazette


def run(gazette: Gazette, folder: Path, *, publication: Publication | None = None, **how: Any) -> Summary:
    wanted = publication or gazette.publication()
    config = replace(gazette.config(folder), publications=(wanted,))
    summary = asyncio.run(crawl(config, (wanted,), **how))
    assert summary.contradictions == ()
    return summary


def query(folder: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "articles.db")) as db:
        return db.execute(sql).fetchall()


def make_due(folder: Path) -> None:
    """Let the time for the next visit have come."""
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("UPDATE urls SET due_at = 1 WHERE due_at IS NOT NULL")


def test_every_story_of_a_feed_is_stored_and_a_second_crawl_asks_for_none(
    gazette: Gazette, tmp_path: Path
) -> None:
    gazette.publish(9)
    first = run(gazette, tmp_path)
    assert (first.outcome, first.discovered, first.counts) == ("finished", 9, {("saved", None): 9})
    again = run(gazette, tmp_path)
    assert (again.outcome, again.discovered, again.counts) == ("finished", 0, {})
    assert {count for path, count in gazette.asked.items() if path.startswith("/story/")} == {1}


def test_every_address_ends_in_one_state_with_a_reason(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(3)
    gazette.put("/story/1", "", status=404)
    gazette.put("/story/2", "busy", status=503)
    links = ("/private/a", "http://elsewhere.example/b", "/old", "/a/a/a/a/b", "/file.pdf", "/empty", "/loop")
    feed = "".join(f"<item><title>{link}</title><link>{link}</link></item>" for link in links)
    feed = feed.replace("<link>/", f"<link>{gazette.origin}/")
    gazette.put(
        "/more.xml", f'<rss version="2.0"><channel>{feed}</channel></rss>', kind="application/rss+xml"
    )
    gazette.put("/old", "/story/0", status=301)
    gazette.put("/loop", "/loop", status=302)
    gazette.put("/file.pdf", "%PDF-1.4", kind="application/pdf")
    gazette.put("/empty", "")
    feeds = (f"{gazette.origin}/feed.xml", f"{gazette.origin}/more.xml", f"{gazette.origin}/none.xml")
    summary = run(gazette, tmp_path, publication=gazette.publication(feeds=feeds))
    states = {
        path: (state, reason)
        for path, state, reason in query(tmp_path, "SELECT path, state, reason FROM urls")
    }
    twins = {states.pop("/story/0"), states.pop("/old")}  # whichever was asked first has the article
    assert twins == {("saved", None), ("skipped", "duplicate")}
    assert states == {
        "/story/1": ("failed", "not_found"),
        "/story/2": ("due", "server_error"),
        "/private/a": ("skipped", "robots"),
        "/b": ("skipped", "other_host"),
        "/a/a/a/a/b": ("skipped", "trap"),
        "/file.pdf": ("failed", "not_html"),
        "/empty": ("failed", "empty_page"),
        "/loop": ("failed", "redirect_loop"),
    }
    assert summary.discovered == len(states) + len(twins)
    assert summary.due == 1
    assert [failure.reason for failure in summary.sources_failed] == ["not_found"]
    assert "/private/a" not in gazette.asked


def test_changed_gone_and_unchanged_pages_are_told_apart(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(4)
    run(gazette, tmp_path)
    gazette.put(
        "/story/1", story(1, gazette.origin, more="<p>Later the mayor said that it had been a mistake.</p>")
    )
    gazette.put("/story/2", "", status=410)
    gazette.put("/story/3", "<html><body><h1>Page not found</h1><p>Sorry.</p></body></html>")
    make_due(tmp_path)
    summary = run(gazette, tmp_path)
    assert summary.count("unchanged") == 1
    assert summary.count("updated") == 1
    assert summary.counts["failed", "gone"] == 1
    assert query(tmp_path, "SELECT changed FROM revisions") == [("body",)]
    assert len(query(tmp_path, "SELECT * FROM articles WHERE length(body) > 500")) == 4
    assert len(query(tmp_path, "SELECT * FROM articles WHERE gone_since IS NOT NULL")) == 1


def test_the_newest_come_first_and_the_limit_holds(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(30)
    visited: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, Visited):
            visited.append(event.url)

    summary = run(gazette, tmp_path, limit=5, report=note)
    assert summary.outcome == "finished", "a signal to the tests themselves would end it early"
    assert sorted(visited) == sorted(f"{gazette.origin}/story/{number}" for number in range(25, 30))
    assert summary.due == 25


def test_a_task_that_is_cut_off_ends_the_crawl_and_loses_no_visit_in_silence(
    gazette: Gazette, tmp_path: Path
) -> None:
    gazette.publish(3)

    def cut_off(event: Event) -> None:
        task = asyncio.current_task()
        if isinstance(event, LeadsFound) and task is not None:
            task.cancel()

    with pytest.raises(RuntimeError, match="cut off"):
        run(gazette, tmp_path, report=cut_off)
    assert run(gazette, tmp_path).count("saved") == 3


def test_a_dry_run_tells_what_it_would_ask_and_writes_nothing(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(5)
    found: list[Event] = []
    summary = run(gazette, tmp_path / "new", dry_run=True, report=found.append)
    assert [event.new for event in found if isinstance(event, LeadFound)] == [True] * 5
    assert (summary.discovered, summary.run) == (5, None)
    assert not (tmp_path / "new").exists()
    assert not any(path.startswith("/story/") for path in gazette.asked)


def test_section_pages_are_followed_and_an_endless_calendar_ends(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(3)
    days = range(400)
    for day in days:
        gazette.put(f"/calendar/{day}", f'<h1>Day {day}</h1><a href="/calendar/{day + 1}">tomorrow</a>')
    links = "".join(f'<li><a href="/story/{number}">{headline(number)}</a></li>' for number in range(3))
    gazette.put("/region", f'<h1>Region</h1><ul>{links}</ul><a href="/calendar/0">calendar</a>')
    publication = gazette.publication(feeds=(), sections=(f"{gazette.origin}/region",))
    summary = run(gazette, tmp_path, publication=publication)
    assert summary.count("saved") >= 3
    assert sum(count for path, count in gazette.asked.items() if path.startswith("/calendar/")) < 10


def test_a_publication_that_is_down_does_not_stop_the_others(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(3)
    dead = replace(
        gazette.publication(key="dead"), feeds=("http://127.0.0.1:9/feed",), url="http://127.0.0.1:9/"
    )
    config = replace(gazette.config(tmp_path), publications=(dead, gazette.publication()))
    summary = asyncio.run(crawl(config, config.publications))
    assert summary.publications == {"dead": {}, "gazette": {"saved": 3}}
    assert [failure.publication for failure in summary.sources_failed] == ["dead"]


def test_a_second_crawl_on_the_same_database_is_refused(gazette: Gazette, tmp_path: Path) -> None:
    with Store(tmp_path / "articles.db") as store, store.claim(), pytest.raises(Locked):
        run(gazette, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_crawl_soon_and_what_was_not_done_stays_due(
    gazette: Gazette, tmp_path: Path, number: signal.Signals
) -> None:
    gazette.publish(60)
    gazette.seconds = 0.05
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWL, gazette.origin, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("Visited"):
        pass
    os.kill(process.pid, number)
    started = time.monotonic()
    said, complaint = process.communicate(timeout=20)
    assert time.monotonic() - started < 10
    assert "Stopping" in said
    assert complaint == ""
    assert query(tmp_path, "SELECT outcome FROM runs") == [("interrupted",)]
    stored = query(tmp_path, "SELECT count(*) FROM articles")[0][0]
    assert query(tmp_path, "SELECT count(*) FROM urls WHERE state = 'due'") == [(60 - stored,)]
    assert query(tmp_path, "SELECT count(*) FROM fetches") == [(stored,)]


def test_what_has_not_changed_is_not_sent_again_and_the_bytes_are_counted(
    gazette: Gazette, tmp_path: Path
) -> None:
    gazette.publish(3)
    gazette.tags = True
    run(gazette, tmp_path)
    make_due(tmp_path)
    gazette.statuses.clear()
    again = run(gazette, tmp_path)
    assert again.counts == {("unchanged", None): 3}
    assert gazette.statuses == {304: 4}, "three stories and the feed; robots.txt holds for a day"
    with Store(tmp_path / "articles.db") as store:
        (host,) = hosts.rows(store.conn, gazette.config(tmp_path))
    sent = sum(len(body.encode()) for path, (_, _, body) in gazette.pages.items() if path != "/robots.txt")
    assert (host["not_modified"], host["bytes_saved"]) == (4, sent)
    assert (host["robots"], host["requests"], host["refused"]) == ("allowed: no line", 9, 0)


def test_a_feed_without_news_is_asked_less_often_and_news_brings_it_back(
    gazette: Gazette, tmp_path: Path
) -> None:
    gazette.publish(3)
    for _ in range(5):
        run(gazette, tmp_path)
    assert gazette.asked["/feed.xml"] == 2, "all was new; nothing was; then it was not due"
    with closing(sqlite3.connect(tmp_path / "articles.db")) as db, db:
        db.execute("UPDATE documents SET checked_at = checked_at - 301")
    gazette.publish(4)
    assert run(gazette, tmp_path).counts == {("saved", None): 1}
    assert query(tmp_path, "SELECT pause FROM documents") == [(0,)]


def test_an_excluded_address_is_in_the_ledger_with_its_reason(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(3)
    run(gazette, tmp_path, publication=gazette.publication(exclude=("/story/1$",)))
    assert query(tmp_path, "SELECT path, state, reason FROM urls WHERE state <> 'saved'") == [
        ("/story/1", "skipped", "excluded")
    ]
    gazette.put("/feed.xml", gazette.pages["/feed.xml"][2] + "<!-- new -->", kind="application/rss+xml")
    again = run(gazette, tmp_path)
    assert again.counts == {("saved", None): 1}, "the settings no longer exclude it"


def test_why_tells_an_address_whole_story(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(2)
    gazette.put("/story/1", "busy", status=503)
    run(gazette, tmp_path)
    config = gazette.config(tmp_path)
    with Store(tmp_path / "articles.db", read_only=True) as store:
        stored = why(store.conn, f"{gazette.origin}/story/0?utm_source=x", config)
        failed = why(store.conn, f"{gazette.origin}/story/1", config)
        private = why(store.conn, f"{gazette.origin}/private/x", config)
        other = why(store.conn, "https://elsewhere.example/", config)
    assert (stored["state"], stored["found_in"]) == ("saved", f"feed {gazette.origin}/feed.xml")
    assert stored["article"]["headline"] == headline(0)
    assert [visit["status"] for visit in stored["visits"]] == [200]
    assert (failed["state"], failed["reason"], failed["failures_in_a_row"]) == ("due", "server_error", 1)
    assert "503" in failed["visits"][0]["detail"]
    assert (private["state"], private["robots"]) == ("unknown", "forbidden by line 2: Disallow: /private/")
    assert private["rules"] == {"gazette": "its own"}
    assert "no host of gazette" in other["rules"]["gazette"]


def sitemap(gazette: Gazette, dates: dict[str, str | None]) -> None:
    rows = "".join(
        f"<url><loc>{gazette.origin}{path}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</url>"
        for path, when in dates.items()
    )
    gazette.put("/map.xml", f"<urlset>{rows}</urlset>", kind="application/xml")


def test_a_backfill_visits_what_is_dated_into_its_window_and_spoils_no_later_crawl(
    gazette: Gazette, tmp_path: Path
) -> None:
    gazette.publish(6)
    for number, path in enumerate(("/2024/01/15/a", "/2024/02/01/b", "/2023/12/31/c")):
        gazette.put(path, story(number, gazette.origin).replace(f"/story/{number}", path))
    dates = {"/2024/01/15/a": "2026-02-01", "/2024/02/01/b": None, "/2023/12/31/c": "2024-01-10",
             "/story/3": "2024-01-31", "/story/4": "2025-05-01", "/story/5": None}  # fmt: skip
    sitemap(gazette, dates)
    publication = gazette.publication(feeds=(), sitemaps=(f"{gazette.origin}/map.xml",))
    january = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    visited: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, Visited):
            visited.append(event.url.removeprefix(gazette.origin))

    summary = run(gazette, tmp_path, publication=publication, window=january, report=note)
    assert visited == ["/story/3", "/2024/01/15/a"], "the newest first"
    assert (summary.outside, summary.discovered) == (4, 2)
    rest = run(gazette, tmp_path, publication=publication)
    assert rest.discovered == 4
    assert rest.count("saved") == 4


def test_in_its_quiet_hours_a_publication_is_not_asked(gazette: Gazette, tmp_path: Path) -> None:
    gazette.publish(3)
    publication = gazette.publication(quiet_hours=("20:00-06:00",))
    told: list[Event] = []
    night = replace(SYSTEM, now=lambda: datetime(2026, 3, 2, 23, tzinfo=UTC))
    summary = run(gazette, tmp_path, publication=publication, clock=night, report=told.append)
    assert (summary.outcome, summary.counts, dict(gazette.asked)) == ("finished", {}, {})
    assert Resting("gazette", datetime(2026, 3, 3, 6, tzinfo=UTC)) in told
    morning = replace(SYSTEM, now=lambda: datetime(2026, 3, 3, 6, tzinfo=UTC))
    assert run(gazette, tmp_path, publication=publication, clock=morning).count("saved") == 3


SETTINGS = """
[paths]
database = "articles.db"
archive = "archive"
[fetching]
allow_private = ["127.0.0.0/8"]
[politeness]
delay = 0.0
[publications.gazette]
name = "The Gazette"
url = "{origin}/"
feeds = ["{origin}/feed.xml"]
"""


def test_a_read_that_is_held_open_through_a_crawl_fails_no_write(gazette: Gazette, tmp_path: Path) -> None:
    """The log of changes is back at nothing a second after the reader left."""
    gazette.publish(5)
    (tmp_path / "config.toml").write_text(SETTINGS.format(origin=gazette.origin))
    command = [sys.executable, "-m", "scraper", "--config", str(tmp_path / "config.toml"), "crawl"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    log = tmp_path / "articles.db-wal"
    gazette.publish(40)
    make_due(tmp_path)
    with closing(sqlite3.connect(tmp_path / "articles.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (5,)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (5,)
        assert log.stat().st_size > 0
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (40,)
    left = time.monotonic()
    while log.exists() and log.stat().st_size and time.monotonic() - left < 1:
        pass
    assert not log.exists() or log.stat().st_size == 0
    assert query(tmp_path, "SELECT count(*), sum(state = 'saved') FROM fetches WHERE run_id = 2")[0][1] == 35
