"""docs/database.md, made from the schema: each table, view and column, and what it means.

    python -m scraper.dictionary > docs/database.md

The meanings are the comments that migrations put behind each column; only the names that other tools use
for the same thing stand here.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

from scraper.store import Store

HEAD = """# The database

One SQLite file. Every table is STRICT, every change to the schema is a migration, every time is ISO 8601 in
UTC to the second (`2026-03-02T12:00:00Z`). Addresses are stored once, in `urls`, under a 64-bit hash of
their canonical form; the view `addresses` shows them in full. Each address is in exactly one state:

    discovered = saved + updated + unchanged + skipped + failed + due

Full text: `articles_fts` has the words of headline, dek and body with accents and case folded; articles in
scripts that write no spaces are also in `articles_cjk`, which finds any three characters in a row. Triggers
keep both right whoever writes.

Text is stored as NFC; NUL is dropped and a lone surrogate becomes U+FFFD.

A row of `articles` with its parts (authors, tags, images, credits, teasers, provenance, removals) is what one
`edition` of code, rules and noise made of one archived page, `page_id`. When the text changes, `revisions`
keeps what it was and says whose change it was: the publisher's, or ours. Where another edition had stored it,
the old page is extracted anew to tell the two apart; where that page is gone, the change is "unclear". A
publisher's change is silent unless a paragraph that tells readers came with it (`correction`). `batches` are
re-extractions, which can be taken back: `rewritten` has what they wrote over, `confirmed` names the articles
of which they made the same. A page that is worse than what is stored (a wall, an error, a cut or emptied
text) changes nothing but `fetches`.

`clusters` and `copies` say which articles of several publications have the same text, and where it likely
comes from. `field_quality`, `cuts` and `readings` are what each run saw; `scrape health` compares them.

This page is generated: `python -m scraper.dictionary > docs/database.md`.

## The same fields elsewhere

| here | schema.org NewsArticle | newspaper4k | Fundus | trafilatura |
| --- | --- | --- | --- | --- |
"""

# Names as the tools' own documentation gives them.
ELSEWHERE = {
    "url": ("url", "url", "html.responded_url", "url"),
    "canonical_url": ("mainEntityOfPage", "canonical_link", "", ""),
    "publication": ("publisher.name", "source_url", "publisher", "sitename"),
    "headline": ("headline", "title", "title", "title"),
    "dek": ("alternativeHeadline", "meta_description", "body.summary", "description"),
    "section": ("articleSection", "", "topics", "categories"),
    "body": ("articleBody", "text", "plaintext", "text"),
    "authors": ("author.name", "authors", "authors", "author"),
    "credits": ("image.creditText", "", "images.authors", ""),
    "tags": ("keywords", "tags", "topics", "tags"),
    "published_at": ("datePublished", "publish_date", "publishing_date", "date"),
    "modified_at": ("dateModified", "", "", ""),
    "language": ("inLanguage", "meta_lang", "lang", "language"),
    "lead_image": ("image", "top_image", "images.is_cover", "image"),
    "access": ("isAccessibleForFree", "", "free_access", ""),
}
QUERIES = """
## To begin with

```sql
SELECT published_at, headline, authors FROM articles_flat ORDER BY published_at DESC LIMIT 20;
SELECT state, reason, sum(addresses) FROM ledger GROUP BY state, reason;
SELECT articles.headline FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid
    WHERE articles_fts MATCH 'harbour' ORDER BY rank;
```
"""
# What columns of articles_flat mean that articles has not, or has otherwise.
FLAT = {
    "publication": "its name",
    "authors": "names, joined by “; ”",
    "credits": "role: text, joined by “; ”",
    "tags": "joined by “; ”",
    "revisions": "how many changes are stored",
}
PARQUET = """
## Parquet of `scrape export`

One row an article, zstd, in row groups of a thousand; the same columns as CSV and TSV.

| column | type | meaning |
| --- | --- | --- |
"""
PARQUET_OF_ARCHIVES = """
## Parquet of `scrape warc`

One row an article of an archive, with all its parts nested ([archives.md](archives.md)).

| column | type |
| --- | --- |
"""
COLUMN = re.compile(r"^\s+(?:, )?(\w+) (?:TEXT|INTEGER|REAL|BLOB)\b[^-]*?(?:(?:-- |/\* )(.*?)(?: \*/.*)?)?$")
ADDED = re.compile(r", (\w+) /\* (.*?) \*/ ")  # by ALTER TABLE: SQLite writes them one behind the other


def markdown(db: Connection) -> str:
    """Return the page for the schema of ``db``."""
    return (
        HEAD
        + "".join(_elsewhere())
        + QUERIES
        + "".join(_tables(db))
        + "".join(_views(db))
        + "".join(_parquet(db))
    )


def _elsewhere() -> Iterator[str]:
    for name, others in ELSEWHERE.items():
        yield f"| `{name}` | " + " | ".join(f"`{other}`" if other else "" for other in others) + " |\n"


def _tables(db: Connection) -> Iterator[str]:
    for name, sql in _made(db, "table"):
        yield f"\n## {name}\n\n| column | type | meaning |\n| --- | --- | --- |\n"
        meanings = _meanings(sql)
        references = {row[3]: row[2] for row in db.execute(f"PRAGMA foreign_key_list({name})")}
        for _, column, kind, *_ in db.execute(f"PRAGMA table_info({name})"):
            said = meanings.get(column) or _key(column, references)
            yield f"| `{column}` | {kind.lower()} | {said} |\n"


def _key(column: str, references: dict[str, str]) -> str:
    """Return what a key points at, which needs no words of its own."""
    if column in references:
        return f"→ `{references[column]}`"
    return "key of this table" if column == "id" else ""


def _views(db: Connection) -> Iterator[str]:
    for name, sql in _made(db, "view"):
        meaning = re.search(r"-- (.*)", sql)
        columns = ", ".join(f"`{row[1]}`" for row in db.execute(f"PRAGMA table_info({name})"))
        yield f"\n## {name} (view)\n\n{meaning[1] if meaning else ''}\n\n{columns}\n"


def _parquet(db: Connection) -> Iterator[str]:
    """Yield the columns of the two Parquet files there are, as pyarrow writes them."""
    from scraper import export, parquet

    said = meanings(db)
    flat = [row[1] for row in db.execute("PRAGMA table_info(articles_flat)")]
    yield PARQUET
    for column in parquet.schema(flat, export.NUMBERS):
        meaning = FLAT.get(column.name) or said["articles"].get(column.name) or _key(column.name, {})
        yield f"| `{column.name}` | {column.type} | {meaning} |\n"
    yield PARQUET_OF_ARCHIVES
    for column in parquet.ARTICLES:
        yield f"| `{column.name}` | `{str(column.type).replace('item: ', '')}` |\n"


def _made(db: Connection, kind: str) -> list[tuple[str, str]]:
    """Return name and SQL of our tables or views: not those of SQLite, its full-text index or migrations."""
    return db.execute(
        """SELECT name, sql FROM sqlite_master WHERE type = ? AND name NOT LIKE '\\_%' ESCAPE '\\'
            AND name NOT LIKE 'sqlite%' AND (type = 'view' OR sql LIKE '%STRICT%') ORDER BY rowid""",
        (kind,),
    ).fetchall()


def meanings(db: Connection) -> dict[str, dict[str, str]]:
    """Return the meanings of the columns of each table, and nothing of views' columns."""
    tables = {name: _meanings(sql) for name, sql in _made(db, "table")}
    return tables | {name: {} for name, _ in _made(db, "view")}


def _meanings(sql: str) -> dict[str, str]:
    found = (COLUMN.match(line) for line in sql.splitlines())
    return {match[1]: match[2] for match in found if match and match[2]} | dict(ADDED.findall(sql))


def current() -> str:
    """Return the page for the schema that this version makes."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "articles.db") as store:
        return markdown(store.conn)


if __name__ == "__main__":
    sys.stdout.write(current())
