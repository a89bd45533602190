"""Choosing articles by words and facts, as search and export do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.config import Publication
from scraper.search import Wanted, matching
from scraper.store import Store
from tests.scraper.test_store import DAM, NOON


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("search") / "articles.db") as store:
        gazette = store.publication_id(Publication("gazette", "The Gazette", "https://gazette.example/"))
        courier = store.publication_id(Publication("courier", "Courier", "https://courier.example/"))
        stories = (
            (gazette, "Dam opens", "Region", ("Ana Roe",), 0),
            (gazette, "Dam closes", "Sport", ("Bo Lind", "Ana Roe"), 40),
            (courier, "Dam is 100 %", "Region", ("Cy_Dahl",), 400),
            (courier, "北京消息", "Region", (), 2),
        )
        for number, (publication, headline, section, authors, days) in enumerate(stories):
            url = f"https://site.example/{number}"
            article = replace(
                DAM,
                url=url,
                canonical_url=url,
                headline=headline,
                section=section,
                authors=authors,
                body=f"{headline}. The dam, number {number}."
                if days != 2
                else "昨天北京发生地震，没有人受伤。",
                dek=None,
                published_at=NOON + timedelta(days=days),
            )
            store.save(url, article, publication_id=publication)
        yield store


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param(Wanted("dam"), {1, 2, 3}, id="a word"),
        pytest.param(Wanted("dam", publication="gazette"), {1, 2}, id="publication by key"),
        pytest.param(Wanted("dam", publication="the gazette"), {1, 2}, id="publication by name"),
        pytest.param(Wanted("dam", section="region"), {1, 3}, id="section, any case"),
        pytest.param(Wanted("dam", author="roe"), {1, 2}, id="part of an author's name"),
        pytest.param(Wanted(author="y_d"), {3}, id="wildcards in a name are signs"),
        pytest.param(Wanted("dam", since="2026-04"), {2, 3}, id="since a month"),
        pytest.param(Wanted("dam", until="2026-03"), {1}, id="until a month, which is included"),
        pytest.param(Wanted("dam", since="2026-03-02T12:00", until="2026-03-02"), {1}, id="until a day"),
        pytest.param(Wanted("dam", since="2027", publication="gazette"), set(), id="nothing fits"),
        pytest.param(Wanted("地震", publication="courier"), {4}, id="no blanks, with a filter"),
        pytest.param(Wanted("北京发生", section="Sport"), set(), id="no blanks, filter does not fit"),
        pytest.param(Wanted(section="Region"), {1, 3, 4}, id="no words"),
    ],
)
def test_search_and_export_choose_the_same(store: Store, wanted: Wanted, ids: set[int]) -> None:
    assert {row["id"] for row in store.search(wanted)} == ids
    condition, values = matching(wanted)
    found = store.conn.execute(f"SELECT id FROM articles WHERE {condition}", values)
    assert {row[0] for row in found} == ids


def test_without_words_the_newest_come_first(store: Store) -> None:
    assert [row["id"] for row in store.search(Wanted(publication="gazette"))] == [2, 1]


def test_nothing_wanted_finds_nothing_and_exports_all(store: Store) -> None:
    assert store.search(Wanted()) == []
    assert matching(Wanted()) == ("1", {})


@pytest.mark.parametrize("words", ["closes", "地震", "北京发生"])
def test_the_words_found_are_marked(store: Store, words: str) -> None:
    (row,) = store.search(Wanted(words), marks=("<", ">"))
    assert f"<{words}>" in row["snippet"] or words == "北京发生"
    (plain,) = store.search(Wanted(words))
    assert "<" not in plain["snippet"] + plain["headline"]


def test_a_word_in_the_headline_counts_for_more(store: Store) -> None:
    assert [row["id"] for row in store.search(Wanted("closes dam"))] == [2]
    first = store.search(Wanted("number"))[0]
    assert first["headline"] is not None


def test_a_search_by_author_reads_names_and_not_every_byline(store: Store) -> None:
    (condition,), values = Wanted(author="roe").conditions()
    plan = store.conn.execute(f"EXPLAIN QUERY PLAN SELECT id FROM articles WHERE {condition}", values)
    assert [step for *_, step in plan if "SCAN" in step] == ["SCAN authors"]
