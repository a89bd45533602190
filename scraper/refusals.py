"""Strip rules that were not followed on stories of a publication, and those not tried there any more.

Counted once a story, when the story is first stored, as learned lines are.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from extractors import Article
from scraper.frontier import utc

log = logging.getLogger(__name__)

DEMOTED_AT = 3
"""Stories on which a rule is refused until it is not tried any more. A judgement: one may be an odd page."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule, on how many stories it was refused, and the last of them."""

    publication: str
    rule: str
    stories: int
    demoted: bool
    reason: str
    url: str
    seen_at: str


def count(db: sqlite3.Connection, publication_id: int, article: Article, now: datetime) -> None:
    """Count what was refused on a story that is new, and say so."""
    for one in article.refused:
        log.info("%s: rule %r is not followed: it %s", article.url, one.rule, one.reason)
        row = db.execute(
            """INSERT INTO refusals (publication_id, rule, stories, reason, url, seen_at)
            VALUES (?, ?, 1, ?, ?, ?)
            ON CONFLICT (publication_id, rule) DO UPDATE SET stories = stories + 1, reason = excluded.reason,
                url = excluded.url, seen_at = excluded.seen_at RETURNING stories""",
            (publication_id, one.rule, one.reason, article.url, utc(now)),
        ).fetchone()
        if row[0] == DEMOTED_AT:
            log.warning(
                "rule %r was refused on %d stories, last on %s, and is not tried there any more. "
                "Mend it; `scrape rules refused` tells all.",
                one.rule,
                DEMOTED_AT,
                article.url,
            )


def demoted(db: sqlite3.Connection, publication_id: int) -> frozenset[str]:
    """Return the rules that are not tried on the publication's pages any more."""
    rows = db.execute(
        "SELECT rule FROM refusals WHERE publication_id = ? AND stories >= ?", (publication_id, DEMOTED_AT)
    )
    return frozenset(row[0] for row in rows)


def listed(db: sqlite3.Connection) -> Iterator[Refused]:
    """Yield the rules that were refused, the one refused most often first."""
    rows = db.execute(
        """SELECT key, rule, stories, stories >= ?, reason, refusals.url, seen_at
        FROM refusals JOIN publications ON publications.id = publication_id
        ORDER BY stories DESC, key, rule""",
        (DEMOTED_AT,),
    )
    for key, rule, stories, is_demoted, *rest in rows:
        yield Refused(key, rule, stories, bool(is_demoted), *rest)


def forget(db: sqlite3.Connection, publications: Iterable[str]) -> None:
    """Forget what was refused on these publications, so that their rules are tried again."""
    for key in publications:
        db.execute(
            "DELETE FROM refusals WHERE publication_id = (SELECT id FROM publications WHERE key = ?)", (key,)
        )
