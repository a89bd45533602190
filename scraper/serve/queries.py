"""Ready questions for the browser: search with highlighted snippets, and one for each view."""

from typing import Any

from scraper.migrations import UNSPACED
from scraper.search import RANKED_HITS, WEIGHTS
from scraper.terminal import MARKS

_MARKS = ", ".join(f"char({ord(mark)})" for mark in MARKS)  # as SQL, for they have no shape to show
_OPEN, _CLOSE = _MARKS.split(", ")
_WANTED = """(:publication = '' OR publication_id IN (SELECT id FROM publications WHERE :publication IN (name, key)))
        AND (:since = '' OR published_at >= :since) AND (:until = '' OR published_at <= :until || '~')"""
_ASKED = """coalesce(nullif(escape_fts(:words), ''), '""')"""  # before anything is asked, nothing is found
# Of very many hits the newest are shown, and snippets are made of those alone that are: see scraper.search.
SEARCH = f"""
WITH many AS (
    SELECT count(*) > {RANKED_HITS} AS yes FROM (
        SELECT 1 FROM articles_fts WHERE articles_fts MATCH {_ASKED} LIMIT {RANKED_HITS + 1})
), best AS (
    SELECT rowid FROM articles_fts WHERE articles_fts MATCH {_ASKED} AND NOT (SELECT yes FROM many)
        AND (:publication || :since || :until = '' OR +rowid IN (SELECT id FROM articles WHERE {_WANTED}))
    ORDER BY bm25(articles_fts, {WEIGHTS}) LIMIT 100
), newest AS (
    SELECT rowid FROM articles_fts WHERE articles_fts MATCH {_ASKED} AND (SELECT yes FROM many)
        AND (:publication || :since || :until = '' OR +rowid IN (SELECT id FROM articles WHERE {_WANTED}))
    ORDER BY rowid DESC LIMIT 100
), found AS (
    SELECT rowid AS id, bm25(articles_fts, {WEIGHTS}) AS place, highlight(articles_fts, 0, {_MARKS}) AS headline,
        snippet(articles_fts, 2, {_MARKS}, ' … ', 32) AS snippet
    FROM articles_fts WHERE articles_fts MATCH {_ASKED}
        AND rowid IN (SELECT rowid FROM best UNION ALL SELECT rowid FROM newest)
    UNION ALL -- scripts without spaces, in which words are found by their characters
    SELECT * FROM (SELECT id, -id, replace(headline, :words, {_OPEN} || :words || {_CLOSE}),
            replace(substr(body, max(1, instr(body, :words) - 20), 60), :words, {_OPEN} || :words || {_CLOSE})
        FROM articles WHERE :words GLOB '*{UNSPACED}*' AND {_WANTED}
            AND instr(coalesce(headline, '') || ' ' || coalesce(dek, '') || ' ' || body, :words)
            AND (length(:words) < 3 OR id IN (
                SELECT rowid FROM articles_cjk WHERE articles_cjk MATCH {_ASKED}))
        ORDER BY id DESC LIMIT 100)
)
SELECT found.id, found.headline, snippet, publications.name AS publication, section,
    substr(published_at, 1, 16) AS published
FROM found JOIN articles USING (id) LEFT JOIN publications ON publications.id = publication_id
GROUP BY found.id ORDER BY place LIMIT 100
"""
_QUESTIONS: dict[str, dict[str, Any]] = {
    "search": {
        "title": "Search",
        "description": "Words in headline, dek and body, the best first. Leave the rest empty for all.",
        "sql": SEARCH.strip(),
        "params": ["words", "publication", "since", "until"],
    },
    "latest": {
        "title": "Latest articles",
        "sql": "SELECT id, headline, publication, section, authors, published_at, words "
        "FROM articles_flat ORDER BY published_at DESC LIMIT 100",
    },
    "coverage": {
        "title": "Articles per day and publication",
        "sql": "SELECT day, publication, articles, words FROM articles_per_day ORDER BY day DESC, articles DESC",
    },
    "busiest_authors": {
        "title": "Who writes most",
        "sql": "SELECT * FROM author_articles ORDER BY articles DESC LIMIT 200",
    },
    "sections": {
        "title": "Sections of each publication",
        "sql": "SELECT * FROM section_articles ORDER BY publication, articles DESC",
    },
    "agencies": {
        "title": "Agencies whose pictures are printed",
        "sql": "SELECT agency, publication, sum(pictures) AS pictures FROM credit_counts "
        "WHERE agency IS NOT NULL GROUP BY agency, publication ORDER BY pictures DESC",
    },
    "edited": {"title": "Articles that were edited most", "sql": "SELECT * FROM most_edited"},
    "silent_edits": {
        "title": "Substantial edits that readers were not told of",
        "sql": "SELECT articles.id, headline, changed, replaced_at FROM revisions "
        "JOIN articles ON articles.id = article_id WHERE whose = 'publisher' AND weight = 'substantial' "
        "AND correction IS NULL ORDER BY replaced_at DESC LIMIT 200",
    },
    "wire": {
        "title": "The same text in several publications",
        "sql": "SELECT * FROM wire_copy LIMIT 200",
    },
    "quality": {
        "title": "How often and how surely each field is found",
        "sql": "SELECT * FROM publication_quality ORDER BY publication, filled",
    },
    "failures": {
        "title": "Addresses that gave no article, and why",
        "sql": "SELECT publication, state, reason, addresses FROM ledger WHERE reason IS NOT NULL "
        "ORDER BY addresses DESC",
    },
    "noise": {
        "title": "What is cut most often",
        "sql": "SELECT * FROM removal_counts ORDER BY pieces DESC",
    },
}
QUERIES = {name: query | {"hide_sql": True} for name, query in _QUESTIONS.items()}
