"""Is what a crawl stored what the publication published? Word for word, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection

from scraper.blocks import with_texts
from scraper.demo.stories import TEXT, Story, stories
from scraper.frontier import utc

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one story that came out otherwise; the field "article" means that it is missing."""

    slug: str
    field: str
    published: object
    found: object


def differences(db: Connection, root: str) -> Iterator[Difference]:
    """Yield every field that the database at hand holds otherwise than the publication meant it."""
    for story in stories():
        found = stored(db, root + story.path)
        if found is None:
            yield Difference(story.slug, "article", story.headline, None)
            continue
        for field, value in meant(story).items():
            if found[field] != value:
                yield Difference(story.slug, field, value, found[field])


def meant(story: Story) -> Fields:
    """Return the fields of a story as its editors meant them."""
    return {
        "headline": story.headline,
        "dek": story.dek,
        "section": story.section,
        "authors": list(story.authors),
        "published_at": utc(story.published_at),
        "language": story.language,
        "credits": sorted(f"{role}: {text}" for role, text in story.credits),
        "body": list(story.body),
    }


def stored(db: Connection, url: str) -> Fields | None:
    """Return the same fields as the database has them; None when no article has this canonical address.

    Embedded posts are left out of the body: they are somebody else's words, and may be kept or not.
    """
    row = db.execute(
        """SELECT id, headline, dek, section, published_at, language, blocks, body
        FROM articles WHERE canonical_url = ?""",
        (url,),
    ).fetchone()
    if row is None:
        return None
    authors = db.execute(
        """SELECT name FROM article_authors JOIN authors ON authors.id = author_id
        WHERE article_id = ? ORDER BY position""",
        row[:1],
    )
    credits = db.execute("SELECT role || ': ' || text FROM credits WHERE article_id = ?", row[:1])
    return {
        **dict(zip(("headline", "dek", "section", "published_at", "language"), row[1:6], strict=True)),
        "authors": [name for (name,) in authors],
        "credits": sorted(line for (line,) in credits),
        "body": [block["text"] for block in with_texts(row[6], row[7]) if block["kind"] in TEXT],
    }
