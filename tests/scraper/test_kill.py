"""A crawl killed at any moment and run again: every article once, none missing, nothing half written."""

import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

from extractors import Page
from scraper.archive import Pointer, pages, read
from tests.scraper.gazette import Gazette, headline, served

ROOT = Path(__file__).parents[2]
STORIES = 36
KILLS = 10

CRAWL = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from scraper.crawl import crawl
    from tests.scraper.gazette import Gazette

    gazette = Gazette(sys.argv[1])
    config = gazette.config(Path(sys.argv[2]))
    summary = asyncio.run(crawl(config, config.publications, report=lambda event: print(event, flush=True)))
    sys.exit(bool(summary.contradictions) or summary.outcome != "finished")
""")

TORN = {
    "an article that no address leads to": """SELECT count(*) FROM articles WHERE id NOT IN
        (SELECT article_id FROM urls WHERE article_id IS NOT NULL)""",
    "an address that counts as saved without an article": """SELECT count(*) FROM urls
        WHERE state IN ('saved', 'updated', 'unchanged') AND article_id IS NULL""",
    "an address with an outcome and no fetch record": """SELECT count(*) FROM urls WHERE state <> 'due'
        AND id NOT IN (SELECT url_id FROM fetches)""",
    "a fetch record of an address that is still due": """SELECT count(*) FROM fetches JOIN urls
        ON urls.id = url_id WHERE fetches.state = 'saved' AND urls.state = 'due'""",
    "an article without its archived page": "SELECT count(*) FROM articles WHERE page_id IS NULL",
    "an article without where its headline came from": """SELECT count(*) FROM articles WHERE id NOT IN
        (SELECT article_id FROM provenance WHERE field = 'headline')""",
    "an article that the search does not find": """SELECT (SELECT count(*) FROM articles)
        - (SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'council')""",
}


def start(gazette: Gazette, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CRAWL, gazette.origin, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def kill(crawl: "subprocess.Popen[str]", chance: random.Random, *, after_start: bool) -> bool:
    """Kill a crawl while it opens the database, or at work; tell whether it was still running."""
    assert crawl.stdout is not None
    if after_start:
        crawl.stdout.readline()
    time.sleep(chance.uniform(0.0, 0.25 if after_start else 0.8))
    crawl.kill()
    crawl.communicate()
    return crawl.returncode == -signal.SIGKILL


def trouble(database: Path) -> list[str]:
    """Return what is not whole in the database, as sentences."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as db:
        if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return []  # killed before the schema was there, all of which comes in one transaction
        found = [] if db.execute("PRAGMA integrity_check").fetchone()[0] == "ok" else ["integrity_check"]
        found += [what for what, query in TORN.items() if db.execute(query).fetchone()[0]]
        found += ["a broken reference"] * len(db.execute("PRAGMA foreign_key_check").fetchall())
        return found


def stored(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return [row[0] for row in db.execute("SELECT headline FROM articles ORDER BY id")]


def archived(folder: Path) -> list[Page]:
    """Return every page that an article points to, read back from the archive."""
    with closing(sqlite3.connect(folder / "articles.db")) as db:
        rows = db.execute("""SELECT file, offset, length, sha256 FROM articles
            JOIN pages ON pages.id = page_id""").fetchall()
    return [read(folder / "archive", Pointer(*row)) for row in rows]


def test_ten_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    database = tmp_path / "articles.db"
    interrupted = 0
    with served() as gazette:
        gazette.publish(STORIES)
        gazette.seconds = 0.04
        for number in range(KILLS):
            interrupted += kill(start(gazette, tmp_path), chance, after_start=number % 5 > 0)
            assert trouble(database) == []
        last = start(gazette, tmp_path)
        said, _ = last.communicate(timeout=60)
        page_requests = sum(count for path, count in gazette.asked.items() if path.startswith("/story/"))
    assert last.returncode == 0, said
    assert interrupted == KILLS, "a crawl was over before it could be killed"
    assert sorted(stored(database)) == sorted(headline(number) for number in range(STORIES))
    assert trouble(database) == []
    assert len(archived(tmp_path)) == STORIES
    in_hand = 1 + 4  # one being fetched, and those waiting for the one worker
    assert page_requests <= STORIES + interrupted * in_hand


def test_what_was_reported_as_stored_is_stored(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(STORIES)
        crawl = start(gazette, tmp_path)
        assert crawl.stdout is not None
        told = []
        for line in crawl.stdout:
            if line.startswith("Visited"):
                told.append(line)
            if len(told) == 7:
                break
        crawl.kill()
        crawl.communicate()
    kept = stored(tmp_path / "articles.db")
    assert all(any(title in line for title in kept) for line in told)


def test_an_archive_whose_writer_was_killed_reads_to_its_last_whole_record(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(STORIES)
        crawl = start(gazette, tmp_path)
        time.sleep(1.2)
        crawl.kill()
        crawl.communicate()
        again = start(gazette, tmp_path)
        again.communicate(timeout=60)
    read_back = [item for path in sorted((tmp_path / "archive").iterdir()) for item in pages(path)]
    assert {item.url for item in read_back if isinstance(item, Page)} == {
        f"{gazette.origin}/story/{number}" for number in range(STORIES)
    }
