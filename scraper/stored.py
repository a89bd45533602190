"""Rows → Article: a stored article as the extraction gave it, and a checksum of what it says.

``publication`` is the name of the publication's row, ``links`` are not stored. Every function takes an open
connection and only reads.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from sqlite3 import Connection, Row
from typing import Any

from extractors import Access, Article, Block, Credit, Image, Kind, Origin, Removal, RunnerUp, Teaser
from scraper import stories
from scraper.blocks import with_texts

# What the page says. Not among them: how we know it, what else the page offers, and what was cut.
CONTENT = (
    "canonical_url", "kind", "headline", "dek", "section", "authors", "byline", "published_at",
    "published_zone", "modified_at", "modified_zone", "language", "body", "blocks", "lead_image", "images",
    "credits", "tags", "access", "access_evidence",
)  # fmt: skip

_COLUMNS = (
    "SELECT articles.*, publications.name AS publication FROM articles "
    "LEFT JOIN publications ON publications.id = publication_id"
)


def rows(db: Connection, condition: str, values: dict[str, Any] | tuple[Any, ...]) -> Iterator[Row]:
    """Yield the rows of ``articles`` that fit, with their publication's name, in the order of their ids."""
    cursor = db.cursor()
    cursor.row_factory = Row
    yield from cursor.execute(f"{_COLUMNS} WHERE {condition} ORDER BY articles.id", values)


def one(db: Connection, article_id: int) -> Article:
    """Return the article with this id."""
    return article(db, next(rows(db, "articles.id = ?", (article_id,))))


def article(db: Connection, row: Row) -> Article:
    """Return the article of a row that ``rows`` gave."""
    return Article(
        url=row["url"],
        kind=Kind(row["kind"]),
        canonical_url=row["canonical_url"],
        publication=row["publication"],
        headline=row["headline"],
        dek=row["dek"],
        section=row["section"],
        authors=_names(db, "author", row["id"]),
        byline=row["byline"],
        published_at=_moment(row["published_at"]),
        published_zone=row["published_zone"],
        modified_at=_moment(row["modified_at"]),
        modified_zone=row["modified_zone"],
        language=row["language"],
        body=row["body"],
        blocks=tuple(Block(**block) for block in with_texts(row["blocks"], row["body"])),
        lead_image=Image(row["lead_image"]) if row["lead_image"] is not None else None,
        images=tuple(Image(*part) for part in _parts(db, "images", "url, alt, caption, credit", row["id"])),
        credits=tuple(
            Credit(*part) for part in _parts(db, "credits", "role, text, person, agency, raw", row["id"])
        ),
        tags=_names(db, "tag", row["id"]),
        access=Access(row["access"]),
        access_evidence=row["access_evidence"],
        teasers=tuple(
            Teaser(headline, url, section, Credit("", credit, raw=credit) if credit else None)
            for headline, url, section, credit in _parts(
                db, "teasers", "headline, url, section, credit", row["id"]
            )
        ),
        provenance=_provenance(db, row["id"]),
        removals=tuple(
            Removal(*part) for part in _parts(db, "removals", "stripper, reason, text, locator", row["id"])
        ),
    )


def checksum(article: Article) -> str:
    """Return the SHA-256, in hex, of what an article says: the same from a page and from the rows it became.

    Text counts as it is stored, times to the second, and of the lead image its address.
    """
    said = stories.said_by(article)
    said = {name: said[name] for name in CONTENT}
    for name in ("published_at", "modified_at"):
        said[name] = stories.stored_time(said[name])
    said["lead_image"] = said["lead_image"] and said["lead_image"]["url"]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _names(db: Connection, what: str, article_id: int) -> tuple[str, ...]:
    query = f"""SELECT name FROM article_{what}s JOIN {what}s ON {what}s.id = {what}_id
        WHERE article_id = ? ORDER BY position"""
    return tuple(name for (name,) in db.execute(query, (article_id,)))


def _parts(db: Connection, table: str, columns: str, article_id: int) -> list[tuple[Any, ...]]:
    query = f"SELECT {columns} FROM {table} WHERE article_id = ? ORDER BY position"
    return db.execute(query, (article_id,)).fetchall()


def _provenance(db: Connection, article_id: int) -> dict[str, Origin]:
    rows = db.execute(
        """SELECT field, method, locator, confidence, raw, runners_up FROM provenance
            WHERE article_id = ? ORDER BY field""",
        (article_id,),
    )
    return {
        field: Origin(method, locator, confidence, raw, tuple(RunnerUp(**one) for one in json.loads(losers)))
        for field, method, locator, confidence, raw, losers in rows
    }
