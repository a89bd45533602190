"""Who wrote it: bylines as pages write them."""

import pytest

from extractors import Page, extract
from extractors.fields.authors import clean, person


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("By Ana Roe", ("Ana Roe",), id="lead word dropped"),
        pytest.param("Von Ana Roe und Jan van Dorp", ("Ana Roe", "Jan van Dorp"), id="two joined by a word"),
        pytest.param("Ana Roe & Ana Roe", ("Ana Roe",), id="said twice, counted once"),
        pytest.param("By Ana Roe December 2, 2025", ("Ana Roe",), id="date after the name"),
        pytest.param("October 19, 2019 by Ana Roe", ("Ana Roe",), id="date before the lead"),
        pytest.param("Ana Roe, Senior Reporter", ("Ana Roe",), id="role after a comma"),
        pytest.param("Ana Roe, London, Jan Dorp", ("Ana Roe", "Jan Dorp"), id="place between names"),
        pytest.param("Ana Roe, PhD", ("Ana Roe",), id="degree"),
        pytest.param(
            "Written by Ana Roe | Reviewed by Jan Dorp", ("Ana Roe",), id="who checked has not written"
        ),
        pytest.param("Autor: Ana Roe | Abgelegt unter: Hafen", ("Ana Roe",), id="other facts on the line"),
        pytest.param("Staff", (), id="one word is a desk"),
        pytest.param("Gazette News Desk", (), id="a desk"),
    ],
)
def test_clean(line: str, expected: tuple[str, ...]) -> None:
    assert clean([line]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Gazette", (), id="a word that is the site's name"),
        pytest.param("The Gazette", (), id="an article in front makes a publication"),
        pytest.param("Ana Roe", ("Ana Roe",), id="a person whose site bears her name"),
    ],
)
def test_site_names(name: str, expected: tuple[str, ...]) -> None:
    assert clean([name], frozenset(["gazette", "thegazette", "anaroe"])) == expected


@pytest.mark.parametrize(
    "part", ["desk@gazette.example", "How the harbour was won in the end?", "12 min", "undefined"]
)
def test_nobody(part: str) -> None:
    assert person(part) is None


def _authors(head: str, top: str) -> tuple[str, ...]:
    story = "".join(
        f"<p>The harbour board met again about sentence {n}, and nobody left before noon.</p>"
        for n in range(9)
    )
    page_head = f"<html lang=en><head>{head}</head>"
    html = f"{page_head}<body><article><h1>Harbour board meets</h1>{top}{story}</article></body></html>"
    return extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")).authors


@pytest.mark.parametrize(
    ("head", "top"),
    [
        pytest.param('<meta name="author" content="Ana Roe">', "", id="meta"),
        pytest.param("", '<p>By <a rel="author" href="/a">Ana Roe</a></p>', id="rel author"),
        pytest.param(
            "", '<div class="byline"><span>Ana Roe</span><span>Senior Reporter</span></div>', id="byline"
        ),
        pytest.param("", "<p>Written by</p><p>Ana Roe</p>", id="lead on a line of its own"),
    ],
)
def test_authors(head: str, top: str) -> None:
    assert _authors(head, top) == ("Ana Roe",)


def test_a_photographer_is_no_author() -> None:
    assert _authors("", "<p>Photo: Jan Dorp</p>") == ()
