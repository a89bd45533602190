"""The lines that a publication's pages have in common: counted with every story, handed on as data.

A line is counted once a story, when the story is first stored. What is cut is decided by the extractor
(``extractors.Noise``); a person's verdict on a line stands above its count. The text of a line is kept from
its second sighting on: most lines never come again.
"""

import hashlib
import sqlite3
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import datetime, timedelta

from extractors import Article, Block, Kind, Noise, Removal, sightings
from scraper.blocks import with_texts
from scraper.errors import ScrapeError
from scraper.frontier import utc

MOST_LINES = 5_000
"""Lines of a publication that are handed to the extractor, those seen most: a page has some hundreds."""

FORGOTTEN_AFTER = timedelta(days=90)
"""How long a line that was seen once is kept: most lines never come again, and they are most of the table."""

LEARNED = "learned"  # the stripper's name in removals

MARK_CHARS = 8  # of a fingerprint, as people are shown and type it


@dataclass(frozen=True, slots=True)
class Line:
    """A line that recurs. ``articles`` are the stored ones in whose body it stands, or that lost it."""

    id: str
    seen: int
    verdict: str | None
    text: str
    articles: int


def count(db: sqlite3.Connection, publication_id: int, article: Article, now: datetime) -> None:
    """Count the lines of a story that is new."""
    _add(db, publication_id, sightings(article), utc(now))


def _add(db: sqlite3.Connection, publication_id: int, found: Mapping[str, str], now: str) -> None:
    db.executemany(
        """INSERT INTO noise (publication_id, fingerprint, text, seen, seen_at) VALUES (?, ?, '', 1, ?)
        ON CONFLICT (publication_id, fingerprint)
        DO UPDATE SET seen = seen + 1, seen_at = excluded.seen_at, text = ?""",
        [(publication_id, mark, now, line) for mark, line in found.items()],
    )


def load(db: sqlite3.Connection, publication_id: int) -> Noise:
    """Return what is known of a publication's lines. The same lines have the same version."""
    rows = db.execute(
        """SELECT fingerprint, seen, verdict FROM noise
        WHERE publication_id = ? AND (seen > 1 OR verdict IS NOT NULL)
        ORDER BY verdict IS NULL, seen DESC, fingerprint LIMIT ?""",
        (publication_id, MOST_LINES),
    ).fetchall()
    digest = hashlib.sha256(repr([(mark, seen, verdict) for mark, seen, verdict in rows]).encode())
    return Noise(
        version=digest.hexdigest()[:10] if rows else "",
        pages=_stories(db, publication_id),
        counts={mark: seen for mark, seen, _ in rows},
        kept=frozenset(mark for mark, _, verdict in rows if verdict == "keep"),
        dropped=frozenset(mark for mark, _, verdict in rows if verdict == "drop"),
    )


def publication_of(db: sqlite3.Connection, article_id: int) -> int:
    """Return the id of an article's publication, 0 for one that belongs to none."""
    row = db.execute("SELECT publication_id FROM articles WHERE id = ?", (article_id,)).fetchone()
    return int(row[0] or 0)


def _stories(db: sqlite3.Connection, publication_id: int) -> int:
    found = db.execute("SELECT count(*) FROM articles WHERE publication_id = ?", (publication_id,))
    return int(found.fetchone()[0])


def listed(db: sqlite3.Connection, publication_id: int, *, fewest: int = 3) -> Iterator[Line]:
    """Yield the lines seen on ``fewest`` pages or more, and those with a verdict, most seen first."""
    rows = db.execute(
        """SELECT fingerprint, seen, verdict, text FROM noise
        WHERE publication_id = ? AND (seen >= ? OR verdict IS NOT NULL) ORDER BY seen DESC, fingerprint""",
        (publication_id, fewest),
    ).fetchall()
    for mark, seen, verdict, text in rows:
        yield Line(mark[:MARK_CHARS], seen, verdict, text, len(holding(db, publication_id, text)))


def holding(db: sqlite3.Connection, publication_id: int, text: str) -> list[int]:
    """Return the ids of the articles that have the line in their body, or had it cut as learned."""
    rows = db.execute(
        """SELECT id FROM articles WHERE publication_id = :publication AND (
            instr(char(10) || body || char(10), char(10) || :text || char(10)) > 0
            OR id IN (SELECT article_id FROM removals WHERE stripper = 'learned' AND text = :text))
        ORDER BY id""",
        {"publication": publication_id, "text": text},
    )
    return [int(row[0]) for row in rows]


def judge(db: sqlite3.Connection, publication_id: int, mark: str, verdict: str | None) -> Line:
    """Note a verdict on the line with this id. Raises ScrapeError when none or several have it."""
    rows = db.execute(
        "SELECT fingerprint, seen, text FROM noise "
        "WHERE publication_id = ? AND fingerprint GLOB ? AND text <> ''",
        (publication_id, f"{mark}*"),
    ).fetchall()
    if len(rows) != 1 or not mark.isalnum():
        many = f"{len(rows)} lines have an id that begins" if rows else "no line has an id that begins"
        raise ScrapeError(f"{many} {mark!r}. `scrape noise list` prints the ids.")
    fingerprint_, seen, text = rows[0]
    db.execute(
        "UPDATE noise SET verdict = ? WHERE publication_id = ? AND fingerprint = ?",
        (verdict, publication_id, fingerprint_),
    )
    return Line(fingerprint_[:MARK_CHARS], seen, verdict, text, len(holding(db, publication_id, text)))


def forget(db: sqlite3.Connection, now: datetime) -> int:
    """Delete the lines that were seen once and long ago; return how many."""
    before = utc(now - FORGOTTEN_AFTER)
    return db.execute(
        "DELETE FROM noise WHERE seen = 1 AND verdict IS NULL AND seen_at < ?", (before,)
    ).rowcount


@dataclass(slots=True)
class Tally:
    """Lines being counted: on how many stories each stands, the line, when the last of these was seen."""

    lines: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def add(self, found: Mapping[str, str], seen_at: str) -> None:
        """Count the lines of one story."""
        for mark, line in found.items():
            count, text, last = self.lines.get(mark, (0, line, seen_at))
            self.lines[mark] = count + 1, text, max(last, seen_at)


def stories(db: sqlite3.Connection, publication_id: int) -> dict[int, tuple[int | None, str]]:
    """Return page and time of the last look of each of a publication's articles, by their ids."""
    rows = db.execute(
        "SELECT id, page_id, checked_at FROM articles WHERE publication_id = ? ORDER BY id", (publication_id,)
    )
    return {number: (page_id, seen_at) for number, page_id, seen_at in rows}


def replace(db: sqlite3.Connection, publication_id: int, tally: Tally) -> None:
    """Put these counts in the place of those that are stored; verdicts stay."""
    db.execute("UPDATE noise SET seen = 0 WHERE publication_id = ?", (publication_id,))
    db.executemany(
        """INSERT INTO noise (publication_id, fingerprint, text, seen, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (publication_id, fingerprint)
        DO UPDATE SET seen = excluded.seen, seen_at = excluded.seen_at, text = excluded.text""",
        [
            (publication_id, mark, text if count > 1 else "", count, last)
            for mark, (count, text, last) in tally.lines.items()
        ],
    )
    db.execute(
        "DELETE FROM noise WHERE publication_id = ? AND seen = 0 AND verdict IS NULL", (publication_id,)
    )


def learn(db: sqlite3.Connection, publication_id: int) -> None:
    """Count a publication's lines anew as its articles are stored."""
    tally = Tally()
    for article_id, (_, seen_at) in stories(db, publication_id).items():
        tally.add(sightings(stored(db, article_id)), seen_at)
    replace(db, publication_id, tally)


def touched(db: sqlite3.Connection, publication_id: int, marks: Container[str]) -> list[int]:
    """Return the ids of the articles that have one of these lines in their body, or had it cut as learned."""
    found = []
    for number in stories(db, publication_id):
        article = stored(db, number)
        cut = tuple(one for one in article.removals if one.stripper == LEARNED)
        if any(mark in marks for mark in sightings(replaced(article, removals=cut))):
            found.append(number)
    return found


def stored(db: sqlite3.Connection, article_id: int) -> Article:
    """Return as much of a stored article as has lines."""
    body, blocks = db.execute("SELECT body, blocks FROM articles WHERE id = ?", (article_id,)).fetchone()
    removed = db.execute(
        "SELECT stripper, reason, text, locator FROM removals WHERE article_id = ? ORDER BY position",
        (article_id,),
    )
    return Article(
        "",
        Kind.ARTICLE,
        "",
        blocks=tuple(Block(**one) for one in with_texts(blocks, body)),
        removals=tuple(Removal(*row) for row in removed),
    )
