"""The database in a browser: a real server, and a real Chromium where one is installed."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn

from extractors import Block, Removal
from scraper.report import page
from scraper.report.charts import stacked
from scraper.serve import application, metadata
from scraper.serve.pages import marked
from scraper.serve.queries import QUERIES
from scraper.store import Store
from tests.scraper import newsroom
from tests.scraper.test_store import DAM, NOON

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serve") / "news.db"
    with Store(path) as store:
        newsroom.publish(store, days=8)
        evil = replace(
            DAM,
            url="https://p0.example/evil",
            canonical_url="javascript:alert(1)",
            headline=f"Evil {EVIL}",
            dek=EVIL,
            body=f"{EVIL} evil",
            blocks=(Block("paragraph", f"{EVIL} evil"),),
            removals=(Removal("x", EVIL, EVIL),),
            section=EVIL,
            tags=(EVIL,),
        )
        store.save(evil.url, evil)
    return path


def get(database: Path, address: str) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        datasette = application(database)
        await datasette.invoke_startup()
        answer = await datasette.client.get(address, follow_redirects=True)
        return answer.status_code, answer.text

    return asyncio.run(ask())


@pytest.mark.parametrize("name", QUERIES)
def test_every_question_is_answered(database: Path, name: str) -> None:
    status, text = get(database, f"/news/{name}.json?_shape=array&words=the&publication=&since=&until=")
    assert status == 200
    assert len(text) > 10 or name in ("failures", "agencies"), text


def test_the_search_opens_before_anything_is_asked(database: Path) -> None:
    status, text = get(database, "/news/search")
    assert status == 200
    assert "syntax error" not in text


def test_the_list_of_tables_counts_only_so_far(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.serve.COUNTED", 10)
    status, text = get(database, "/news.json")
    assert status == 200
    counts = {table["name"]: table["count"] for table in json.loads(text)["tables"]}
    assert 0 < counts["runs"] <= 10
    assert counts["articles"] is None


@pytest.mark.parametrize(
    "table", ["articles", "articles_flat", "revisions", "credits", "addresses", "publications"]
)
def test_every_table_opens_with_facets_and_labels(database: Path, table: str) -> None:
    status, text = get(database, f"/news/{table}")
    assert status == 200
    if table == "articles":
        assert "The Gazette" in text  # the label of publication_id, and a facet
        assert "facet" in text
        assert 'href="/article/' in text


def test_the_front_page_finds_and_lists(database: Path) -> None:
    status, text = get(database, "/")
    assert status == 200
    assert 'action="/news/search"' in text
    assert text.count('class="teaser"') == 12
    assert all(query["title"] in text for query in QUERIES.values())


def test_a_search_shows_marked_snippets_that_lead_to_articles(database: Path) -> None:
    _, text = get(database, "/news/search?words=harbour&publication=The+Gazette&since=2026-03-03&until=")
    assert "<mark>" in text
    assert 'href="/article/' in text
    assert "Bay Courier" not in text
    assert get(database, '/news/search?words="(*&publication=&since=&until=')[0] == 200


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        pytest.param("地铁", 1, id="two characters, which no index has"),
        pytest.param("地铁线路", 1, id="four"),
        pytest.param("线路地铁", 0, id="not in this order"),
        pytest.param("budget", 1, id="a word beside them"),
    ],
)
def test_a_search_finds_scripts_without_spaces(tmp_path: Path, words: str, hits: int) -> None:
    path = tmp_path / "news.db"
    body = "多条地铁线路停运,学校停课一天。budget"
    chinese = replace(DAM, headline="多条地铁线路停运", body=body, blocks=(Block("paragraph", body),))
    with Store(path) as store:
        store.save(chinese.url, chinese)
    _, text = get(path, f"/news/search?words={words}&publication=&since=&until=")
    assert text.count('href="/article/1"') == hits
    assert (f"<mark>{words}</mark>" in text) == bool(hits)
    assert f"{len(body)} characters" in get(path, "/article/1")[1]


def test_the_front_page_of_an_empty_database_says_so(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db"):
        pass
    assert "Nothing is stored yet" in get(tmp_path / "news.db", "/")[1]


def test_a_day_alone_does_not_fill_the_chart() -> None:
    drawn = stacked(["2026-03-02"], {"The Gazette": [3]}, unit="articles")
    assert 'width="48.0"' in drawn


def test_an_article_reads_as_one_and_shows_how_it_is_known(database: Path) -> None:
    with Store(database, read_only=True) as store:
        (edited,) = store.conn.execute(
            "SELECT article_id FROM revisions WHERE changed = 'headline'"
        ).fetchone()
        (copied,) = store.conn.execute("SELECT article_id FROM copies").fetchone()
    status, text = get(database, f"/article/{edited}")
    assert status == 200
    assert "<ins>, again</ins>" in text
    assert "silent" in text
    assert "Where each field came from" in text
    assert "What was cut from the page" in text
    assert "likely from Associated Press" in get(database, f"/article/{copied}")[1]
    assert get(database, "/article/999999")[0] == 404


def evil_id(database: Path) -> int:
    with Store(database, read_only=True) as store:
        return int(store.conn.execute("SELECT id FROM articles WHERE url LIKE '%evil'").fetchone()[0])


def test_nothing_stored_is_live_in_a_page(database: Path) -> None:
    number = evil_id(database)
    for address in (
        f"/article/{number}",
        "/",
        "/news/articles_flat",
        f"/news/articles/{number}",
        "/news/search?words=evil&publication=&since=&until=",
        "/news/articles?_search=evil",
    ):
        status, text = get(database, address)
        assert status == 200
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text
    with Store(database, read_only=True) as store:
        text = page(store.conn, now=NOON)
    assert "<script" not in text
    assert "<img" not in text


def test_marks_are_made_of_text_alone() -> None:
    assert marked("a \ue000<b>\ue001 c") == "a <mark>&lt;b&gt;</mark> c"
    assert marked("\ue000 alone") == "\ue000 alone"


def test_columns_are_explained_and_inner_tables_hidden(database: Path) -> None:
    tables = metadata(database)["databases"]["news"]["tables"]
    assert tables["articles"]["columns"]["dek"] == "the line under the headline"
    assert tables["sketches"]["hidden"]


# In a browser.

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt-get install chromium")


def seen(address: str) -> str:
    """Return the page as Chromium understands it, after its scripts have run."""
    assert BROWSER is not None
    with tempfile.TemporaryDirectory() as profile:
        command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", address]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@contextmanager
def serving(database: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = application(database).app()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@needs_browser
def test_a_browser_shows_the_front_page_an_article_and_no_alert(database: Path) -> None:
    number = evil_id(database)
    with serving(database) as root:
        front = seen(f"{root}/")
        article = seen(f"{root}/article/{number}")
    assert front.count('class="teaser"') == 12
    assert "&lt;script&gt;alert(1)" in article
    assert "<script>alert" not in article
    assert "onerror=" not in article.replace("onerror=alert(1)&gt;", "")


@needs_browser
def test_a_browser_draws_the_report_without_asking_anyone(database: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scraper", "-s", f"paths.database={database}", "report", "-o"]
    subprocess.run([*command, str(tmp_path / "report.html")], check=True, capture_output=True)
    text = seen((tmp_path / "report.html").as_uri())
    assert text.count("<svg") >= 4
    assert all(part not in text for part in ("<script", "<img", "<link", "<iframe", "@import", "url("))
    assert "silent" in text
