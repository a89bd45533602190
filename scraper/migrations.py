"""The schema as its history. A table changes only by a new function at the end of this file.

Each migration runs once, in one transaction with all others that a file still lacks. What a column means
stands as a comment behind it: SQLite keeps the text, so ``.schema`` shows it and docs/database.md is made
from it (``python -m scraper.dictionary``). In ``ALTER TABLE … ADD COLUMN`` write the comment as
``/* … */`` before the last word, or SQLite drops it.

Full text. ``articles_fts`` splits at word ends and folds accents and case (unicode61): right for every
script that writes spaces. Chinese, Japanese and Thai do not, so unicode61 takes a whole sentence for one
word. Articles in those scripts are therefore also in ``articles_cjk`` (trigram, finds any three characters
in a row). Only they: a trigram index of all text would be larger than the text. Both are kept right by
triggers in plain SQL, so the file stays right when other programs write to it. Careful: sqlite-utils'
``transform()`` drops triggers; make them again in the same migration.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("cleancopy")

# From Thai to Khmer, kana and Chinese characters: scripts that write no spaces between words. The few between
# them that do (Georgian, Ethiopic) are found both ways; six exact ranges take 0.4 ms more for 5 KB of text.
UNSPACED = "[\u0e00-\u17ff\u3040-\u9fff]"


@migrations()
def m001_crawl(db: Database) -> None:
    """What was looked for, where, and what came of it."""
    db.executescript(
        """
        CREATE TABLE publications (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE, -- its name in config.toml
            name TEXT NOT NULL, -- its name for people
            url TEXT NOT NULL, -- its home page
            language TEXT -- BCP 47, as configured
        ) STRICT;

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL, -- UTC
            ended_at TEXT, -- UTC; empty while it runs, and for ever if it was killed
            outcome TEXT CHECK (outcome IN ('finished', 'interrupted', 'failed')), -- how it ended
            version TEXT NOT NULL, -- of this program
            counts TEXT -- JSON: addresses by what became of them in this run
        ) STRICT;

        CREATE TABLE hosts (
            id INTEGER PRIMARY KEY,
            origin TEXT NOT NULL UNIQUE, -- scheme, host and port
            politeness TEXT -- JSON: what is remembered between runs about when it may be asked
        ) STRICT;

        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE -- a feed, sitemap, section or page kind in which addresses were found
        ) STRICT;

        CREATE TABLE urls (
            id INTEGER PRIMARY KEY, -- first 64 bits of the SHA-256 of the canonical address, signed
            host_id INTEGER NOT NULL REFERENCES hosts,
            path TEXT NOT NULL, -- path and query; with hosts.origin the address as first found
            publication_id INTEGER REFERENCES publications,
            source_id INTEGER REFERENCES sources, -- where it was first found
            depth INTEGER NOT NULL DEFAULT 0, -- links between it and a feed, sitemap or section
            state TEXT NOT NULL DEFAULT 'due' -- due, saved, updated, unchanged, skipped or failed
                CHECK (state IN ('due', 'saved', 'updated', 'unchanged', 'skipped', 'failed')),
            reason TEXT, -- one word for the state: robots, wall, not_found, timeout …
            due_at INTEGER, -- Unix time from which on it is to be asked (again); empty: never
            tries INTEGER NOT NULL DEFAULT 0, -- failures in a row
            run_id INTEGER REFERENCES runs, -- the run that gave it this state
            article_id INTEGER REFERENCES articles -- the story it leads to
        ) STRICT;
        CREATE INDEX urls_due ON urls (host_id, due_at) WHERE due_at IS NOT NULL;

        CREATE TABLE pages (
            id INTEGER PRIMARY KEY,
            url_id INTEGER NOT NULL REFERENCES urls,
            fetched_at TEXT NOT NULL, -- UTC
            sha256 TEXT NOT NULL, -- of the body, hex
            file TEXT NOT NULL, -- WARC file, in the archive's folder
            offset INTEGER NOT NULL, -- bytes
            length INTEGER NOT NULL, -- bytes in the file
            content_type TEXT, -- as the server sent it
            etag TEXT, -- for the next conditional request
            last_modified TEXT -- the header, for the next conditional request
        ) STRICT;
        CREATE INDEX pages_url ON pages (url_id);

        CREATE TABLE fetches (
            id INTEGER PRIMARY KEY,
            url_id INTEGER NOT NULL REFERENCES urls,
            run_id INTEGER REFERENCES runs, -- empty for `scrape url --save`
            page_id INTEGER REFERENCES pages, -- the archived page, if it gave one
            fetched_at TEXT NOT NULL, -- UTC
            state TEXT NOT NULL, -- what it came to, as in urls
            reason TEXT, -- one word, as in urls
            detail TEXT, -- the rest of the sentence
            status INTEGER, -- HTTP status
            final_url TEXT, -- the address that answered, if it is another
            seconds REAL, -- from request to last byte
            size INTEGER -- bytes of the body, decoded
        ) STRICT;
        CREATE INDEX fetches_url ON fetches (url_id);
        CREATE INDEX fetches_run ON fetches (run_id);
        """
    )


@migrations()
def m002_articles(db: Database) -> None:
    """What the pages said."""
    db.executescript(
        """
        CREATE TABLE articles (
            id INTEGER PRIMARY KEY,
            url TEXT NOT NULL UNIQUE, -- the address that answered
            canonical_url TEXT NOT NULL, -- the address that the page calls its own
            publication_id INTEGER REFERENCES publications,
            kind TEXT NOT NULL, -- article or live
            headline TEXT, -- plain text, one line
            dek TEXT, -- the line under the headline
            section TEXT, -- of the publication, as printed
            byline TEXT, -- as printed; the names alone are in authors
            published_at TEXT, -- UTC
            published_zone TEXT, -- offset that the page gave; empty: none, UTC was assumed
            modified_at TEXT, -- UTC, as the publisher says
            modified_zone TEXT, -- offset that the page gave
            language TEXT, -- BCP 47
            body TEXT NOT NULL, -- plain text, a blank line between paragraphs
            blocks TEXT NOT NULL, -- JSON: the body as typed blocks (kind, text, level, url)
            words INTEGER NOT NULL, -- in the body, as split at spaces
            lead_image TEXT, -- address
            access TEXT NOT NULL, -- free, metered, paywalled, truncated or unknown
            access_evidence TEXT, -- what the page said about it
            page_id INTEGER REFERENCES pages, -- the archived page that this text was taken from
            saved_at TEXT NOT NULL, -- UTC; first stored
            updated_at TEXT NOT NULL, -- UTC; this text stored
            checked_at TEXT NOT NULL, -- UTC; last time that the page was asked and still said this
            gone_since TEXT -- UTC; the page has been answering "not found" since then
        ) STRICT;
        CREATE INDEX articles_canonical ON articles (canonical_url);
        CREATE INDEX articles_published ON articles (publication_id, published_at);

        CREATE TABLE authors (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE -- of a person, or of a desk where no person is named
        ) STRICT;
        CREATE TABLE article_authors (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order in the byline, from 0
            author_id INTEGER NOT NULL REFERENCES authors,
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX article_authors_author ON article_authors (author_id);

        CREATE TABLE tags (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE -- as printed
        ) STRICT;
        CREATE TABLE article_tags (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            tag_id INTEGER NOT NULL REFERENCES tags,
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX article_tags_tag ON article_tags (tag_id);

        CREATE TABLE images (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order in the story, from 0
            url TEXT NOT NULL, -- absolute address
            alt TEXT, -- text for those who cannot see it
            caption TEXT, -- the line under it, without the credit
            credit TEXT, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE credits (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            role TEXT NOT NULL, -- photo, image, video, illustration, graphic
            text TEXT NOT NULL, -- without its lead word
            person TEXT, -- name of who made it
            agency TEXT, -- name of the agency or archive
            raw TEXT NOT NULL, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE teasers (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            headline TEXT NOT NULL, -- of the other story
            url TEXT, -- of the other story
            section TEXT, -- of the other story
            credit TEXT, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE provenance (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            field TEXT NOT NULL, -- a column of articles, or authors, tags, credits …
            method TEXT NOT NULL, -- json-ld, meta, page, rule, url …
            locator TEXT NOT NULL, -- where on the page
            confidence REAL NOT NULL, -- share of such answers that were right, 0-1
            raw TEXT NOT NULL, -- as the page writes it, when cleaning changed it
            runners_up TEXT NOT NULL, -- JSON: the values that lost
            PRIMARY KEY (article_id, field)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE removals (
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            stripper TEXT NOT NULL, -- which rule cut it
            reason TEXT NOT NULL, -- why, in a few words
            text TEXT NOT NULL, -- what was cut
            locator TEXT NOT NULL, -- where on the page
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY,
            article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
            run_id INTEGER REFERENCES runs, -- the run that saw the change
            page_id INTEGER REFERENCES pages, -- the archived page with the old text
            replaced_at TEXT NOT NULL, -- UTC
            changed TEXT NOT NULL, -- names of the fields that changed, with a comma between
            old TEXT NOT NULL -- JSON: those fields as they were
        ) STRICT;
        CREATE INDEX revisions_article ON revisions (article_id);

        CREATE TABLE noise (
            publication_id INTEGER NOT NULL REFERENCES publications,
            fingerprint TEXT NOT NULL, -- of a block: its place in the tree and its text, digits folded
            text TEXT NOT NULL, -- one example
            seen INTEGER NOT NULL, -- articles of the publication on which it stands
            PRIMARY KEY (publication_id, fingerprint)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m003_search(db: Database) -> None:
    """Full text over headline, dek and body."""
    _full_text(db, "articles_fts", "unicode61 remove_diacritics 2", written="1", erased="1")
    _full_text(
        db, "articles_cjk", "trigram", written=_has_unspaced_script("new"), erased=_has_unspaced_script("old")
    )


@migrations()
def m004_views(db: Database) -> None:
    """What people ask, without joins."""
    db.executescript(
        """
        CREATE VIEW articles_flat AS -- one row per article, lists joined by "; "
        SELECT articles.id, articles.url, articles.canonical_url, publications.name AS publication, kind,
            headline, dek, section,
            (SELECT group_concat(name, '; ') FROM (SELECT name FROM article_authors JOIN authors
                ON authors.id = author_id WHERE article_id = articles.id ORDER BY position)) AS authors,
            published_at, modified_at, articles.language, words, body, lead_image,
            (SELECT group_concat(line, '; ') FROM (SELECT role || ': ' || text AS line FROM credits
                WHERE article_id = articles.id ORDER BY position)) AS credits,
            (SELECT group_concat(name, '; ') FROM (SELECT name FROM article_tags JOIN tags
                ON tags.id = tag_id WHERE article_id = articles.id ORDER BY position)) AS tags,
            access, saved_at, updated_at, checked_at, gone_since,
            (SELECT count(*) FROM revisions WHERE article_id = articles.id) AS revisions
        FROM articles LEFT JOIN publications ON publications.id = publication_id;

        CREATE VIEW addresses AS -- every address ever found, in full, and what became of it
        SELECT urls.id, hosts.origin || urls.path AS url, publications.key AS publication, state, reason,
            strftime('%Y-%m-%dT%H:%M:%SZ', due_at, 'unixepoch') AS due_at,
            sources.name AS source, depth, tries, urls.run_id, article_id
        FROM urls JOIN hosts ON hosts.id = host_id
            LEFT JOIN publications ON publications.id = publication_id
            LEFT JOIN sources ON sources.id = source_id;

        CREATE VIEW ledger AS -- how many addresses are in each state, by publication and reason
        SELECT publications.key AS publication, state, reason, count(*) AS addresses
        FROM urls LEFT JOIN publications ON publications.id = publication_id
        GROUP BY publication_id, state, reason;

        CREATE VIEW articles_per_day AS -- by day of publication, UTC
        SELECT publications.name AS publication, substr(published_at, 1, 10) AS day,
            count(*) AS articles, sum(words) AS words
        FROM articles LEFT JOIN publications ON publications.id = publication_id
        GROUP BY publication_id, day;

        CREATE VIEW author_articles AS -- how much each author wrote, and when
        SELECT authors.name AS author, count(*) AS articles, min(published_at) AS first,
            max(published_at) AS last
        FROM authors JOIN article_authors ON author_id = authors.id JOIN articles ON articles.id = article_id
        GROUP BY authors.id;

        CREATE VIEW removal_counts AS -- what is cut most often
        SELECT publications.name AS publication, stripper, reason, count(*) AS times,
            count(DISTINCT article_id) AS articles
        FROM removals JOIN articles ON articles.id = article_id
            LEFT JOIN publications ON publications.id = publication_id
        GROUP BY publication_id, stripper, reason;
        """
    )


@migrations()
def m005_documents(db: Database) -> None:
    """What is needed to ask for a feed, sitemap or section only when it is due and only if it changed."""
    db.executescript(
        """
        CREATE TABLE documents (
            url TEXT PRIMARY KEY, -- a feed, sitemap, section page or robots.txt that is read for addresses
            etag TEXT, -- for the next conditional request
            last_modified TEXT, -- the header, for the next conditional request
            sha256 TEXT NOT NULL, -- of the body, hex
            wire INTEGER NOT NULL, -- bytes of the body as sent
            named TEXT NOT NULL, -- JSON: the feeds or sitemaps that it names, each with its date
            checked_at INTEGER NOT NULL, -- Unix time of the last look
            pause INTEGER NOT NULL -- seconds from one look to the next: longer while nothing new comes
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE pages ADD COLUMN wire INTEGER NOT NULL DEFAULT /* bytes of the body as sent */ 0;
        """
    )


def _has_unspaced_script(row: str) -> str:
    return f"(coalesce({row}.headline, '') || {row}.body GLOB '*{UNSPACED}*')"


def _full_text(db: Database, name: str, tokenizer: str, *, written: str, erased: str) -> None:
    """Make an FTS5 table over articles and the triggers that keep it right.

    ``written`` and ``erased`` are conditions on the new and the old row: whether it belongs in the index.
    An update of other columns does not touch it: indexing costs twelve times the insert itself.
    """
    columns = "headline, dek, body"
    erase = (
        f"INSERT INTO {name} ({name}, rowid, {columns}) "
        f"SELECT 'delete', old.id, old.headline, old.dek, old.body WHERE {erased};"
    )
    write = (
        f"INSERT INTO {name} (rowid, {columns}) "
        f"SELECT new.id, new.headline, new.dek, new.body WHERE {written};"
    )
    db.executescript(
        f"""
        CREATE VIRTUAL TABLE {name} USING fts5 ({columns}, content=articles, content_rowid=id,
            tokenize='{tokenizer}');
        CREATE TRIGGER {name}_insert AFTER INSERT ON articles BEGIN {write} END;
        CREATE TRIGGER {name}_delete AFTER DELETE ON articles BEGIN {erase} END;
        CREATE TRIGGER {name}_update AFTER UPDATE OF {columns} ON articles BEGIN {erase} {write} END;
        """
    )
