"""The section: names as pages write them, and which of several is believed."""

import pytest

from extractors import Page, extract
from extractors.fields.section import clean, named


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(" World \n Europe ", "World Europe", id="one line"),
        pytest.param("Sport > Sailing", "Sport", id="first of a path"),
        pytest.param("Home", None, id="the front page"),
        pytest.param("12", None, id="a number"),
        pytest.param("x" * 80, None, id="a sentence"),
    ],
)
def test_clean(raw: str, expected: str | None) -> None:
    assert clean(raw) == expected


def test_names_of_labels() -> None:
    assert named("post-kicker big")
    assert not named("newsletter")


def _section(head: str, top: str, path: str = "story", end: str = "") -> str | None:
    story = "".join(
        f"<p>The harbour board met again about sentence {n}, and nobody left before noon.</p>"
        for n in range(9)
    )
    page_head = f"<html lang=en><head>{head}</head>"
    html = f"{page_head}<body>{top}<article><h1>Harbour board meets</h1>{story}</article>{end}</body></html>"
    return extract(Page(f"https://gazette.example/{path}", html.encode(), "text/html; charset=utf-8")).section


@pytest.mark.parametrize(
    ("head", "top", "path"),
    [
        pytest.param('<meta property="article:section" content="Sailing">', "", "story", id="meta"),
        pytest.param(
            "", '<p><a rel="category tag" href="/c/sailing">Sailing</a></p>', "story", id="category link"
        ),
        pytest.param(
            "", '<nav class="breadcrumb"><a>Home</a> <a>Sport</a> <a>Sailing</a></nav>', "s", id="breadcrumb"
        ),
        pytest.param("", "", "sailing/harbour-board-meets", id="address"),
        pytest.param("", "", "news/sailing/harbour-board-meets", id="address, not the front page's name"),
    ],
)
def test_section(head: str, top: str, path: str) -> None:
    assert _section(head, top, path) == "Sailing"


def test_a_category_under_buttons_to_share_and_like() -> None:
    buttons = "".join(f"<li>Share {n}</li>" for n in range(12))
    filed = "<footer class=entry-meta>Filed in <a rel='category tag' href=/c/9>Sailing</a></footer>"
    assert _section("", "", end=f"<ul>{buttons}</ul>{filed}") == "Sailing"
