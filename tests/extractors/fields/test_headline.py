"""The headline: told from the site's name, a kicker and other headings."""

import pytest

from extractors import Page, extract


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        pytest.param(
            "Harbour board meets again at noon | Gazette",
            "<h1>Harbour board meets again at noon</h1>",
            id="h1",
        ),
        pytest.param(
            "Harbour board: all you need to know | Gazette",
            "<h1>Harbour board meets again at noon</h1>",
            id="head for search",
        ),
        pytest.param(
            "Harbour board meets again at noon",
            "<h1><span>Local news</span> <span>Harbour board meets again at noon</span></h1>",
            id="kicker inside the heading",
        ),
        pytest.param(
            "Harbour board meets again at noon | Gazette",
            "<h1>Gazette</h1><h2>Harbour board meets again at noon</h2>",
            id="the site's name is the h1",
        ),
    ],
)
def test_the_headline_is_told_from_what_stands_around_it(title: str, heading: str) -> None:
    story = "".join(
        f"<p>The board spoke about sentence {n}, and nobody left before noon came.</p>" for n in range(9)
    )
    page_head = f"<html lang=en><head><title>{title}</title></head>"
    html = f"{page_head}<body>{heading}<article>{story}</article></body></html>"
    article = extract(
        Page("https://gazette.example/harbour-board-meets-again", html.encode(), "text/html; charset=utf-8")
    )
    assert article.headline == "Harbour board meets again at noon"
