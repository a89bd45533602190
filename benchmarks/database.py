"""A million articles in one file: insert rate, size, search, views, copies. Figures for docs/benchmarks.md.

    python -m benchmarks.database                     # a million, some 20 minutes and 15 GB
    python -m benchmarks.database --articles 50000    # a look
    python -m benchmarks.database --file /tmp/a.db    # keeps the file, so that a next time only measures

The articles are invented (benchmarks/synthetic.py). Some thousand are stored as a crawl stores them, at the
beginning and when the file is full, and the rows that came of them are then written into the same file again
by bare ``executemany``, fifty articles a transaction: the fastest that Python's sqlite3 can do. What lies
between is filled in that bare way, with all that makes a write safe switched off. ``--minutes`` ends the
filling early; the figures say how many there are.
"""

import argparse
import platform
import random
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.synthetic import AUTHORS, PUBLICATIONS, SECTIONS, Writer
from extractors import Article
from scraper import copies, frontier
from scraper.archive import Pointer
from scraper.config import Publication
from scraper.discover import Lead
from scraper.fetch import Fetched
from scraper.search import Wanted
from scraper.store import Store

SAVED = 2000  # articles stored as a crawl does, at each end
POOL = 4000  # articles whose paragraphs make up the rest
AT_ONCE = 50  # articles in a transaction
LINES = 21  # of an article that are counted as possible noise, as in those that are saved; nearly all are new
Rows = dict[str, list[tuple[Any, ...]]]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"'))
HANGING = (
    "article_authors", "article_tags", "images", "credits", "teasers", "provenance", "removals", "sketches",
    "urls",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=120.0, help="longest time for filling")
    parser.add_argument("--file", type=Path, help="kept, and filled on (default: a temporary file)")
    given = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory() as folder, Store(given.file or Path(folder) / "a.db") as store:
        measure(store, given.articles, given.minutes * 60)


def measure(store: Store, count: int, seconds: float) -> None:
    writer = Writer()
    filler = Filler(store, writer)
    if not stored_in(store):
        insert_rates(store, writer, filler)
    filler.fill(count - stored_in(store), seconds)
    insert_rates(store, writer, filler)
    articles, size = stored_in(store), store.path.stat().st_size
    print(f"\n{articles:,} articles, {size / 1e9:.2f} GB, {size / articles / 1e3:.1f} KB an article")
    search_times(store, writer)
    view_times(store)
    copy_times(store)


def stored_in(store: Store) -> int:
    """Return how many articles there are."""
    return int(store.conn.execute("SELECT count(*) FROM articles").fetchone()[0])


def insert_rates(store: Store, writer: Writer, filler: "Filler") -> None:
    """Print CPU time for an article: saved one by one, saved fifty at once, and its rows written bare.

    The three take turns, fifty articles each, so that what else the machine does hits all alike.
    """
    some = list(writer.articles(SAVED, begin=stored_in(store)))
    filler.save_at_once(some)
    store.find_copies()
    names, rows = filler.last_rows(SAVED)
    fresh = writer.articles(2 * SAVED, begin=stored_in(store))
    times: dict[str, list[float]] = defaultdict(list)
    for piece in filler.pieces(rows):
        one_by_one, at_once = list(islice(fresh, AT_ONCE)), list(islice(fresh, AT_ONCE))
        times["Store.save, a transaction each"].append(cpu(filler.save_each, one_by_one))
        times["Store.save, fifty a transaction"].append(cpu(filler.save_at_once, at_once))
        bare = filler.numbered(names, piece)
        times["the same rows by executemany"].append(cpu(filler.write, bare))
    store.find_copies()
    print(f"\ninsert at {stored_in(store):,} articles, CPU an article, median and mean:")
    for name, each in times.items():
        print(f"  {name:32} {median(each) / AT_ONCE * 1e3:6.2f} ms {mean(each) / AT_ONCE * 1e3:6.2f} ms")


class Filler:
    """Writes into the store: as a crawl does, and bare."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store, self._random = store, random.Random(2)
        self._ids = [
            store.publication_id(Publication(f"p{n}", f"Paper {n}", f"https://p{n}.example/"))
            for n in range(PUBLICATIONS)
        ]
        self._run = store.begin_run(NOW)
        self._paragraphs = [text for _ in range(POOL) for text in writer.paragraphs()]
        self._headlines = [writer.sentence(9).rstrip(".") for _ in range(POOL)]

    def save(self, publication: int, article: Article) -> None:
        fetched = Fetched(article.url, article.url, 200, HEADERS, b"", NOW, 0.2)
        pointer = Pointer("20260302120000-00001.warc.gz", 300, 60_000, "0" * 64)
        self._store.save(
            article.url,
            article,
            fetched=fetched,
            pointer=pointer,
            run=self._run,
            publication_id=self._ids[publication],
        )

    def save_each(self, some: list[tuple[int, Article]]) -> None:
        """Enter the addresses as discovery does, in one transaction, and save their articles one by one."""
        with self._store.transaction() as db:
            for publication, article in some:
                leads = [Lead(article.url, "feed")]
                frontier.add(db, leads, publication_id=self._ids[publication], now=NOW)
        for publication, article in some:
            self.save(publication, article)

    def save_at_once(self, some: list[tuple[int, Article]]) -> None:
        for start in range(0, len(some), AT_ONCE):
            with self._store.transaction():
                self.save_each(some[start : start + AT_ONCE])

    def fill(self, count: int, seconds: float) -> None:
        """Write articles made of known paragraphs until there are enough or the time is over."""
        if count <= 0:
            return
        began, done = time.monotonic(), 0
        names, rows = self.last_rows(SAVED)
        authors = self._all_authors()
        with _unsafe_and_fast(self._store):
            while done < count and time.monotonic() - began < seconds:
                self.write(self.numbered(names, self._varied(names, rows, authors)))
                done += SAVED
                if done % 50_000 == 0:
                    print(f"  {done:,} after {time.monotonic() - began:,.0f} s", file=sys.stderr, flush=True)

    def _all_authors(self) -> list[int]:
        """Enter every author there may be and return their ids."""
        with self._store.transaction() as db:
            names = ((f"Author {number}",) for number in range(AUTHORS))
            db.executemany("INSERT OR IGNORE INTO authors (name) VALUES (?)", names)
            return [row[0] for row in db.execute("SELECT id FROM authors")]

    def last_rows(self, count: int) -> tuple[list[str], Rows]:
        """Return the columns of articles, and the rows of the last ``count`` articles by table."""
        db = self._store.conn
        first = db.execute("SELECT max(id) FROM articles").fetchone()[0] - count
        cursor = db.execute("SELECT * FROM articles WHERE id > ?", (first,))
        rows = {"articles": cursor.fetchall()}
        for table in HANGING:
            rows[table] = db.execute(f"SELECT * FROM {table} WHERE article_id > ?", (first,)).fetchall()
        rows["fetches"] = db.execute("SELECT * FROM fetches ORDER BY id DESC LIMIT ?", (count,)).fetchall()
        rows["pages"] = db.execute("SELECT * FROM pages ORDER BY id DESC LIMIT ?", (count,)).fetchall()
        return [column[0] for column in cursor.description], rows

    def _varied(self, names: list[str], rows: Rows, authors: list[int]) -> Rows:
        """Return the rows with other bodies, headlines, sections, days and authors."""
        body, headline, section = (names.index(name) for name in ("body", "headline", "section"))
        words, published = names.index("words"), names.index("published_at")
        changed, moments = [], {}
        for row in rows["articles"]:
            text = "\n\n".join(self._random.choices(self._paragraphs, k=self._random.randint(8, 24)))
            values = list(row)
            values[body], values[headline] = text, self._random.choice(self._headlines)
            values[section], values[words] = self._random.choice(SECTIONS), text.count(" ") + 1
            moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=self._random.randrange(3_000_000))
            values[published] = moments[row[0]] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            changed.append(tuple(values))
        written = [
            (
                row[0],
                row[1],
                authors[int(self._random.paretovariate(0.8)) % len(authors)],
                row[3],
                moments[row[0]],
            )
            for row in rows["article_authors"]
        ]
        sketches = [(self._random.randrange(2**46), row[1]) for row in rows["sketches"]]
        return rows | {"articles": changed, "article_authors": written, "sketches": sorted(sketches)}

    def pieces(self, rows: Rows) -> Iterator[Rows]:
        """Yield the rows of fifty articles at a time."""
        for start in range(0, len(rows["articles"]), AT_ONCE):
            some = {name: rows[name][start : start + AT_ONCE] for name in ("articles", "pages", "fetches")}
            ids = {row[0] for row in some["articles"]}
            parts = {name: [row for row in rows[name] if row[_article_at(name)] in ids] for name in HANGING}
            yield some | parts

    def numbered(self, names: list[str], rows: Rows) -> Rows:
        """Return the rows under new numbers and addresses."""
        db = self._store.conn
        last = {
            table: db.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            for table in ("articles", "fetches", "pages")
        }
        assert names[:4] == ["id", "url", "canonical_url", "publication_id"]
        new = {row[0]: last["articles"] + 1 + number for number, row in enumerate(rows["articles"])}
        found: Rows = defaultdict(list)
        for row in rows["articles"]:
            address = f"{row[1]}?{new[row[0]]}"
            found["articles"].append((new[row[0]], address, address, *row[3:]))
            marks = (f"{self._random.getrandbits(64):016x}" for _ in range(LINES))
            found["noise"] += [(row[3], mark, "", 1, None, row[names.index("updated_at")]) for mark in marks]
        for table in ("pages", "fetches"):
            found[table] = [(last[table] + 1 + n, *row[1:]) for n, row in enumerate(rows[table])]
        for table in HANGING:
            at = _article_at(table)
            found[table] = [(*row[:at], new[row[at]], *row[at + 1 :]) for row in rows[table]]
        found["urls"] = [(self._random.randrange(2**62), *row[1:]) for row in found["urls"]]
        return found

    def write(self, rows: Rows) -> None:
        """Write rows bare, in one transaction."""
        with self._store.transaction() as db:
            for table, some in rows.items():
                marks = ", ".join("?" * len(some[0]))
                db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", some)
            db.execute("DELETE FROM uncompared")


def _article_at(table: str) -> int:
    """Return which column of a table is the article's number."""
    return {"sketches": 1, "urls": 11}.get(table, 0)


@contextmanager
def _unsafe_and_fast(store: Store) -> Iterator[None]:
    """Write with no journal, no syncs and no look at references; words are indexed some 64 MB at a time."""
    db = store.conn
    index = "INSERT INTO articles_fts (articles_fts, rank) VALUES ('hashsize', ?)"
    db.execute("PRAGMA journal_mode = DELETE")
    for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -2000000"):
        db.execute(f"PRAGMA {setting}")
    db.execute(index, (64 * 2**20,))
    try:
        yield
    finally:
        db.execute(index, (2**20,))
        for setting in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "cache_size = -2000",
        ):
            db.execute(f"PRAGMA {setting}")


def search_times(store: Store, writer: Writer) -> None:
    """Print how long searches take, by how often their words occur."""
    rng = random.Random(3)
    kinds: dict[str, Callable[[], str]] = {
        "rare word": lambda: writer.words[rng.randrange(20_000, 60_000)],
        "middling word": lambda: writer.words[rng.randrange(500, 5_000)],
        "common word": lambda: writer.words[rng.randrange(0, 50)],
        "two words": lambda: (
            f"{writer.words[rng.randrange(50, 500)]} {writer.words[rng.randrange(500, 5000)]}"
        ),
    }
    filters = {
        "one publication": Wanted(publication="p7"),
        "one section, a month": Wanted(section="Sport", since="2022-03", until="2022-03"),
        "an author": Wanted(author="Author 77"),
    }
    print("\nsearch, best twenty with snippets, wall time of 60 searches each:")
    every: list[float] = []
    for name, word in kinds.items():
        times = [wall(store.search, Wanted(word())) for _ in range(60)]
        every += times
        print(f"  {name:22} median {median(times) * 1e3:8.1f} ms, slowest {max(times) * 1e3:8.1f} ms")
    for name, wanted in filters.items():
        times = [wall(store.search, _with(wanted, writer.words[rng.randrange(50, 5000)])) for _ in range(60)]
        every += times
        print(f"  {name:22} median {median(times) * 1e3:8.1f} ms, slowest {max(times) * 1e3:8.1f} ms")
    print(f"  all                    median {median(every) * 1e3:8.1f} ms")


def _with(wanted: Wanted, words: str) -> Wanted:
    return Wanted(words, wanted.publication, wanted.section, wanted.author, wanted.since, wanted.until)


def view_times(store: Store) -> None:
    """Print how long each view takes, all its rows read; of the two that list every row the first hundred."""
    print("\nviews, wall time, the better of two:")
    for name in _views(store.conn):
        limit = " LIMIT 100" if name in ("articles_flat", "addresses") else ""
        with closing(sqlite3.connect(store.path)) as reader:
            rows = 0

            def read(reader: sqlite3.Connection = reader, name: str = name, limit: str = limit) -> None:
                nonlocal rows
                rows = len(reader.execute(f"SELECT * FROM {name}{limit}").fetchall())

            times = [wall(read) for _ in range(2)]
        print(f"  {name:22} {min(times) * 1e3:8.1f} ms, {rows:,} rows")


def _views(db: sqlite3.Connection) -> Iterator[str]:
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY rowid").fetchall():
        yield name


def copy_times(store: Store) -> None:
    """Print how long it takes to look for copies of an article among all."""
    with store.transaction() as db:
        db.execute("INSERT OR IGNORE INTO uncompared SELECT id FROM articles ORDER BY random() LIMIT 200")
        times = []
        while db.execute("SELECT 1 FROM uncompared").fetchone():
            times.append(wall(lambda: copies.follow(db, 1)))
    typical, longest = median(times) * 1e3, max(times) * 1e3
    print(f"\ncopies: an article is compared with all in {typical:.1f} ms (median), {longest:.1f} ms at most")


def cpu(work: Callable[..., object], *given: object) -> float:
    began = time.process_time()
    work(*given)
    return time.process_time() - began


def wall(work: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
