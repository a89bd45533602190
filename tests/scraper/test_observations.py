"""What a run saw of each field is counted with the visit, stored or not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extractors import Kind, NoContent, Page, attempt
from scraper.config import Publication
from scraper.outcome import Result, Unchanged
from scraper.store import Store
from tests.scraper.replay import NOON, Version, html

URL = Version().url


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "articles.db") as store:
        yield store


def visit(store: Store, results: list[Result], *, counted: bool = True) -> None:
    gazette = store.publication_id(Publication("gazette", "The Gazette", "https://gazette.example/"))
    run = store.begin_run(NOON) if counted else None
    for number, result in enumerate(results):
        store.save(f"{URL}-{number}", result, run=run, publication_id=gazette)


def quality(store: Store, field: str) -> list[tuple[object, ...]]:
    return store.conn.execute(
        "SELECT method, pages, characters FROM field_quality WHERE field = ? ORDER BY method", (field,)
    ).fetchall()


def test_each_field_is_counted_by_how_it_was_found(store: Store) -> None:
    article = attempt(Page(URL, html(Version())))
    other = replace(
        article, url=URL + "2", canonical_url=URL + "2", dek=None, headline="Other", body="Other."
    )
    visit(store, [article, other])
    assert quality(store, "article") == [("article", 2, 0)]
    assert quality(store, "dek") == [("", 1, 0), (article.provenance["dek"].method, 1, len(Version().dek))]
    (row,) = store.conn.execute(
        "SELECT filled, confidence FROM publication_quality WHERE field = 'dek'"
    ).fetchall()
    assert row == (0.5, article.provenance["dek"].confidence)
    pieces = store.conn.execute("SELECT sum(pieces) FROM removal_counts").fetchone()[0]
    assert pieces == len(article.removals) + len(other.removals)


def test_a_page_that_gives_no_story_counts_as_one_and_what_was_not_read_does_not(store: Store) -> None:
    visit(store, [attempt(Page(URL, html(Version()))), NoContent(URL, "no"), Unchanged(URL)])
    assert quality(store, "article") == [("", 1, 0), ("article", 1, 0)]


def test_a_refused_page_is_counted_too(store: Store) -> None:
    """It is in the pages that the store refuses that a redesign shows."""
    good = attempt(Page(URL, html(Version())))
    visit(store, [good])
    visit(store, [replace(good, headline=None), replace(good, kind=Kind.LISTING)])
    assert store.conn.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
    assert quality(store, "headline")[0] == ("", 1, 0)


def test_what_is_asked_for_by_hand_is_no_run(store: Store) -> None:
    visit(store, [attempt(Page(URL, html(Version())))], counted=False)
    assert store.conn.execute("SELECT * FROM field_quality").fetchall() == []
