"""Hostile pages: every one is read in seconds and none raises.

Pages that only a worker process survives (a hundred thousand nested elements) are tested with the workers.
"""

# ruff: noqa: E501  markup and tables read best with an element on one line

import time

import pytest

from extractors import Article, ExtractError, Page, attempt

SECONDS = 5.0
"""Far above what any of these pages needs (0.1-3.4 s on two shared cores), far below what quadratic work on
them takes (minutes)."""

PROSE = "The harbour council voted late on Tuesday to lift the old timber sluice out of the river mouth. "

PAGES = {
    "5,000 siblings": "<h1>Sluice</h1>" + f"<p>{PROSE}</p>" * 5_000,
    "5,000 different siblings": "<h1>Sluice</h1>" + "".join(f"<p>{n} {PROSE}</p>" for n in range(5_000)),
    "50,000 line breaks": "<h1>Sluice</h1>" + f"{PROSE}<br>" * 100 + "<br>" * 50_000 + PROSE,
    "20,000 links": "<h1>Sluice</h1>" + "".join(f'<a href="/story-{n}">Story {n}</a> ' for n in range(20_000)),
    "20,000 links in a list": "<ul>" + "".join(f'<li><a href="/s{n}">Story {n}</a>' for n in range(20_000)) + "</ul>",
    "one paragraph of 2 MB": f"<h1>Sluice</h1><p>{PROSE * 21_000}</p>",
    "one word of 2 MB": f"<h1>Sluice</h1><p>{'a' * 2_000_000}</p>",
    "2,000 nested": "<div>" * 2_000 + f"<h1>Sluice</h1><p>{PROSE}</p>" + "</div>" * 2_000,
    "2,000 nested, text on each level": f"<div class=story>{PROSE}" * 2_000,
    "2,000 nested inline": "<b>" * 2_000 + PROSE * 10,
    "5,000 headings": "".join(f"<h2>Heading {n}</h2><p>{PROSE}</p>" for n in range(2_500)),
    "5,000 articles": "".join(f'<article><h2><a href="/{n}">Story {n}</a></h2><p>{PROSE}</p></article>' for n in range(2_500)),
    "5,000 time elements": "<h1>Sluice</h1>" + "<time>3 March 2024</time>" * 5_000 + f"<p>{PROSE}</p>",
    "8,000 unclosed comments": f"<h1>Sluice</h1><p>{PROSE}</p>" + "<div><p>Reply</p>" * 8_000,
    "8,000 comments at depth 2,000": "<i>" * 2_000 + f"<p>{PROSE}</p>" + "<div><p>No.</p><p>Reply</p></div>" * 8_000,
    "5,000 metas": "".join(f'<meta property="og:title" content="Sluice {n}">' for n in range(5_000)) + f"<p>{PROSE}</p>",
    "5,000 pictures": "<h1>Sluice</h1>" + "<figure><img src=/a.jpg><figcaption>A gate. Photo: Ana Roe</figcaption></figure>" * 5_000,
    "JSON-LD nested 50,000 deep": '<script type="application/ld+json">' + "[" * 50_000 + f"</script><p>{PROSE}</p>",
    "JSON-LD of 5,000 objects": '<script type="application/ld+json">[' + ",".join(['{"@type":"NewsArticle","headline":"A"}'] * 5_000) + f"]</script><p>{PROSE}</p>",
    "one attribute of 1 MB": f'<div class="{"story " * 170_000}"><p>{PROSE}</p></div>',
    "unclosed comment": f"<h1>Sluice</h1><p>{PROSE}</p><!--" + "x" * 500_000,
    "100,000 opening brackets": "<" * 100_000 + f"<p>{PROSE}</p>",
    "100,000 ampersands": f"<h1>Sluice</h1><p>{PROSE}{'&' * 100_000}</p>",
    "100,000 spaces in the headline": f"<h1>Sluice{' ' * 100_000}lifted</h1><p>{PROSE}</p>",
    "100,000 marks in the title": f"<title>{'| ' * 50_000}</title><h1>Sluice</h1><p>{PROSE}</p>",
    "100,000 marks in the byline": f"<h1>Sluice</h1><p class=byline>By {'A, ' * 30_000}</p><p>{PROSE}</p>",
    "nothing but zero bytes": "\x00" * 100_000,
}  # fmt: skip

DUMPS = {
    "20,000 lines": "Sluice to be lifted\n" + f"{PROSE}\n" * 20_000,
    "20,000 short lines": "Menu\n" * 20_000,
    "one line of 2 MB": PROSE * 21_000,
    "100,000 empty lines": "Sluice to be lifted\n" + "\n" * 100_000 + PROSE,
    "20,000 short lines, then a story": "Old gate goes\n" * 20_000 + f"{PROSE}{PROSE}\n" * 5,
}


def in_time(page: Page) -> Article | ExtractError:
    """Return the answer, and fail when it took longer than SECONDS of this process's own time."""
    started = time.process_time()
    answer = attempt(page)
    assert time.process_time() - started < SECONDS
    return answer


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_hostile_page_is_read_in_time(name: str) -> None:
    page = Page("https://gazette.example/a", PAGES[name].encode(), "text/html; charset=utf-8")
    assert isinstance(in_time(page), Article | ExtractError)


@pytest.mark.parametrize("name", sorted(DUMPS))
def test_a_hostile_dump_is_read_in_time(name: str) -> None:
    page = Page("https://gazette.example/a", DUMPS[name].encode(), "text/plain; charset=utf-8")
    assert isinstance(in_time(page), Article | ExtractError)


def test_a_story_under_2000_elements_is_still_found() -> None:
    page = Page("https://gazette.example/a", PAGES["2,000 nested"].encode(), "text/html")
    answer = in_time(page)
    assert isinstance(answer, Article)
    assert answer.headline == "Sluice"
