"""The body: each paragraph once, and the right one of two."""

import json

import pytest

from extractors import Article, Page, extract
from extractors.fields import authors

QUOTE = "The tide has never asked anyone for a permit, said the oldest of the nine ferrymen on Monday."
STORY = "".join(
    f"<p>The board spoke about pier {n}, and nobody left before noon came, not even the master of it.</p>"
    for n in range(4)
)
FERRY = (
    "The ferry from Bremmen to the island was off the timetable on Monday, for the first time in years.",
    "A crack was found in the shaft. It is as long as a hand, the harbour office says.",
    "Nobody knows when the ship will sail again. The yard has no shaft of that size, and none is cast now.",
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


@pytest.mark.parametrize(
    "line", ["Words: Tomas Birk", "By Tomas Birk", "Tomas Birk, 2 May 2024", "2 May 2024"]
)
def test_byline_and_date_at_the_head_of_the_story_are_no_part_of_it(line: str) -> None:
    head = {"@type": "NewsArticle", "headline": "Ferry stays in port", "author": "Tomas Birk"}
    paragraphs = [f"<p>{one}</p>" for one in FERRY]
    html = f"""<!doctype html><html lang="en"><head><title>Ferry stays in port</title>
<script type="application/ld+json">{json.dumps(head)}</script></head><body><article>
<h1>Ferry stays in port</h1><p>{line}</p>{"".join(paragraphs)}</article></body></html>"""
    article = extract(Page("https://island.example/ferry", html.encode(), "text/html; charset=utf-8"))
    assert article.body.split("\n\n") == list(FERRY)


def test_a_first_line_that_says_more_than_who_and_when_stays() -> None:
    assert not authors.is_byline("Tomas Birk was on the ferry when it stopped.", ["Tomas Birk"])
