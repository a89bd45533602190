"""An Article as rows: written once, compared when it is seen again, and never made worse.

Every function takes an open connection and belongs inside ``Store.transaction``.

Text is cleaned on its way in, and only so: lone surrogates become U+FFFD, which UTF-8 cannot do without;
NUL is dropped, which C programs take for the end; the rest becomes NFC, so that a search finds "é" in
whichever way it was typed.
"""

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row
from typing import Any

from extractors import Article
from scraper import addresses
from scraper.frontier import utc
from scraper.outcome import Outcome, State

COLUMNS = (
    "url", "canonical_url", "publication_id", "kind", "headline", "dek", "section", "byline", "published_at",
    "published_zone", "modified_at", "modified_zone", "language", "body", "blocks", "words", "lead_image",
    "access", "access_evidence", "page_id", "updated_at", "checked_at", "gone_since",
)  # fmt: skip
# A change in one of these, or in authors, credits or tags, is a revision. Not among them: related links and
# pictures, whose addresses change with every rendering, and modified_at, which some systems set to the
# time of the request.
REVISED = ("headline", "dek", "section", "byline", "published_at", "body")
# These may change without one.
REFRESHED = ("modified_at", "modified_zone", "access", "access_evidence", "lead_image")

CUT = ("paywalled", "truncated")
EMPTIER = 0.5  # what keeps less than this share of the body is a preview; edits rarely cut that deep


@dataclass(frozen=True, slots=True)
class Sighting:
    """The circumstances in which an article was seen."""

    now: datetime
    publication_id: int | None = None
    page_id: int | None = None
    run: int | None = None


def keep(db: Connection, article: Article, known_id: int | None, sighting: Sighting) -> Outcome:
    """Write ``article`` if it is new or changed, and return what it came to.

    ``known_id`` is the article that its address led to before, if it did.
    """
    values = cleaned(article.to_dict())
    old = _article(db, "id = ?", known_id)
    if old is None:
        twin = _twin(db, values)
        if twin is not None:
            return Outcome(State.SKIPPED, "duplicate", f"the same story as {twin['url']}", twin["id"])
        return Outcome(State.SAVED, article_id=_insert(db, values, sighting))
    if _is_another_story(old, values):
        return Outcome(State.SKIPPED, "moved", f"leads to another story now: {values['url']}", old["id"])
    if worse := _why_worse(old, values):
        return Outcome(State.SKIPPED, "emptier", worse, old["id"])
    return _keep_known(db, old, values, sighting)


def touch(db: Connection, article_id: int, now: datetime) -> None:
    """Note that the page was asked and still says what is stored."""
    db.execute("UPDATE articles SET checked_at = ?, gone_since = NULL WHERE id = ?", (utc(now), article_id))


def mark_gone(db: Connection, article_id: int, now: datetime) -> None:
    """Note that the page answers "not found"; the first time counts."""
    db.execute(
        "UPDATE articles SET gone_since = coalesce(gone_since, ?) WHERE id = ?", (utc(now), article_id)
    )


def written_at(db: Connection, article_id: int) -> datetime:
    """Return when the story was published or, if the page does not say, first stored."""
    row = db.execute(
        "SELECT coalesce(published_at, saved_at) FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    return datetime.fromisoformat(row[0])


def changes(db: Connection, article_id: int) -> int:
    """Return how often the stored story has changed."""
    count = db.execute("SELECT count(*) FROM revisions WHERE article_id = ?", (article_id,)).fetchone()
    return int(count[0])


def cleaned(value: Any) -> Any:
    """Return plain JSON values with every text in them cleaned as the head of this file says."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {name: cleaned(item) for name, item in value.items()}
    return value


def _clean(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "")
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", whole.replace("\0", ""))


def _keep_known(db: Connection, old: Row, values: dict[str, Any], sighting: Sighting) -> Outcome:
    row = _row(values, sighting)
    before = {name: old[name] for name in REVISED} | _lists(db, old["id"])
    after = {name: row[name] for name in REVISED} | _comparable_lists(values)
    changed = {name: before[name] for name in after if before[name] != after[name]}
    if not changed:
        _update(db, old["id"], {name: row[name] for name in REFRESHED} | {"page_id": row["page_id"]})
        touch(db, old["id"], sighting.now)
        return Outcome(State.UNCHANGED, article_id=old["id"])
    _write_revision(db, old, changed, sighting)
    _update(db, old["id"], row | {"publication_id": old["publication_id"] or row["publication_id"]})
    _replace_parts(db, old["id"], values)
    return Outcome(State.UPDATED, detail=", ".join(changed), article_id=old["id"])


def _write_revision(db: Connection, old: Row, changed: dict[str, Any], sighting: Sighting) -> None:
    db.execute(
        """INSERT INTO revisions (article_id, run_id, page_id, replaced_at, changed, old)
            VALUES (?, ?, ?, ?, ?, ?)""",
        (
            old["id"],
            sighting.run,
            old["page_id"],
            utc(sighting.now),
            ", ".join(changed),
            json.dumps(changed, ensure_ascii=False),
        ),
    )


def _is_another_story(old: Row, values: dict[str, Any]) -> bool:
    """Tell whether the address was turned to another page, which must not be taken for an edit."""
    same_place = addresses.canonical(old["url"]) == addresses.canonical(values["url"])
    return not same_place and old["headline"] != values["headline"] and old["body"] != values["body"]


def _why_worse(old: Row, values: dict[str, Any]) -> str | None:
    """Return why what was fetched is less than what is stored, or None if it is not."""
    new_length, old_length = len(values["body"]), len(old["body"])
    if old["headline"] and not values["headline"]:
        return "the headline is gone"
    if new_length < old_length * EMPTIER:
        return f"{new_length} characters of text are left of {old_length}"
    if new_length < old_length and values["access"] in CUT and old["access"] not in CUT:
        return f"the page is {values['access']} now"
    return None


def _twin(db: Connection, values: dict[str, Any]) -> Row | None:
    """Return the stored article that this is another address of.

    A canonical address alone does not prove it: templates exist that give every page the same one.
    """
    same = _article(db, "url = ?", values["url"])
    if same is not None:
        return same
    return _article(
        db,
        "canonical_url = ? AND (headline = ? OR body = ?)",
        values["canonical_url"],
        values["headline"],
        values["body"],
    )


def _article(db: Connection, where: str, *values: object) -> Row | None:
    cursor = db.cursor()
    cursor.row_factory = Row
    row: Row | None = cursor.execute(f"SELECT * FROM articles WHERE {where} ORDER BY id", values).fetchone()
    return row


def _row(values: dict[str, Any], sighting: Sighting) -> dict[str, Any]:
    """Return the columns of ``articles`` but for its id and birth."""
    image = values["lead_image"]
    said = {name: values[name] for name in COLUMNS if name in values}
    return said | {
        "publication_id": sighting.publication_id,
        "published_at": _utc(values["published_at"]),
        "modified_at": _utc(values["modified_at"]),
        "blocks": _json(values["blocks"]),
        "words": len(values["body"].split()),
        "lead_image": image and image["url"],
        "page_id": sighting.page_id,
        "updated_at": utc(sighting.now),
        "checked_at": utc(sighting.now),
        "gone_since": None,
    }


def _insert(db: Connection, values: dict[str, Any], sighting: Sighting) -> int:
    row = _row(values, sighting) | {"saved_at": utc(sighting.now)}
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO articles ({names}) VALUES ({marks})", tuple(row.values()))
    article_id = int(cursor.lastrowid or 0)
    _write_parts(db, article_id, values)
    return article_id


def _update(db: Connection, article_id: int, row: dict[str, Any]) -> None:
    marks = ", ".join(f"{name} = ?" for name in row)
    db.execute(f"UPDATE articles SET {marks} WHERE id = ?", (*row.values(), article_id))


PARTS = (
    "article_authors", "article_tags", "images", "credits", "teasers", "provenance", "removals",
)  # fmt: skip


def _replace_parts(db: Connection, article_id: int, values: dict[str, Any]) -> None:
    for table in PARTS:
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    _write_parts(db, article_id, values)


def _write_parts(db: Connection, article_id: int, values: dict[str, Any]) -> None:
    """Write the rows that hang on an article. There must be none."""
    _link(db, article_id, "author", values["authors"])
    _link(db, article_id, "tag", values["tags"])
    _many(db, "images", article_id, values["images"], ("url", "alt", "caption", "credit"))
    _many(db, "credits", article_id, values["credits"], ("role", "text", "person", "agency", "raw"))
    teasers = [teaser | {"credit": _printed(teaser["credit"])} for teaser in values["teasers"]]
    _many(db, "teasers", article_id, teasers, ("headline", "url", "section", "credit"))
    _many(db, "removals", article_id, values["removals"], ("stripper", "reason", "text", "locator"))
    keys = ("method", "locator", "confidence", "raw")
    db.executemany(
        "INSERT INTO provenance VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (article_id, name, *(one[key] for key in keys), _json(one["runners_up"]))
            for name, one in values["provenance"].items()
        ],
    )


def _link(db: Connection, article_id: int, what: str, names: list[str]) -> None:
    """Write a many-to-many list: one row per name for ever, one per place in this article."""
    db.executemany(f"INSERT OR IGNORE INTO {what}s (name) VALUES (?)", [(name,) for name in names])
    db.executemany(
        f"INSERT INTO article_{what}s SELECT ?, ?, id FROM {what}s WHERE name = ?",
        [(article_id, position, name) for position, name in enumerate(names)],
    )


def _many(
    db: Connection, table: str, article_id: int, items: list[dict[str, Any]], names: tuple[str, ...]
) -> None:
    marks = ", ".join("?" * (len(names) + 2))
    db.executemany(
        f"INSERT INTO {table} (article_id, position, {', '.join(names)}) VALUES ({marks})",
        [(article_id, position, *(item[name] for name in names)) for position, item in enumerate(items)],
    )


def _lists(db: Connection, article_id: int) -> dict[str, list[str]]:
    """Return the stored lists in the shape of ``_comparable_lists``."""
    queries = {
        "authors": "SELECT name FROM article_authors JOIN authors ON authors.id = author_id",
        "credits": "SELECT role || ': ' || text FROM credits",
        "tags": "SELECT name FROM article_tags JOIN tags ON tags.id = tag_id",
    }
    return {
        name: [row[0] for row in db.execute(f"{query} WHERE article_id = ? ORDER BY position", (article_id,))]
        for name, query in queries.items()
    }


def _comparable_lists(values: dict[str, Any]) -> dict[str, list[str]]:
    return {
        "authors": values["authors"],
        "credits": [f"{credit['role']}: {credit['text']}" for credit in values["credits"]],
        "tags": values["tags"],
    }


def _printed(credit: dict[str, Any] | None) -> str | None:
    return (credit["raw"] or credit["text"]) if credit else None


def _utc(text: str | None) -> str | None:
    return utc(datetime.fromisoformat(text)) if text else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
