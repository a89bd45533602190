"""The database in a browser: Datasette with everything set for this schema. The home of Datasette."""

from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any

from scraper import dictionary
from scraper.errors import ScrapeError

try:
    import uvicorn
    from datasette.app import Datasette
    from datasette.database import Database
    from datasette.plugins import pm
except ImportError as error:
    raise ScrapeError("the browsable database needs Datasette: pip install 'cleancopy[serve]'") from error

from scraper.serve import pages
from scraper.serve.queries import QUERIES

FOLDER = Path(__file__).parent
SETTINGS = {
    "default_page_size": 50,
    "facet_time_limit_ms": 1500,  # a facet over a million articles took 0.3 s; the default is 0.2 s
    "sql_time_limit_ms": 8000,
    "suggest_facets": False,  # it tries every column, those with whole articles too
    "truncate_cells_html": 240,
}
HIDDEN = (
    "sketches",
    "uncompared",
    "rewritten",
    "confirmed",
    "article_authors",
    "article_tags",
    "documents",
    "cuts",
    "hosts",
)
# What a row is called where another one points at it.
LABELS = {
    "articles": "headline",
    "publications": "name",
    "authors": "name",
    "tags": "name",
    "runs": "started_at",
    "sources": "name",
    "clusters": "origin",
    "batches": "started_at",
    "hosts": "origin",
}
TABLES: dict[str, dict[str, Any]] = {
    "articles": {
        "facets": ["publication_id", "section", "kind", "access"],
        "sort_desc": "published_at",
        "fts_table": "articles_fts",
        "fts_pk": "id",
    },
    "articles_flat": {"sort_desc": "published_at", "fts_table": "articles_fts", "fts_pk": "id"},
    "revisions": {"facets": ["whose", "weight", "changed"], "sort_desc": "id"},
    "fetches": {"facets": ["state", "reason"], "sort_desc": "id"},
    "addresses": {"facets": ["publication", "state", "reason"]},
    "credits": {"facets": ["role", "agency"]},
    "removals": {"facets": ["stripper"]},
    "runs": {"sort_desc": "id"},
    "wire_copy": {"facets": ["origin"]},
}


def application(database: Path) -> Datasette:
    """Return Datasette for a database that this program made."""
    if not pm.is_registered(pages):
        pm.register(pages)
    datasette = Datasette(
        [str(database)],
        metadata=metadata(database),
        settings=SETTINGS,
        template_dir=str(FOLDER / "templates"),
        static_mounts=[("cleancopy", str(FOLDER / "static"))],
    )
    datasette.remove_database(database.stem)
    datasette.add_database(Counted(datasette, path=str(database)), name=database.stem)
    return datasette


COUNTED = 100_000
"""Rows of a table that are counted for the list of tables; of more it says that there are many."""


class Counted(Database):  # type: ignore[misc]  # Datasette is untyped
    """A database whose tables are counted only so far.

    Datasette stops a count after some milliseconds, but SQLite counts a whole table, full-text index and all,
    in one step that nothing stops: the list of tables took ten seconds and more at a million articles.
    """

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:  # noqa: ARG002  Datasette's own
        """Return table → rows, None for more than COUNTED and for the hidden ones."""
        counts: dict[str, int | None] = {}
        hidden = set(await self.hidden_table_names())
        for table in await self.table_names():
            counts[table] = None
            if table not in hidden:
                sql = f"SELECT count(*) FROM (SELECT 1 FROM [{table}] LIMIT {COUNTED + 1})"
                found = (await self.execute(sql)).single_value()
                counts[table] = found if found <= COUNTED else None
        return counts


def serve(database: Path, *, host: str, port: int) -> None:
    """Serve the database until the process is stopped."""
    uvicorn.run(application(database).app(), host=host, port=port, log_level="warning", lifespan="on")


def metadata(database: Path) -> dict[str, Any]:
    """Return what Datasette is to know: titles, meanings of columns, facets, labels, queries."""
    with connect(f"{database.resolve().as_uri()}?mode=ro", uri=True) as db:
        tables = {name: _table(name, meanings) for name, meanings in described(db).items()}
    return {
        "title": "Articles",
        "description": "Clean articles, what became of every address, and where each field came from.",
        "extra_css_urls": ["/cleancopy/pages.css"],
        "databases": {database.stem: {"tables": tables, "queries": QUERIES}},
    }


def described(db: Connection) -> dict[str, dict[str, str]]:
    """Return the meanings of the columns of each table and view, by their names."""
    return dictionary.meanings(db)


def _table(name: str, meanings: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {"columns": meanings} if meanings else {}
    if name in HIDDEN:
        said["hidden"] = True
    if name in LABELS:
        said["label_column"] = LABELS[name]
    return said | TABLES.get(name, {})
