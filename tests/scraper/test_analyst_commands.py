"""The commands with which the database is asked, changed and taken elsewhere: output and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.archive import Archive
from scraper.cli import scrape
from scraper.store import Store
from tests.scraper import newsroom
from tests.scraper.replay import Version, another, archived


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days of three papers."""
    folder = tmp_path_factory.mktemp("papers")
    with Store(folder / "articles.db") as store:
        newsroom.publish(store, days=10)
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Three stories with their pages in the archive."""
    with Store(tmp_path / "articles.db") as store, Archive(tmp_path / "archive") as archive:
        for version in (Version(), another(1), another(2)):
            archived(store, archive, version)
    return tmp_path


def run(folder: Path, *arguments: object) -> Result:
    paths = ["-s", f"paths.database={folder / 'articles.db'}", "-s", f"paths.archive={folder / 'archive'}"]
    return CliRunner().invoke(scrape, [*paths, *(str(argument) for argument in arguments)])


def test_search_by_words_and_facts(papers: Path) -> None:
    found = json.loads(run(papers, "search", "--publication", "Bay Courier", "--limit", 3, "the").stdout)
    assert {row["publication"] for row in found} == {"Bay Courier"}
    days = json.loads(run(papers, "search", "--since", "2026-03-08", "--until", "2026-03-09").stdout)
    assert {row["published_at"][:10] for row in days} == {"2026-03-08", "2026-03-09"}
    table = run(papers, "search", "--table", "--author", "quill", "--limit", 2)
    assert (table.exit_code, table.stdout.count("\n2026-03-")) == (0, 2)
    assert all(len(line) <= 120 for line in table.stdout.splitlines())
    nothing = run(papers, "search", "--table", "nowhere")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "No stored article" in nothing.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("search",), id="nothing wanted"),
        pytest.param(("search", "--since", "yesterday"), id="no time"),
        pytest.param(("export", "--format", "parquet"), id="parquet on the terminal"),
    ],
)
def test_wrong_usage(papers: Path, arguments: tuple[str, ...]) -> None:
    assert run(papers, *arguments).exit_code == 2


def test_revisions_word_by_word(papers: Path) -> None:
    done = run(papers, "revisions", "https://p0.example/02/0")
    assert done.exit_code == 0
    assert "publisher · substantial · silent" in done.stdout
    assert "{+, again+}" in done.stdout
    (change,) = json.loads(run(papers, "revisions", "--json", "https://p0.example/02/0").stdout)
    assert change["new"]["headline"] == change["old"]["headline"] + ", again"
    assert run(papers, "revisions", "https://p0.example/nowhere").exit_code == 1
    assert "has not been changed" in run(papers, "revisions", "https://p0.example/02/4").stdout


def test_health_names_the_paper_and_ends_with_1(papers: Path) -> None:
    done = run(papers, "health")
    assert [(alarm["publication"], alarm["field"]) for alarm in json.loads(done.stdout)] == [
        ("p2", "authors")
    ]
    assert done.exit_code == 1


def test_health_of_what_is_well_is_silent(pages: Path) -> None:
    done = run(pages, "health")
    assert (done.exit_code, done.stdout) == (0, "[]\n")


def test_export_and_verify(pages: Path) -> None:
    file = pages / "out" / "articles.csv"
    assert run(pages, "export", "--format", "csv", "-o", file).exit_code == 0
    done = run(pages, "verify", f"{file}.manifest.jsonl")
    assert (done.exit_code, done.stdout) == (0, "3 of 3 articles follow from their pages\n")
    file.write_text("else")
    done = run(pages, "verify", f"{file}.manifest.jsonl")
    assert done.exit_code == 1
    assert "is not what was exported" in done.stderr


def test_an_export_whose_reader_has_enough_ends_quietly(papers: Path) -> None:
    command = f"{sys.executable} -m scraper -s paths.database={papers / 'articles.db'} export | head -c 100"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert (len(done.stdout), done.stderr) == (100, "")


def test_reextract_and_back(pages: Path) -> None:
    with Store(pages / "articles.db") as store, store.transaction() as db:
        db.execute("UPDATE articles SET headline = 'Else', edition = 'earlier' WHERE id = 2")
    done = run(pages, "reextract", "--dry-run")
    assert (done.exit_code, "field changed" in done.stdout) == (0, True)
    assert run(pages, "reextract", "--where", "id = 2").exit_code == 0
    assert "Report 1 is out" in run(pages, "export").stdout
    assert run(pages, "reextract", "--rollback", 1).exit_code == 0
    assert "Else" in run(pages, "export").stdout
    assert run(pages, "reextract", "--rollback", 1).exit_code == 1
    assert run(pages, "reextract", "--where", "no such thing").exit_code == 1


def test_a_refused_change_ends_with_3(pages: Path) -> None:
    with Store(pages / "articles.db") as store, store.transaction() as db:
        db.execute("UPDATE articles SET body = body || body WHERE id = 1")
    done = run(pages, "reextract")
    assert done.exit_code == 3
    assert "loses 50%" in " ".join(done.stdout.split())


def test_report_is_a_file(papers: Path, tmp_path: Path) -> None:
    assert run(papers, "report", "-o", tmp_path / "r.html").exit_code == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
