"""The databases of several crawlers → one for analysts: made anew each time, nothing lost, nothing doubled.

Tables differ in what tells two rows apart:

    named       publications, hosts, sources, authors, tags: by their name; the same name is the same row
    addresses   urls: their id is a hash of the address, so it is the same in every database
    numbered    runs, batches, pages, fetches, revisions: all are kept, their numbers moved up
    articles    by address, or by canonical address with the same headline or body, as a crawl tells them. Of
                two the one that was seen later stays; what the other said else becomes a revision.
    facts       rows about these: what belongs to an article goes with it; counts are added up

Not taken over: what follows from the rest (full text, copies), and what `scrape reextract --rollback` would
restore, which stays possible in the database where the batch was made.

Pages point into the archive of their crawler. In the merged database their files lie in a folder of its name:
``harbour/20240501T…warc.gz`` for a database that was given as harbour=….
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection, Row
from types import MappingProxyType
from typing import Any

from scraper import learned, revisions, stories
from scraper.errors import ScrapeError
from scraper.store import Store
from scraper.stories import Sighting

NAMED: Mapping[str, str] = MappingProxyType(
    {"publications": "key", "hosts": "origin", "sources": "name", "authors": "name", "tags": "name"}
)
NUMBERED = ("runs", "batches", "pages", "fetches", "revisions")
OF_ARTICLES = stories.PARTS
PLAIN = ("readings", "field_quality", "cuts", "parts")  # of runs and pages, which no two databases share
SUMMED: Mapping[str, str] = MappingProxyType(  # what becomes of two rows about the same
    {
        "noise": "text = iif(noise.text = '', excluded.text, noise.text), seen = noise.seen + excluded.seen, "
        "verdict = coalesce(noise.verdict, excluded.verdict), "
        "seen_at = coalesce(max(noise.seen_at, excluded.seen_at), noise.seen_at, excluded.seen_at)",
        "refusals": "stories = refusals.stories + excluded.stories, reason = excluded.reason, "
        "url = excluded.url, seen_at = max(refusals.seen_at, excluded.seen_at)",
    }
)
LATEST: Mapping[str, str] = MappingProxyType({"documents": "checked_at", "imports": "imported_at"})
DERIVED = ("sketches", "clusters", "copies", "uncompared", "daily", "tally")  # made anew, or by triggers
LEFT = ("rewritten", "confirmed")  # ids of articles stand inside of what they keep


@dataclass(frozen=True, slots=True)
class Part:
    """A database to be merged, and the name under which its archive's files are known afterwards."""

    name: str
    path: Path


@dataclass(slots=True)
class Merged:
    """How many rows there are; ``met`` are articles and addresses that were in several databases."""

    articles: int = 0
    addresses: int = 0
    pages: int = 0
    met_articles: int = 0
    met_addresses: int = 0
    revisions: int = 0  # that were made of articles that met


def merge(parts: Sequence[Part], target: Path) -> Merged:
    """Make the database at ``target`` of the parts, in the place of one that is there.

    A part of an earlier version is upgraded first. Raises ScrapeError when a part cannot be used, or when
    what came out does not add up.
    """
    _check(parts, target)
    partial = target.with_name(f"{target.name}.partial")
    _unlink(partial)
    merged = Merged()
    with Store(partial) as store:
        store.conn.execute("PRAGMA foreign_keys = OFF")  # rows come before those that they point to
        for part in parts:
            _add(store, part, merged)
        _check_sums(store.conn, parts, merged)
        store.find_copies()
        store.checkpoint()
    _unlink(target)
    partial.replace(target)
    return merged


def _check(parts: Sequence[Part], target: Path) -> None:
    names = [part.name for part in parts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ScrapeError(f"several databases are called {', '.join(twice)}: write NAME=FILE")
    for part in parts:
        if part.path.resolve() == target.resolve():
            raise ScrapeError(f"{target}: cannot be a part and what is made of the parts")
        with Store(part.path, read_only=True) as store:
            current = store.is_current()
        if not current:
            Store(part.path).close()


def _unlink(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


# One database


def _add(store: Store, part: Part, merged: Merged) -> None:
    store.conn.execute("ATTACH ? AS part", (str(part.path),))
    try:
        with store.transaction() as db, Store(part.path, read_only=True) as source:
            _Adding(db, source.conn, part.name, merged).all()
    finally:
        store.conn.execute("DETACH part")


class _Adding:
    """One database on its way into another, which is attached as ``part``."""

    def __init__(self, db: Connection, source: Connection, name: str, merged: Merged) -> None:
        self._db, self._source, self._name, self._merged = db, source, name, merged
        self._moved = {
            table: int(db.execute(f"SELECT coalesce(max(id), 0) FROM main.{table}").fetchone()[0])
            for table in (*NUMBERED, "articles")
        }

    def all(self) -> None:
        """Add all rows, in an order in which each finds what it points to."""
        both = "SELECT m.id FROM part.publications p JOIN main.publications m USING (key)"
        shared = [int(row[0]) for row in self._db.execute(both)]
        for table, key in NAMED.items():
            self._add_named(table, key)
        met = self._map_articles()
        self._add_addresses()
        for table in NUMBERED:
            self._insert(table)
        self._insert("articles", "id NOT IN (SELECT old FROM temp.met)")
        for table in OF_ARTICLES:
            self._insert(table, "article_id NOT IN (SELECT old FROM temp.met)")
        for table in PLAIN:
            self._insert(table)
        for table, sums in SUMMED.items():
            self._insert(table, "true", f"ON CONFLICT DO UPDATE SET {sums}")
        for table, time in LATEST.items():
            latest = ", ".join(f"{name} = excluded.{name}" for name in self._columns(table))
            self._insert(
                table, "true", f"ON CONFLICT DO UPDATE SET {latest} WHERE excluded.{time} > {table}.{time}"
            )
        for new, old in met:
            self._meet(new, old)
        for publication in shared:
            learned.learn(self._db, publication)  # lines that are known here and there are counted anew
        for table in ("met", *(f"map_{name}" for name in (*NAMED, "articles"))):
            self._db.execute(f"DROP TABLE temp.{table}")

    def _add_named(self, table: str, key: str) -> None:
        names = [name for name in self._columns(table) if name != "id"]
        rest = [f"{name} = coalesce({table}.{name}, excluded.{name})" for name in names if name != key]
        listed, kept = ", ".join(names), ", ".join(rest) or f"{key} = {table}.{key}"
        self._db.execute(
            f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM part.{table} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {kept}"
        )
        self._map(table, f"SELECT p.id, m.id FROM part.{table} p JOIN main.{table} m USING ({key})")

    def _map(self, table: str, query: str) -> None:
        self._db.execute(f"CREATE TEMP TABLE map_{table} (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
        self._db.execute(f"INSERT OR IGNORE INTO temp.map_{table} {query}")

    def _map_articles(self) -> list[tuple[int, int]]:
        """Return (id here, id there) of the articles that are in both."""
        self._map("articles", _SAME_ADDRESS)
        self._db.execute(f"INSERT OR IGNORE INTO temp.map_articles {_TWINS}")
        self._db.execute("CREATE TEMP TABLE met AS SELECT * FROM temp.map_articles")
        met = self._db.execute("SELECT new, old FROM temp.met ORDER BY old").fetchall()
        numbers = f"SELECT id, id + {self._moved['articles']} FROM part.articles"
        self._db.execute(f"INSERT OR IGNORE INTO temp.map_articles {numbers}")
        self._merged.met_articles += len(met)
        return met

    def _add_addresses(self) -> None:
        """Add addresses; one that is in both is in the state that its last visit gave it."""
        self._db.execute(f"CREATE TEMP TABLE later AS {_LATER}")
        met = "SELECT id FROM main.urls INTERSECT SELECT id FROM part.urls"
        self._merged.met_addresses += len(self._db.execute(met).fetchall())
        names = [name for name in self._columns("urls") if name not in ("id", "article_id")]
        said = ", ".join(self._expression("urls", name) for name in names)
        article = self._expression("urls", "article_id")
        self._db.execute(
            f"""UPDATE main.urls SET ({", ".join(names)}, article_id) = (
                    SELECT {said}, coalesce({article}, urls.article_id)
                    FROM part.urls AS p WHERE p.id = urls.id
                ) WHERE id IN (SELECT id FROM temp.later)"""
        )
        self._db.execute(
            f"""UPDATE main.urls SET article_id = (SELECT {article} FROM part.urls AS p WHERE p.id = urls.id)
                WHERE article_id IS NULL AND id IN (SELECT id FROM part.urls WHERE article_id IS NOT NULL)"""
        )
        self._insert("urls", "id NOT IN (SELECT id FROM main.urls)")
        self._db.execute("DROP TABLE temp.later")

    def _insert(self, table: str, where: str = "true", conflict: str = "") -> None:
        names = self._columns(table)
        said = ", ".join(self._expression(table, name) for name in names)
        query = f"SELECT {said} FROM part.{table} WHERE {where} {conflict}"
        self._db.execute(f"INSERT INTO main.{table} ({', '.join(names)}) {query}", {"name": self._name})

    def _columns(self, table: str) -> list[str]:
        return [row[1] for row in self._db.execute(f"PRAGMA main.table_info({table})")]

    def _expression(self, table: str, column: str) -> str:
        """Return what a column of the part is in the merged database."""
        if (table, column) == ("pages", "file"):
            return ":name || '/' || file"
        references = {row[3]: row[2] for row in self._db.execute(f"PRAGMA main.foreign_key_list({table})")}
        target = table if column == "id" else references.get(column)
        if target in NUMBERED:
            return f"{column} + {self._moved[target]}"
        if target == "articles" or target in NAMED:
            return f"(SELECT new FROM temp.map_{target} WHERE old = {column})"
        return column

    def _meet(self, here: int, there: int) -> None:
        """Keep the row of an article that was seen later, and a revision with what the other said."""
        mine, theirs = stories.one(self._db, "id = ?", here), stories.one(self._source, "id = ?", there)
        assert mine is not None
        assert theirs is not None
        said, said_there = stories.comparable(self._db, mine), stories.comparable(self._source, theirs)
        saved_at = min(mine["saved_at"], theirs["saved_at"])
        if theirs["checked_at"] > mine["checked_at"]:
            self._replace(here, there)
            self._note(here, mine, mine["page_id"], said, said_there, theirs)
        else:
            page = theirs["page_id"] and theirs["page_id"] + self._moved["pages"]
            self._note(here, theirs, page, said_there, said, mine)
        self._db.execute("UPDATE main.articles SET saved_at = ? WHERE id = ?", (saved_at, here))

    def _replace(self, here: int, there: int) -> None:
        names = [name for name in self._columns("articles") if name != "id"]
        said = ", ".join(self._expression("articles", name) for name in names)
        row = f"SELECT {said} FROM part.articles WHERE id = ?"
        self._db.execute(
            f"UPDATE main.articles SET ({', '.join(names)}) = ({row}) WHERE id = ?", (there, here)
        )
        for table in OF_ARTICLES:
            self._db.execute(f"DELETE FROM main.{table} WHERE article_id = ?", (here,))
            self._insert(table, f"article_id = {int(there)}")

    def _note(
        self,
        article: int,
        old: Row,
        page_id: int | None,
        before: dict[str, Any],
        after: dict[str, Any],
        new: Row,
    ) -> None:
        """Write what the row that goes said else than the one that stays."""
        if not revisions.changed(before, after):
            return
        change = revisions.compare(before, after, frozenset(), same_page=False)
        if old["edition"] != new["edition"]:
            change = replace(change, whose="unclear")
        loser = {"id": article, "page_id": page_id, "edition": old["edition"]}
        stories.write_revision(self._db, loser, change, Sighting(datetime.fromisoformat(new["updated_at"])))
        self._merged.revisions += 1


_SAME_ADDRESS = "SELECT p.id, m.id FROM part.articles p JOIN main.articles m ON m.url = p.url"
_TWINS = """SELECT p.id, min(m.id) FROM part.articles p
    JOIN main.articles m ON m.canonical_url = p.canonical_url AND (m.headline = p.headline OR m.body = p.body)
    GROUP BY p.id"""
_LATER = """SELECT p.id FROM part.urls p JOIN main.urls m ON m.id = p.id
    WHERE coalesce((SELECT max(fetched_at) FROM part.fetches WHERE url_id = p.id), '')
        > coalesce((SELECT max(fetched_at) FROM main.fetches WHERE url_id = m.id), '')"""


def _check_sums(db: Connection, parts: Sequence[Part], merged: Merged) -> None:
    """Raise ScrapeError unless every row of every part is there, once."""
    tables = (*NUMBERED, "articles", "urls")
    there = dict.fromkeys(tables, 0)
    for part in parts:
        with Store(part.path, read_only=True) as store:
            for table in tables:
                there[table] += _count(store.conn, table)
    there["articles"] -= merged.met_articles
    there["urls"] -= merged.met_addresses
    there["revisions"] += merged.revisions
    here = {table: _count(db, table) for table in tables}
    merged.articles, merged.addresses, merged.pages = here["articles"], here["urls"], here["pages"]
    if here != there:
        raise ScrapeError(f"the merged database has {here}, its parts {there}; were they written meanwhile?")
    if dangling := db.execute("PRAGMA foreign_key_check").fetchone():
        raise ScrapeError(f"a row of {dangling[0]} points to no row of {dangling[2]}")


def _count(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
