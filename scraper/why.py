"""One address's whole story: what it is known as, every visit to it, and what the rules say of it today."""

import json
from sqlite3 import Connection, Cursor
from typing import Any

from scraper import addresses, frontier, robots, scope
from scraper.config import Config

_ADDRESS = """
    SELECT origin || path AS url, state, urls.reason, publications.key AS publication,
        sources.name AS found_in, depth AS links_from_there, tries AS failures_in_a_row,
        strftime('%Y-%m-%dT%H:%M:%SZ', due_at, 'unixepoch') AS due_at, article_id
    FROM urls JOIN hosts ON hosts.id = host_id LEFT JOIN publications ON publications.id = publication_id
        LEFT JOIN sources ON sources.id = source_id
    WHERE urls.id = ?
"""
_VISITS = """
    SELECT fetches.fetched_at, state, reason, detail, status, final_url, round(seconds, 3) AS seconds, size,
        run_id AS run, file, offset, truncated
    FROM fetches LEFT JOIN pages ON pages.id = fetches.page_id
    WHERE fetches.url_id = ? ORDER BY fetches.id
"""
_ARTICLE = """
    SELECT id, url, headline, published_at, saved_at, updated_at, checked_at, gone_since,
        (SELECT count(*) FROM revisions WHERE article_id = articles.id) AS revisions
    FROM articles WHERE id = ?
"""


def why(db: Connection, url: str, config: Config) -> dict[str, Any]:
    """Return the story of ``url`` as plain values; ``state`` is "unknown" if it was never found.

    ``rules`` says for each publication why the address is not its own, or that it is; ``robots`` is the
    decision by the robots.txt as it was last seen.
    """
    number = frontier.key(url)
    found = _one(db.execute(_ADDRESS, (number,)))
    known = found or {"url": url, "state": "unknown", "reason": "no feed, sitemap or page named it yet"}
    article = known.pop("article_id", None)
    return {
        "canonical": addresses.canonical(url),
        **known,
        "trap": frontier.is_trap(url),
        "rules": _rules(url, config),
        "robots": _robots(db, url, config),
        "article": _one(db.execute(_ARTICLE, (article,))) if article else None,
        "visits": _all(db.execute(_VISITS, (number,))),
    }


def _rules(url: str, config: Config) -> dict[str, str]:
    verdicts = {item.key: scope.why_out(url, item) for item in config.publications}
    own = {key: "its own" for key, verdict in verdicts.items() if verdict is None}
    return own or {key: verdict[1] for key, verdict in verdicts.items() if verdict}


def _robots(db: Connection, url: str, config: Config) -> str:
    row = db.execute("SELECT politeness FROM hosts WHERE origin = ?", (addresses.origin(url),)).fetchone()
    kept = json.loads(row[0]) if row and row[0] else {}
    if "robots" not in kept:
        return "not asked for yet"
    decision = robots.parse(kept["robots"].encode("latin-1")).decide(url, config.fetching.user_agent)
    return told(decision)


def told(decision: robots.Decision) -> str:
    """Return a decision as a person reads it, with the line that made it."""
    verdict = "allowed" if decision.allowed else "forbidden"
    return (
        f"{verdict} by line {decision.number}: {decision.line}" if decision.number else f"{verdict}: no line"
    )


def _one(cursor: Cursor) -> dict[str, Any] | None:
    return next(iter(_all(cursor)), None)


def _all(cursor: Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
