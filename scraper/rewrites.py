"""Stored articles written anew from their archived pages, in batches that can be taken back exactly.

Every function takes an open connection and belongs inside ``Store.transaction``.
"""

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection, Row
from typing import Any

from extractors import Article
from scraper import revisions, stories
from scraper.frontier import utc
from scraper.stories import Sighting

_LISTED = "id IN (SELECT value FROM json_each(:articles))"
KEPT = ("url", "publication_id", "page_id", "checked_at", "gone_since")  # a visit says these, not the page


def begin(db: Connection, *, edition: str, chosen: str | None, now: datetime) -> int:
    """Enter a batch, made by ``edition`` of the code, and return its id."""
    row = db.execute(
        "INSERT INTO batches (started_at, edition, chosen) VALUES (?, ?, ?) RETURNING id",
        (utc(now), edition, chosen),
    ).fetchone()
    return int(row[0])


def end(db: Connection, batch: int, counts: dict[str, int], now: datetime) -> None:
    """Write what a batch came to."""
    db.execute(
        "UPDATE batches SET ended_at = ?, counts = ? WHERE id = ?", (utc(now), json.dumps(counts), batch)
    )


def rewrite(
    db: Connection, article_id: int, article: Article, *, batch: int, edition: str, now: datetime
) -> None:
    """Write what ``edition`` makes of an article's page, with a revision if it says something else."""
    old = stories.one(db, "id = ?", article_id)
    assert old is not None
    values = stories.said_by(article)
    row = stories.columns(values, Sighting(now, edition=edition)) | {name: old[name] for name in KEPT}
    before, after = stories.comparable(db, old), stories.comparable_values(row, values)
    names = revisions.changed(before, after)
    _keep(db, batch, article_id, snapshot(db, old) | {"edition": edition})
    if names:
        change = revisions.compare(before, after, frozenset(), same_page=True)
        stories.write_revision(db, old, change, Sighting(now, edition=edition), batch=batch)
    else:
        row["updated_at"] = old["updated_at"]
    if old["body"] == row["body"] and "headline" not in names and "dek" not in names:
        for name in ("headline", "dek", "body"):  # naming them would have them indexed again
            del row[name]
    stories.update(db, article_id, row)
    stories.replace_parts(db, article_id, values, {**dict(old), **row})


def confirm(db: Connection, articles: Sequence[int], *, batch: int, edition: str) -> None:
    """Note that ``edition`` makes the same of these articles' pages as is stored.

    What is kept for taking it back is one row for all that had the same edition before.
    """
    chosen = {"articles": json.dumps(articles), "batch": batch, "edition": edition}
    db.execute(
        f"""INSERT INTO confirmed (batch_id, earlier, edition, articles)
            SELECT :batch, edition, :edition, json_group_array(id) FROM articles
            WHERE {_LISTED} AND edition IS NOT :edition GROUP BY edition""",
        chosen,
    )
    db.execute(f"UPDATE articles SET edition = :edition WHERE {_LISTED} AND edition IS NOT :edition", chosen)


def roll_back(db: Connection, batch: int, now: datetime) -> tuple[int, list[str]]:
    """Restore what a batch wrote over; return how many articles that were, and the addresses of those not.

    One that the batch only confirmed gets the name of its edition back, and is not counted.
    An article that has been asked for or written again since is left as it is.
    """
    edition = db.execute("SELECT edition FROM batches WHERE id = ?", (batch,)).fetchone()[0]
    restored, left = 0, _unconfirm(db, batch)
    for article_id, packed in db.execute(
        "SELECT article_id, snapshot FROM rewritten WHERE batch_id = ? ORDER BY article_id", (batch,)
    ).fetchall():
        kept = json.loads(zlib.decompress(packed))
        row = stories.one(db, "id = ?", article_id)
        if row is None:
            continue
        if row["edition"] != kept.get("edition", edition) or row["page_id"] != kept["row"]["page_id"]:
            left.append(row["url"])
            continue
        _restore(db, row, kept, batch)
        restored += 1
    db.execute("UPDATE batches SET rolled_back_at = ? WHERE id = ?", (utc(now), batch))
    return restored, left


def _unconfirm(db: Connection, batch: int) -> list[str]:
    """Give what a batch confirmed its earlier edition back; return the addresses written again since."""
    left: list[str] = []
    for earlier, edition, articles in db.execute(
        "SELECT earlier, edition, articles FROM confirmed WHERE batch_id = ?", (batch,)
    ).fetchall():
        chosen = {"articles": articles, "earlier": earlier, "edition": edition}
        query = f"SELECT url FROM articles WHERE {_LISTED} AND edition IS NOT :edition"
        left += [row[0] for row in db.execute(query, chosen)]
        db.execute(f"UPDATE articles SET edition = :earlier WHERE {_LISTED} AND edition = :edition", chosen)
    return left


def snapshot(db: Connection, row: Row) -> dict[str, Any]:
    """Return an article's row and the rows of its parts, as they are."""
    parts = {
        table: [
            list(part) for part in db.execute(f"SELECT * FROM {table} WHERE article_id = ?", (row["id"],))
        ]
        for table in stories.PARTS
    }
    return {"row": dict(row), "parts": parts}


def _keep(db: Connection, batch: int, article_id: int, kept: dict[str, Any]) -> None:
    packed = zlib.compress(json.dumps(kept, ensure_ascii=False).encode())
    db.execute("INSERT INTO rewritten VALUES (?, ?, ?)", (batch, article_id, packed))


def _restore(db: Connection, row: Row, kept: dict[str, Any], batch: int) -> None:
    article_id = row["id"]
    visits = ("id", "checked_at", "gone_since")  # what visits since then found stays true
    stories.update(db, article_id, {name: value for name, value in kept["row"].items() if name not in visits})
    for table, rows in kept["parts"].items():
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
        for part in rows:
            db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(part))})", part)
    db.execute("DELETE FROM revisions WHERE article_id = ? AND batch_id = ?", (article_id, batch))
