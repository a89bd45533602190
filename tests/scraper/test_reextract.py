"""Today's rules on archived pages: classified before anything is written, refused on loss, reversible."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extractors import Article, Kind, NoContent, Page, Removal, attempt
from scraper import reextract, stored
from scraper.archive import Archive
from scraper.config import Config, Extracting, Paths
from scraper.errors import ScrapeError
from scraper.reextract import FIELD, GAINED, LOST, NOISE, ORIGINS, compare
from scraper.search import Wanted
from scraper.store import Store
from tests.scraper.replay import STORY, Version, another, archived, html

CTA = "Send any friend a story"
ARTICLE = attempt(Page(Version().url, html(Version())))
assert isinstance(ARTICLE, Article)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        paths=Paths(tmp_path / "articles.db", tmp_path / "archive"), extracting=Extracting(processes=1)
    )


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """Five stories with their pages; an earlier edition left a call to action in the first two."""
    with Store(config.paths.database) as store, Archive(config.paths.archive) as archive:
        for number in range(5):
            archived(store, archive, another(number, furniture=CTA))
        yield store


def spoil(store: Store, set_clause: str, where: str = "id <= 2") -> None:
    with store.transaction() as db:
        db.execute(f"UPDATE articles SET {set_clause}, edition = 'earlier' WHERE {where}")


def everything(store: Store) -> list[object]:
    """Return all rows that an article has, and all its revisions."""
    tables = ("articles", "article_authors", "article_tags", "images", "credits", "teasers", "provenance",
              "removals", "revisions")  # fmt: skip
    return [store.conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]


def test_a_call_to_action_that_goes_is_noise_removed_and_nothing_else(store: Store, config: Config) -> None:
    spoil(store, f"body = body || char(10, 10) || '{CTA}'")
    report = reextract.reextract(store, config, dry_run=True)
    assert dict(report.counts) == {NOISE: 2, "unchanged": 3}
    assert report.examples[0].text == CTA
    assert store.conn.execute("SELECT count(*) FROM batches").fetchone() == (0,)


def test_a_batch_is_written_searchable_and_taken_back_exactly(store: Store, config: Config) -> None:
    spoil(store, f"body = body || char(10, 10) || '{CTA}'")
    before = everything(store)
    report = reextract.reextract(store, config)
    assert report.batch == 1
    assert store.search(Wanted(f'"{CTA}"')) == []
    found = store.conn.execute("SELECT article_id, whose, changed, batch_id FROM revisions").fetchall()
    assert found == [(1, "ours", "body", 1), (2, "ours", "body", 1)]
    assert reextract.roll_back(store, 1) == (2, [])
    assert everything(store) == before
    assert len(store.search(Wanted(f'"{CTA}"'))) == 2
    with pytest.raises(ScrapeError, match="taken back on"):
        reextract.roll_back(store, 1)
    with pytest.raises(ScrapeError, match="no batch 7"):
        reextract.roll_back(store, 7)


def test_twice_is_the_same_as_once(store: Store, config: Config) -> None:
    spoil(store, f"body = body || char(10, 10) || '{CTA}', headline = 'Another'")
    reextract.reextract(store, config)
    once = everything(store)
    report = reextract.reextract(store, config)
    assert dict(report.counts) == {"unchanged": 5}
    assert everything(store) == once


def test_what_eats_bodies_is_refused_unless_it_is_accepted(store: Store, config: Config) -> None:
    spoil(store, "body = body || char(10, 10) || body || char(10, 10) || body", "id = 3")
    report = reextract.reextract(store, config)
    assert dict(report.counts) == {"refused": 1, "unchanged": 4}
    assert "loses 6" in report.examples[0].text
    assert len(stored.one(store.conn, 3).body) > 2 * len(stored.one(store.conn, 2).body)
    report = reextract.reextract(store, config, accept_loss=True)
    assert report.counts["refused"] == 0
    assert len(stored.one(store.conn, 3).body) < 2 * len(stored.one(store.conn, 2).body)


def test_only_what_is_chosen_is_touched(store: Store, config: Config) -> None:
    spoil(store, "headline = 'Another'", "1")
    report = reextract.reextract(store, config, where="id > 3")
    assert (report.articles, dict(report.counts)) == (2, {FIELD: 2})
    assert store.conn.execute("SELECT count(*) FROM articles WHERE headline = 'Another'").fetchone() == (3,)
    with pytest.raises(ScrapeError, match="no such column"):
        reextract.reextract(store, config, where="colour = 1")


def test_an_article_asked_for_again_since_is_not_taken_back(store: Store, config: Config) -> None:
    spoil(store, "headline = 'Another'")
    reextract.reextract(store, config)
    with Archive(config.paths.archive) as archive:
        archived(store, archive, another(0, furniture=CTA, dek="The publisher says else"), day=3)
    restored, left = reextract.roll_back(store, 1)
    assert (restored, left) == (1, [another(0).url])
    assert stored.one(store.conn, 1).dek == "The publisher says else"


def test_a_page_that_is_gone_from_the_archive_is_reported_and_its_article_stays(
    store: Store, config: Config
) -> None:
    for file in config.paths.archive.iterdir():
        file.unlink()
    before = everything(store)
    report = reextract.reextract(store, config)
    assert dict(report.counts) == {"page not readable": 5}
    assert everything(store) == before


@pytest.mark.parametrize(
    ("old", "new", "classes", "refused"),
    [
        pytest.param({}, {}, set(), None, id="nothing"),
        pytest.param(
            {"body": f"{ARTICLE.body}\n\n{CTA}"},
            {"removals": (*ARTICLE.removals, Removal("cta", "x", f"{CTA} today"))},
            {NOISE},
            None,
            id="noise removed",
        ),
        pytest.param({"body": f"{ARTICLE.body}\n\nOne line more."}, {}, {LOST}, None, id="text lost"),
        pytest.param({"body": "\n\n".join(STORY[:5])}, {}, {GAINED}, None, id="text gained"),
        pytest.param({"dek": None, "tags": ()}, {}, {FIELD}, None, id="fields"),
        pytest.param({"provenance": {}}, {}, {ORIGINS}, None, id="only how we know"),
        pytest.param({"body": ARTICLE.body * 2}, {}, set(), "loses 50%", id="half is lost"),
        pytest.param(
            {"url": "https://other.example/"}, {}, set(), None, id="its address is not from the page"
        ),
        pytest.param({}, {"kind": Kind.LISTING}, set(), "no article now: listing", id="no article now"),
    ],
)
def test_classes(
    old: dict[str, object], new: dict[str, object], classes: set[str], refused: str | None
) -> None:
    found = compare(replace(ARTICLE, **old), replace(ARTICLE, **new))  # type: ignore[arg-type]
    if refused:
        assert refused in (found.refused or "")
    else:
        assert (set(found.classes), found.refused) == (classes, None)


def test_a_page_that_gives_nothing_is_refused() -> None:
    assert compare(ARTICLE, NoContent(Version().url, "nothing there")).refused
