"""Parts of archives → the database: one writer, part after part, each exactly once.

How many lines of a part are stored is written in the transaction that stores them, so a killed import goes on
behind the last. Every article is saved as a crawl saves it: what is known is compared, changes are revisions,
lines are counted as noise. A truncated capture is to the ledger what a page that was cut off is to a crawl: a
failure with its reason, and the stored article stays as it is. Captures older than what the database has of
their address are passed over.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from extractors import Access, Article, Block, Credit, Image, Kind, Origin, Removal, RunnerUp, Teaser
from scraper import addresses, frontier, scope
from scraper.bulk.manifest import Line
from scraper.config import Config, Publication
from scraper.errors import FetchError, Permanent, Transient
from scraper.frontier import utc
from scraper.store import Store

STORED_AT_ONCE = 50  # articles in one transaction: a fifth of a second in which other writers wait


@dataclass(frozen=True, slots=True)
class _Lead:
    url: str
    source: str = "web archive"
    published_at: datetime | None = None


class Database:
    """A database as the place where parts go; their files are deleted once they are stored."""

    def __init__(self, store: Store, config: Config, folder: Path) -> None:
        self._store, self._config, self._folder = store, config, folder
        self._run = store.begin_run(datetime.now(UTC))
        self._counts: dict[str, int] = {}

    def has(self, line: Line) -> bool:
        """Tell whether the part is stored to its end."""
        rows: int = line["rows"]
        return _stored(self._store.conn, line) >= rows

    def take(self, line: Line) -> None:
        """Store what is not stored yet of the part."""
        file = self._folder / line["part"]
        with file.open(encoding="utf-8") as lines:
            done = max(0, _stored(self._store.conn, line))
            waiting = islice(lines, done, None)
            while some := [json.loads(text) for text in islice(waiting, STORED_AT_ONCE)]:
                with self._store.transaction() as db:
                    for row in some:
                        self._count(self._save(db, row))
                    done += len(some)
                    _note(db, line, done, self._run)
        if not line["rows"]:
            with self._store.transaction() as db:
                _note(db, line, 0, self._run)
        file.unlink()

    def drop(self, line: Line) -> None:
        """Leave what is stored: the same articles come again with other parts."""

    def close(self, outcome: str) -> dict[str, int]:
        """End the run, and return how many articles came to what in it."""
        if outcome == "finished":
            self._store.find_copies()
        self._store.end_run(self._run, outcome, self._counts, datetime.now(UTC))
        return self._counts

    def _save(self, db: Connection, row: Mapping[str, Any]) -> str:
        """Store an article and return what it came to."""
        captured = row["captured_at"]
        when = datetime.fromisoformat(captured) if captured else datetime.now(UTC)
        if captured and _checked_at(db, row["url"]) > captured:
            return "older"
        publication = self._publication(row["url"])
        frontier.add(db, [_Lead(row["url"])], publication_id=publication, now=when)
        result = cut_off(row) if row["truncated"] else article(row)
        outcome = self._store.save(
            row["url"],
            result,
            run=self._run,
            publication_id=publication,
            now=when,
            edition=row["edition"],
        )
        return "truncated" if row["truncated"] else outcome.state.value

    def _publication(self, url: str) -> int:
        """Return the id of the page's publication: of the settings, else one named for its host."""
        for known in self._config.publications:
            if scope.in_scope(url, known):
                return self._store.publication_id(known)
        host = addresses.host(url).removeprefix("www.")
        return self._store.publication_id(Publication(host, host, addresses.origin(url) + "/"))

    def _count(self, outcome: str) -> None:
        self._counts[outcome] = self._counts.get(outcome, 0) + 1


def _stored(db: Connection, line: Line) -> int:
    """Return how many lines of a part are stored, -1 if it has not been looked at."""
    row = db.execute(
        "SELECT rows FROM imports WHERE input = ? AND sha256 = ?", (line["input"], line["sha256"])
    ).fetchone()
    return int(row[0]) if row else -1


def _note(db: Connection, line: Line, done: int, run: int) -> None:
    db.execute(
        """INSERT INTO imports (input, sha256, rows, run_id, imported_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (input) DO UPDATE SET sha256 = excluded.sha256, rows = excluded.rows,
                run_id = excluded.run_id, imported_at = excluded.imported_at""",
        (line["input"], line["sha256"], done, run, utc(datetime.now(UTC))),
    )


def _checked_at(db: Connection, url: str) -> str:
    """Return when the stored article behind an address was last seen, "" if there is none."""
    row = db.execute(
        "SELECT checked_at FROM urls JOIN articles ON articles.id = article_id WHERE urls.id = ?",
        (frontier.key(url),),
    ).fetchone()
    return row[0] if row else ""


def cut_off(row: Mapping[str, Any]) -> FetchError:
    """Return what a crawl makes of a page of which only the beginning came (ISO 28500: WARC-Truncated)."""
    why: str = row["truncated"]
    detail = f"the web archive has its beginning only ({why}): {row['file']} at byte {row['offset']}"
    if why == "length":
        return Permanent(row["url"], "too_large", detail)
    return Transient(row["url"], "timeout" if why == "time" else "cut_short", detail)


def article(row: Mapping[str, Any]) -> Article:
    """Return the article of a line, as it was extracted."""
    said = {name: row[name] for name in row.keys() & Article.__dataclass_fields__.keys()}
    for name in ("published_at", "modified_at"):
        said[name] = said[name] and datetime.fromisoformat(said[name])
    return replace(
        Article(**said),
        kind=Kind(row["kind"]),
        access=Access(row["access"]),
        authors=tuple(row["authors"]),
        tags=tuple(row["tags"]),
        blocks=_each(Block, row["blocks"]),
        lead_image=row["lead_image"] and Image(**row["lead_image"]),
        images=_each(Image, row["images"]),
        credits=_each(Credit, row["credits"]),
        teasers=tuple(
            Teaser(**one | {"credit": one["credit"] and Credit(**one["credit"])}) for one in row["teasers"]
        ),
        removals=_each(Removal, row["removals"]),
        provenance={
            name: Origin(**one | {"runners_up": _each(RunnerUp, one["runners_up"])})
            for name, one in row["provenance"].items()
        },
    )


def _each(kind: type, parts: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**part) for part in parts)
