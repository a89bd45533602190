"""Selectors are proposed where a page shows what its head says."""

# ruff: noqa: E501  markup reads best with an element on one line

import json

import pytest

from extractors import Page, extract, read_rules, suggest
from tests.extractors.test_paging import prose

STORIES = (
    (
        "Harbour found sound",
        "Every post was knocked on twice this week",
        "Quays",
        "Tomas Birk",
        "2024-05-02T07:30:00Z",
    ),
    (
        "The mill burns again",
        "Nobody was in it but the owl, which got away",
        "Town",
        "Ana Roe",
        "2024-05-03T18:00:00Z",
    ),
    (
        "A tram for the hill",
        "The council wants rails where the goats go",
        "Town",
        "Ilse Tamm",
        "2024-05-04T09:15:00Z",
    ),
)
EXPECTED = {
    "headline": {"h1.head-line", "h1"},
    "dek": {"div.standfirst"},
    "section": {"span.rubric"},
    "authors": {"b.signed-by"},
    "published_at": {"time.when@datetime"},
}


def page(at: int) -> Page:
    headline, dek, section, author, day = STORIES[at]
    data = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": headline, "alternativeHeadline": dek,
        "articleSection": section, "author": {"@type": "Person", "name": author}, "datePublished": day,
    }  # fmt: skip
    html = f"""<!doctype html><html lang="en"><head><title>{headline}</title><meta property="og:type" content="article">
    <meta property="article:section" content="{section}"><script type="application/ld+json">{json.dumps(data)}</script></head>
    <body><main><article><span class="rubric">{section}</span><h1 class="head-line css-1x2y3">{headline}</h1>
    <div class="standfirst">{dek}</div><p class="who">Words: <b class="signed-by">{author}</b></p>
    <time class="when" datetime="{day}">a day</time>{prose(4 * at)}</article>
    <aside><div class="tease"><b>{author}</b><h3>Another story</h3></div></aside></main></body></html>"""
    return Page(f"https://gazette.example/{at}", html.encode(), "text/html")


PAGES = [page(at) for at in range(len(STORIES))]


@pytest.mark.parametrize("field", EXPECTED)
def test_a_selector_is_proposed(field: str) -> None:
    found = [one for one in suggest(PAGES) if one.field == field]
    assert EXPECTED[field] & {one.selector for one in found}
    assert all(one.right == one.pages >= 2 for one in found)  # a page where the field is unsure is not asked


def test_what_builds_put_into_names_is_not_proposed() -> None:
    assert not any("css-" in one.selector for one in suggest(PAGES))


def test_a_proposal_is_a_rule_that_gives_the_field() -> None:
    proposed = {one.field: one.selector for one in reversed(suggest(PAGES))}
    lines = "\n".join(f"{name} = [{json.dumps(css)}]" for name, css in proposed.items())
    rules, problems = read_rules(f'hosts = ["gazette.example"]\n[select]\n{lines}', "g.toml")
    assert problems == ()
    for one in PAGES:
        plain, ruled = extract(one), extract(one, rules=rules)
        for name in proposed:
            assert getattr(ruled, name) == getattr(plain, name)
            assert ruled.provenance[name].method == "rule"


def test_a_selector_that_says_something_else_on_one_page_is_not_proposed() -> None:
    other = PAGES[0].body.replace(b'<span class="rubric">Quays', b'<span class="rubric">Premium')
    found = suggest([*PAGES[1:], Page(PAGES[0].url, other, "text/html")])
    assert "span.rubric" not in {one.selector for one in found if one.field == "section"}


def test_nothing_is_proposed_for_what_is_no_page() -> None:
    assert suggest([Page("https://gazette.example/", b"")]) == ()
