"""The command as people use it: what goes to stdout, what to stderr, and the exit code."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.cli import scrape
from scraper.demo.server import Served, serving
from scraper.demo.stories import stories

STORY = stories()[0]
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
BODIES = {"/pdf": PDF, "/pdf-as-html": PDF, "/200mb": b"<p>more</p>" * 95326}  # the last: 1 MiB, 200 times


class Bad(BaseHTTPRequestHandler):
    """Answers as servers should not."""

    def do_GET(self) -> None:
        status = {"/404": 404, "/403": 403, "/loop": 302}.get(
            self.path, 404 if self.path == "/robots.txt" else 200
        )
        self.send_response(status)
        if self.path == "/loop":
            self.send_header("Location", "/loop")
        self.send_header("Content-Type", "application/pdf" if self.path == "/pdf" else "text/html")
        self.end_headers()
        with suppress(OSError):  # a client that has enough hangs up
            for _ in range(200 if self.path == "/200mb" else 1):
                self.wfile.write(BODIES.get(self.path, b""))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def bad_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test stands in an empty folder, may ask loopback, and waits for nobody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRAPE_FETCHING_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SCRAPE_FETCHING_ATTEMPTS", "1")
    monkeypatch.setenv("SCRAPE_POLITENESS_DELAY", "0")


def run(*arguments: str, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(scrape, arguments, input=stdin, prog_name="scrape", catch_exceptions=False)


def page(served: Served) -> bytes:
    from scraper.demo.pages import site

    return site(served.root)[STORY.path].body


# One address


def test_url_prints_the_article(demo: Served) -> None:
    done = run("url", demo.root + STORY.path)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["headline"] == STORY.headline
    assert not Path("data").exists(), "nothing is stored unless asked"


def test_several_urls_print_a_line_each_in_the_order_given(demo: Served) -> None:
    wanted = stories()[:3]
    done = run("url", "-", stdin="\n".join(demo.root + story.path for story in wanted))
    assert [json.loads(line)["headline"] for line in done.stdout.splitlines()] == [s.headline for s in wanted]


@pytest.mark.parametrize(
    ("form", "start"),
    [
        pytest.param("text", STORY.headline, id="text"),
        pytest.param("markdown", f"# {STORY.headline}", id="markdown"),
        pytest.param("html", "<!DOCTYPE html>", id="html"),
    ],
)
def test_url_formats(form: str, start: str, demo: Served) -> None:
    assert run("url", "--format", form, demo.root + STORY.path).stdout.startswith(start)


def test_url_explains_itself(demo: Served) -> None:
    done = run("url", "--explain", demo.root + STORY.path)
    assert done.exit_code == 0
    for expected in (STORY.headline, "headline", "json-ld", "What was cut", "google cta"):
        assert expected in done.stdout


def test_url_saves_page_and_article(demo: Served) -> None:
    done = run("url", "--save", demo.root + STORY.path)
    assert done.exit_code == 0, done.stderr
    assert "data/articles.db" in done.stderr
    with sqlite3.connect("data/articles.db") as db:
        assert db.execute("SELECT headline FROM articles").fetchall() == [(STORY.headline,)]
    assert list(Path("data/archive").glob("*.warc.gz"))
    found = run("search", *STORY.headline.split()[:4])
    assert [row["headline"] for row in json.loads(found.stdout)] == [STORY.headline]
    assert json.loads(run("status").stdout)["articles"] == 1
    again = run("extract", "data/archive")
    assert json.loads(again.stdout)["headline"] == STORY.headline, "the archive gives the article again"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("/404", "404", id="not found"),
        pytest.param("/403", "403", id="forbidden"),
        pytest.param("/pdf", "application/pdf", id="a PDF"),
        pytest.param("/pdf-as-html", "PDF", id="a PDF that says it is HTML"),
        pytest.param("/empty", "no bytes", id="an empty page"),
        pytest.param("/200mb", "bytes", id="a 200 MB body"),
        pytest.param("/loop", "redirect", id="a redirect loop"),
    ],
)
def test_a_bad_answer_is_one_line_and_exit_1(path: str, message: str, bad_server: str) -> None:
    done = run("url", bad_server + path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {bad_server}{path}"), done.stderr
    assert message.lower() in done.stderr.lower()
    assert done.stderr.count("\n") == 1


def test_a_host_that_does_not_resolve_is_named() -> None:
    done = run("url", "https://nowhere.invalid/story")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nowhere.invalid" in done.stderr
    assert "resolve" in done.stderr


def test_some_failed_is_exit_3_and_the_rest_is_printed(demo: Served, bad_server: str) -> None:
    done = run("url", f"{bad_server}/404", demo.root + STORY.path)
    assert done.exit_code == 3
    assert json.loads(done.stdout)["headline"] == STORY.headline
    assert done.stderr.startswith("Error: ")


def test_loopback_is_refused_unless_allowed(demo: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRAPE_FETCHING_ALLOW_PRIVATE")
    before = demo.asked[STORY.path]
    done = run("url", demo.root + STORY.path)
    assert done.exit_code == 1
    assert demo.asked[STORY.path] == before


def test_what_robots_txt_forbids_is_not_asked(demo: Served) -> None:
    done = run("url", f"{demo.root}/drafts/regatta-preview/")
    assert done.exit_code == 1
    assert "Disallow: /drafts/" in done.stderr
    assert demo.asked["/drafts/regatta-preview/"] == 0


@pytest.mark.parametrize("text", ["foo", "ftp://example.org/a", "javascript:alert(1)", "https://"])
def test_not_a_url_is_a_usage_error(text: str) -> None:
    done = run("url", text)
    assert done.exit_code == 2
    assert f"{text!r} is not a web address" in done.stderr


# Pages on this machine


def test_extract_reads_files_folders_dumps_and_warcs_in_order(demo: Served) -> None:
    folder = Path("pages")
    folder.mkdir()
    (folder / "b.html").write_bytes(page(demo))
    (folder / "a.txt").write_text(
        "Dam opens\n\n" + "The dam has opened at last, the council said on Monday. " * 9
    )
    (folder / "notes.doc").write_bytes(b"no page")
    done = run("extract", str(folder))
    urls = [json.loads(line)["url"] for line in done.stdout.splitlines()]
    assert urls == [(folder / "a.txt").resolve().as_uri(), demo.root + STORY.path]


def test_extract_takes_the_address_that_it_is_told(demo: Served) -> None:
    Path("a.html").write_bytes(page(demo))
    done = run("extract", "a.html", "--url", "https://gazette.example/b")
    assert json.loads(done.stdout)["url"] == "https://gazette.example/b"


def test_extract_reads_stdin(demo: Served) -> None:
    done = run("extract", "-", stdin=page(demo))
    assert json.loads(done.stdout)["headline"] == STORY.headline


def test_extract_writes_to_a_file(demo: Served) -> None:
    Path("a.html").write_bytes(page(demo))
    done = run("extract", "a.html", "-o", "out.jsonl")
    assert done.stdout == ""
    assert json.loads(Path("out.jsonl").read_text(encoding="utf-8"))["headline"] == STORY.headline


def test_a_bad_file_among_good_ones_is_exit_3(demo: Served) -> None:
    Path("a.html").write_bytes(page(demo))
    Path("b.html").write_bytes(b"")
    Path("c.html").write_bytes(PDF)
    done = run("extract", "a.html", "b.html", "c.html")
    assert done.exit_code == 3
    assert len(done.stdout.splitlines()) == 1
    assert [name in done.stderr for name in ("b.html", "c.html")] == [True, True]


def test_a_file_over_the_limit_is_not_read() -> None:
    with Path("big.html").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    done = run("extract", "big.html")
    assert done.exit_code == 1
    assert "big.html: has 209715200 bytes; fetching.max_body_bytes allows 20971520" in done.stderr


def test_a_cut_warc_gives_what_is_whole_and_names_the_rest(demo: Served) -> None:
    assert run("url", "--save", *(demo.root + story.path for story in stories()[:2])).exit_code == 0
    warc = next(Path("data/archive").glob("*.warc.gz"))
    Path("cut.warc.gz").write_bytes(warc.read_bytes()[:-200])
    done = run("extract", "cut.warc.gz")
    assert done.exit_code == 3
    assert len(done.stdout.splitlines()) == 1
    assert "cut.warc.gz" in done.stderr


def test_no_such_file_is_a_usage_error() -> None:
    done = run("extract", "nowhere.html")
    assert done.exit_code == 2
    assert "'nowhere.html' does not exist" in done.stderr


def test_a_folder_without_pages_says_what_was_looked_for() -> None:
    Path("pictures").mkdir()
    done = run("extract", "pictures")
    assert done.exit_code == 1
    assert "pictures: no pages in this folder; looked for .html" in done.stderr


# Settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[fetching]\ntimeout = 3", "Did you mean fetching.", id="unknown key"),
        pytest.param("[fetching]\nattempts = 'x'", "must be a whole number", id="wrong type"),
    ],
)
def test_wrong_settings_are_exit_2_and_help_still_works(text: str, message: str) -> None:
    Path("config.toml").write_text(text, encoding="utf-8")
    done = run("config")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: config.toml, line 2: ")
    assert message in done.stderr
    assert run("config", "--help").exit_code == 0


@pytest.mark.parametrize("form", ["--json", "--nl", "--csv", "--tsv", "--table"])
def test_rows_come_in_every_form(form: str) -> None:
    done = run("config", form)
    assert done.exit_code == 0
    assert "fetching.attempts" in done.stdout
    assert "SCRAPE_FETCHING_ATTEMPTS" in done.stdout


def test_publications_are_listed() -> None:
    Path("config.toml").write_text("[publications.a]\nurl = 'https://a.example'", encoding="utf-8")
    assert [row["key"] for row in json.loads(run("publications").stdout)] == ["a"]


# The database


def test_without_a_database_search_says_how_to_make_one() -> None:
    done = run("search", "ferry")
    assert done.exit_code == 1
    assert "there is no database yet" in done.stderr


def test_a_database_of_a_later_version_is_refused_and_left_alone(demo: Served) -> None:
    run("url", "--save", demo.root + STORY.path)
    with sqlite3.connect("data/articles.db") as db:
        db.execute("UPDATE _sqlite_migrations SET name = 'm999_from_the_future' WHERE rowid = 1")
    before = Path("data/articles.db").read_bytes()
    for command in (("search", "ferry"), ("url", "--save", demo.root + STORY.path)):
        done = run(*command)
        assert done.exit_code == 1
        assert "was written by a later version" in done.stderr
    assert Path("data/articles.db").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(demo: Served) -> None:
    """A file where the folder should be: permissions do not stop root, on which tests may run."""
    Path("data").write_text("in the way", encoding="utf-8")
    done = run("url", "--save", demo.root + STORY.path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "data/articles.db" in done.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(demo: Served) -> None:
    Path("data").mkdir(mode=0o500)
    done = run("url", "--save", demo.root + STORY.path)
    assert done.exit_code == 1
    assert "data/articles.db" in done.stderr


# As a process


def test_the_installed_command_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "cleancopy")


def test_no_colour_and_no_progress_reach_a_pipe(demo: Served) -> None:
    command = [sys.executable, "-m", "scraper", "url", "--explain", demo.root + STORY.path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


# Crawls


def configure(served: Served, delay: float = 0) -> None:
    """Write a config.toml with the demo publication in it."""
    Path("config.toml").write_text(
        f"""
        [publications.courier]
        url = "{served.root}/"
        feeds = ["{served.root}/feeds/feed.rss"]
        sitemaps = ["{served.root}/sitemap.xml"]
        delay = {delay}
        """,
        encoding="utf-8",
    )


def stored_urls() -> list[str]:
    with sqlite3.connect("data/articles.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return sorted(url for (url,) in db.execute("SELECT canonical_url FROM articles"))


def all_urls(served: Served) -> list[str]:
    return sorted(served.root + story.path for story in stories())


def test_crawl_stores_every_story_and_says_what_failed(demo: Served) -> None:
    configure(demo)
    done = run("crawl", "courier")
    assert (done.exit_code, done.stdout) == (3, ""), done.stderr
    assert "data/articles.db" in done.stderr
    assert "31 saved" in done.stderr
    assert f"failed: {demo.root}/mayor-to-wed-lighthouse/" in done.stderr
    assert stored_urls() == all_urls(demo)
    again = run("crawl")
    assert again.exit_code == 0, "nothing new is no failure"
    assert stored_urls() == all_urls(demo)


def test_crawl_lists_addresses_without_visiting_them(demo: Served) -> None:
    configure(demo)
    before = demo.asked[STORY.path]
    done = run("crawl", "--list")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) >= len(stories())
    assert demo.asked[STORY.path] == before
    assert not Path("data").exists()


def test_a_dry_run_writes_nothing(demo: Served) -> None:
    configure(demo)
    done = run("crawl", "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "")
    assert not Path("data").exists()


def test_crawl_stops_at_its_limit(demo: Served) -> None:
    configure(demo)
    run("crawl", "--limit", "3")
    assert len(stored_urls()) == 3


def test_a_crawl_without_publications_says_how_to_add_one() -> None:
    done = run("crawl")
    assert done.exit_code == 2
    assert "add [publications.NAME]" in done.stderr


def test_ctrl_c_keeps_what_is_in_hand_and_a_second_run_completes_it(demo: Served) -> None:
    configure(demo, delay=0.05)
    command = [sys.executable, "-m", "scraper", "crawl"]
    crawl = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = demo.asked.total()
    wait_until(lambda: demo.asked.total() > seen + 10)
    crawl.send_signal(signal.SIGINT)
    _, told = crawl.communicate(timeout=20)
    assert crawl.returncode == 1, told
    assert "run the same command again" in told
    assert 0 < len(stored_urls()) < len(stories())
    configure(demo)
    run("crawl")
    assert stored_urls() == all_urls(demo)


def wait_until(true: Callable[[], bool]) -> None:
    """Return when ``true`` is, or fail after half a minute: a busy machine takes ten seconds to start one."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_demo_runs(tmp_path: Path) -> None:
    done = run("demo", "--folder", "here")
    assert done.exit_code == 0, done.stderr
    assert "31 of 31 articles are" in done.stdout
    assert (tmp_path / "here" / "articles.db").exists()


# Publications


def test_a_publication_is_added_to_the_settings_and_crawled(demo: Served) -> None:
    done = run("publications", "add", demo.root)
    assert done.exit_code == 0, done.stderr
    entry = Path("config.toml").read_text()
    assert "feeds = [" in entry
    assert "newest" in entry
    (key,) = [row["key"] for row in json.loads(run("publications").stdout)]
    again = run("publications", "add", demo.root)
    assert (again.exit_code, entry) == (2, Path("config.toml").read_text())
    assert run("crawl", "--dry-run", key).exit_code == 0


def test_a_known_publication_is_found_and_written_unchecked() -> None:
    rows = json.loads(run("publications", "known", "de").stdout)
    assert {row["country"] for row in rows} >= {"de"}
    done = run("publications", "add", "--dry-run", rows[0]["name"])
    assert "not checked from here" in done.stdout
    assert not Path("config.toml").exists()
    assert run("publications", "add", "No such name").exit_code == 2


def test_why_and_politeness_after_a_crawl(demo: Served) -> None:
    run("url", "--save", demo.root + STORY.path)
    told = json.loads(run("why", demo.root + STORY.path).stdout)
    assert (told["state"], told["visits"][0]["status"]) == ("saved", 200)
    assert "article headline" in run("why", "--table", demo.root + STORY.path).stdout
    assert run("politeness").exit_code == 0


def test_json_log_lines(demo: Served) -> None:
    Path("config.toml").write_text(f'[publications.courier]\nurl = "{demo.root}/"\n')
    done = run("--log", "json", "crawl", "--limit", "2")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    visits = [line for line in lines if "state" in line]
    assert len(visits) == 2
    assert all(visit["url"].startswith(demo.root) for visit in visits)
    broken = run("--log", "json", "crawl", "nobody")
    assert json.loads(broken.stderr)["level"] == "error"


def test_the_archive_is_verified_and_damage_is_named(demo: Served) -> None:
    run("url", "--save", *(demo.root + story.path for story in stories()[:3]))
    whole = run("archive", "verify")
    assert (whole.exit_code, json.loads(whole.stdout)) == (0, [])
    assert "6 records and pages were read, 0 are damaged" in whole.stderr
    (file,) = Path("data/archive").iterdir()
    with closing(sqlite3.connect("data/articles.db")) as db:
        offset, length = db.execute("SELECT offset, length FROM pages ORDER BY offset").fetchall()[1]
    damaged = bytearray(file.read_bytes())
    damaged[offset + length // 2] ^= 0xFF
    file.write_bytes(damaged)
    done = run("archive", "verify")
    assert done.exit_code == 1
    faults = json.loads(done.stdout)
    assert [fault["offset"] for fault in faults] == [offset, offset], "its record, and the page it was"
    assert faults[1]["url"].startswith(demo.root)
