"""The body: each paragraph once, and the right one of two."""

from extractors import Article, Page, extract

QUOTE = "The tide has never asked anyone for a permit, said the oldest of the nine ferrymen on Monday."
STORY = "".join(
    f"<p>The board spoke about pier {n}, and nobody left before noon came, not even the master of it.</p>"
    for n in range(4)
)


def _article(story: str) -> Article:
    html = f"<html lang=en><body><article><h1>Harbour board meets</h1>{story}</article>"
    return extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8"))


def test_a_quote_set_apart_above_the_paragraph_that_holds_it_goes() -> None:
    found = _article(f"<div class=big>{QUOTE}</div>{STORY}<p>{QUOTE}</p>{STORY.replace('pier', 'quay')}")
    assert [block.text for block in found.blocks].index(QUOTE) == 4
    assert found.body.count(QUOTE) == 1
    assert any(one.stripper == "repetition" and one.text == QUOTE for one in found.removals)


def test_of_two_paragraphs_set_alike_the_second_goes() -> None:
    found = _article(f"<p>{QUOTE}</p>{STORY}<p>{QUOTE}</p>{STORY.replace('pier', 'quay')}")
    assert [block.text for block in found.blocks].index(QUOTE) == 0
    assert found.body.count(QUOTE) == 1
