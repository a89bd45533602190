"""Article ↔ SQLite rows: open the file safely, write in whole transactions, answer questions.

Look before writing.    An existing file is first opened read-only: quick_check and its migrations. What
                        is damaged or newer than this program is not written to, not even by SQLite. Of a
                        large file only the schema is read, for each page of it would be: 55 s at 13 GB.
                        There damage shows, as Damaged, when it is come upon.
One writer.             Whoever crawls holds ``claim()``, a lock of the system on a file beside the
                        database. The system drops it with the process, so no killed crawl blocks a next.
Whole transactions.     BEGIN IMMEDIATE, always. sqlite-utils' ``with db.conn`` is none (measured: article
                        and queue torn after 20 of 20 kills), and its ``atomic()`` begins deferred, which
                        fails at once when another process wrote in between.
WAL, synchronous=NORMAL. Readers never stop the writer. After a power cut the last seconds of work may be
                        missing and are fetched again; nothing can be half there.
"""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlite_utils import Database

from extractors import Article
from scraper import copies, frontier, learned, observations, refusals, stories
from scraper import search as searching
from scraper.config import Publication
from scraper.edition import current as this_code
from scraper.errors import Damaged, FetchError, Locked, NewerSchema, NoSpace, StoreError
from scraper.frontier import utc
from scraper.migrations import migrations
from scraper.outcome import Outcome, Result, State, Unchanged, is_story, without_story
from scraper.search import Wanted

if TYPE_CHECKING:
    from scraper.archive import Pointer
    from scraper.fetch import Fetched

BUSY_MS = 30_000  # longest wait of 3 writers with BEGIN IMMEDIATE was 0.34 s; a slow disk may take more
CHECKPOINT_PAGES = 16_384  # 64 MiB of WAL; SQLite's 1000 pages would sync every few articles
CHECKED_BYTES = 64 * 1024**2  # a file of this size is checked in 0.3 s each time that it is opened
COMPARED_AT_ONCE = 50  # texts in one transaction: a tenth of a second in which others wait
NEEDED_BYTES = 200 * 1024**2  # a crawl is not begun with less room than this


class Store:
    """The database at ``path``, made or upgraded if need be; ``read_only`` does neither.

    Raises Damaged, NewerSchema, NoSpace or, for what cannot be opened or made, StoreError.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        self.path = Path(path)
        with _translated(self.path):
            _inspect(self.path)
            self.db = _open_to_read(self.path) if read_only else _open_to_write(self.path)
        self.conn: sqlite3.Connection = self.db.conn

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. The last one out empties the WAL."""
        with _translated(self.path):
            self.db.close()

    def is_current(self) -> bool:
        """Tell whether the file has the tables of this version; one that is opened to write always has."""
        return not migrations.pending(self.db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Other writers wait meanwhile, so compute first and write then.

        One inside another is a part of it: what is written in both is stored when the outer one ends, all or
        none of it.
        """
        if self.conn.in_transaction:
            yield self.conn
            return
        with _translated(self.path):
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.conn
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:
                    self.conn.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """See one moment, whatever is written meanwhile; what SQLite raises becomes a StoreError."""
        with _translated(self.path):
            connection = _connect_read_only(self.path)
            connection.execute("BEGIN")
        with closing(connection):
            try:
                yield connection
            except sqlite3.Error as error:
                raise _store_error(self.path, error) from error

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Be the only crawl on this database. Raises Locked, naming the other process, if there is one."""
        path = self.path.with_name(self.path.name + ".lock")
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                raise Locked(f"{self.path}: {holder} is crawling into it. Wait for it or stop it.") from None
            file.truncate(0)
            file.write(f"process {os.getpid()}, since {utc(datetime.now(UTC))},")
            file.flush()
            yield

    # Runs and publications.

    def begin_run(self, now: datetime) -> int:
        """Enter a run and return its id."""
        with self.transaction() as db:
            cursor = db.execute(
                "INSERT INTO runs (started_at, version) VALUES (?, ?)", (utc(now), version("cleancopy"))
            )
            return int(cursor.lastrowid or 0)

    def end_run(self, run: int, outcome: str, counts: dict[str, int], now: datetime) -> None:
        """Write how a run ended, and bring the WAL back to nothing."""
        with self.transaction() as db:
            db.execute(
                "UPDATE runs SET ended_at = ?, outcome = ?, counts = ? WHERE id = ?",
                (utc(now), outcome, json.dumps(counts), run),
            )
        self.checkpoint()

    def find_copies(self) -> None:
        """Compare the texts that are new or changed since the last time with those of other publications."""
        while True:
            with self.transaction() as db:
                if not copies.follow(db, COMPARED_AT_ONCE):
                    return

    def checkpoint(self) -> None:
        """Bring the WAL back to nothing, if no reader is in the way; one that is, is not waited for."""
        with _translated(self.path):
            self.conn.execute("PRAGMA busy_timeout = 0")
            self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self.conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def publication_id(self, publication: Publication) -> int:
        """Return the id of a publication's row, entered or brought up to date."""
        said = (publication.key, publication.name, publication.url, publication.language)
        with self.transaction() as db:
            row = db.execute(
                """INSERT INTO publications (key, name, url, language) VALUES (?, ?, ?, ?) ON CONFLICT (key)
                DO UPDATE SET name = excluded.name, url = excluded.url, language = excluded.language
                RETURNING id""",
                said,
            ).fetchone()
            return int(row[0])

    def find_publication(self, key: str) -> int:
        """Return the id of a publication that was crawled. Raises StoreError for one that never was."""
        row = self.conn.execute("SELECT id FROM publications WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise StoreError(f"{self.path}: nothing of {key} is stored yet. `scrape crawl {key}` fetches it.")
        return int(row[0])

    def politeness(self) -> dict[str, dict[str, Any]]:
        """Return what the last runs remembered of each origin."""
        rows = self.conn.execute("SELECT origin, politeness FROM hosts WHERE politeness IS NOT NULL")
        return {origin: json.loads(text) for origin, text in rows}

    def remember_politeness(self, kept: dict[str, dict[str, Any]]) -> None:
        """Keep what is known of each origin for the next run."""
        with self.transaction() as db:
            db.executemany(
                """INSERT INTO hosts (origin, politeness) VALUES (?, ?)
                ON CONFLICT (origin) DO UPDATE SET politeness = excluded.politeness""",
                [(origin, json.dumps(entry)) for origin, entry in kept.items()],
            )

    # The one write that matters.

    def save(
        self,
        address: str,
        result: Result,
        *,
        fetched: "Fetched | None" = None,
        pointer: "Pointer | None" = None,
        more: Sequence[tuple["Fetched", "Pointer | None"]] = (),
        run: int | None = None,
        publication_id: int | None = None,
        now: datetime | None = None,
        baseline: Article | None = None,
        edition: str | None = None,
    ) -> Outcome:
        """Write what a visit to ``address`` came to: article, ledger state and fetch record, or none of them.

        ``pointer`` says where the raw page was archived, ``more`` are the story's further pages; for a page
        that was cut off they are those of its beginning. An address that is not known yet is entered.
        ``edition`` made the article; without it, this code without rules and learned noise. ``baseline`` is
        what it makes of the page behind the stored text, where another edition made that.
        """
        now = now or (fetched.fetched_at if fetched else datetime.now(UTC))
        with self.transaction() as db:
            found = _visited(db, address)
            entered = 0
            if found is None:
                lead = _Lead(address, "asked for by hand")
                entered = frontier.add(db, [lead], publication_id=publication_id, now=now).new
                found = _visited(db, address)
            if found is None:
                raise StoreError(f"{address}: this is no web address, so nothing can be stored under it")
            url_id, tries, known, publication_id = found
            page_id = _keep_page(db, url_id, fetched, pointer)
            sighting = stories.Sighting(now, publication_id, page_id, run, edition or this_code())
            outcome = _outcome(db, result, known, tries, sighting, baseline)
            if run is not None and publication_id is not None:
                observations.page(db, result, run=run, publication_id=publication_id, url_id=url_id)
            if not isinstance(result, FetchError):
                entered += _keep_redirect(db, outcome, address, fetched, sighting)
            entered += _keep_parts(db, outcome, page_id, more, sighting)
            story = outcome.article_id
            written_at, changes = (None, 0) if story is None else stories.life_of(db, story)
            visit = frontier.next_visit(
                outcome,
                now=now,
                written_at=written_at,
                changes=changes,
                tries=tries,
                retry_after=result.retry_after if isinstance(result, FetchError) else None,
            )
            frontier.settle(db, url_id, outcome, run=run, next_visit=visit)
            _keep_fetch(db, url_id, outcome, (run, page_id, utc(now)), fetched, result)
        return replace(outcome, entered=entered)

    # Questions.

    def search(
        self, wanted: Wanted, *, limit: int = 20, marks: tuple[str, str] = searching.NO_MARKS
    ) -> list[dict[str, Any]]:
        """Return the articles that are wanted, as ``scraper.search`` says."""
        with _translated(self.path):
            return searching.search(self.conn, wanted, limit=limit, marks=marks)

    def status(self) -> dict[str, Any]:
        """Return what there is: counts, the last run, and the ledger by publication, state and reason."""
        with _translated(self.path):
            counts = self._rows(_COUNTS, {})[0]
            runs = self._rows("SELECT * FROM runs ORDER BY id DESC LIMIT 1", {})
            last = runs[0] | {"counts": json.loads(runs[0]["counts"] or "{}")} if runs else None
            return {
                "database": str(self.path),
                "bytes": self.path.stat().st_size,
                **counts,
                "last_run": last,
                "ledger": self._rows("SELECT * FROM ledger", {}),
            }

    def _rows(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.db.query(query, values))


def check_room(folder: Path) -> None:
    """Raise NoSpace when a crawl that writes into ``folder``, made or not, would soon fill the disk."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < NEEDED_BYTES:
        raise NoSpace(
            f"{folder}: {free // 1024**2} MB are free, a crawl needs {NEEDED_BYTES // 1024**2} MB. "
            "Free some space and run again."
        )


# Opening.


def _inspect(path: Path) -> None:
    """Raise Damaged or NewerSchema for a file that must not be written to. Writes nothing."""
    if path.is_dir():
        raise StoreError(f"{path}: is a folder. Name a file in it, such as {path / 'articles.db'}.")
    if not path.exists() or path.stat().st_size == 0:
        return
    with closing(_connect_read_only(path)) as connection:
        if path.stat().st_size <= CHECKED_BYTES:
            trouble = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if trouble != "ok":
                raise Damaged(_damaged(path, trouble.splitlines()[-1]))
        known = {migration.name for migration in migrations.pending(Database(memory=True))}
        applied = {migration.name for migration in migrations.applied(Database(connection))}
    if unknown := applied - known:
        raise NewerSchema(
            f"{path}: was written by a later version of cleancopy (it has {', '.join(sorted(unknown))}). "
            "Upgrade cleancopy; nothing was written."
        )


def _open_to_write(path: Path) -> Database:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    db = Database(connection)
    if migrations.pending(db):
        _migrate(db)
    return db


def _migrate(db: Database) -> None:
    """Apply what is pending, all of it or nothing. Another process may have done so meanwhile."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:  # a full disk ends it by itself
            db.conn.execute("ROLLBACK")
        raise


def _open_to_read(path: Path) -> Database:
    if not path.exists():
        raise StoreError(f"{path}: there is no database yet. `scrape crawl` makes one.")
    return Database(_connect_read_only(path))


def _connect_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_MS / 1000)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into this package's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(path, error) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be used: {error.strerror}. Choose another place for it.") from error


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    """Return the error for an SQLite result code (https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(_damaged(path, str(error)))
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Locked(
            f"{path}: another program kept it locked for {BUSY_MS // 1000} s. Close it and run again."
        )
    if code == sqlite3.SQLITE_FULL or code in _NO_ROOM:
        return NoSpace(f"{path}: no space left to write ({error}). Free some and run again: nothing is lost.")
    if code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(
            f"{path}: cannot be written or opened ({error}). Check who may write to its folder."
        )
    return StoreError(f"{path}: {error}")


_NO_ROOM = (  # a write that the system refused, as with a quota or a limit on file size
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)


def _damaged(path: Path, trouble: str) -> str:
    return (
        f"{path}: the database is damaged ({trouble}). Nothing was written. Put a backup in its place, or "
        f'move it away and rescue what is readable with: sqlite3 "{path}" .recover'
    )


# Parts of a save.


@dataclass(frozen=True, slots=True)
class _Lead:
    url: str
    source: str
    published_at: datetime | None = None


def _visited(db: sqlite3.Connection, address: str) -> tuple[int, int, int | None, int | None] | None:
    """Return the address's id, its failures in a row, its article and its publication."""
    return db.execute(  # type: ignore[no-any-return]  # sqlite3 rows are Any
        "SELECT id, tries, article_id, publication_id FROM urls WHERE id = ?", (frontier.key(address),)
    ).fetchone()


def _outcome(
    db: sqlite3.Connection,
    result: Result,
    known: int | None,
    tries: int,
    sighting: stories.Sighting,
    baseline: Article | None,
) -> Outcome:
    if isinstance(result, Article) and is_story(result):
        outcome = stories.keep(db, result, known, sighting, baseline=baseline)
        if outcome.state is State.SAVED and sighting.publication_id is not None:
            learned.count(db, sighting.publication_id, result, sighting.now)
            refusals.count(db, sighting.publication_id, result, sighting.now)
        return outcome
    outcome = without_story(result, tries=tries)
    if known is not None and isinstance(result, Unchanged):
        stories.touch(db, known, sighting.now)
    elif known is not None and outcome.reason in frontier.GONE:
        stories.mark_gone(db, known, sighting.now)
    return replace(outcome, article_id=known)


def _keep_page(
    db: sqlite3.Connection, url_id: int, fetched: "Fetched | None", pointer: "Pointer | None"
) -> int | None:
    if fetched is None or pointer is None:
        return None
    cursor = db.execute(
        """INSERT INTO pages
            (url_id, fetched_at, sha256, file, offset, length, wire, truncated, content_type, etag,
                last_modified)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            url_id,
            utc(fetched.fetched_at),
            pointer.sha256,
            pointer.file,
            pointer.offset,
            pointer.length,
            fetched.wire,
            fetched.truncated,
            *stories.cleaned([fetched.content_type or None, fetched.etag, fetched.last_modified]),
        ),
    )
    return cursor.lastrowid


def _keep_redirect(
    db: sqlite3.Connection,
    outcome: Outcome,
    address: str,
    fetched: "Fetched | None",
    sighting: stories.Sighting,
) -> int:
    """Enter the address that answered, where it is another one, and return how many became known so.

    It leads to the same story, so it is not asked by itself; unless the story behind ``address`` was
    exchanged for another, which then deserves a visit of its own.
    """
    if fetched is None or outcome.article_id is None:
        return 0
    if frontier.key(fetched.final_url) == frontier.key(address):
        return 0
    lead = _Lead(fetched.final_url, "redirect")
    return _enter_as_same(db, outcome, lead, sighting)


def _enter_as_same(db: sqlite3.Connection, outcome: Outcome, lead: _Lead, sighting: stories.Sighting) -> int:
    """Enter an address that leads to the same story, as not to be asked; return 1 if it was unknown."""
    entered = frontier.add(db, [lead], publication_id=sighting.publication_id, now=sighting.now).new
    other = frontier.key(lead.url)
    waits = "SELECT 1 FROM urls WHERE id = ? AND state = 'due' AND article_id IS NULL"
    if outcome.reason != "moved" and db.execute(waits, (other,)).fetchone():
        duplicate = Outcome(State.SKIPPED, "duplicate", article_id=outcome.article_id)
        frontier.settle(db, other, duplicate, run=sighting.run, next_visit=None)
    return entered


def _keep_parts(
    db: sqlite3.Connection,
    outcome: Outcome,
    page_id: int | None,
    more: Sequence[tuple["Fetched", "Pointer | None"]],
    sighting: stories.Sighting,
) -> int:
    """Note the further pages of a story, and return how many addresses became known so."""
    entered = 0
    for position, (fetched, pointer) in enumerate(more, 2):
        entered += _enter_as_same(db, outcome, _Lead(fetched.url, "next page"), sighting)
        part_id = _keep_page(db, frontier.key(fetched.url), fetched, pointer)
        if page_id is not None and part_id is not None:
            db.execute("INSERT INTO parts VALUES (?, ?, ?)", (page_id, position, part_id))
    return entered


def _keep_fetch(
    db: sqlite3.Connection,
    url_id: int,
    outcome: Outcome,
    circumstances: tuple[int | None, int | None, str],
    fetched: "Fetched | None",
    result: Result,
) -> None:
    status = fetched.status if fetched else getattr(result, "status", None)
    moved = fetched.final_url if fetched and fetched.final_url != fetched.url else None
    size = len(fetched.body) if fetched else None
    db.execute(
        """INSERT INTO fetches (url_id, run_id, page_id, fetched_at, state, reason, detail, status, final_url,
            seconds, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            url_id,
            *circumstances,
            outcome.state.value,
            outcome.reason,
            stories.cleaned(outcome.detail) or None,
            status,
            moved,
            fetched.seconds if fetched else None,
            size,
        ),
    )


# Queries.

_COUNTS = """
    SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM publications) AS publications,
        (SELECT count(*) FROM urls) AS addresses, (SELECT count(*) FROM urls WHERE state = 'due') AS due,
        (SELECT count(*) FROM pages) AS pages, (SELECT count(*) FROM revisions) AS revisions
"""
