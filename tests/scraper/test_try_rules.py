"""Rules tried while they are written: the page with what is cut, the fields, and what it means for all pages."""

# ruff: noqa: E501  markup reads best with an element on one line

import asyncio
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import scrape
from scraper.crawl import crawl
from tests.scraper.gazette import Gazette, headline, served, story

OFFER = '<p class="offer">The harbour office sells its old charts on the quay, and the keeper signs each of them there.</p>'
RULES = 'hosts = ["127.0.0.1"]\nstrip = [".offer"]\n[select]\nsection = [".part"]\n'
STORIES = 6


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gazette, Path]]:
    """A crawled publication that has no rules yet: half of its stories have an offer and a section."""
    folder = tmp_path_factory.mktemp("crawled")
    with served() as gazette:
        gazette.publish(STORIES)
        for number in range(0, STORIES, 2):
            html = story(number, gazette.origin, more=OFFER)
            gazette.put(f"/story/{number}", html.replace("<h1>", "<i class=part>Quays</i><h1>"))
        asyncio.run(crawl(gazette.config(folder), (gazette.publication(),)))
        (folder / "config.toml").write_text(
            f'[paths]\ndatabase = "{folder}/articles.db"\narchive = "{folder}/archive"\nrules = "{folder}/rules"\n'
            f'[fetching]\nallow_private = ["127.0.0.0/8"]\n[publications.gazette]\nurl = "{gazette.origin}/"\n'
        )
        yield gazette, folder


@pytest.fixture
def rules(crawled: tuple[Gazette, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    _, folder = crawled
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "user"))
    file = folder / "rules" / "gazette.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(RULES)
    yield file
    file.unlink()


def tried(folder: Path, target: str) -> tuple[int, str]:
    done = CliRunner().invoke(scrape, ["--config", str(folder / "config.toml"), "rules", "try", target])
    return done.exit_code, " ".join(done.stdout.split())


@pytest.mark.usefixtures("rules")
def test_a_page_is_shown_with_what_was_cut_and_all_pages_are_counted(crawled: tuple[Gazette, Path]) -> None:
    gazette, folder = crawled
    code, said = tried(folder, f"{gazette.origin}/story/2")
    assert code == 0, said
    assert (
        "[-The harbour office sells its old charts on the quay, and the keeper signs each of them there.-] rule: rule .offer"
        in said
    )
    assert "[-The Gazette, Ferry Quay 1-] navigation: stands in <footer>" in said
    assert headline(2) in said
    assert "section Quays rule .part 0.99" in said
    assert f"{STORIES} archived pages" in said
    assert "section 3 0 0 3 → Quays" in said
    assert "body 0 3 3 3 - The harbour office" in said


@pytest.mark.usefixtures("rules")
def test_of_a_publication_the_newest_story_is_shown(crawled: tuple[Gazette, Path]) -> None:
    _, folder = crawled
    code, said = tried(folder, "gazette")
    assert (code, "6 archived pages" in said) == (0, True), said


@pytest.mark.usefixtures("rules")
def test_a_page_that_is_not_archived_is_fetched(crawled: tuple[Gazette, Path]) -> None:
    gazette, folder = crawled
    gazette.put("/story/77", story(77, gazette.origin, more=OFFER))
    code, said = tried(folder, f"{gazette.origin}/story/77")
    assert code == 0
    assert "rule: rule .offer" in said
    assert "archived pages" not in said


def test_a_rule_that_is_not_followed_is_told(crawled: tuple[Gazette, Path], rules: Path) -> None:
    gazette, folder = crawled
    rules.write_text('hosts = ["127.0.0.1"]\nstrip = ["article"]\n')
    code, said = tried(folder, f"{gazette.origin}/story/2")
    assert code == 3
    assert "strip article 1 would take 100% of the story" in said


def test_selectors_are_suggested_from_archived_pages(crawled: tuple[Gazette, Path]) -> None:
    gazette, folder = crawled
    before = gazette.asked["/story/2"]
    urls = [f"{gazette.origin}/story/{number}" for number in (1, 2)]
    arguments = ["--config", str(folder / "config.toml"), "rules", "suggest", *urls, "--csv"]
    done = CliRunner().invoke(scrape, arguments)
    assert done.exit_code == 0, done.output
    assert "authors,p.byline,2,2" in done.stdout
    assert gazette.asked["/story/2"] == before


def test_on_a_terminal_it_is_done_again_when_a_file_is_saved(
    crawled: tuple[Gazette, Path], rules: Path
) -> None:
    gazette, folder = crawled
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "scraper", "--config", str(folder / "config.toml"), "rules", "try"]
    process = subprocess.Popen([*command, f"{gazette.origin}/story/2"], stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        first = read_until(ours, "Ctrl-C ends")
        assert "\x1b[9;31m[-The harbour office" in first
        rules.write_text(RULES.replace(".offer", ".byline"))
        again = read_until(ours, "Ctrl-C ends")
        assert "[-By Ana Roe-]" in again
        assert "[-The harbour office" not in again
    finally:
        process.terminate()
        process.wait()
        os.close(ours)


def read_until(terminal: int, wanted: str) -> str:
    """Return what a program prints, until it has printed this; half a minute at most."""
    said, until = "", time.monotonic() + 30
    while wanted not in said:
        ready, _, _ = select.select([terminal], [], [], until - time.monotonic())
        assert ready, f"{wanted!r} was not printed: {said[-1000:]}"
        said += os.read(terminal, 65536).decode("utf-8", "replace")
    return said
