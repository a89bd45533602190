"""The demo publication, crawled for real: every article comes out as its editors meant it."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.demo import tour
from scraper.demo.check import meant, stored
from scraper.demo.feeds import MOVED, RETRACTED
from scraper.demo.pages import site
from scraper.demo.stories import Story, stories
from scraper.demo.tour import Toured
from scraper.errors import ScrapeError

NOISE = (
    "Follow us on social",
    "google cta",
    "keep reading",
    "Show less",
    "Want more of our stories on Google",
    "Preferred Source",
    "Subscribe now",
    "Thursday letter",
    "Related:",
    "Top photo credit",
    "Top image credit",
    "Share this",
    "Like this",
    "Leave a Reply",
    "This site uses cookies",
    "fewer photographs and more tide tables",
)


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Toured:
    return tour.tour(tmp_path_factory.mktemp("demo"), lambda _: None)


@pytest.fixture(scope="module")
def db(toured: Toured) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(toured.config.paths.database)
    yield connection
    connection.close()


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.slug)
def test_each_article_is_what_was_published(story: Story, toured: Toured, db: sqlite3.Connection) -> None:
    assert stored(db, toured.root + story.path) == meant(story)


def test_every_article_is_there_once_and_nothing_else(toured: Toured, db: sqlite3.Connection) -> None:
    urls = [url for (url,) in db.execute("SELECT canonical_url FROM articles ORDER BY 1")]
    assert urls == sorted(toured.root + story.path for story in stories())


@pytest.mark.parametrize("noise", NOISE)
def test_no_article_holds_noise(noise: str, db: sqlite3.Connection) -> None:
    assert (
        db.execute("SELECT url FROM articles WHERE instr(lower(body), lower(?))", (noise,)).fetchall() == []
    )


def test_every_address_has_a_state(db: sqlite3.Connection) -> None:
    def state(path: str) -> tuple[str, str | None]:
        return tuple(db.execute("SELECT state, reason FROM urls WHERE path = ?", (path,)).fetchone())

    assert state("/drafts/regatta-preview/") == ("skipped", "robots")
    assert state(RETRACTED) == ("failed", "gone")
    assert state(MOVED)[0] != "failed"
    assert db.execute("SELECT count(*) FROM urls WHERE state = 'due' AND reason IS NOT NULL").fetchone() == (
        0,
    )


def test_a_second_tour_finds_nothing_new(toured: Toured, db: sqlite3.Connection) -> None:
    def counts() -> tuple[int, ...]:
        return tuple(
            db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("articles", "urls", "revisions")
        )

    before = counts()
    again = tour.tour(toured.config.paths.database.parent, lambda _: None)
    assert again.root == toured.root, "the same port, or every address would be a new one"
    assert counts() == before


def test_the_tour_shows_what_came_out(toured: Toured, capsys: pytest.CaptureFixture[str]) -> None:
    tour.show(toured)
    shown = capsys.readouterr().out
    for expected in (
        "headline",
        "section",
        "What was cut",
        "What became of each address",
        "Try next",
        "seconds",
    ):
        assert expected in shown
    assert stories()[0].headline[:20] in shown


def test_a_folder_with_settings_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[fetching]\nattempts = 2\n", encoding="utf-8")
    with pytest.raises(ScrapeError, match="was not made by the demo"):
        tour.tour(tmp_path, lambda _: None)
    assert [file.name for file in tmp_path.iterdir()] == ["config.toml"]


# The publication itself


def test_there_are_a_few_dozen_varied_stories() -> None:
    assert len(stories()) >= 30
    assert {story.language for story in stories()} == {"en", "de", "es"}
    assert {story.in_magazine for story in stories()} == {True, False}
    assert all(6 <= len(story.body) <= 14 for story in stories())
    kinds = {piece.kind for story in stories() for piece in story.pieces}
    assert kinds == {
        "paragraph",
        "heading",
        "quote",
        "list",
        "photo",
        "post",
        "pull",
        "related",
        "newsletter",
    }


def test_no_two_stories_share_a_paragraph() -> None:
    texts = [text for story in stories() for text in story.body]
    assert len(texts) == len(set(texts))


def test_pull_quotes_repeat_the_story() -> None:
    """That is why they are no part of the body: it would say the same thing twice."""
    pulled = [(piece.text, story) for story in stories() for piece in story.pieces if piece.kind == "pull"]
    assert pulled
    assert [text for text, story in pulled if not any(text in paragraph for paragraph in story.body)] == []


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.slug)
def test_the_page_has_the_story_and_the_noise(story: Story) -> None:
    """The demo is hard: what must be removed is really there, other stories' text included."""
    html = site("http://127.0.0.1:1")[story.path].body.decode()
    assert "Follow us on social" in html
    assert "google cta" in html
    assert len(re.findall(r"<p>", html)) > len([piece for piece in story.pieces if piece.kind == "paragraph"])
    if not story.in_magazine:
        assert html.count("keep reading") == html.count("<template>") == 3
