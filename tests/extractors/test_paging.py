"""Stories over several pages: which address is the next page, and how pages become one article."""

# ruff: noqa: E501  markup and tables read best with an element on one line

from dataclasses import replace

import pytest

from extractors import Page, extract, read_rules
from extractors.paging import MOST_PAGES, continues

THINGS = (
    "gate",
    "sluice",
    "quay",
    "weir",
    "ferry",
    "mast",
    "lock",
    "crane",
    "bollard",
    "pier",
    "boom",
    "lamp",
)
BIO = "Ana Roe has written about the harbour since the second bridge was built, and lives on the quay."


def prose(first: int, count: int = 4) -> str:
    return "".join(
        f"<p>The {THINGS[at % 12]} of basin {at} was inspected by the harbour office on Tuesday and found to be sound, to nobody's surprise but the keeper's.</p>"
        for at in range(first, first + count)
    )


def page(url: str, body: str, *, head: str = "", title: str = "Harbour found sound", after: str = "") -> Page:
    html = f"""<!doctype html><html lang="en"><head><title>{title}</title><meta property="og:type" content="article">{head}</head>
    <body><main><article><h1>{title}</h1><p class="byline">By Ana Roe</p>{body}{after}</article></main></body></html>"""
    return Page(url, html.encode(), "text/html; charset=utf-8")


FIRST = "https://gazette.example/harbour"


@pytest.mark.parametrize(
    ("own", "address", "number", "is_it"),
    [
        pytest.param(FIRST, f"{FIRST}?page=2", 2, True, id="in the query"),
        pytest.param(FIRST, f"{FIRST}?page=1", 2, True, id="counted from 0"),
        pytest.param(FIRST, f"{FIRST}/2", 2, True, id="a step of the path"),
        pytest.param(f"{FIRST}/", f"{FIRST}/page/2/", 2, True, id="two steps"),
        pytest.param(f"{FIRST}.html", f"{FIRST}-2.html", 2, True, id="before the suffix"),
        pytest.param(f"{FIRST}.html", f"{FIRST}_p2.html", 2, True, id="p2"),
        pytest.param(FIRST, f"{FIRST}/seite-2", 2, True, id="Seite"),
        pytest.param(f"{FIRST}/1", f"{FIRST}/2", 2, True, id="from 1 on"),
        pytest.param(f"{FIRST}?id=77&utm_source=x", f"{FIRST}?page=3&id=77", 3, True, id="other parameters"),
        pytest.param(f"{FIRST}-12", f"{FIRST}-12?page=2", 2, True, id="a slug that ends in a number"),
        pytest.param(f"{FIRST}?id=77", f"{FIRST}?id=78&page=2", 2, False, id="another id"),
        pytest.param("https://gazette.example/news/1234", "https://gazette.example/news/1235", 2, False, id="the next story by its number"),
        pytest.param("https://gazette.example/news/12", "https://gazette.example/news/13", 2, False, id="the same with few digits"),
        pytest.param(FIRST, f"{FIRST}?cpage=2", 2, False, id="comments"),
        pytest.param(FIRST, f"{FIRST}/comment-page-2/", 2, False, id="comments in the path"),
        pytest.param(FIRST, "https://gazette.example/mill", 2, False, id="another story"),
        pytest.param(FIRST, "https://other.example/harbour?page=2", 2, False, id="another host"),
        pytest.param(FIRST, f"{FIRST}?page=4", 2, False, id="a later page"),
    ],
)  # fmt: skip
def test_an_address_is_the_next_page(own: str, address: str, number: int, is_it: bool) -> None:
    assert continues(own, address, number) is is_it


@pytest.mark.parametrize(
    ("head", "after", "following"),
    [
        pytest.param('<link rel="next" href="/harbour?page=2">', "", f"{FIRST}?page=2", id="the head says next"),
        pytest.param('<link rel="next" href="/mill">', "", None, id="next is another story"),
        pytest.param("", '<p class="pages"><b>1</b> <a href="?page=2">2</a> <a href="?page=3">3</a></p>', f"{FIRST}?page=2", id="numbers below the story"),
        pytest.param("", '<nav class="pagination"><a href="/harbour/2">2</a><a href="/harbour/3">3</a></nav>', f"{FIRST}/2", id="numbers in a menu"),
        pytest.param("", '<p><a href="/harbour/2">Nächste Seite</a></p>', f"{FIRST}/2", id="words"),
        pytest.param("", '<p><a href="/harbour/2" rel="next">On to the cranes</a></p>', f"{FIRST}/2", id="a link that is the next"),
        pytest.param("", '<p><a href="/harbour/2">Harbour, two years on</a></p>', None, id="a link to something else"),
        pytest.param("", '<p><a href="/harbour?cpage=2">2</a></p>', None, id="pages of comments"),
    ],
)  # fmt: skip
def test_the_next_page_is_found(head: str, after: str, following: str | None) -> None:
    assert extract(page(FIRST, prose(0), head=head, after=after)).next_page == following


def test_pages_become_one_article() -> None:
    bio, numbers = f"<p>{BIO}</p>", '<p><a href="/harbour/2">2</a> <a href="/harbour/3">3</a></p>'
    first = page(FIRST, prose(0) + bio, after=numbers)
    second = page(f"{FIRST}/2", prose(3) + bio, title="Harbour found sound (page 2)", after=numbers)
    third = page(f"{FIRST}/3", prose(7) + bio, after=numbers)
    whole = extract(replace(first, more=(second, third)))
    said = [*(one.split("</p>")[0] for one in prose(0, 11).split("<p>")[1:]), BIO]
    assert whole.body.split("\n\n") == said
    assert whole.pages == (FIRST, f"{FIRST}/2", f"{FIRST}/3")
    assert whole.next_page is None
    assert whole.headline == "Harbour found sound"
    assert whole.provenance["body"].locator.endswith(", joined from 3 pages")
    assert extract(replace(first, more=(second,))).next_page == f"{FIRST}/3"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(page(f"{FIRST}/2", prose(5), title="The mill burns"), id="another story"),
        pytest.param(page(f"{FIRST}/2", prose(0)), id="the same page again"),
        pytest.param(page(f"{FIRST}/2", ""), id="an empty page"),
        pytest.param(Page(f"{FIRST}/2", b""), id="no page"),
    ],
)
def test_what_is_no_further_page_is_left_out(other: Page) -> None:
    first = page(FIRST, prose(0), after='<p><a href="/harbour/2">2</a></p>')
    alone, joined = extract(first), extract(replace(first, more=(other,)))
    assert joined == replace(alone, next_page=None)


def test_a_rule_says_what_the_next_page_is() -> None:
    rules, problems = read_rules('hosts = ["gazette.example"]\nnext_page = ["a.onward"]', "g.toml")
    assert problems == ()
    first = page(FIRST, prose(0), after='<a class="onward" href="/harbour-the-cranes">The cranes</a>')
    assert extract(first).next_page is None
    assert extract(first, rules=rules).next_page == "https://gazette.example/harbour-the-cranes"
    second = page("https://gazette.example/harbour-the-cranes", prose(4), title="The cranes")
    assert "lamp" not in extract(replace(first, more=(second,)), rules=rules).body
    assert "crane of basin 7" in extract(replace(first, more=(second,)), rules=rules).body


def test_many_pages_are_joined_in_bounded_time() -> None:
    pages = [page(f"{FIRST}/{at}" if at > 1 else FIRST, prose(4 * at)) for at in range(1, MOST_PAGES + 1)]
    whole = extract(replace(pages[0], more=tuple(pages[1:])))
    assert len(whole.pages) == MOST_PAGES
    assert len(whole.blocks) == 4 * MOST_PAGES
