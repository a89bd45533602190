"""Which addresses belong to a publication, and why others do not."""

import pytest

from scraper.config import Publication
from scraper.scope import why_out


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("https://www.gazette.example/a", None, id="its host"),
        pytest.param("https://sport.gazette.example/a", None, id="below its host"),
        pytest.param("https://feeds.example/a", None, id="a feed's host"),
        pytest.param("https://notgazette.example/a", "other_host", id="a name that ends alike"),
        pytest.param("https://gazette.example/video/a", "excluded", id="excluded"),
    ],
)
def test_scope(url: str, reason: str | None) -> None:
    publication = Publication(
        "g", "G", "https://www.gazette.example/", feeds=("https://feeds.example/g",), exclude=("/video/",)
    )
    out = why_out(url, publication)
    assert (out and out[0]) == reason


def test_an_address_that_include_matches_may_lie_anywhere() -> None:
    publication = Publication("g", "G", "https://gazette.example/", include=("//partner.example/g/",))
    assert why_out("https://partner.example/g/a", publication) is None
    assert why_out("https://gazette.example/a", publication) == (
        "excluded",
        "nothing in include of g matches",
    )
