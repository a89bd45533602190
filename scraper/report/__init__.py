"""One HTML page that shows what was collected, how well, and how politely. Whole by itself."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from sqlite3 import Connection

from scraper import health
from scraper.observations import ARTICLE, FIELDS
from scraper.report import charts

DAYS = 60  # shown of the coverage, back from the newest article
RUNS = 40  # shown of the quality over time
MOST = charts.SERIES - 1  # publications with a colour of their own
LISTED = 15  # rows of a list

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def page(db: Connection, *, now: datetime) -> str:
    """Return the whole page."""
    body = "".join(f"<section><h2>{escape(title)}</h2>{part}</section>" for title, part in _sections(db))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What was collected</title><style>{STYLE}</style></head><body>
<header><h1>What was collected</h1><p>{now:%-d %B %Y, %H:%M} UTC</p>{_summary(db)}</header>
<main>{body}</main></body></html>
"""


def _summary(db: Connection) -> str:
    counts = db.execute(
        """SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM publications),
            (SELECT count(*) FROM urls), (SELECT count(*) FROM runs),
            (SELECT count(*) FROM revisions WHERE whose = 'publisher')"""
    ).fetchone()
    names = ("articles", "publications", "addresses", "runs", "edits seen")
    return (
        "<dl>"
        + "".join(
            f"<div><dt>{name}</dt><dd>{value:,}</dd></div>" for name, value in zip(names, counts, strict=True)
        )
        + "</dl>"
    )


def _sections(db: Connection) -> Iterator[tuple[str, str]]:
    yield "Alarms", _alarms(db)
    yield "Articles per day", _coverage(db)
    yield "How often each field is found", _quality(db)
    yield "Field quality over time", _quality_over_time(db)
    yield "Sections", _section_bars(db)
    yield "Edits by the publishers", _edits(db)
    yield "Addresses that gave no article, by cause", _failures(db)
    yield "Politeness", _politeness(db)


def _alarms(db: Connection) -> str:
    alarms = health.check(db)
    if not alarms:
        return "<p>Nothing is read worse than it used to be.</p>"
    return (
        "<ul>" + "".join(f'<li class="{alarm.level}">{escape(str(alarm))}</li>' for alarm in alarms) + "</ul>"
    )


def _coverage(db: Connection) -> str:
    rows = db.execute(
        "SELECT publication, day, articles FROM articles_per_day WHERE day IS NOT NULL ORDER BY day"
    ).fetchall()
    if not rows:
        return "<p>No article has a date yet.</p>"
    days = [day for day in _days(rows[-1][1]) if day >= rows[0][1]]
    totals: dict[str, int] = defaultdict(int)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for publication, day, articles in rows:
        if day >= days[0]:
            totals[publication or "no publication"] += articles
            counts[publication or "no publication"][day] += articles
    named = sorted(totals, key=lambda name: -totals[name])
    series = {name: [counts[name][day] for day in days] for name in named[:MOST]}
    if named[MOST:]:
        series["others"] = [sum(counts[name][day] for name in named[MOST:]) for day in days]
    return charts.stacked(days, series, unit="articles")


def _days(newest: str) -> list[str]:
    last = datetime.fromisoformat(newest)
    return [f"{last - timedelta(days=back):%Y-%m-%d}" for back in range(DAYS - 1, -1, -1)]


def _quality(db: Connection) -> str:
    rows = db.execute("SELECT publication, field, filled FROM publication_quality").fetchall()
    if not rows:
        return "<p>No run has read a page yet.</p>"
    values = {(publication, field): filled for publication, field, filled in rows}
    columns = [name for name in (ARTICLE, *FIELDS) if any(field == name for _, field in values)]
    return charts.heat(sorted({publication for publication, _ in values}), columns, values)


def _quality_over_time(db: Connection) -> str:
    rows = db.execute(
        """SELECT run_id, substr(started_at, 1, 10), field, 1.0 * sum(iif(method = '', 0, pages)) / sum(pages)
            FROM field_quality JOIN runs ON runs.id = run_id
            WHERE run_id IN (SELECT DISTINCT run_id FROM field_quality ORDER BY run_id DESC LIMIT ?)
            GROUP BY run_id, field ORDER BY run_id""",
        (RUNS,),
    ).fetchall()
    runs = list(dict.fromkeys((run, day) for run, day, _, _ in rows))
    if len(runs) < 2:
        return "<p>There is one run yet, or none: nothing to compare.</p>"
    shares = {(run, field): share for run, _, field, share in rows}
    shown = ("headline", "dek", "body", "section", "authors", "published_at", "credits", ARTICLE)
    series = {field: [shares.get((run, field)) for run, _ in runs] for field in shown}
    return charts.lines([day for _, day in runs], series)


def _section_bars(db: Connection) -> str:
    rows = db.execute(
        """SELECT coalesce(section, 'no section'), sum(articles) AS n FROM section_articles
            GROUP BY 1 ORDER BY n DESC LIMIT ?""",
        (LISTED,),
    ).fetchall()
    return charts.bars(rows, unit="articles") if rows else "<p>No articles yet.</p>"


def _edits(db: Connection) -> str:
    rows = db.execute(
        """SELECT substr(replaced_at, 1, 10) AS day,
                iif(weight = 'minor', 'minor', iif(correction IS NULL, 'silent', 'said')) AS kind, count(*)
            FROM revisions WHERE whose = 'publisher' GROUP BY day, kind ORDER BY day"""
    ).fetchall()
    if not rows:
        return "<p>No edit was seen yet.</p>"
    days = [day for day in _days(rows[-1][0]) if day >= rows[0][0]]
    counts = {(day, kind): count for day, kind, count in rows}
    names = {
        "minor": "spelling, filing, dates",
        "silent": "substantial, silent",
        "said": "substantial, readers told",
    }
    series = {name: [counts.get((day, kind), 0) for day in days] for kind, name in names.items()}
    most = db.execute(
        "SELECT headline, publication, edits, silent FROM most_edited LIMIT ?", (LISTED,)
    ).fetchall()
    chart = charts.stacked(days, series, unit="edits", height=150)
    return chart + charts.table(("most edited", "publication", "edits", "silent"), most)


def _failures(db: Connection) -> str:
    rows = db.execute(
        """SELECT reason, sum(addresses) AS n FROM ledger WHERE state IN ('failed', 'skipped', 'due')
            AND reason IS NOT NULL GROUP BY reason ORDER BY n DESC LIMIT ?""",
        (LISTED,),
    ).fetchall()
    return charts.bars(rows, unit="addresses") if rows else "<p>None.</p>"


def _politeness(db: Connection) -> str:
    rows = db.execute(
        """SELECT hosts.origin, hosts.politeness, count(*), sum(status = 429), sum(status = 304),
                round(avg(seconds), 2)
            FROM fetches JOIN urls ON urls.id = url_id JOIN hosts ON hosts.id = host_id
            GROUP BY hosts.id ORDER BY count(*) DESC LIMIT 50"""
    ).fetchall()
    if not rows:
        return "<p>No server was asked yet.</p>"
    columns = (
        "host",
        "requests for pages",
        "told to slow down (429)",
        "not changed (304)",
        "seconds an answer",
        "delay, seconds",
    )
    shown: list[Sequence[object]] = [
        (origin, f"{asked:,}", slow or 0, unchanged or 0, seconds, _delay(kept))
        for origin, kept, asked, slow, unchanged, seconds in rows
    ]
    return charts.table(columns, shown)


def _delay(kept: str | None) -> object:
    """Return the delay that was in force at a host, if it is remembered."""
    delay = json.loads(kept).get("delay") if kept else None
    return round(delay, 1) if isinstance(delay, int | float) else ""
