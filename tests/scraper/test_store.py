"""The database: whole transactions, never worse, never silently damaged, found again by search."""

import hashlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from extractors import Access, Article, Block, Credit, Image, Kind, NoContent, Origin, Removal, Teaser
from scraper import reextract
from scraper.archive import Pointer
from scraper.blocks import with_texts
from scraper.config import Publication
from scraper.errors import Damaged, Locked, NewerSchema, Permanent, StoreError, Transient
from scraper.fetch import Fetched
from scraper.migrations import migrations
from scraper.outcome import State, TookTooLong, Unchanged
from scraper.search import Wanted
from scraper.store import Store

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://gazette.example/dam"
BODY = "The dam opened on Monday.\n\nIt is two years late.\n\nNobody was surprised by that."

DAM = Article(
    url=URL,
    kind=Kind.ARTICLE,
    canonical_url=URL,
    headline="Dam opens",
    dek="Two years late",
    section="Region",
    authors=("Ana Roe", "Bo Lind"),
    byline="By Ana Roe and Bo Lind",
    published_at=NOON - timedelta(hours=2),
    published_zone="+01:00",
    language="en",
    body=BODY,
    blocks=tuple(Block("paragraph", text) for text in BODY.split("\n\n")),
    lead_image=Image("https://gazette.example/dam.jpg", alt="The dam"),
    images=(Image("https://gazette.example/dam.jpg", alt="The dam"),),
    credits=(Credit("photo", "Cy Dahl", person="Cy Dahl", raw="Photo: Cy Dahl"),),
    tags=("water", "region"),
    access=Access.FREE,
    teasers=(Teaser("Mill burns", "https://gazette.example/mill"),),
    provenance={"headline": Origin("json-ld", "NewsArticle.headline", 0.98)},
    removals=(Removal("social", "share links", "Follow us"),),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "data" / "articles.db") as store:
        yield store


def rows(store: Store, query: str) -> list[dict[str, Any]]:
    return list(store.db.query(query))


def fetched(url: str = URL, *, final_url: str | None = None, body: bytes = b"page") -> Fetched:
    headers = (("Content-Type", "text/html"), ("ETag", '"1"'))
    return Fetched(url, final_url or url, 200, headers, body, NOON, 0.2)


def pointer(body: bytes = b"page") -> Pointer:
    return Pointer("20260302T120000Z-00001.warc.gz", 300, 1200, hashlib.sha256(body).hexdigest())


# What is saved.


def test_an_article_comes_back_in_every_table(store: Store) -> None:
    outcome = store.save(URL, DAM, fetched=fetched(), pointer=pointer(), now=NOON)
    assert outcome.state is State.SAVED
    (flat,) = rows(store, "SELECT * FROM articles_flat")
    assert flat["headline"] == "Dam opens"
    assert flat["authors"] == "Ana Roe; Bo Lind"
    assert flat["credits"] == "photo: Cy Dahl"
    assert flat["tags"] == "water; region"
    assert flat["published_at"] == "2026-03-02T10:00:00Z"
    assert flat["words"] == 15
    assert rows(store, "SELECT stripper, text FROM removals") == [{"stripper": "social", "text": "Follow us"}]
    assert rows(store, "SELECT headline, url FROM teasers") == [
        {"headline": "Mill burns", "url": "https://gazette.example/mill"}
    ]
    assert rows(store, "SELECT method, confidence FROM provenance") == [
        {"method": "json-ld", "confidence": 0.98}
    ]
    assert rows(store, "SELECT etag, offset FROM pages") == [{"etag": '"1"', "offset": 300}]
    assert rows(store, "SELECT state, status, size FROM fetches") == [
        {"state": "saved", "status": 200, "size": 4}
    ]


def test_a_name_is_one_row_however_many_articles_it_signs(store: Store) -> None:
    other = replace(DAM, url=URL + "2", canonical_url=URL + "2", headline="Mill burns", body="Other text.")
    store.save(URL, DAM)
    store.save(URL + "2", other)
    assert len(rows(store, "SELECT * FROM authors")) == 2
    assert {row["author"]: row["articles"] for row in rows(store, "SELECT * FROM author_articles")} == {
        "Ana Roe": 2,
        "Bo Lind": 2,
    }


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param("a\ud800b", "a\ufffdb", id="lone surrogate"),
        pytest.param("\ud83d\ude00", "\U0001f600", id="surrogate pair becomes its character"),
        pytest.param("a\0b", "ab", id="NUL in ASCII"),
        pytest.param("é\0b", "éb", id="NUL beside other letters"),
        pytest.param("e\u0301", "\xe9", id="accent apart becomes NFC"),
        pytest.param(
            "Robert'); DROP TABLE articles;--", "Robert'); DROP TABLE articles;--", id="SQL stays text"
        ),
    ],
)
def test_text_that_sqlite_cannot_hold_is_cleaned_and_the_row_is_kept(
    store: Store, given: str, stored: str
) -> None:
    poisoned = replace(
        DAM,
        headline=given,
        body=given,
        authors=(given,),
        tags=(given,),
        section=given,
        blocks=(Block("paragraph", given),),
        removals=(Removal(given, given, given),),
        provenance={"headline": Origin("meta", given, 0.5, raw=given)},
    )
    assert store.save(URL, poisoned).state is State.SAVED
    (flat,) = rows(store, "SELECT headline, body, authors, tags, section FROM articles_flat")
    assert set(flat.values()) == {stored}


# What is seen again.


def test_the_same_story_again_is_unchanged_and_notes_the_look(store: Store) -> None:
    store.save(URL, DAM, now=NOON)
    again = replace(DAM, teasers=(Teaser("Another"),), modified_at=NOON)
    assert store.save(URL, again, now=NOON + timedelta(days=1)).state is State.UNCHANGED
    (row,) = rows(store, "SELECT checked_at, modified_at, updated_at FROM articles")
    assert row == {
        "checked_at": "2026-03-03T12:00:00Z",
        "modified_at": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
    }
    assert rows(store, "SELECT * FROM revisions") == []


def test_what_is_no_revision_is_what_the_latest_page_says(store: Store) -> None:
    """Related links and pictures change with every rendering; page_id names the page that they are from."""
    store.save(URL, DAM, fetched=fetched(), pointer=pointer(), now=NOON)
    again = replace(DAM, teasers=(Teaser("Another"),), images=(), provenance={})
    outcome = store.save(URL, again, fetched=fetched(body=b"else"), pointer=pointer(b"else"), now=NOON)
    assert outcome.state is State.UNCHANGED
    assert rows(store, "SELECT headline FROM teasers") == [{"headline": "Another"}]
    assert rows(store, "SELECT page_id FROM articles") == [{"page_id": 2}]
    assert rows(store, "SELECT * FROM images") == rows(store, "SELECT * FROM provenance") == []
    assert len(store.search(Wanted("dam"))) == 1


def test_a_changed_story_keeps_its_old_values_as_a_revision(store: Store) -> None:
    store.save(URL, DAM, fetched=fetched(), pointer=pointer(), now=NOON)
    edited = replace(DAM, headline="Dam opens at last", authors=("Ana Roe",))
    outcome = store.save(URL, edited, fetched=fetched(), pointer=pointer(b"new"), now=NOON)
    assert (outcome.state, outcome.detail) == (State.UPDATED, "headline, authors")
    (revision,) = rows(store, "SELECT changed, old, page_id FROM revisions")
    assert revision == {
        "changed": "headline, authors",
        "old": '{"headline": "Dam opens", "authors": ["Ana Roe", "Bo Lind"]}',
        "page_id": 1,
    }
    assert rows(store, "SELECT headline, authors FROM articles_flat") == [
        {"headline": "Dam opens at last", "authors": "Ana Roe"}
    ]


@pytest.mark.parametrize(
    ("worse", "state", "reason"),
    [
        pytest.param(Article(URL, Kind.WALL, URL), "skipped", "wall", id="consent wall"),
        pytest.param(Article(URL, Kind.MISSING, URL), "skipped", "missing", id="soft 404"),
        pytest.param(Article(URL, Kind.SHELL, URL), "skipped", "shell", id="shell"),
        pytest.param(Article(URL, Kind.LISTING, URL), "skipped", "listing", id="sent to the front page"),
        pytest.param(replace(DAM, body=""), "skipped", "emptier", id="body gone"),
        pytest.param(replace(DAM, headline=None), "skipped", "emptier", id="headline gone"),
        pytest.param(replace(DAM, body=BODY[:30]), "skipped", "emptier", id="preview of it"),
        pytest.param(
            replace(DAM, body=BODY[:60], access=Access.PAYWALLED),
            "skipped",
            "emptier",
            id="now behind a paywall",
        ),
        pytest.param(
            replace(DAM, url="https://gazette.example/b", headline="Mill burns", body=BODY.upper()),
            "skipped",
            "moved",
            id="address leads to another story",
        ),
        pytest.param(NoContent(URL, "nothing"), "failed", "no_content", id="nothing to read"),
        pytest.param(Permanent(URL, "not_found", "404", status=404), "failed", "not_found", id="404"),
        pytest.param(Transient(URL, "timeout", "60 s"), "due", "timeout", id="time-out"),
        pytest.param(TookTooLong(URL, "parse_timeout", "10 s"), "failed", "parse_timeout", id="hangs"),
    ],
)
def test_nothing_worse_replaces_a_good_article_and_the_visit_is_recorded(
    store: Store, worse: Any, state: str, reason: str
) -> None:
    store.save(URL, DAM)
    before = rows(store, "SELECT headline, dek, body, authors, credits, updated_at FROM articles_flat")
    outcome = store.save(URL, worse)
    assert (outcome.state, outcome.reason) == (state, reason)
    assert (
        rows(store, "SELECT headline, dek, body, authors, credits, updated_at FROM articles_flat") == before
    )
    assert rows(store, "SELECT state, reason FROM fetches ORDER BY id DESC LIMIT 1") == [
        {"state": state, "reason": reason}
    ]
    assert rows(store, "SELECT state, reason FROM urls") == [{"state": state, "reason": reason}]


def test_a_deleted_page_keeps_its_article_and_says_since_when_it_is_gone(store: Store) -> None:
    gone = Permanent(URL, "gone", "410", status=410)
    store.save(URL, DAM, now=NOON)
    store.save(URL, gone, now=NOON + timedelta(days=1))
    store.save(URL, gone, now=NOON + timedelta(days=2))
    assert rows(store, "SELECT gone_since FROM articles") == [{"gone_since": "2026-03-03T12:00:00Z"}]
    store.save(URL, DAM, now=NOON + timedelta(days=3))
    assert rows(store, "SELECT gone_since FROM articles") == [{"gone_since": None}]


def test_not_modified_counts_as_unchanged(store: Store) -> None:
    store.save(URL, DAM, now=NOON)
    assert store.save(URL, Unchanged(URL), now=NOON).state is State.UNCHANGED


def test_one_story_under_two_addresses_is_one_article(store: Store) -> None:
    store.save(URL, DAM)
    other = store.save("https://gazette.example/region/dam", replace(DAM, url=URL + "?x"))
    assert (other.state, other.reason, other.article_id) == (State.SKIPPED, "duplicate", 1)
    assert rows(store, "SELECT count(*) AS n FROM articles") == [{"n": 1}]


def test_two_stories_that_claim_one_canonical_address_are_two_articles(store: Store) -> None:
    store.save(URL, DAM)
    other = replace(DAM, url=URL + "2", headline="Mill burns", body="Something else altogether.")
    assert store.save(URL + "2", other).state is State.SAVED


def test_the_address_a_redirect_leads_to_is_not_asked_by_itself(store: Store) -> None:
    short = "https://gazette.example/s/1"
    outcome = store.save(short, DAM, fetched=fetched(short, final_url=URL), pointer=pointer())
    assert (outcome.state, outcome.entered) == (State.SAVED, 2)
    assert rows(store, "SELECT url, state, reason, article_id FROM addresses ORDER BY url") == [
        {"url": URL, "state": "skipped", "reason": "duplicate", "article_id": 1},
        {"url": short, "state": "saved", "reason": None, "article_id": 1},
    ]


def test_a_passing_failure_stays_due_three_times_and_then_counts(store: Store) -> None:
    states = [store.save(URL, Transient(URL, "timeout")).state for _ in range(4)]
    assert states == [State.DUE, State.DUE, State.DUE, State.FAILED]


def test_a_save_that_fails_half_way_leaves_nothing(store: Store) -> None:
    broken = replace(DAM, provenance={"headline": Origin(None, "x", 0.5)})  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.save(URL, broken)
    for table in ("articles", "urls", "fetches", "authors", "articles_fts"):
        assert rows(store, f"SELECT count(*) AS n FROM {table}") == [{"n": 0}], table


# Search.


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        pytest.param("dam", 1, id="headline"),
        pytest.param("MONDAY late", 1, id="all words, any case"),
        pytest.param("monday tuesday", 0, id="one word is not there"),
        pytest.param('"two years late"', 1, id="phrase"),
        pytest.param('"late two years"', 0, id="phrase in another order"),
        pytest.param("zurich", 1, id="accent left out"),
        pytest.param("ZÜRICH", 1, id="accent given"),
        pytest.param("地震", 1, id="two Chinese characters"),
        pytest.param("北京发生", 1, id="four Chinese characters"),
        pytest.param("北京 地震", 1, id="two Chinese words"),
        pytest.param("上海", 0, id="Chinese word that is not there"),
        pytest.param("50%", 0, id="wildcards are text"),
        pytest.param('AND OR "', 0, id="operators are words"),
        pytest.param("", 0, id="nothing"),
        pytest.param("   ", 0, id="blanks"),
        pytest.param("--- '", 0, id="only signs"),
        pytest.param("a\0b", 0, id="NUL"),
    ],
)
def test_search(store: Store, words: str, hits: int) -> None:
    store.save(URL, DAM)
    for number, (title, body) in enumerate(
        [("Zürich votes", "Im Café wurde gezählt."), ("北京消息", "昨天北京发生地震，没有人受伤。")]
    ):
        url = f"https://gazette.example/{number}"
        store.save(url, replace(DAM, url=url, canonical_url=url, headline=title, dek=None, body=body))
    assert len(store.search(Wanted(words))) == hits


def test_search_follows_updates_and_deletions(store: Store) -> None:
    store.save(URL, DAM)
    store.save(URL, replace(DAM, headline="Weir closes", body=BODY.replace("dam", "weir")))
    assert [len(store.search(Wanted(word))) for word in ("dam", "weir")] == [0, 1]
    with store.transaction() as db:
        db.execute("UPDATE urls SET article_id = NULL")
        db.execute("DELETE FROM articles")
    assert store.search(Wanted("weir")) == []
    store.conn.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")


def test_days_are_counted_as_articles_come_change_and_go(store: Store) -> None:
    """What triggers keep is what counting anew gives, for all publications and days and for those of none."""
    ids = [
        store.publication_id(Publication(key, key, f"https://{key}.example/")) for key in ("gazette", "post")
    ]
    days = (datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC), None)
    for number, (publication, day) in enumerate(product((*ids, None), days)):
        url = f"{URL}{number}"
        story = replace(DAM, url=url, canonical_url=url, headline=url, body=f"{BODY} {url}", published_at=day)
        store.save(url, story, publication_id=publication)
        assert_days_are_right(store)
    store.save(
        f"{URL}0", replace(DAM, url=f"{URL}0", headline="Weir closes", body=BODY, published_at=days[1])
    )
    assert_days_are_right(store)
    with store.transaction() as db:
        db.execute("UPDATE urls SET article_id = NULL")
        db.execute("DELETE FROM articles WHERE id % 2 = 1")
    assert_days_are_right(store)


def test_the_ledger_is_what_counting_anew_gives(store: Store) -> None:
    store.save(URL, DAM)
    store.save(f"{URL}2", Permanent(f"{URL}2", "not_found"))
    for number in (3, 4):
        store.save(f"{URL}{number}", Transient(f"{URL}{number}", "timeout"))
    store.save(f"{URL}3", Permanent(f"{URL}3", "gone"))
    store.save(URL, DAM)
    counted = "SELECT state, reason, count(*) FROM urls GROUP BY state, reason ORDER BY 1, 2"
    kept = "SELECT state, reason, addresses FROM ledger ORDER BY 1, 2"
    assert store.conn.execute(kept).fetchall() == store.conn.execute(counted).fetchall()
    assert len(store.conn.execute(kept).fetchall()) == 4


def assert_days_are_right(store: Store) -> None:
    counted = """SELECT publications.name, substr(published_at, 1, 10) AS day, count(*), sum(words) FROM articles
        LEFT JOIN publications ON publications.id = publication_id GROUP BY publication_id, day"""
    kept = store.conn.execute("SELECT * FROM articles_per_day").fetchall()
    assert sorted(kept, key=repr) == sorted(store.conn.execute(counted).fetchall(), key=repr) != []


# The file.


def test_every_table_is_strict_and_every_reference_holds(store: Store) -> None:
    store.save(URL, DAM, fetched=fetched(), pointer=pointer())
    tables = store.conn.execute("PRAGMA table_list").fetchall()
    ours = [row for row in tables if row[0] == "main" and row[2] == "table" and row[1][0] not in "_s"]
    assert [row[1] for row in ours if not row[5]] == []
    assert len(ours) > 15
    assert store.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    for row in ours:  # Datasette and others cannot follow a reference that leaves the column out
        assert all(key[4] for key in store.conn.execute(f"PRAGMA foreign_key_list({row[1]})")), row[1]
    assert store.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_database_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    with Store(path) as store, store.transaction() as db:
        db.execute(
            """INSERT INTO _sqlite_migrations (migration_set, name, applied_at)
                VALUES ('cleancopy', 'm999', '')"""
        )
    before = path.read_bytes()
    with pytest.raises(NewerSchema, match="m999"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Everything that the first four migrations could hold is there afterwards, and found."""
    path = tmp_path / "articles.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m005_documents")
        connection.executescript(
            """
            INSERT INTO publications VALUES (1, 'gazette', 'The Gazette', 'https://gazette.example/', 'en');
            INSERT INTO articles VALUES (7, 'https://gazette.example/dam', 'https://gazette.example/dam', 1,
                'article', 'Dam opens', NULL, 'Region', 'By Ana Roe', '2026-03-02T10:00:00Z', NULL, NULL, NULL,
                'en', 'Why now?' || char(10, 10) || 'It is late.', '[{"kind": "heading", "text": "Why now?",
                "level": 2, "url": null}, {"kind": "paragraph", "text": "It is late.", "level": 0, "url": null}]',
                5, NULL, 'free', NULL, NULL, '2026-03-02T12:00:00Z', '2026-03-02T12:00:00Z',
                '2026-03-02T12:00:00Z', NULL);
            INSERT INTO authors VALUES (3, 'Ana Roe');
            INSERT INTO article_authors VALUES (7, 0, 3);
            INSERT INTO credits VALUES (7, 0, 'photo', 'Cy Dahl / AP', 'Cy Dahl', 'AP', 'Photo: Cy Dahl / AP');
            INSERT INTO revisions VALUES (1, 7, NULL, NULL, '2026-03-02T12:00:00Z', 'headline',
                '{"headline": "Dam open"}');
            """
        )
    with Store(path) as store:
        assert rows(store, "SELECT headline, authors, revisions FROM articles_flat") == [
            {"headline": "Dam opens", "authors": "Ana Roe", "revisions": 1}
        ]
        assert with_texts(*store.conn.execute("SELECT blocks, body FROM articles").fetchone()) == [
            {"kind": "heading", "level": 2, "text": "Why now?"},
            {"kind": "paragraph", "text": "It is late."},
        ]
        assert rows(store, "SELECT whose FROM revisions") == [{"whose": "unclear"}]
        assert_days_are_right(store)
        assert rows(store, "SELECT * FROM author_articles")[0]["first"] == "2026-03-02T10:00:00Z"
        assert rows(store, "SELECT agency, pictures FROM credit_counts") == [{"agency": "AP", "pictures": 1}]
        assert len(store.search(Wanted("late"))) == 1
        assert store.conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_what_an_earlier_version_confirmed_one_by_one_can_still_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    kept = [{"edition": "1"}, {"edition": None}]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m018_confirmed")
        connection.execute("INSERT INTO batches (id, started_at, edition) VALUES (1, '', '2')")
        for number, row in enumerate(kept, 1):
            url = f"https://gazette.example/{number}"
            connection.execute(
                """INSERT INTO articles (id, url, canonical_url, kind, body, blocks, words, access, saved_at,
                updated_at, checked_at, edition) VALUES (?, ?, ?, 'article', '', '[]', 0, 'free', '', '', '', '2')""",
                (number, url, url),
            )
            snapshot = zlib.compress(json.dumps({"row": row, "parts": None}).encode())
            connection.execute("INSERT INTO rewritten VALUES (1, ?, ?)", (number, snapshot))
    with Store(path) as store:
        assert rows(store, "SELECT * FROM rewritten") == []
        assert reextract.roll_back(store, 1) == (0, [])
        assert rows(store, "SELECT edition FROM articles ORDER BY id") == kept


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m005_documents")
        connection.execute("CREATE TABLE readings (something TEXT)")  # which a later migration wants to make
    with pytest.raises(StoreError, match="readings"):
        Store(path)
    with closing(sqlite3.connect(path)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
        assert max(names) == "m004_views"
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'batches'").fetchone() is None


@pytest.mark.parametrize(
    ("at", "size"),
    [
        pytest.param(0, 16, id="header"),
        pytest.param(4096, 4000, id="second page"),
        pytest.param(4096 * 20, 4000, id="a page in the middle"),
    ],
)
def test_a_damaged_file_is_refused_and_not_written_to(tmp_path: Path, at: int, size: int) -> None:
    path = tmp_path / "articles.db"
    with Store(path) as store:
        for number in range(40):
            url = f"{URL}{number}"
            store.save(url, replace(DAM, url=url, canonical_url=url, headline=url, body=url * 100))
    data = bytearray(path.read_bytes())
    data[at : at + size] = b"\xa5" * size
    path.write_bytes(data)
    with pytest.raises(Damaged, match=r"articles\.db.*Nothing was written"):
        Store(path)
    assert path.read_bytes() == bytes(data)


def test_a_large_file_is_opened_at_once_and_its_damage_is_named_when_it_is_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.store.CHECKED_BYTES", 0)
    path = tmp_path / "articles.db"
    with Store(path) as store:
        for number in range(40):
            url = f"{URL}{number}"
            store.save(url, replace(DAM, url=url, canonical_url=url, headline=url, body=url * 100))
        root = store.conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'articles'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(b"\xa5" * 4096)
    with Store(path) as store, pytest.raises(Damaged, match="articles"):
        store.save(URL, DAM)


def test_a_second_crawl_is_refused_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    script = """
        import sys, time
        from scraper.store import Store
        store = Store(sys.argv[1])
        with store.claim():
            print("claimed", flush=True)
            time.sleep(60)
    """
    path = tmp_path / "articles.db"
    other = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "claimed\n"
    with Store(path) as store:
        started = time.monotonic()
        with pytest.raises(Locked, match=f"process {other.pid}"), store.claim():
            pytest.fail("two crawls on one database")
        assert time.monotonic() - started < 1
        store.save(URL, DAM)  # a single save is no crawl, and waits its turn
        other.kill()
        other.communicate()
        with store.claim():
            pass


def test_processes_that_make_the_file_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    script = """
        import sys
        from scraper.store import Store
        from tests.scraper.test_store import DAM
        from dataclasses import replace
        with Store(sys.argv[1]) as store:
            for number in range(10):
                url = f"https://gazette.example/{sys.argv[2]}/{number}"
                store.save(url, replace(DAM, url=url, canonical_url=url))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "articles.db")]
    started = [
        subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE, text=True, cwd=ROOT)
        for number in range(3)
    ]
    assert [process.communicate()[1] for process in started] == ["", "", ""]
    with Store(tmp_path / "articles.db", read_only=True) as store:
        assert store.status()["articles"] == 30


def test_an_open_reader_stops_no_write_and_the_log_shrinks_when_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    log = path.with_name("articles.db-wal")
    with Store(path) as store:
        store.save(URL, DAM)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
            slowest = 0.0
            for number in range(100):
                url = f"{URL}{number}"
                started = time.monotonic()
                store.save(url, replace(DAM, url=url, canonical_url=url, headline=url))
                slowest = max(slowest, time.monotonic() - started)
            store.checkpoint()
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
            assert log.stat().st_size > 0
        assert slowest < 1
        store.checkpoint()
        assert log.stat().st_size == 0


def test_a_full_disk_is_named_and_what_was_stored_stays(tmp_path: Path) -> None:
    script = """
        import sys
        from dataclasses import replace
        from scraper.errors import NoSpace
        from scraper.store import Store
        from tests.scraper.test_store import DAM
        with Store(sys.argv[1]) as store:
            try:
                for number in range(2000):
                    url = f"https://gazette.example/{number}"
                    store.save(url, replace(DAM, url=url, canonical_url=url, body=url * 300))
                    print(number, flush=True)
            except NoSpace as error:
                print(error, flush=True)
            sys.stdout.flush()
            import os
            os._exit(0)
    """

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "articles.db")],
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    *stored, message = done.stdout.splitlines()
    assert "no space left" in message, done.stderr
    with Store(tmp_path / "articles.db") as store:
        assert store.status()["articles"] == len(stored) > 10
        assert store.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_folder_that_may_not_be_written_to_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*Choose another place"):
        Store(tmp_path / "file" / "articles.db")
    with pytest.raises(StoreError, match="is a folder"):
        Store(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user to be")
def test_a_read_only_folder_is_a_clear_error(tmp_path: Path) -> None:
    script = """
        import os, sys
        from scraper.errors import StoreError
        from scraper.store import Store
        os.setuid(65534)
        try:
            Store(sys.argv[1])
        except StoreError as error:
            print(error)
    """
    tmp_path.chmod(0o555)
    for parent in list(tmp_path.parents)[:3]:
        if parent != Path("/tmp"):
            parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "articles.db")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "articles.db: cannot be" in done.stdout, done.stderr


def test_asking_a_database_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="scrape crawl"):
        Store(tmp_path / "articles.db", read_only=True)
    assert list(tmp_path.iterdir()) == []
