"""docs/queries.md: every query runs on the demo, and the answers that stand there are the demo's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from scraper.demo import tour
from tests.queries import PAGE, answered, queries

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    toured = tour.tour(tmp_path_factory.mktemp("queries") / "demo", lambda _: None)
    with closing(sqlite3.connect(f"{toured.config.paths.database.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def test_there_are_twelve_and_each_is_short() -> None:
    assert TEXT.count("\n## ") == 13  # twelve questions, and those for later
    assert all(len(query.splitlines()) <= 5 for query in queries(TEXT))


@pytest.mark.parametrize("query", queries(TEXT), ids=lambda query: query.splitlines()[0][:40])
def test_each_query_runs(db: sqlite3.Connection, query: str) -> None:
    rows = db.execute(query).fetchall()
    assert rows or query.startswith("--")


def test_the_answers_are_the_demos(db: sqlite3.Connection) -> None:
    assert answered(TEXT, db) == TEXT, "run python -m tests.queries and read the diff"
