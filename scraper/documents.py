"""Feeds, sitemaps and section pages: what each was when it was last read, and when it is to be read again.

A document that brings something new is looked at sooner, one that does not later. It is asked for only if it
changed (ETag, Last-Modified), and what is the same byte for byte is not read twice.

Every function takes an open connection. ``note`` belongs inside ``Store.transaction``.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from scraper.discover import Lead
from scraper.fetch import Fetched

FIRST_PAUSE = timedelta(minutes=5)  # after a look that brought nothing; each further one makes it longer
LONGEST_PAUSE = timedelta(
    hours=6
)  # an unchanged feed costs a few hundred bytes, a missed evening a day's news
LONGER, SHORTER = 1.5, 0.5
DATES_BELIEVED = timedelta(days=7)  # a sitemap that its index calls unchanged is looked at once a week anyway


@dataclass(frozen=True, slots=True)
class Document:
    """What the last look at a document left.

    ``named`` are the feeds or sitemaps that it names, ``pause`` is how long to wait between two looks,
    ``wire`` the bytes of its last whole answer.
    """

    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    wire: int = 0
    named: tuple[Lead, ...] = ()
    checked_at: datetime | None = None
    pause: timedelta = field(default=timedelta(0))


def recall(db: Connection, url: str) -> Document:
    """Return what is known of the document; an empty one if it was never read."""
    row = db.execute(
        "SELECT etag, last_modified, sha256, wire, named, checked_at, pause FROM documents WHERE url = ?",
        (url,),
    ).fetchone()
    if row is None:
        return Document()
    etag, last_modified, sha256, wire, named, checked_at, pause = row
    leads = tuple(Lead(link, "", _moment(when)) for link, when in json.loads(named))
    return Document(etag, last_modified, sha256, wire, leads, _moment(checked_at), timedelta(seconds=pause))


def is_due(known: Document, now: datetime, changed_at: datetime | None = None) -> bool:
    """Tell whether the document is to be asked for now.

    ``changed_at`` is when it changed, as the index that names it says; a date alone counts to its end.
    """
    if known.checked_at is None:
        return True
    if changed_at is not None:
        whole_day = (changed_at.hour, changed_at.minute, changed_at.second) == (0, 0, 0)
        changed_by = changed_at + timedelta(days=whole_day)
        return changed_by >= known.checked_at or now - known.checked_at >= DATES_BELIEVED
    return not known.checked_at <= now < known.checked_at + known.pause  # a clock set back makes it due


def unless_the_same(fetched: Fetched, known: Document) -> Fetched:
    """Return the answer, or "not modified" for one that is what it was, byte for byte."""
    if fetched.not_modified or digest(fetched) != known.sha256:
        return fetched
    return Fetched(
        fetched.url, fetched.final_url, 304, fetched.headers, b"", fetched.fetched_at, fetched.seconds
    )


def note(
    db: Connection, fetched: Fetched, known: Document, *, sha256: str, named: tuple[Lead, ...], new: int
) -> None:
    """Write what the document is now; ``new`` is how many unknown addresses it brought."""
    pause = next_pause(known.pause, new)
    validators = (fetched.etag or known.etag, fetched.last_modified or known.last_modified)
    row = (
        fetched.url,
        *(validators if fetched.not_modified else (fetched.etag, fetched.last_modified)),
        known.sha256 if fetched.not_modified else sha256,
        known.wire if fetched.not_modified else fetched.wire,
        json.dumps([(lead.url, _seconds(lead.published_at)) for lead in named]),
        _seconds(fetched.fetched_at),
        int(pause.total_seconds()),
    )
    db.execute(
        """INSERT OR REPLACE INTO documents
            (url, etag, last_modified, sha256, wire, named, checked_at, pause)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        row,
    )


def next_pause(pause: timedelta, new: int) -> timedelta:
    """Return how long to wait for the next look after one that brought ``new`` addresses."""
    if new:
        return pause * SHORTER if pause * SHORTER >= FIRST_PAUSE else timedelta(0)
    return min(max(pause * LONGER, FIRST_PAUSE), LONGEST_PAUSE)


def digest(fetched: Fetched) -> str:
    """Return the SHA-256 of the body, in hex."""
    return hashlib.sha256(fetched.body).hexdigest()


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
