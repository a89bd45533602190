"""How each host was treated: what its robots.txt says, its delay, what it refused, what it was spared."""

import json
from collections.abc import Iterator
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from scraper import robots
from scraper.config import Config
from scraper.why import told


def rows(db: Connection, config: Config) -> Iterator[dict[str, Any]]:
    """Yield one row per host that was asked, those with the most requests first.

    ``robots`` is the decision for the host's front page; ``forbidden`` counts the addresses that robots.txt
    kept us from.
    """
    found = db.execute(
        """SELECT origin, politeness, (SELECT count(*) FROM urls WHERE host_id = hosts.id
            AND state = 'skipped' AND reason = 'robots') FROM hosts WHERE politeness IS NOT NULL"""
    )
    known = [_row(origin, json.loads(kept), forbidden, config) for origin, kept, forbidden in found]
    yield from sorted(known, key=lambda row: (-row["requests"], row["host"]))


def _row(origin: str, kept: dict[str, Any], forbidden: int, config: Config) -> dict[str, Any]:
    rules = robots.parse(kept["robots"].encode("latin-1")) if "robots" in kept else None
    agent = config.fetching.user_agent
    counts = kept["counts"]
    return {
        "host": origin,
        "robots": told(rules.decide(f"{origin}/", agent)) if rules else "could not be had",
        "crawl_delay": rules.crawl_delay(agent) if rules else None,
        "delay": round(kept["delay"], 3),
        "requests": counts["requests"],
        "refused": counts["refusals"],
        "forbidden": forbidden,
        "not_modified": counts["unchanged"],
        "bytes": counts["received"],
        "bytes_saved": counts["spared"],
        "parked_until": _to_the_second(kept["parked_until"]),
    }


def _to_the_second(moment: str | None) -> str | None:
    return moment and datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
