"""What each run saw of each publication: how every field was found, what was cut, what its sources gave.

Counted in the transaction that stores the visit, so the counts are right after a kill. They are of pages as
they came, whether or not they were stored: a redesign shows in pages that the store rightly refuses.

Every function takes an open connection and belongs inside ``Store.transaction``.
"""

from collections import Counter
from collections.abc import Iterator
from math import log1p
from sqlite3 import Connection

from extractors import Article, ExtractError
from scraper.outcome import Result, TookTooLong, is_story

FIELDS = (
    "headline", "dek", "section", "authors", "published_at", "modified_at", "language", "body", "lead_image",
    "credits", "tags",
)  # fmt: skip
ARTICLE = "article"  # stands for the page as a whole: did it give a story?

_COUNT = """
    INSERT INTO field_quality
    VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET pages = pages + 1, confidence = confidence + excluded.confidence,
        characters = characters + excluded.characters, length = length + excluded.length,
        last_url_id = excluded.last_url_id
"""
_CUT = """
    INSERT INTO cuts VALUES (?, ?, ?, 1, ?, ?)
    ON CONFLICT DO UPDATE SET pages = pages + 1, pieces = pieces + excluded.pieces,
        characters = characters + excluded.characters
"""
_READ = """
    INSERT INTO readings VALUES (?, ?, (SELECT id FROM sources WHERE name = ?), ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET leads = leads + excluded.leads, new = new + excluded.new,
        reason = excluded.reason, detail = excluded.detail
"""


def page(db: Connection, result: Result, *, run: int, publication_id: int, url_id: int) -> None:
    """Count what came out of one page. A page that was not read, as one unchanged, counts for nothing."""
    if not isinstance(result, Article | ExtractError | TookTooLong):
        return
    db.executemany(
        _COUNT,
        [
            (publication_id, name, run, method, confidence, characters, log1p(characters), url_id, url_id)
            for name, method, confidence, characters in _answers(result)
        ],
    )
    if isinstance(result, Article) and is_story(result):
        pieces = Counter(removal.stripper for removal in result.removals)
        characters: Counter[str] = Counter()
        for removal in result.removals:
            characters[removal.stripper] += len(removal.text)
        db.executemany(
            _CUT, [(publication_id, name, run, pieces[name], characters[name]) for name in sorted(pieces)]
        )


def reading(
    db: Connection,
    *,
    run: int,
    publication_id: int,
    source: str,
    leads: int = 0,
    new: int = 0,
    trouble: tuple[str, str] | None = None,
) -> None:
    """Count what a feed, sitemap or section gave; ``trouble`` is why nothing: a reason and a detail."""
    db.execute("INSERT OR IGNORE INTO sources (name) VALUES (?)", (source,))
    db.execute(_READ, (run, publication_id, source, leads, new, *(trouble or (None, None))))


def _answers(result: Article | ExtractError | TookTooLong) -> Iterator[tuple[str, str, float, int]]:
    """Yield field, method, confidence and characters; no method where nothing was found."""
    if not isinstance(result, Article) or not is_story(result):
        yield ARTICLE, "", 0.0, 0
        return
    yield ARTICLE, result.kind.value, 1.0, 0
    for name in FIELDS:
        value = getattr(result, name)
        origin = result.provenance.get(name)
        if value:
            method = origin.method if origin else "page"
            yield name, method, origin.confidence if origin else 1.0, _characters(value)
        else:
            yield name, "", 0.0, 0


def _characters(value: object) -> int:
    """Return the length of a field's text; of a list, of its parts together; of anything else, nothing."""
    if isinstance(value, str):
        return len(value)
    return sum(len(part) for part in value if isinstance(part, str)) if isinstance(value, tuple) else 0
