"""The dek: told from the story's opening, from captions, and from what the head says of its own accord."""

import pytest

from extractors import Article, Page, extract

DEK = "Nobody had asked the ferrymen, who now say that they will not sail before the spring."
STORY = "".join(
    f"<p>The board spoke about pier {n}, and nobody left before noon came, not even the master of it.</p>"
    for n in range(9)
)
OPENING = "The board spoke about pier 0, and nobody left before noon came, not even the master of it."


def article(under: str, *, description: str = "", story: str = STORY) -> Article:
    """Return the article of a page with ``under`` between headline and story."""
    said = f'content="{description}"'
    head = f'<meta property="og:description" {said}><meta name="description" {said}>' if description else ""
    html = (
        f"<html lang=en><head><title>Harbour board meets again</title>{head}</head><body><main><article>"
        f"<h1>Harbour board meets again</h1>{under}<div class=byline>By Ana Roe</div>{story}</article></main>"
    )
    return extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("under", "description"),
    [
        pytest.param(f"<p class=standfirst>{DEK}</p>", "", id="called so"),
        pytest.param(f"<h2>{DEK}</h2>", DEK, id="the description says the same"),
        pytest.param(f"<div class=lead><p>{DEK}</p></div>", DEK, id="a lead that the description confirms"),
        pytest.param(f"<h2 class=subtitle>{DEK}</h2>", "Read all about the board.", id="another description"),
    ],
)
def test_the_dek_stands_under_the_headline(under: str, description: str) -> None:
    found = article(under, description=description)
    assert found.dek == DEK
    assert found.provenance["dek"].method == "page"


@pytest.mark.parametrize(
    ("under", "description"),
    [
        pytest.param("", "", id="nothing there"),
        pytest.param(
            "", "Read all about the board and its harbour, here and now.", id="only an advertisement"
        ),
        pytest.param("", OPENING[:60] + "…", id="the description opens the story"),
        pytest.param(
            "<figure><img src=a.jpg><figcaption>The board at its table this morning.</figcaption></figure>",
            "",
            id="a caption",
        ),
        pytest.param(
            "<p>Harbour board meets again, and again, and again</p>", "", id="the headline once more"
        ),
        pytest.param("<p>3 March 2026, 9:00, read in four minutes</p>", "", id="a date"),
    ],
)
def test_what_is_no_dek(under: str, description: str) -> None:
    assert article(under, description=description).dek is None


def test_a_description_made_of_the_first_paragraphs_is_the_dek() -> None:
    lead = "<p>The ferries stay in port for good.</p><p>Nobody had asked the men who sail them, they say.</p>"
    said = "The ferries stay in port for good. Nobody had asked the men who sail them, they say."
    assert article("", description=said, story=lead + STORY).dek == said


BYLINE = "<div class=byline>By Ana Roe</div><div class=date>3 March 2026</div>"


@pytest.mark.parametrize(
    ("dek", "between", "in_body"),
    [
        pytest.param(f"<p class=big>{DEK}</p>", BYLINE, False, id="byline and date set it apart"),
        pytest.param(f"<h3>{DEK}</h3>", BYLINE, False, id="a heading without a class"),
        pytest.param(f"<p class=big>{DEK}</p>", "", True, id="the story follows at once"),
    ],
)
def test_a_dek_set_apart_is_no_part_of_the_body(dek: str, between: str, in_body: bool) -> None:
    top = f"<div class=top>{dek}</div>"
    html = (
        "<html lang=en><head><title>Harbour board meets again</title>"
        f'<meta name="description" content="{DEK}"></head><body><main>'
        f"<h1>Harbour board meets again</h1>{top}{between}<div class=story-text>{STORY}</div>"
    )
    found = extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8"))
    assert found.dek == DEK
    assert (DEK in found.body) is in_body
