"""The schema as its history. A table changes only by a new function at the end of this file.

Each migration runs once, in one transaction with all others that a file still lacks. What a column means
stands as a comment behind it: SQLite keeps the text, so ``.schema`` shows it and docs/database.md is made
from it (``python -m scraper.dictionary``). In ``ALTER TABLE … ADD COLUMN`` write ``name /* meaning */ TYPE``:
SQLite drops what stands behind the last word.

Full text. ``articles_fts`` splits at word ends and folds accents and case (unicode61): right for every
script that writes spaces. Chinese, Japanese and Thai do not, so unicode61 takes a whole sentence for one
word. Articles in those scripts are therefore also in ``articles_cjk`` (trigram, finds any three characters
in a row). Only they: a trigram index of all text would be larger than the text. Both are kept right by
triggers in plain SQL, so the file stays right when other programs write to it. Careful: sqlite-utils'
``transform()`` drops triggers; make them again in the same migration.
"""

import json
import zlib

from sqlite_utils import Database, Migrations

from scraper.blocks import placed

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
            host_id INTEGER NOT NULL REFERENCES hosts (id),
            path TEXT NOT NULL, -- path and query; with hosts.origin the address as first found
            publication_id INTEGER REFERENCES publications (id),
            source_id INTEGER REFERENCES sources (id), -- where it was first found
            depth INTEGER NOT NULL DEFAULT 0, -- links between it and a feed, sitemap or section
            state TEXT NOT NULL DEFAULT 'due' -- due, saved, updated, unchanged, skipped or failed
                CHECK (state IN ('due', 'saved', 'updated', 'unchanged', 'skipped', 'failed')),
            reason TEXT, -- one word for the state: robots, wall, not_found, timeout …
            due_at INTEGER, -- Unix time from which on it is to be asked (again); empty: never
            tries INTEGER NOT NULL DEFAULT 0, -- failures in a row
            run_id INTEGER REFERENCES runs (id), -- the run that gave it this state
            article_id INTEGER REFERENCES articles (id) -- the story it leads to
        ) STRICT;
        CREATE INDEX urls_due ON urls (host_id, due_at) WHERE due_at IS NOT NULL;

        CREATE TABLE pages (
            id INTEGER PRIMARY KEY,
            url_id INTEGER NOT NULL REFERENCES urls (id),
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
            url_id INTEGER NOT NULL REFERENCES urls (id),
            run_id INTEGER REFERENCES runs (id), -- empty for `scrape url --save`
            page_id INTEGER REFERENCES pages (id), -- the archived page, if it gave one
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
            publication_id INTEGER REFERENCES publications (id),
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
            blocks TEXT NOT NULL, -- JSON: the body as typed blocks (kind, level, url); at and length say where their text stands in it, as for substr
            words INTEGER NOT NULL, -- in the body, as split at spaces
            lead_image TEXT, -- address
            access TEXT NOT NULL, -- free, metered, paywalled, truncated or unknown
            access_evidence TEXT, -- what the page said about it
            page_id INTEGER REFERENCES pages (id), -- the archived page that this text was taken from
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
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order in the byline, from 0
            author_id INTEGER NOT NULL REFERENCES authors (id),
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX article_authors_author ON article_authors (author_id);

        CREATE TABLE tags (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE -- as printed
        ) STRICT;
        CREATE TABLE article_tags (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            tag_id INTEGER NOT NULL REFERENCES tags (id),
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX article_tags_tag ON article_tags (tag_id);

        CREATE TABLE images (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order in the story, from 0
            url TEXT NOT NULL, -- absolute address
            alt TEXT, -- text for those who cannot see it
            caption TEXT, -- the line under it, without the credit
            credit TEXT, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE credits (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            role TEXT NOT NULL, -- photo, image, video, illustration, graphic
            text TEXT NOT NULL, -- without its lead word
            person TEXT, -- name of who made it
            agency TEXT, -- name of the agency or archive
            raw TEXT NOT NULL, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE teasers (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            headline TEXT NOT NULL, -- of the other story
            url TEXT, -- of the other story
            section TEXT, -- of the other story
            credit TEXT, -- as printed
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE provenance (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            field TEXT NOT NULL, -- a column of articles, or authors, tags, credits …
            method TEXT NOT NULL, -- json-ld, meta, page, rule, url …
            locator TEXT NOT NULL, -- where on the page
            confidence REAL NOT NULL, -- share of such answers that were right, 0-1
            raw TEXT NOT NULL, -- as the page writes it, when cleaning changed it
            runners_up TEXT NOT NULL, -- JSON: the values that lost
            PRIMARY KEY (article_id, field)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE removals (
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position INTEGER NOT NULL, -- order on the page, from 0
            stripper TEXT NOT NULL, -- which rule cut it
            reason TEXT NOT NULL, -- why, in a few words
            text TEXT NOT NULL, -- what was cut
            locator TEXT NOT NULL, -- where on the page
            PRIMARY KEY (article_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY,
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            run_id INTEGER REFERENCES runs (id), -- the run that saw the change
            page_id INTEGER REFERENCES pages (id), -- the archived page with the old text
            replaced_at TEXT NOT NULL, -- UTC
            changed TEXT NOT NULL, -- names of the fields that changed, with a comma between
            old TEXT NOT NULL -- JSON: those fields as they were
        ) STRICT;
        CREATE INDEX revisions_article ON revisions (article_id);

        CREATE TABLE noise (
            publication_id INTEGER NOT NULL REFERENCES publications (id),
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


@migrations()
def m006_editions(db: Database) -> None:
    """Whose change a revision is, and what a re-extraction can take back.

    Blocks say where they stand in the body instead of repeating it: half of a row was the second copy.
    """
    db.executescript(
        """
        CREATE TABLE batches (
            id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL, -- UTC
            ended_at TEXT, -- UTC; empty while it runs, and for ever if it was killed
            edition TEXT NOT NULL, -- what extracted the new texts
            chosen TEXT, -- the condition that chose the articles; empty: all
            counts TEXT, -- JSON: articles by what changed in them
            rolled_back_at TEXT -- UTC; taken back since then
        ) STRICT;

        CREATE TABLE rewritten (
            batch_id INTEGER NOT NULL REFERENCES batches (id),
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            snapshot BLOB NOT NULL, -- zlib JSON: the article with all its parts as it was before
            PRIMARY KEY (batch_id, article_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX rewritten_article ON rewritten (article_id);

        ALTER TABLE articles ADD COLUMN edition /* what extracted this text: version and hash of code and rules */ TEXT;
        ALTER TABLE revisions ADD COLUMN whose /* publisher: the page changed; ours: only the extraction did; unclear: both may have */ TEXT;
        ALTER TABLE revisions ADD COLUMN weight /* minor (spelling, punctuation, section, tags, dates) or substantial */ TEXT;
        ALTER TABLE revisions ADD COLUMN correction /* the note with which the publisher told readers of a publisher's change; empty: a silent one */ TEXT;
        ALTER TABLE revisions ADD COLUMN edition /* what extracted the old text */ TEXT;
        ALTER TABLE revisions ADD COLUMN batch_id /* the re-extraction that made the change */ INTEGER REFERENCES batches (id);
        CREATE INDEX revisions_batch ON revisions (batch_id) WHERE batch_id IS NOT NULL;
        UPDATE revisions SET whose = 'unclear';
        """
    )
    for article_id, blocks, body in db.execute("SELECT id, blocks, body FROM articles").fetchall():
        db.execute(
            "UPDATE articles SET blocks = ? WHERE id = ?", [placed(json.loads(blocks), body), article_id]
        )


@migrations()
def m007_summaries(db: Database) -> None:
    """What the views need so that each answers within a second over a million articles.

    A row of ``articles`` is several KB long: a view must find what it counts in an index or in a small table.
    """
    db.executescript(
        """
        DROP VIEW articles_per_day;
        DROP VIEW author_articles;
        DROP VIEW removal_counts;
        DROP INDEX articles_published;
        CREATE INDEX articles_published ON articles (publication_id, published_at, words);
        CREATE INDEX articles_section ON articles (publication_id, section, published_at);
        CREATE INDEX articles_day ON articles (published_at);

        ALTER TABLE article_authors ADD COLUMN publication_id /* as in articles, here for the sake of counting */ INTEGER REFERENCES publications (id);
        ALTER TABLE article_authors ADD COLUMN published_at /* as in articles, here for the sake of counting */ TEXT;
        ALTER TABLE credits ADD COLUMN publication_id /* as in articles, here for the sake of counting */ INTEGER REFERENCES publications (id);
        UPDATE article_authors SET (publication_id, published_at)
            = (SELECT publication_id, published_at FROM articles WHERE id = article_id);
        UPDATE credits SET publication_id = (SELECT publication_id FROM articles WHERE id = article_id);
        DROP INDEX article_authors_author;
        CREATE INDEX article_authors_author ON article_authors (author_id, publication_id, published_at);
        CREATE INDEX credits_agency ON credits (publication_id, agency, person, role);
        CREATE TRIGGER articles_counted AFTER UPDATE OF publication_id, published_at ON articles BEGIN
            UPDATE article_authors SET publication_id = new.publication_id, published_at = new.published_at
                WHERE article_id = new.id;
            UPDATE credits SET publication_id = new.publication_id WHERE article_id = new.id;
        END;
        CREATE INDEX revisions_whose ON revisions (whose, article_id, replaced_at);

        CREATE TABLE field_quality (
            publication_id INTEGER NOT NULL REFERENCES publications (id),
            field TEXT NOT NULL, -- a field of the article; "article" for whether the page gave one
            run_id INTEGER NOT NULL REFERENCES runs (id),
            method TEXT NOT NULL, -- how it was found, as in provenance; "" where it was not
            pages INTEGER NOT NULL, -- pages of the run with this answer
            confidence REAL NOT NULL, -- sum over these pages, each 0-1
            characters INTEGER NOT NULL, -- sum over these pages of the value's length
            length REAL NOT NULL, -- sum over these pages of ln(1 + characters), for comparing
            first_url_id INTEGER NOT NULL REFERENCES urls (id), -- the first such page of the run
            last_url_id INTEGER NOT NULL REFERENCES urls (id), -- the last such page of the run
            PRIMARY KEY (publication_id, field, run_id, method)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cuts (
            publication_id INTEGER NOT NULL REFERENCES publications (id),
            stripper TEXT NOT NULL, -- which rule cut
            run_id INTEGER NOT NULL REFERENCES runs (id),
            pages INTEGER NOT NULL, -- pages of the run on which it cut something
            pieces INTEGER NOT NULL, -- pieces that it cut
            characters INTEGER NOT NULL, -- in them
            PRIMARY KEY (publication_id, stripper, run_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE readings (
            run_id INTEGER NOT NULL REFERENCES runs (id),
            publication_id INTEGER NOT NULL REFERENCES publications (id),
            source_id INTEGER NOT NULL REFERENCES sources (id), -- the feed, sitemap or section that was read
            leads INTEGER NOT NULL, -- addresses in it
            new INTEGER NOT NULL, -- of them not known before
            reason TEXT, -- one word for why it could not be read
            detail TEXT, -- the rest of the sentence
            PRIMARY KEY (run_id, publication_id, source_id)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m008_copies(db: Database) -> None:
    """The same text in several publications: wire copy, syndication."""
    db.executescript(
        """
        CREATE TABLE sketches (
            hash INTEGER NOT NULL, -- of five words in a row; the smallest few of an article stand for its text
            article_id INTEGER NOT NULL, -- the article; no reference, as the row may outlive it
            PRIMARY KEY (hash, article_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE clusters (
            id INTEGER PRIMARY KEY,
            origin TEXT NOT NULL, -- agency or publication that the text likely comes from
            evidence TEXT NOT NULL, -- why: the words that name the agency, or "published first"
            article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- the first of them
            articles INTEGER NOT NULL, -- how many there are
            publications INTEGER NOT NULL -- in how many publications
        ) STRICT;
        CREATE INDEX clusters_article ON clusters (article_id);

        CREATE TABLE copies (
            article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
            cluster_id INTEGER NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            shared REAL NOT NULL -- share of the shorter text's five-word runs that another of the cluster has, 0-1
        ) STRICT;
        CREATE INDEX copies_cluster ON copies (cluster_id);
        """
    )


@migrations()
def m009_views(db: Database) -> None:
    """What people ask, without joins: again, within a second each."""
    db.executescript(
        """
        CREATE VIEW articles_per_day AS -- coverage: articles by day of publication, UTC
        SELECT publications.name AS publication, day, articles, words
        FROM (SELECT publication_id, substr(published_at, 1, 10) AS day, count(*) AS articles, sum(words) AS words
                FROM articles GROUP BY publication_id, day)
            LEFT JOIN publications ON publications.id = publication_id;

        CREATE VIEW author_articles AS -- how much each author wrote for whom, and when
        SELECT authors.name AS author, publications.name AS publication, articles, first, last
        FROM (SELECT author_id, publication_id, count(*) AS articles, min(published_at) AS first,
                max(published_at) AS last FROM article_authors GROUP BY author_id, publication_id) AS written
            JOIN authors ON authors.id = author_id
            LEFT JOIN publications ON publications.id = written.publication_id;

        CREATE VIEW section_articles AS -- the sections of each publication, and when they were in use
        SELECT publications.name AS publication, section, articles, first, last
        FROM (SELECT publication_id, section, count(*) AS articles, min(published_at) AS first,
                max(published_at) AS last FROM articles GROUP BY publication_id, section)
            LEFT JOIN publications ON publications.id = publication_id;

        CREATE VIEW credit_counts AS -- whose pictures each publication prints
        SELECT publications.name AS publication, agency, person, role, pictures
        FROM (SELECT publication_id, agency, person, role, count(*) AS pictures
                FROM credits GROUP BY publication_id, agency, person, role)
            LEFT JOIN publications ON publications.id = publication_id;

        CREATE VIEW most_edited AS -- the articles that their publishers changed most
        SELECT articles.id, publications.name AS publication, headline, edits, substantial, silent, first_edit,
            last_edit, articles.url
        FROM (SELECT article_id, count(*) AS edits, sum(weight = 'substantial') AS substantial,
                sum(weight = 'substantial' AND correction IS NULL) AS silent, min(replaced_at) AS first_edit,
                max(replaced_at) AS last_edit
                FROM revisions WHERE whose = 'publisher' GROUP BY article_id ORDER BY edits DESC LIMIT 1000)
            JOIN articles ON articles.id = article_id
            LEFT JOIN publications ON publications.id = publication_id
        ORDER BY edits DESC, last_edit DESC;

        CREATE VIEW wire_copy AS -- texts that stand in several publications, the newest first
        SELECT clusters.id, origin, evidence, clusters.articles, clusters.publications, headline, published_at, url
        FROM clusters JOIN articles ON articles.id = article_id ORDER BY clusters.id DESC;

        CREATE VIEW wire_flow AS -- how much of whose text each publication prints
        SELECT publications.name AS publication, origin, count(*) AS articles
        FROM copies JOIN clusters ON clusters.id = cluster_id JOIN articles ON articles.id = copies.article_id
            LEFT JOIN publications ON publications.id = publication_id
        GROUP BY articles.publication_id, origin;

        CREATE VIEW publication_quality AS -- how often each field is found, and how sure the answers are
        SELECT publications.name AS publication, field, sum(pages) AS pages,
            round(1.0 * sum(iif(method = '', 0, pages)) / sum(pages), 3) AS filled,
            round(sum(confidence) / nullif(sum(iif(method = '', 0, pages)), 0), 3) AS confidence,
            sum(characters) / nullif(sum(iif(method = '', 0, pages)), 0) AS characters
        FROM field_quality JOIN publications ON publications.id = publication_id
        GROUP BY publication_id, field;

        CREATE VIEW removal_counts AS -- what is cut most often
        SELECT publications.name AS publication, stripper, sum(pages) AS pages, sum(pieces) AS pieces,
            sum(characters) AS characters
        FROM cuts JOIN publications ON publications.id = publication_id GROUP BY publication_id, stripper;
        """
    )


@migrations()
def m010_schedule(db: Database) -> None:
    """When `scrape schedule` crawls next."""
    db.execute(
        "ALTER TABLE publications ADD COLUMN next_crawl_at "
        "/* UTC; when `scrape schedule` crawls it next, empty: at once */ TEXT"
    )


@migrations()
def m010_uncompared(db: Database) -> None:
    """Which texts are still to be compared with those of other publications; an old file's are all."""
    db.executescript(
        """
        CREATE TABLE uncompared (
            article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE
        ) STRICT;
        CREATE TRIGGER uncompared_insert AFTER INSERT ON articles BEGIN
            INSERT OR IGNORE INTO uncompared VALUES (new.id);
        END;
        CREATE TRIGGER uncompared_update AFTER UPDATE OF body ON articles WHEN new.body IS NOT old.body BEGIN
            INSERT OR IGNORE INTO uncompared VALUES (new.id);
        END;
        INSERT INTO uncompared SELECT id FROM articles;
        """
    )


@migrations()
def m011_noise(db: Database) -> None:
    """What a person decided about a line that recurs, and when it was last seen."""
    db.execute(
        "ALTER TABLE noise ADD COLUMN verdict /* keep: it is never cut; drop: always; empty: by its count */ "
        "TEXT CHECK (verdict IN ('keep', 'drop'))"
    )
    db.execute("ALTER TABLE noise ADD COLUMN seen_at /* UTC; when it was last counted */ TEXT")


@migrations()
def m012_parts(db: Database) -> None:
    """The further pages of stories that go over several."""
    db.execute(
        """
        CREATE TABLE parts (
            page_id INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE, -- a story's first page
            position INTEGER NOT NULL, -- 2 for its second page, and so on
            part_id INTEGER NOT NULL REFERENCES pages (id), -- that page
            PRIMARY KEY (page_id, position)
        ) STRICT
        """
    )


@migrations()
def m013_refusals(db: Database) -> None:
    """Which rules were not followed, because they would have taken a story."""
    db.execute(
        """
        CREATE TABLE refusals (
            publication_id INTEGER NOT NULL REFERENCES publications (id),
            rule TEXT NOT NULL, -- the strip rule, as it is written
            stories INTEGER NOT NULL, -- on which it was refused; from three on it is not tried any more
            reason TEXT NOT NULL, -- what it would have done to the last of them
            url TEXT NOT NULL, -- of the last of them
            seen_at TEXT NOT NULL, -- UTC
            PRIMARY KEY (publication_id, rule)
        ) STRICT
        """
    )


@migrations()
def m014_truncated(db: Database) -> None:
    """Which archived bodies are only the beginning of what the server had."""
    db.execute(
        "ALTER TABLE pages ADD COLUMN truncated /* why the body is cut, in WARC's words: length (too large), time, "
        "disconnect; empty: it is whole */ TEXT"
    )


@migrations()
def m015_imports(db: Database) -> None:
    """Which web archives were stored, and how far."""
    db.execute(
        """
        CREATE TABLE imports (
            input TEXT PRIMARY KEY, -- path or address of the WARC file, or of a folder's pages
            sha256 TEXT NOT NULL, -- of the articles that were extracted from it, in hex
            rows INTEGER NOT NULL, -- of these articles, how many are dealt with
            run_id INTEGER REFERENCES runs (id), -- the run that did so last
            imported_at TEXT NOT NULL -- UTC
        ) STRICT
        """
    )


@migrations()
def m016_coverage(db: Database) -> None:
    """Days and states are counted as they change: at a million, counting anew took 1.1 to 1.7 s and 1.3 to 1.9 s.

    A line of possible noise is a text from its second sighting on: most never come again, and their texts were
    most of the table.
    """
    same_day = "coalesce(publication_id, 0) = coalesce({0}.publication_id, 0) AND coalesce(day, '') = coalesce(substr({0}.published_at, 1, 10), '')"
    add = """INSERT INTO daily VALUES (new.publication_id, substr(new.published_at, 1, 10), 1, new.words)
        ON CONFLICT (coalesce(publication_id, 0), coalesce(day, ''))
        DO UPDATE SET articles = articles + 1, words = words + new.words;"""
    subtract = f"""UPDATE daily SET articles = articles - 1, words = words - old.words WHERE {same_day.format("old")};
        DELETE FROM daily WHERE articles = 0 AND {same_day.format("old")};"""
    same_state = "coalesce(publication_id, 0) = coalesce(old.publication_id, 0) AND state = old.state AND coalesce(reason, '') = coalesce(old.reason, '')"
    enter = """INSERT INTO tally VALUES (new.publication_id, new.state, new.reason, 1)
        ON CONFLICT (coalesce(publication_id, 0), state, coalesce(reason, '')) DO UPDATE SET addresses = addresses + 1;"""
    leave = f"UPDATE tally SET addresses = addresses - 1 WHERE {same_state};"
    db.executescript(
        f"""
        CREATE TABLE daily (
            publication_id INTEGER REFERENCES publications (id), -- empty: articles of none
            day TEXT, -- of publication, UTC; empty: the pages do not say
            articles INTEGER NOT NULL, -- stored ones of that day
            words INTEGER NOT NULL -- in their bodies
        ) STRICT;
        CREATE UNIQUE INDEX daily_day ON daily (coalesce(publication_id, 0), coalesce(day, ''));
        INSERT INTO daily SELECT publication_id, substr(published_at, 1, 10) AS day, count(*), sum(words)
            FROM articles GROUP BY publication_id, day;
        CREATE TRIGGER daily_insert AFTER INSERT ON articles BEGIN {add} END;
        CREATE TRIGGER daily_delete AFTER DELETE ON articles BEGIN {subtract} END;
        CREATE TRIGGER daily_update AFTER UPDATE OF publication_id, published_at, words ON articles
            WHEN old.publication_id IS NOT new.publication_id OR old.published_at IS NOT new.published_at
                OR old.words IS NOT new.words BEGIN {subtract} {add} END;
        DROP VIEW articles_per_day;
        CREATE VIEW articles_per_day AS -- coverage: articles by day of publication, UTC
        SELECT publications.name AS publication, day, articles, words
        FROM daily LEFT JOIN publications ON publications.id = publication_id;

        CREATE TABLE tally (
            publication_id INTEGER REFERENCES publications (id), -- empty: addresses of none
            state TEXT NOT NULL, -- as in urls
            reason TEXT, -- as in urls
            addresses INTEGER NOT NULL -- in this state for this reason
        ) STRICT;
        CREATE UNIQUE INDEX tally_state ON tally (coalesce(publication_id, 0), state, coalesce(reason, ''));
        INSERT INTO tally SELECT publication_id, state, reason, count(*) FROM urls
            GROUP BY publication_id, state, reason;
        CREATE TRIGGER tally_insert AFTER INSERT ON urls BEGIN {enter} END;
        CREATE TRIGGER tally_delete AFTER DELETE ON urls BEGIN {leave} END;
        CREATE TRIGGER tally_update AFTER UPDATE OF publication_id, state, reason ON urls
            WHEN old.publication_id IS NOT new.publication_id OR old.state IS NOT new.state
                OR old.reason IS NOT new.reason BEGIN {leave} {enter} END;
        DROP VIEW ledger;
        CREATE VIEW ledger AS -- how many addresses are in each state, by publication and reason
        SELECT publications.key AS publication, state, reason, addresses
        FROM tally LEFT JOIN publications ON publications.id = publication_id WHERE addresses > 0;

        ALTER TABLE noise RENAME TO noise_before;
        CREATE TABLE noise (
            publication_id INTEGER NOT NULL REFERENCES publications (id),
            fingerprint TEXT NOT NULL, -- of a line: its text with case, digits and punctuation folded
            text TEXT NOT NULL, -- one example; "" where it was seen once only
            seen INTEGER NOT NULL, -- articles of the publication on which it stands
            verdict TEXT CHECK (verdict IN ('keep', 'drop')), -- keep: it is never cut; drop: always; empty: by its count
            seen_at TEXT, -- UTC; when it was last counted
            PRIMARY KEY (publication_id, fingerprint)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO noise SELECT publication_id, fingerprint, iif(seen > 1 OR verdict IS NOT NULL, text, ''), seen,
            verdict, seen_at FROM noise_before;
        DROP TABLE noise_before;
        """
    )


@migrations()
def m017_contradictions(db: Database) -> None:
    """Addresses that cannot be are found without a look at the others: every crawl asks for them at its end."""
    db.executescript(
        """
        CREATE INDEX urls_timeless ON urls (id) WHERE state = 'due' AND due_at IS NULL;
        CREATE INDEX urls_storyless ON urls (id)
            WHERE state IN ('saved', 'updated', 'unchanged') AND article_id IS NULL;
        """
    )


@migrations()
def m018_confirmed(db: Database) -> None:
    """A re-extraction that finds a text as it is notes so for many at once.

    Learned noise gives a publication another edition with nearly every crawl, so that each re-extraction kept
    a row for nearly every article of which only the edition's name was new.
    """
    db.execute(
        """
        CREATE TABLE confirmed (
            batch_id INTEGER NOT NULL REFERENCES batches (id),
            earlier TEXT, -- the edition that they had; empty: none
            edition TEXT NOT NULL, -- what extracted the same of their pages
            articles TEXT NOT NULL -- JSON: the ids of the articles
        ) STRICT
        """
    )
    db.execute("CREATE INDEX confirmed_batch ON confirmed (batch_id)")
    small = """SELECT batch_id, article_id, snapshot, edition FROM rewritten JOIN batches ON batches.id = batch_id
        WHERE length(snapshot) < 1000"""  # of a name alone it has 100 bytes
    for batch, article, packed, edition in db.execute(small).fetchall():
        kept = json.loads(zlib.decompress(packed))
        if kept["parts"] is None:
            row = (batch, kept["row"]["edition"], kept.get("edition", edition), json.dumps([article]))
            db.execute("INSERT INTO confirmed VALUES (?, ?, ?, ?)", row)
            db.execute("DELETE FROM rewritten WHERE batch_id = ? AND article_id = ?", (batch, article))


@migrations()
def m019_kinds(db: Database) -> None:
    """Articles are counted by kind and access without reading them: of a million that took ten seconds each."""
    db.execute("CREATE INDEX articles_kind ON articles (kind, access)")


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
