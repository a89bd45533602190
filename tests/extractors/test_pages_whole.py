"""Whole pages: the article against what the page's author knows, and against the accepted one."""

from datetime import datetime
from typing import Any

import pytest
from labelled import NAMES, accepted, as_json, extracted, lines, truth

from extractors import Article

_NO_HEAD = "the model of kinds asks for metas or JSON-LD; a story without them is taken for a service page"

MISSED: dict[tuple[str, str], str] = {
    ("table_layout", "kind"): _NO_HEAD,
    ("japanese_sjis", "kind"): _NO_HEAD,
    ("rebelmouse_bare", "kind"): _NO_HEAD,
    ("table_layout", "headline"): "the site's name before a colon in the title is not cut off",
    (
        "table_layout",
        "body",
    ): "headline, byline and date between single <br> are one piece, kept as a paragraph",
}
"""(page, field) → why the extractor misses the truth today. Once mended, it fails until struck out."""

FIELDS = (
    "kind",
    "headline",
    "dek",
    "section",
    "authors",
    "published_at",
    "language",
    "credits",
    "access",
    "body",
)
STORIES = ("article", "live")


def rows() -> list[Any]:
    """Return one row a page and field. Pages that are no story are asked for their kind only."""
    found = []
    for name in NAMES:
        for field in FIELDS if truth(name)["kind"] in STORIES else ("kind",):
            reason = MISSED.get((name, field))
            marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
            found.append(pytest.param(name, field, id=f"{name}-{field}", marks=marks))
    return found


def seen(article: Article, field: str) -> Any:
    """Return the article's field in the form in which the truth is written."""
    if field == "body":
        return lines(article.body)
    if field == "credits":
        return [[credit.role, credit.text] for credit in article.credits]
    value = getattr(article, field)
    return list(value) if isinstance(value, tuple) else value


def known(name: str, field: str) -> Any:
    """Return the truth. What the author does not name is not on the page."""
    value = truth(name).get(field)
    if field == "published_at" and value is not None:
        assert isinstance(value, datetime)
        assert value.tzinfo is not None
    return value


@pytest.mark.parametrize(("name", "field"), rows())
def test_a_field_is_what_the_author_knows(name: str, field: str) -> None:
    article = extracted(name)
    assert isinstance(article, Article), article
    assert seen(article, field) == known(name, field)


@pytest.mark.parametrize("name", NAMES)
def test_the_article_is_the_accepted_one(name: str) -> None:
    """After a wanted change run ``make accept`` and read the diff."""
    assert as_json(name) == accepted(name).read_text(encoding="utf-8")


def test_each_known_miss_names_a_row() -> None:
    assert set(MISSED) <= {(name, field) for name in NAMES for field in FIELDS}
