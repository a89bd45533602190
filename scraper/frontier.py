"""Which addresses exist, which are due, and what became of each: the ``urls`` table.

An address is known by the first 64 bits of the SHA-256 of its canonical form, so that asking whether it is
known costs one look-up in a table of integers. (Two addresses share a key with a chance of one in a million
at six million addresses; the second would then be missed.) Its text is stored as first found.

Nothing here marks an address as being worked on: it stays as it was until its outcome is written, in the
same transaction as the article. A killed crawl therefore leaves nothing to repair.

Every function takes an open connection. Those that write belong inside ``Store.transaction``.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from operator import itemgetter
from sqlite3 import Connection
from typing import Protocol

from scraper import addresses
from scraper.outcome import Outcome, State
from scraper.scope import EXCLUDED, OTHER_HOST
from scraper.window import ALWAYS, Window

FIRST_REVISIT = timedelta(hours=6)  # edits cluster in the first hours; sooner would double the requests
LAST_REVISIT = timedelta(days=30)
REVISITED_FOR = timedelta(days=365)  # after a year a story is taken as it stands
AFTER_BAD_VISIT = timedelta(days=1)  # a good article's page showed a wall or an error: look again
RETRIES = (timedelta(0), timedelta(hours=1), timedelta(hours=6))  # by failures before; 0: in the next run

DEEPER = timedelta(hours=1)  # what is found behind a link counts as so much older: broad before deep
MAX_SEGMENTS = 20  # as Heritrix's TooManyPathSegments
REPEATED_SEGMENT = re.compile(r"(?:^|/)([^/]+)/(?:.*/)?\1/(?:.*/)?\1(?:/|$)")  # Nutch: thrice is a trap
GONE = ("not_found", "gone")
BY_SETTINGS = (EXCLUDED, OTHER_HOST)  # reasons to skip that a change of the settings takes back


class FoundAddress(Protocol):
    """What ``add`` looks at in a lead."""

    @property
    def url(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Due:
    """An address to be asked now, with what is needed to ask for it only if it changed."""

    id: int
    url: str
    publication_id: int | None
    depth: int
    tries: int
    article_id: int | None
    sha256: str | None  # of the page that the stored article was taken from
    etag: str | None
    last_modified: str | None
    wire: int  # bytes of that page's body as sent, 0 if there is none


@dataclass(frozen=True, slots=True)
class Entered:
    """How many leads were ``new``, and how many had been skipped by settings that have changed since."""

    new: int
    revived: int = 0


def utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC to the second: ``2026-03-01T12:00:00Z``. As text it sorts by time."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def seconds(moment: datetime) -> int:
    """Return Unix time, as ``due_at`` holds it: text there would cost 35 bytes an address."""
    return int(moment.timestamp())


def key(url: str) -> int:
    """Return the signed 64-bit key under which the address is known."""
    digest = hashlib.sha256(addresses.canonical(url).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def add(
    db: Connection,
    leads: Iterable[FoundAddress],
    *,
    publication_id: int | None,
    now: datetime,
    depth: int = 0,
    skip: str | None = None,
) -> Entered:
    """Enter those leads that are not known yet and return how many they were.

    They are due at once, the newest first. With ``skip`` they are entered as skipped for that reason.
    Without, what was skipped by rules of the settings that no longer say so is due again.
    """
    rows: list[tuple[object, ...]] = []
    keys: set[int] = set()
    revived = 0
    id_of = cache(partial(named, db))
    for lead in leads:
        address = addresses.resolve(lead.url)
        if address is None or (number := key(address)) in keys:
            continue
        keys.add(number)
        if known := db.execute("SELECT state, reason FROM urls WHERE id = ?", (number,)).fetchone():
            if skip is None and known[0] == State.SKIPPED and known[1] in BY_SETTINGS:
                db.execute(_REVIVE, (seconds(min(lead.published_at or now, now)), publication_id, number))
                revived += 1
            continue
        plain, _ = addresses.without_userinfo(address)
        origin, path = addresses.origin(plain), "/" + plain.split("/", 3)[3]
        reason = skip or ("trap" if is_trap(address) else None)
        due_at = None if reason else seconds(min(lead.published_at or now, now) - depth * DEEPER)
        ids = (number, id_of("hosts", "origin", origin), path, publication_id)
        state = State.SKIPPED if reason else State.DUE
        rows.append((*ids, id_of("sources", "name", lead.source), depth, state.value, reason, due_at))
    db.executemany(
        _ENTER, sorted(rows, key=itemgetter(0))
    )  # in the order of the keys, as that fills SQLite's pages better
    return Entered(len(rows), revived)


def known(db: Connection, url: str) -> bool:
    """Tell whether the address was ever found."""
    return _has(db, key(url))


def is_trap(url: str) -> bool:
    """Tell whether the path grows as if a page linked to itself for ever: ``/a/a/a/``, or 20 levels."""
    path = re.sub(r"^[^/]*//[^/]*", "", url).partition("?")[0]
    return path.count("/") > MAX_SEGMENTS or REPEATED_SEGMENT.search(path) is not None


def hosts_due(db: Connection, publication_ids: Collection[int], now: datetime) -> list[tuple[int, str]]:
    """Return id and origin of the hosts of these publications that have an address due."""
    return db.execute(
        f"""SELECT id, origin FROM hosts WHERE EXISTS (SELECT 1 FROM urls WHERE host_id = hosts.id
            AND due_at <= ? AND publication_id IN ({_list(publication_ids)})) ORDER BY id""",
        (seconds(now),),
    ).fetchall()


def due(
    db: Connection,
    host_id: int,
    publication_ids: Collection[int],
    *,
    run: int,
    now: datetime,
    limit: int,
    window: Window = ALWAYS,
) -> Iterator[Due]:
    """Yield up to ``limit`` addresses of a host that are due and were not asked in this run, newest first.

    With a ``window`` only those that were never asked and are from then.
    """
    rows = db.execute(
        f"""SELECT urls.id, origin || path, urls.publication_id, depth, tries, article_id, sha256, etag,
                last_modified, coalesce(wire, 0)
            FROM urls JOIN hosts ON hosts.id = host_id
                LEFT JOIN articles ON articles.id = article_id LEFT JOIN pages ON pages.id = articles.page_id
            WHERE host_id = ? AND due_at <= ? AND urls.publication_id IN ({_list(publication_ids)})
                AND urls.run_id IS NOT ? {"" if window == ALWAYS else _IN_WINDOW}
            ORDER BY due_at DESC LIMIT ?""",
        (host_id, seconds(now), run, *_bounds(window), limit),
    ).fetchall()
    yield from (Due(*row) for row in rows)


_IN_WINDOW = "AND state = 'due' AND tries = 0 AND due_at >= ? AND due_at < ?"


def _bounds(window: Window) -> tuple[int, ...]:
    if window == ALWAYS:
        return ()
    return (
        seconds(window.since) if window.since else 0,
        seconds(window.until) if window.until else 2**62,
    )


def settle(
    db: Connection,
    url_id: int,
    outcome: Outcome,
    *,
    run: int | None,
    next_visit: datetime | None,
) -> None:
    """Write the one state that an address is in now, and when it is to be asked again."""
    failed = outcome.state in (State.DUE, State.FAILED)
    db.execute(
        """UPDATE urls SET state = ?, reason = ?, due_at = ?, run_id = ?, tries = iif(?, tries + 1, 0),
            article_id = coalesce(?, article_id) WHERE id = ?""",
        (
            outcome.state.value,
            outcome.reason,
            next_visit and seconds(next_visit),
            run,
            failed,
            outcome.article_id,
            url_id,
        ),
    )


def next_visit(
    outcome: Outcome,
    *,
    now: datetime,
    written_at: datetime | None,
    tries: int,
    retry_after: float | None,
    changes: int = 0,
) -> datetime | None:
    """Return when to ask again, or None for never.

    ``written_at`` is when the stored story behind the address was published, or first seen; None if there
    is none; ``changes`` is how often it has changed since. A story is asked again when half its age has
    passed, for news changes while it is new; one that changed once when a third has passed, and so on.
    """
    if outcome.state is State.DUE:
        wait = RETRIES[min(tries, len(RETRIES) - 1)]
        return now + max(wait, timedelta(seconds=retry_after or 0))
    if written_at is None or outcome.reason in (*GONE, "duplicate", "moved"):
        return None
    if outcome.state in (State.SKIPPED, State.FAILED):
        return now + AFTER_BAD_VISIT
    age = now - written_at
    wait = min(max(age / (2 + changes), FIRST_REVISIT), LAST_REVISIT)
    return now + wait if age < REVISITED_FOR else None


@dataclass(frozen=True, slots=True)
class Before:
    """What there was when a run began: how many addresses, and the last article's id."""

    addresses: int
    last_article: int


def before_run(db: Connection) -> Before:
    """Return what there is now."""
    last = db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]
    return Before(sum(ledger(db).values()), last)


def ledger(
    db: Connection, publication_ids: Collection[int] | None = None
) -> dict[tuple[str, str | None], int]:
    """Return how many addresses are in each (state, reason), as triggers counted them."""
    where = "" if publication_ids is None else f"AND publication_id IN ({_list(publication_ids)})"
    rows = db.execute(
        f"SELECT state, reason, sum(addresses) FROM tally WHERE addresses > 0 {where} GROUP BY state, reason"
    )
    return {(state, reason): count for state, reason, count in rows}


def contradictions(
    db: Connection, *, run: int, before: Before, entered: int, outcomes: dict[tuple[str, str | None], int]
) -> list[str]:
    """Return what does not add up, as sentences; an empty list means that the ledger is right.

    ``entered`` and ``outcomes`` are the addresses and visits that the run counted for itself. No whole table
    is read: it takes as long as the run was large.
    """
    found: list[str] = []
    expected = before.addresses + entered
    states = sum(ledger(db).values())
    if states != expected:
        found.append(f"{expected} addresses were discovered, but {states} are in a state")
    written = {
        (state, reason): count
        for state, reason, count in db.execute(
            "SELECT state, reason, count(*) FROM fetches WHERE run_id = ? GROUP BY state, reason", (run,)
        )
    }
    if written != outcomes:
        found.append(f"this run came to {outcomes}, but the record of its visits says {written}")
    for sentence, query in _RULES:
        values = {"run": run, "last_article": before.last_article}
        if count := db.execute(query, values).fetchone()[0]:
            found.append(f"{count} {sentence}")
    return found


_RULES = (
    ("addresses are due at no time", "SELECT count(*) FROM urls WHERE state = 'due' AND due_at IS NULL"),
    (
        "addresses count as stored and lead to no article",
        """SELECT count(*) FROM urls WHERE state IN ('saved', 'updated', 'unchanged')
            AND article_id IS NULL""",
    ),
    (
        "new articles belong to no address",
        """SELECT count(*) FROM articles WHERE id > :last_article AND id NOT IN
            (SELECT article_id FROM fetches JOIN urls ON urls.id = url_id
                WHERE fetches.run_id = :run AND article_id IS NOT NULL)""",
    ),
)


_REVIVE = "UPDATE urls SET state = 'due', reason = NULL, due_at = ?, publication_id = ? WHERE id = ?"
_ENTER = """
    INSERT INTO urls (id, host_id, path, publication_id, source_id, depth, state, reason, due_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def _has(db: Connection, number: int) -> bool:
    return db.execute("SELECT 1 FROM urls WHERE id = ?", (number,)).fetchone() is not None


def named(db: Connection, table: str, column: str, value: str) -> int:
    """Return the id of the row with this unique value, made if there is none."""
    row = db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()
    if row is None:
        row = db.execute(f"INSERT INTO {table} ({column}) VALUES (?) RETURNING id", (value,)).fetchone()
    return int(row[0])


def _list(ids: Collection[int]) -> str:
    return ", ".join(str(int(number)) for number in ids)
