"""What Datasette shows beyond tables: an article as an article, a front page, marks in search results.

A plugin: Datasette calls the functions that are named as its hooks.
"""

import re
from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

from datasette import NotFound, Response, hookimpl
from markupsafe import Markup, escape

from scraper import render, revisions, stored, stories
from scraper.migrations import UNSPACED
from scraper.terminal import MARKS

ARTICLE = r"/article/(?P<id>\d+)$"
LATEST = 12
_FRONT = """
    SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM publications) AS publications,
        (SELECT count(*) FROM revisions WHERE whose = 'publisher') AS edits,
        (SELECT max(ended_at) FROM runs) AS last_run
"""


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Give each article a page of its own."""
    return [(ARTICLE, article_page)]


@hookimpl
def render_cell(row: Any, value: object, column: str) -> Markup | None:
    """Mark the words that a search found, and lead from a headline to its article."""
    if not isinstance(value, str):
        return None
    text = marked(value)
    names = row.keys() if row is not None else ()  # "in" on a Row asks its values
    if column == "headline" and "id" in names:
        return Markup('<a href="/article/{}">{}</a>').format(int(row["id"]), text)
    return text if MARKS[0] in value else None


@hookimpl
def extra_template_vars(template: str, datasette: Any) -> Callable[[], Any] | dict[str, Any]:
    """Give the front page its articles."""
    if template != "index.html":
        return {}

    async def front() -> dict[str, Any]:
        database = datasette.get_database()
        found = await database.execute(_FRONT)
        latest = await database.execute(
            f"SELECT id, headline, dek, publication, section, published_at FROM articles_flat "
            f"ORDER BY published_at DESC LIMIT {LATEST}"
        )
        queries = await datasette.get_canned_queries(database.name, None)
        return {"counts": found.first(), "latest": latest.rows, "queries": queries, "database": database.name}

    return front


async def article_page(datasette: Any, request: Any) -> Any:
    """Show an article as a reader would want it; how each field is known and what was cut, on demand."""
    number = int(request.url_vars["id"])
    context = await datasette.get_database().execute_fn(lambda db: article_context(db, number))
    if context is None:
        raise NotFound(f"There is no article {number}")
    return Response.html(await datasette.render_template("article.html", context, request=request))


def article_context(db: Connection, number: int) -> dict[str, Any] | None:
    """Return what the article's page shows, or None if there is no such article."""
    row = next(stored.rows(db, "articles.id = ?", (number,)), None)
    if row is None:
        return None
    article = stored.article(db, row)
    found = revisions.of_article(db, number, stories.comparable(db, row))
    return {
        "article": article,
        "row": row,
        "length": _length(article.body, row["words"]),
        "body": Markup("\n".join(render.body_html(article))),  # escaped where it was made
        "canonical": render.web(article.canonical_url),
        "fields": sorted(article.provenance.items()),
        "revisions": [(revision, list(revision.differences())) for revision in reversed(found)],
        "copies": copies(db, number),
    }


def _length(body: str, words: int) -> str:
    """Return how long a text is; where its script writes no spaces, in characters."""
    unspaced = re.search(UNSPACED, body)
    return f"{len(body):,} characters" if unspaced else f"{words:,} word{'' if words == 1 else 's'}"


def copies(db: Connection, number: int) -> list[Any]:
    """Return the articles of other publications with the same text: id, publication, headline, origin."""
    return db.execute(
        """SELECT other.article_id, publications.name, headline, origin, evidence
            FROM copies JOIN copies AS other USING (cluster_id)
                JOIN clusters ON clusters.id = copies.cluster_id
                JOIN articles ON articles.id = other.article_id
                LEFT JOIN publications ON publications.id = publication_id
            WHERE copies.article_id = ? AND other.article_id <> ? ORDER BY published_at LIMIT 50""",
        (number, number),
    ).fetchall()


def marked(text: str) -> Markup:
    """Return the text escaped, with what stands between MARKS in <mark>."""
    safe = str(escape(text))
    return Markup(re.sub(f"{MARKS[0]}([^{MARKS[1]}]*){MARKS[1]}", r"<mark>\1</mark>", safe))
