"""Which stored articles are meant, and finding them by their words.

A search and an export choose in the same way: by words, publication, section, author and time.
"""

import re
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from scraper import stories
from scraper.migrations import UNSPACED

RANKED_HITS = 2_000  # of more hits the newest are shown: ranking 848,000 took 1.4 s, newest first 0.1 ms
NO_MARKS = ("", "")
WEIGHTS = "8.0, 4.0, 1.0"  # a word of the headline counts for eight of the body, one of the dek for four


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles are meant: those for which all that is said here is true.

    All of ``words`` stand in headline, dek or body; those in double quotes together. ``publication`` is a key
    or name, ``author`` a part of a name. ``since`` and ``until`` are the beginning of an ISO 8601 time, such
    as 2026-03, and both are included.
    """

    words: str = ""
    publication: str | None = None
    section: str | None = None
    author: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Return what must hold in SQL for a row of ``articles``, but for the words, and the values in it."""
        given = {name: getattr(self, name) for name in _CONDITIONS if getattr(self, name) is not None}
        values = stories.cleaned(given)
        if self.author is not None:
            values["author"] = f"%{_literal(values['author'])}%"
        return [_CONDITIONS[name] for name in given], values


_CONDITIONS = {
    "publication": "articles.publication_id IN (SELECT id FROM publications "
    "WHERE key = :publication OR name = :publication COLLATE NOCASE)",
    "section": "articles.section = :section COLLATE NOCASE",
    # The names are read first: joined, SQLite reads every byline and asks for the name of each.
    "author": "articles.id IN (SELECT article_id FROM article_authors WHERE author_id IN "
    "(SELECT id FROM authors WHERE name LIKE :author ESCAPE '\\'))",
    "since": "articles.published_at >= :since",
    "until": "articles.published_at <= :until || '~'",  # "~" sorts behind what may follow: digits, T, Z
}


def search(
    db: Connection, wanted: Wanted, *, limit: int = 20, marks: tuple[str, str] = NO_MARKS
) -> list[dict[str, Any]]:
    """Return the articles that are wanted, the best first, with a snippet of each.

    Of very many hits the newest are returned. ``marks`` are put around the words that were found.
    """
    conditions, values = wanted.conditions()
    values |= {"limit": limit, "open": marks[0], "close": marks[1]}
    words = stories.cleaned(wanted.words).strip()
    if not words:
        return _rows(db, _ALL.format(conditions=_and(conditions)), values) if conditions else []
    if re.search(UNSPACED, words):
        return _search_unspaced(db, words, conditions, values)
    values["query"] = _quoted(words)
    hits = db.execute(_HITS, (values["query"], RANKED_HITS + 1)).fetchone()[0]
    order = f"bm25(articles_fts, {WEIGHTS})" if hits <= RANKED_HITS else "articles_fts.rowid DESC"
    chosen = _CHOSEN.format(conditions=_and(conditions)) if conditions else ""
    return _rows(db, _SEARCH.format(chosen=chosen, order=order), values)


def matching(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the condition in SQL on a row of ``articles`` that all of ``wanted`` holds, and its values."""
    conditions, values = wanted.conditions()
    words = stories.cleaned(wanted.words).strip()
    if words and re.search(UNSPACED, words):
        more, found = _unspaced(words)
        return _and(conditions + more), values | found
    if words:
        conditions.append("articles.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :query)")
        values["query"] = _quoted(words)
    return _and(conditions), values


def _search_unspaced(
    db: Connection, words: str, conditions: list[str], values: dict[str, Any]
) -> list[dict[str, Any]]:
    more, found = _unspaced(words)
    query = _SEARCH_UNSPACED.format(conditions=_and(conditions + more))
    return _rows(db, query, values | found | {"first": words.replace('"', " ").split()[0]})


def _unspaced(words: str) -> tuple[list[str], dict[str, Any]]:
    """Return conditions for scripts without spaces: by index from three characters on, else by reading."""
    parts = words.replace('"', " ").split()
    long = [part for part in parts if len(part) >= 3]
    values = {f"part{n}": f"%{_literal(part)}%" for n, part in enumerate(parts) if part not in long}
    conditions = [f"{_ALL_TEXT} LIKE :{name} ESCAPE '\\'" for name in values]
    if long:
        conditions.insert(
            0, "articles.id IN (SELECT rowid FROM articles_cjk WHERE articles_cjk MATCH :phrases)"
        )
        values["phrases"] = " ".join(f'"{part}"' for part in long)
    return conditions, values


def _and(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "1"


def _rows(db: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _quoted(words: str) -> str:
    """Return the words for FTS5, each in quotes, so that none is an operator; quoted ones stay together."""
    parts = re.findall(r'"[^"]*"|[^\s"]+', words)
    return " ".join(f'"{part.strip(chr(34))}"' for part in parts) or '""'


def _literal(part: str) -> str:
    """Return ``part`` with the wildcards of LIKE escaped."""
    return re.sub(r"([\\%_])", r"\\\1", part)


_HITS = "SELECT count(*) FROM (SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT ?)"
_FACTS = "articles.id, articles.url, publications.name AS publication"
_JOINED = "LEFT JOIN publications ON publications.id = articles.publication_id"
# The best are chosen first, and snippets made of theirs alone, for which SQLite reads the whole text. The
# facts are looked up in indexes, once; the plus keeps it from asking the index of words for each of them.
_CHOSEN = "AND +articles_fts.rowid IN (SELECT articles.id FROM articles WHERE {conditions})"
_SEARCH = f"""
    SELECT {_FACTS}, highlight(articles_fts, 0, :open, :close) AS headline, articles.dek, section,
        published_at, snippet(articles_fts, 2, :open, :close, ' … ', 24) AS snippet
    FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid {_JOINED}
    WHERE articles_fts MATCH :query AND articles_fts.rowid IN (
        SELECT articles_fts.rowid FROM articles_fts WHERE articles_fts MATCH :query {{chosen}}
        ORDER BY {{order}} LIMIT :limit)
    ORDER BY {{order}}
"""
_ALL_TEXT = "(coalesce(articles.headline, '') || ' ' || coalesce(articles.dek, '') || ' ' || body)"
_SEARCH_UNSPACED = f"""
    SELECT {_FACTS}, replace(headline, :first, :open || :first || :close) AS headline, dek, section,
        published_at, replace(substr(body, max(1, instr(body, :first) - 20), 60), :first,
            :open || :first || :close) AS snippet
    FROM articles {_JOINED} WHERE {{conditions}} ORDER BY articles.id DESC LIMIT :limit
"""
_ALL = f"""
    SELECT {_FACTS}, headline, dek, section, published_at, substr(body, 1, 160) AS snippet
    FROM articles {_JOINED} WHERE {{conditions}} ORDER BY published_at DESC, articles.id DESC LIMIT :limit
"""
