"""An Article as rows: written once, compared when it is seen again, and never made worse.

Every function takes an open connection and belongs inside ``Store.transaction``.

Text is cleaned on its way in, and only so: lone surrogates become U+FFFD, which UTF-8 cannot do without;
NUL is dropped, which C programs take for the end; the rest becomes NFC, so that a search finds "é" in
whichever way it was typed.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from sqlite3 import Connection, Row
from typing import Any

from extractors import Article
from scraper import addresses, revisions
from scraper.blocks import placed
from scraper.frontier import named, utc
from scraper.outcome import Outcome, State

COLUMNS = (
    "url", "canonical_url", "publication_id", "kind", "headline", "dek", "section", "byline", "published_at",
    "published_zone", "modified_at", "modified_zone", "language", "body", "blocks", "words", "lead_image",
    "access", "access_evidence", "page_id", "updated_at", "checked_at", "gone_since", "edition",
)  # fmt: skip
# A change in one of these, or in authors, credits or tags, is a revision. Not among them: related links and
# pictures, whose addresses change with every rendering, and modified_at, which some systems set to the
# time of the request.
REVISED = ("headline", "dek", "section", "byline", "published_at", "body")
# These may change without one.
REFRESHED = ("modified_at", "modified_zone", "access", "access_evidence", "lead_image")

UNSAID = ("links", "pages", "next_page", "refused")

# These are the same where there is no revision, or say how the article came here.
SAME = ("url", "publication_id", "headline", "dek", "body", "words", "updated_at")

CUT = ("paywalled", "truncated")
WHOLE = 0.8  # what is a beginning of the old body and shorter than this share of it did not arrive whole
EMPTIER = 0.5  # what keeps less than this share of the body is a preview; edits rarely cut that deep


@dataclass(frozen=True, slots=True)
class Sighting:
    """The circumstances in which an article was seen."""

    now: datetime
    publication_id: int | None = None
    page_id: int | None = None
    run: int | None = None
    edition: str = ""  # what extracted it


def keep(
    db: Connection,
    article: Article,
    known_id: int | None,
    sighting: Sighting,
    *,
    baseline: Article | None = None,
) -> Outcome:
    """Write ``article`` if it is new or changed, and return what it came to.

    ``known_id`` is the article that its address led to before, if it did. ``baseline`` is what the sighting's
    edition makes of the page that the stored text was taken from: where another edition stored it, only that
    tells the publisher's change from ours.
    """
    values = said_by(article)
    old = one(db, "id = ?", known_id)
    if old is None:
        twin = _twin(db, values)
        if twin is not None:
            return Outcome(State.SKIPPED, "duplicate", f"the same story as {twin['url']}", twin["id"])
        return Outcome(State.SAVED, article_id=_insert(db, values, sighting))
    if _is_another_story(old, values):
        return Outcome(State.SKIPPED, "moved", f"leads to another story now: {values['url']}", old["id"])
    if worse := _why_worse(db, old, values):
        return Outcome(State.SKIPPED, "emptier", worse, old["id"])
    if baseline is not None and old["edition"] != sighting.edition:
        old = _as_this_edition_says(db, old, said_by(baseline), sighting)
    return _keep_known(db, old, values, sighting)


def touch(db: Connection, article_id: int, now: datetime) -> None:
    """Note that the page was asked and still says what is stored."""
    db.execute("UPDATE articles SET checked_at = ?, gone_since = NULL WHERE id = ?", (utc(now), article_id))


def mark_gone(db: Connection, article_id: int, now: datetime) -> None:
    """Note that the page answers "not found"; the first time counts."""
    db.execute(
        "UPDATE articles SET gone_since = coalesce(gone_since, ?) WHERE id = ?", (utc(now), article_id)
    )


def life_of(db: Connection, article_id: int) -> tuple[datetime, int]:
    """Return when the story was published, or first stored if its page does not say, and its changes."""
    row = db.execute(
        """SELECT coalesce(published_at, saved_at),
            (SELECT count(*) FROM revisions WHERE article_id = articles.id) FROM articles WHERE id = ?""",
        (article_id,),
    ).fetchone()
    return datetime.fromisoformat(row[0]), row[1]


def said_by(article: Article) -> dict[str, Any]:
    """Return an article as plain JSON values, every text cleaned as the head of this file says.

    Left out are its links, which a page has hundreds of, and its pages' addresses, which have a table.
    """
    return {name: cleaned(getattr(article, name)) for name in _names(Article) if name not in UNSAID}


def cleaned(value: Any) -> Any:
    """Return a value, or a part of an article, as plain JSON values with every text in it cleaned."""
    kind = type(value)
    if kind is str:
        return _clean(value)
    if kind in _PLAIN:
        return value
    if kind in (tuple, list):
        return [cleaned(item) for item in value]
    if kind is dict:
        return {name: cleaned(item) for name, item in value.items()}
    if kind is datetime:
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    said = {}
    for name in _names(kind):  # an article has 300 values: a call for each of them takes a fifth longer
        one = getattr(value, name)
        kind_of = type(one)
        if kind_of is str:
            said[name] = _clean(one)
        else:
            said[name] = one if kind_of in _PLAIN else cleaned(one)
    return said


_PLAIN = frozenset((type(None), int, float, bool))


def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields."""
    names: dict[str, object] = kind.__dataclass_fields__  # type: ignore[attr-defined]  # all here are
    return tuple(names)


def _clean(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:  # surrogates: pairs become their characters, lone ones U+FFFD
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", text.replace("\0", ""))


def _as_this_edition_says(db: Connection, old: Row, values: dict[str, Any], sighting: Sighting) -> Row:
    """Write what the sighting's edition makes of the old page, as a change of ours; return the new row.

    A text that got emptier so is left as it is.
    """
    row = columns(values, sighting)
    before, after = comparable(db, old), comparable_values(row, values)
    if _why_worse(db, old, values):
        return old
    if revisions.changed(before, after):
        change = revisions.compare(before, after, frozenset(), same_page=True)
        write_revision(db, old, change, sighting)
        kept = {name: old[name] for name in ("url", "publication_id", "page_id", "checked_at", "gone_since")}
        update(db, old["id"], row | kept)
        replace_parts(db, old["id"], values, row)
    else:
        update(db, old["id"], {"edition": sighting.edition})
    found = one(db, "id = ?", old["id"])
    assert found is not None
    return found


def _keep_known(db: Connection, old: Row, values: dict[str, Any], sighting: Sighting) -> Outcome:
    row = columns(values, sighting)
    before, after = comparable(db, old), comparable_values(row, values)
    names = revisions.changed(before, after)
    if not names:
        _refresh(db, old["id"], row, values)
        touch(db, old["id"], sighting.now)
        return Outcome(State.UNCHANGED, article_id=old["id"])
    cut = frozenset(_cut_texts(db, old["id"])) | {removal["text"] for removal in values["removals"]}
    change = revisions.compare(before, after, cut, same_page=False)
    if change.whose == "publisher" and old["edition"] not in (None, sighting.edition):
        change = replace(change, whose="unclear")
    write_revision(db, old, change, sighting)
    update(db, old["id"], row | {"publication_id": old["publication_id"] or row["publication_id"]})
    replace_parts(db, old["id"], values, row)
    return Outcome(State.UPDATED, detail=", ".join(names), article_id=old["id"])


def _refresh(db: Connection, article_id: int, row: dict[str, Any], values: dict[str, Any]) -> None:
    """Write what may change without a revision, so that the whole article is what its page says.

    Headline, dek and body are the same and left out: naming them would have them indexed again.
    """
    if row["page_id"] is None:
        update(db, article_id, {name: row[name] for name in REFRESHED})
        return
    update(db, article_id, {name: value for name, value in row.items() if name not in SAME})
    replace_parts(db, article_id, values, row)


def _cut_texts(db: Connection, article_id: int) -> list[str]:
    return [row[0] for row in db.execute("SELECT text FROM removals WHERE article_id = ?", (article_id,))]


def write_revision(
    db: Connection,
    old: Row | Mapping[str, Any],
    change: revisions.Change,
    sighting: Sighting,
    *,
    batch: int | None = None,
) -> None:
    """Write what an article's row and parts were before a change."""
    db.execute(
        """INSERT INTO revisions (article_id, run_id, page_id, replaced_at, changed, old, whose, weight,
            correction, edition, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            old["id"],
            sighting.run,
            old["page_id"],
            utc(sighting.now),
            ", ".join(change.old),
            json.dumps(change.old, ensure_ascii=False),
            change.whose,
            change.weight,
            change.correction,
            old["edition"],
            batch,
        ),
    )


def _is_another_story(old: Row, values: dict[str, Any]) -> bool:
    """Tell whether the address was turned to another page, which must not be taken for an edit."""
    same_place = addresses.canonical(old["url"]) == addresses.canonical(values["url"])
    return not same_place and old["headline"] != values["headline"] and old["body"] != values["body"]


def _why_worse(db: Connection, old: Row, values: dict[str, Any]) -> str | None:
    """Return why what was fetched is less than what is stored, or None if it is not."""
    new_length, old_length = len(values["body"]), len(old["body"])
    if old["headline"] and not values["headline"]:
        return "the headline is gone"
    if old["headline"] != values["headline"] and _names_the_site(db, old, values):
        return "the publication's name stands in the headline's place"
    if new_length < old_length * EMPTIER:
        return f"{new_length} characters of text are left of {old_length}"
    if _stops_early(old["body"], values["body"]):
        return f"the text stops after {new_length} of {old_length} characters"
    if new_length < old_length and values["access"] in CUT and old["access"] not in CUT:
        return f"the page is {values['access']} now"
    return None


def _names_the_site(db: Connection, old: Row, values: dict[str, Any]) -> bool:
    row = db.execute("SELECT name FROM publications WHERE id = ?", (old["publication_id"],)).fetchone()
    return values["headline"] in {values["publication"], row and row[0]}


def _stops_early(old: str, new: str) -> bool:
    """Tell whether ``new`` is the beginning of ``old``: cut in mid-sentence, or of its last fifth or more.

    Editors cut here and there; what ends where it should go on is a page that did not arrive whole.
    """
    start = re.sub(r"[\s.…]+$", "", new)
    if len(start) >= len(old) or not old.startswith(start):
        return False
    rest = old[len(start) :]
    return len(start) < WHOLE * len(old) or not re.match(r"[\W_]*(?:\n\n|$)", rest)


def _twin(db: Connection, values: dict[str, Any]) -> Row | None:
    """Return the stored article that this is another address of.

    A canonical address alone does not prove it: templates exist that give every page the same one.
    """
    same = one(db, "url = ?", values["url"])
    if same is not None:
        return same
    return one(
        db,
        "canonical_url = ? AND (headline = ? OR body = ?)",
        values["canonical_url"],
        values["headline"],
        values["body"],
    )


def one(db: Connection, where: str, *values: object) -> Row | None:
    cursor = db.cursor()
    cursor.row_factory = Row
    row: Row | None = cursor.execute(f"SELECT * FROM articles WHERE {where} ORDER BY id", values).fetchone()
    return row


def columns(values: dict[str, Any], sighting: Sighting) -> dict[str, Any]:
    """Return the columns of ``articles`` but for its id and birth."""
    image = values["lead_image"]
    said = {name: values[name] for name in COLUMNS if name in values}
    return said | {
        "publication_id": sighting.publication_id,
        "published_at": stored_time(values["published_at"]),
        "modified_at": stored_time(values["modified_at"]),
        "blocks": placed(values["blocks"], values["body"]),
        "words": len(values["body"].split()),
        "lead_image": image and image["url"],
        "page_id": sighting.page_id,
        "updated_at": utc(sighting.now),
        "checked_at": utc(sighting.now),
        "gone_since": None,
        "edition": sighting.edition,
    }


def _insert(db: Connection, values: dict[str, Any], sighting: Sighting) -> int:
    row = columns(values, sighting) | {"saved_at": utc(sighting.now)}
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO articles ({names}) VALUES ({marks})", tuple(row.values()))
    article_id = int(cursor.lastrowid or 0)
    _write_parts(db, article_id, values, row)
    return article_id


def update(db: Connection, article_id: int, row: dict[str, Any]) -> None:
    """Set columns of an article's row."""
    marks = ", ".join(f"{name} = ?" for name in row)
    db.execute(f"UPDATE articles SET {marks} WHERE id = ?", (*row.values(), article_id))


PARTS = (
    "article_authors", "article_tags", "images", "credits", "teasers", "provenance", "removals",
)  # fmt: skip


def replace_parts(db: Connection, article_id: int, values: dict[str, Any], row: dict[str, Any]) -> None:
    """Write the rows that hang on an article in place of those that do."""
    for table in PARTS:
        db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    _write_parts(db, article_id, values, row)


def _write_parts(db: Connection, article_id: int, values: dict[str, Any], row: dict[str, Any]) -> None:
    """Write the rows that hang on an article. There must be none."""
    publication_id, published_at = row["publication_id"], row["published_at"]
    _link(db, article_id, "author", values["authors"], (publication_id, published_at))
    _link(db, article_id, "tag", values["tags"])
    _many(db, "images", article_id, values["images"], ("url", "alt", "caption", "credit"))
    credits = [credit | {"publication_id": publication_id} for credit in values["credits"]]
    names = ("role", "text", "person", "agency", "raw", "publication_id")
    _many(db, "credits", article_id, credits, names)
    teasers = [teaser | {"credit": printed(teaser["credit"])} for teaser in values["teasers"]]
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


def _link(
    db: Connection, article_id: int, what: str, names: list[str], facts: tuple[object, ...] = ()
) -> None:
    """Write a many-to-many list: one row per name for ever, one per place in this article.

    ``facts`` are the values of the columns behind the name's.
    """
    ids = [named(db, f"{what}s", "name", name) for name in names]
    db.executemany(
        f"INSERT INTO article_{what}s VALUES (?, ?, ?{', ?' * len(facts)})",
        [(article_id, position, number, *facts) for position, number in enumerate(ids)],
    )


def _many(
    db: Connection, table: str, article_id: int, items: list[dict[str, Any]], names: tuple[str, ...]
) -> None:
    marks = ", ".join("?" * (len(names) + 2))
    db.executemany(
        f"INSERT INTO {table} (article_id, position, {', '.join(names)}) VALUES ({marks})",
        [(article_id, position, *(item[name] for name in names)) for position, item in enumerate(items)],
    )


def comparable(db: Connection, row: Row) -> dict[str, Any]:
    """Return what a revision may be about: some columns of an article's row, and its lists."""
    queries = {
        "authors": "SELECT name FROM article_authors JOIN authors ON authors.id = author_id",
        "credits": "SELECT role || ': ' || text FROM credits",
        "tags": "SELECT name FROM article_tags JOIN tags ON tags.id = tag_id",
    }
    lists = {
        name: [
            found[0] for found in db.execute(f"{query} WHERE article_id = ? ORDER BY position", (row["id"],))
        ]
        for name, query in queries.items()
    }
    return {name: row[name] for name in REVISED} | lists


def comparable_values(row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the same of an article that is not stored yet."""
    return {name: row[name] for name in REVISED} | {
        "authors": values["authors"],
        "credits": [f"{credit['role']}: {credit['text']}" for credit in values["credits"]],
        "tags": values["tags"],
    }


def printed(credit: dict[str, Any] | None) -> str | None:
    """Return a teaser's credit as it is stored: one line, as printed."""
    return (credit["raw"] or credit["text"]) if credit else None


def stored_time(text: str | None) -> str | None:
    """Return an ISO 8601 time in UTC to the second, as every time is stored."""
    return utc(datetime.fromisoformat(text)) if text else None


_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder at each call
