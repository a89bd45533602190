"""Scenarios 1 to 6: whatever ends or disturbs a crawl, nothing is lost and nothing is doubled."""

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.store import Store
from tests.scenarios.command import LONG, Done, finish, is_whole, query, run, settings, sized, start
from tests.scenarios.figures import note
from tests.scenarios.world import Asked, World, feed, response, serving
from tests.scraper.gazette import headline, story
from tests.scraper.test_store import DAM, NOON

PAGES = sized(40, 500)


@pytest.fixture
def site() -> Iterator[World]:
    """A publication of PAGES linked stories, each of which takes 5 ms."""
    with serving(lambda asked: answer(asked)) as world:
        bodies = [response(story(number, world.origin())) for number in range(PAGES)]
        listed = feed(*(f"{world.origin()}/story/{number}" for number in range(PAGES)))

        def answer(asked: Asked) -> bytes:
            if asked.path == "/feed.xml":
                return listed
            if asked.path.startswith("/story/"):
                time.sleep(0.005)
                return bodies[int(asked.path[7:])]
            return response(status=404)

        world.answer = answer
        yield world


def written(site: World, folder: Path) -> None:
    settings(folder, {"gazette": {"url": f"{site.origin()}/", "feeds": [f"{site.origin()}/feed.xml"]}})


def headlines(folder: Path) -> list[str]:
    return sorted(row[0] for row in query(folder, "SELECT headline FROM articles"))


EXPECTED = sorted(headline(number) for number in range(PAGES))


def stories_asked(site: World) -> int:
    return sum(count for path, count in site.asked().items() if path.startswith("/story/"))


def long_only(place: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not LONG, reason=f"the short one is in {place}")


@long_only("tests/scraper/test_kill.py")
def test_1_a_storm_of_kills(site: World, tmp_path: Path) -> None:
    chance, kills = random.Random(1), 0
    written(site, tmp_path)
    for _ in range(200):
        process = start(tmp_path)
        time.sleep(chance.uniform(0.05, 2.5))
        process.kill()
        kills += finish(tmp_path, process).code == -signal.SIGKILL
        if (tmp_path / "articles.db").exists() and query(tmp_path, "SELECT count(*) FROM sqlite_master") != [
            (0,)
        ]:
            assert is_whole(tmp_path)
    assert run(tmp_path).code == 0
    assert headlines(tmp_path) == EXPECTED
    again = stories_asked(site) - PAGES
    assert again <= kills * 5, "one page being fetched and four waiting for the worker"
    note("1. kill storm", kills=kills, articles=PAGES, lost=0, doubled=0, pages_asked_again=again)


@long_only("tests/scraper/test_kill.py")
def test_2_what_was_reported_is_stored(site: World, tmp_path: Path) -> None:
    written(site, tmp_path)
    told: set[str] = set()
    for number in range(50):
        process = start(tmp_path)
        deadline = time.monotonic() + 30
        while len(told_now := reported(tmp_path)) < 1 + number % 4 and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.kill()
        finish(tmp_path, process)
        told |= told_now
    stored = {
        f"{site.origin()}{path}" for (path,) in query(
            tmp_path, """SELECT path FROM urls JOIN fetches ON url_id = urls.id JOIN articles
                ON articles.id = article_id WHERE urls.state = 'saved'""")
    }  # fmt: skip
    assert told
    assert told <= stored
    note("2. acknowledged means stored", reported=len(told), missing=len(told - stored))


def reported(folder: Path) -> set[str]:
    """Return the addresses of the whole log lines that say "saved"."""
    lines = (folder / "stderr").read_text().splitlines(keepends=True)
    visits = (json.loads(line) for line in lines if line.startswith("{") and line.endswith("}\n"))
    return {visit["url"] for visit in visits if visit.get("state") == "saved"}


def test_3_a_file_may_not_grow(site: World, tmp_path: Path) -> None:
    """A limit on file size, which needs no rights: writes beyond it fail as on a full disk."""
    written(site, tmp_path)
    limit = sized(800_000, 2_000_000)  # the empty tables take half of the former
    done = run(
        tmp_path, prelude=f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    )
    stored = stopped_for_room(tmp_path, done)
    assert run(tmp_path).code == 0
    assert headlines(tmp_path) == EXPECTED
    note("3. disk full (limit on files)", stored_before=stored, stored_after=PAGES)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"only root may mount a file system here: {mounted.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@long_only("test_3_a_file_may_not_grow, which needs no rights")
def test_3_the_disk_is_full(site: World, small_disk: Path) -> None:
    """Refused before it starts for want of room; and when the room is used up while it runs."""
    written(site, small_disk)
    refused = run(small_disk)
    assert refused.code == 1
    assert "a crawl needs 200 MB" in refused.lines[-1]["message"]
    assert not (small_disk / "articles.db").exists()
    unaware = "import scraper.store; scraper.store.NEEDED_BYTES = 0"  # room enough, as others then fill it
    stored = stopped_for_room(small_disk, run(small_disk, prelude=unaware))
    subprocess.run(["mount", "-o", "remount,size=256m", small_disk], check=True)
    assert run(small_disk, prelude=unaware).code == 0
    assert headlines(small_disk) == EXPECTED
    note("3. disk full", stored_before=stored, stored_after=PAGES)


def stopped_for_room(folder: Path, done: Done) -> int:
    """Check that the crawl ended for want of room with all that it told stored, and return how many."""
    assert done.code == 1, done.stderr
    assert "no space left" in done.lines[-1]["message"]
    assert str(folder) in done.lines[-1]["message"]
    assert is_whole(folder)
    told = [line["url"] for line in done.lines if line.get("state") == "saved"]
    assert len(told) == len(headlines(folder)) < PAGES
    return len(told)


@long_only("tests/scraper/test_crawl.py")
def test_4_an_analyst_holds_a_read(site: World, tmp_path: Path) -> None:
    written(site, tmp_path)
    run(tmp_path, "crawl", "--limit", "5")
    with closing(sqlite3.connect(f"file:{tmp_path}/articles.db?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        count = reader.execute("SELECT count(*) FROM articles").fetchone()
        assert run(tmp_path).code == 0
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == count == (5,)
        waits = commits(tmp_path, sized(50, 1000))
        grown = (tmp_path / "articles.db-wal").stat().st_size
    run(tmp_path)
    wal = tmp_path / "articles.db-wal"
    assert not wal.exists() or wal.stat().st_size <= 4 * 1024**2
    assert [text for text in headlines(tmp_path) if "in week" in text] == EXPECTED
    slowest = statistics.quantiles(waits, n=100)[98]
    assert slowest < 0.1 or not LONG
    note(
        "4. open reader",
        failed_writes=0,
        commit_ms_99_percent=round(1000 * slowest),
        wal_MB_while_open=round(grown / 1e6, 1),
        wal_MB_after=0,
    )


def commits(folder: Path, count: int) -> list[float]:
    """Store so many articles and return the seconds that each took."""
    seconds = []
    with Store(folder / "articles.db") as store:
        for number in range(count):
            url = f"https://gazette.example/{number}"
            article = replace(DAM, url=url, canonical_url=url, headline=f"{DAM.headline} {number}")
            started = time.perf_counter()
            store.save(url, article, now=NOON)
            seconds.append(time.perf_counter() - started)
    return seconds


@long_only("tests/scraper/test_crawl.py")
def test_5_two_crawls_at_once(site: World, tmp_path: Path) -> None:
    refused = 0
    for number in range(10):
        folder = tmp_path / str(number)
        written(site, folder)
        logs = ("first", "second")
        both = [start(folder, log=log) for log in logs]
        ended = [finish(folder, process, log) for process, log in zip(both, logs, strict=True)]
        assert sorted(done.code for done in ended) == [0, 1], ended
        (loser,) = (done for done in ended if done.code)
        assert "is crawling into it" in loser.stderr
        assert headlines(folder) == EXPECTED
        refused += 1
    killed = start(folder)
    time.sleep(1.0)
    killed.kill()
    finish(folder, killed)
    assert run(folder).code == 0, "a lock of a killed crawl blocks nobody"
    note("5. two crawls", refused=refused, doubled=0)


@long_only("tests/scraper/test_store.py")
@pytest.mark.parametrize(
    ("at", "junk"),
    [
        pytest.param(4096 * 20, b"\xff" * 4096, id="a page"),
        pytest.param(0, b"not a database!", id="the header"),
    ],
)
def test_6_a_damaged_file_is_not_written_to(at: int, junk: bytes, site: World, tmp_path: Path) -> None:
    written(site, tmp_path)
    assert run(tmp_path).code == 0
    database = tmp_path / "articles.db"
    content = bytearray(database.read_bytes())
    content[at : at + len(junk)] = junk
    database.write_bytes(content)
    before = hashlib.sha256(database.read_bytes()).digest()
    done = run(tmp_path)
    assert done.code == 1
    assert str(database) in done.lines[-1]["message"]
    assert hashlib.sha256(database.read_bytes()).digest() == before
    note("6. damaged file", bytes_written=0)
