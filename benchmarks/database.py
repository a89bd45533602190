"""A million articles in one file: insert rate, size, search, views, copies. Figures for docs/benchmarks.md.

    python -m benchmarks.database                     # a million, an hour or so and some 20 GB
    python -m benchmarks.database --articles 50000    # a look

The articles are invented (benchmarks/synthetic.py). Some thousand are stored as a crawl stores them, at the
beginning and when the file is full, and the rows that came of them are then written into the same file again
by bare ``executemany``, fifty articles a transaction: the fastest that Python's sqlite3 can do. What lies
between is filled in that bare way. ``--minutes`` ends the filling early; the figures say how many there are.
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
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.synthetic import PUBLICATIONS, SECTIONS, Writer
from extractors import Article
from scraper import copies
from scraper.archive import Pointer
from scraper.config import Publication
from scraper.fetch import Fetched
from scraper.search import Wanted
from scraper.store import Store

SAVED = 2000  # articles stored as a crawl does, at each end
POOL = 4000  # articles whose paragraphs make up the rest
AT_ONCE = 50  # articles in a transaction
Rows = dict[str, list[tuple[Any, ...]]]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"'))
PARTS = (
    "article_authors", "article_tags", "images", "credits", "teasers", "provenance", "removals", "sketches",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=120.0, help="longest time for filling")
    parser.add_argument("--folder", type=Path, help="where to put the file (default: a temporary folder)")
    given = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, Store(Path(folder) / "a.db") as store:
        measure(store, given.articles, given.minutes * 60)


def measure(store: Store, count: int, seconds: float) -> None:
    writer = Writer()
    filler = Filler(store, writer)
    insert_rates(store, writer, filler, begin=0)
    filler.fill(count - 2 * SAVED, seconds)
    insert_rates(store, writer, filler, begin=count)
    articles = store.conn.execute("SELECT count(*) FROM articles").fetchone()[0]
    size = store.path.stat().st_size
    print(f"\n{articles:,} articles, {size / 1e9:.2f} GB, {size / articles / 1e3:.1f} KB an article")
    search_times(store, writer)
    view_times(store)
    copy_times(store)


def insert_rates(store: Store, writer: Writer, filler: "Filler", *, begin: int) -> None:
    """Print CPU time for an article: saved one by one, saved fifty at once, and its rows written bare."""
    some = list(writer.articles(2 * SAVED, begin=begin))
    one_by_one = cpu(lambda: [filler.save(number, article) for number, article in some[:SAVED]])
    at_once = cpu(lambda: filler.save_at_once(some[SAVED:]))
    store.find_copies()
    chunks = filler.numbered(*filler.last_rows(SAVED))
    bare = cpu(lambda: filler.write(chunks))
    articles = store.conn.execute("SELECT count(*) FROM articles").fetchone()[0]
    print(f"\ninsert at {articles:,} articles, CPU an article:")
    print(f"  Store.save, a transaction each   {one_by_one / SAVED * 1e3:6.2f} ms")
    print(f"  Store.save, fifty a transaction  {at_once / SAVED * 1e3:6.2f} ms")
    print(f"  the same rows by executemany     {bare / SAVED * 1e3:6.2f} ms")


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

    def save_at_once(self, some: list[tuple[int, Article]]) -> None:
        for start in range(0, len(some), AT_ONCE):
            with self._store.transaction():
                for publication, article in some[start : start + AT_ONCE]:
                    self.save(publication, article)

    def fill(self, count: int, seconds: float) -> None:
        """Write articles made of known paragraphs until there are enough or the time is over."""
        began, done = time.monotonic(), 0
        names, rows = self.last_rows(SAVED)
        while done < count and time.monotonic() - began < seconds:
            self.write(self.numbered(names, self._varied(names, rows)))
            done += SAVED
            if done % 50_000 == 0:
                print(f"  {done:,} after {time.monotonic() - began:,.0f} s", file=sys.stderr, flush=True)

    def last_rows(self, count: int) -> tuple[list[str], Rows]:
        """Return the columns of articles, and the rows of the last ``count`` articles by table."""
        db = self._store.conn
        first = db.execute("SELECT max(id) FROM articles").fetchone()[0] - count
        cursor = db.execute("SELECT * FROM articles WHERE id > ?", (first,))
        rows = {"articles": cursor.fetchall()}
        for table in PARTS:
            rows[table] = db.execute(f"SELECT * FROM {table} WHERE article_id > ?", (first,)).fetchall()
        rows["urls"] = db.execute("SELECT * FROM urls WHERE article_id > ?", (first,)).fetchall()
        rows["fetches"] = db.execute("SELECT * FROM fetches ORDER BY id DESC LIMIT ?", (count,)).fetchall()
        rows["pages"] = db.execute("SELECT * FROM pages ORDER BY id DESC LIMIT ?", (count,)).fetchall()
        return [column[0] for column in cursor.description], rows

    def _varied(self, names: list[str], rows: Rows) -> Rows:
        """Return the rows with other bodies, headlines, sections and days."""
        body, headline, section = (names.index(name) for name in ("body", "headline", "section"))
        words, published = names.index("words"), names.index("published_at")
        changed = []
        for row in rows["articles"]:
            text = "\n\n".join(self._random.choices(self._paragraphs, k=self._random.randint(8, 24)))
            values = list(row)
            values[body], values[headline] = text, self._random.choice(self._headlines)
            values[section], values[words] = self._random.choice(SECTIONS), text.count(" ") + 1
            moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=self._random.randrange(3_000_000))
            values[published] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            changed.append(tuple(values))
        sketches = [(self._random.randrange(2**46), row[1]) for row in rows["sketches"]]
        return rows | {"articles": changed, "sketches": sorted(sketches)}

    def numbered(self, names: list[str], rows: Rows) -> list[Rows]:
        """Return the rows under new numbers and addresses, fifty articles and what hangs on them together."""
        db = self._store.conn
        last = {
            table: db.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            for table in ("articles", "fetches", "pages")
        }
        url = names.index("url")
        new = {row[0]: last["articles"] + 1 + number for number, row in enumerate(rows["articles"])}
        chunks: list[Rows] = [defaultdict(list) for _ in range(-(-len(new) // AT_ONCE))]

        def chunk(article_id: object) -> Rows:
            return chunks[(new[article_id] - last["articles"] - 1) // AT_ONCE]

        for number, (row, page, fetch) in enumerate(
            zip(rows["articles"], rows["pages"], rows["fetches"], strict=True)
        ):
            into = chunk(row[0])
            into["pages"].append((last["pages"] + 1 + number, *page[1:]))
            into["fetches"].append((last["fetches"] + 1 + number, *fetch[1:]))
            into["articles"].append((new[row[0]], f"{row[url]}#{new[row[0]]}", *row[2:]))
        for row in rows["urls"]:
            chunk(row[-1])["urls"].append((self._random.randrange(2**62), *row[1:-1], new[row[-1]]))
        for table in PARTS:
            at = 1 if table == "sketches" else 0
            for row in rows[table]:
                chunk(row[at])[table].append((*row[:at], new[row[at]], *row[at + 1 :]))
        return chunks

    def write(self, chunks: list[Rows]) -> None:
        """Write rows bare, a transaction for each chunk."""
        db = self._store.conn
        for chunk in chunks:
            with self._store.transaction():
                for table, rows in chunk.items():
                    marks = ", ".join("?" * len(rows[0]))
                    db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
                db.execute("DELETE FROM uncompared")


def search_times(store: Store, writer: Writer) -> None:
    """Print how long searches take, by how often their words occur."""
    rng = random.Random(3)
    kinds = {
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
        times = [wall(lambda word=word: store.search(Wanted(word()))) for _ in range(60)]
        every += times
        print(f"  {name:22} median {median(times) * 1e3:8.1f} ms, slowest {max(times) * 1e3:8.1f} ms")
    for name, wanted in filters.items():
        times = [
            wall(lambda wanted=wanted: store.search(_with(wanted, writer.words[rng.randrange(50, 5000)])))
            for _ in range(60)
        ]
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


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def wall(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
