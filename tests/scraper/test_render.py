"""Articles as text: everything said once, nothing of a publisher's markup alive."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO

import pytest

from extractors import Article, Block, Credit, Image, Kind, Origin, Removal, RunnerUp
from scraper import render, rows
from scraper.explain import field_rows, removal_rows, stripper_rows

ARTICLE = Article(
    url="https://gazette.example/a",
    canonical_url="https://gazette.example/a",
    kind=Kind.ARTICLE,
    publication="The Gazette",
    headline="Dam opens",
    dek="At last",
    section="Town",
    authors=("Ana Roe", "Bo Lund"),
    published_at=datetime(2025, 3, 18, 21, 14, tzinfo=UTC),
    language="en",
    body="The dam opened.\n\nWhy now\n\nIt was time.\n\none\ntwo",
    blocks=(
        Block("paragraph", "The dam opened."),
        Block("heading", "Why now", level=3),
        Block("quote", "It was time."),
        Block("list", "one\ntwo"),
        Block("table", "year\tlitres\n2024\t3"),
        Block("code", "a = `b`"),
        Block("embed", "Open!", url="https://social.example/1"),
    ),
    lead_image=Image("https://gazette.example/dam.jpg"),
    credits=(Credit("photo", "Cy Vale / Gazette"),),
    tags=("dams",),
)


def test_text_reads_like_an_article() -> None:
    assert render.to_text(ARTICLE) == (
        "Dam opens\n\nAt last\n\nBy Ana Roe and Bo Lund · Town · 2025-03-18 21:14 UTC\n\n"
        "The dam opened.\n\nWhy now\n\nIt was time.\n\none\ntwo\n\nPhoto: Cy Vale / Gazette"
    )


def test_markdown_keeps_the_kinds_of_block() -> None:
    assert render.to_markdown(ARTICLE) == (
        "# Dam opens\n\n*At last*\n\nBy Ana Roe and Bo Lund · Town · 2025-03-18 21:14 UTC\n\n"
        "The dam opened.\n\n### Why now\n\n> It was time.\n\n- one\n- two\n\n"
        "| year | litres |\n| --- | --- |\n| 2024 | 3 |\n\n```\na = `b`\n```\n\n"
        "> Open!\n>\n> <https://social.example/1>\n\nPhoto: Cy Vale / Gazette"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("# no heading", r"\# no heading", id="hash"),
        pytest.param("- no list", r"\- no list", id="dash"),
        pytest.param("1. no list", r"1\. no list", id="number"),
        pytest.param("*a* _b_ [c](d) `e`", r"\*a\* \_b\_ \[c\](d) \`e\`", id="inline marks"),
        pytest.param("<b>x</b>", r"\<b\>x\</b\>", id="tags"),
        pytest.param("5 - 3 = 2, #1", "5 - 3 = 2, #1", id="no mark inside a line"),
    ],
)
def test_markdown_escapes_what_would_be_a_mark(text: str, escaped: str) -> None:
    assert (
        render.to_markdown(replace(ARTICLE, blocks=(Block("paragraph", text),))).split("\n\n")[3] == escaped
    )


def test_html_says_the_facts_where_programs_look() -> None:
    page = render.to_html(ARTICLE)
    for expected in (
        '<html lang="en">',
        "<title>Dam opens</title>",
        '<link rel="canonical" href="https://gazette.example/a">',
        '<meta property="article:section" content="Town">',
        '<meta property="article:published_time" content="2025-03-18T21:14:00+00:00">',
        "<h1>Dam opens</h1>",
        "<h3>Why now</h3>",
        "<ul><li>one</li><li>two</li></ul>",
        "<table><tr><td>year</td><td>litres</td></tr><tr><td>2024</td><td>3</td></tr></table>",
    ):
        assert expected in page


def test_html_holds_no_tag_of_the_publishers() -> None:
    evil = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"
    bad = replace(
        ARTICLE,
        headline=evil,
        dek=evil,
        authors=(evil,),
        language='"><script>',
        canonical_url="javascript:alert(3)",
        lead_image=Image('javascript:alert("4")'),
        blocks=tuple(Block(kind, evil, url="javascript:alert(5)") for kind in ("paragraph", *render.HTML)),
    )
    page = render.to_html(bad)
    assert not re.search(r"<(script|img)|javascript:", page, re.IGNORECASE)
    assert page.count("<title>") == 1


def test_json_is_the_whole_article() -> None:
    assert json.loads(render.to_json(ARTICLE)) == ARTICLE.to_dict()
    assert json.loads(render.to_json_line(ARTICLE)) == ARTICLE.to_dict()
    assert "\n" not in render.to_json_line(ARTICLE)


@pytest.mark.parametrize("form", render.FORMATS)
def test_an_empty_article_renders(form: str) -> None:
    empty = Article(
        url="https://gazette.example/", canonical_url="https://gazette.example/", kind=Kind.LISTING
    )
    assert "None" not in render.FORMATS[form](empty)


def test_explain_lists_winner_losers_and_removals() -> None:
    loser = RunnerUp("Dam opens | Gazette", "meta", "og:title", 0.7)
    explained = replace(
        ARTICLE,
        provenance={"headline": Origin("page", "h1", 0.98, runners_up=(loser,))},
        removals=(
            Removal("social", "a follow bar", "Follow us on social", "div.bar"),
            Removal("social", "a share bar", "Share", "div.share"),
            Removal("newsletter", "a sign-up box", "Subscribe now"),
        ),
    )
    assert list(field_rows(explained)) == [
        ("headline", "Dam opens", "page", "h1", "0.98"),
        ("  not", "Dam opens | Gazette", "meta", "og:title", "0.70"),
    ]
    assert list(stripper_rows(explained)) == [("social", 2, 24), ("newsletter", 1, 13)]
    assert next(removal_rows(explained)) == ("social", "a follow bar", "div.bar", "Follow us on social")


ROWS = [
    {"headline": "=1+1", "words": 3, "authors": ["Ana", "Bo"]},
    {"headline": 'a "b", c', "words": None, "authors": []},
]


def written(write: Callable[[list[dict[str, object]], IO[str]], None], given: list[dict[str, object]]) -> str:
    out = io.StringIO()
    write(given, out)
    return out.getvalue()


def test_rows_as_json_and_json_lines_lose_nothing() -> None:
    assert json.loads(written(rows.write_json, ROWS)) == ROWS
    assert [json.loads(line) for line in written(rows.write_json_lines, ROWS).splitlines()] == ROWS
    assert json.loads(written(rows.write_json, [])) == []


def test_rows_as_csv_run_no_formula() -> None:
    expected = 'headline,words,authors\n%s,3,"[""Ana"", ""Bo""]"\n"a ""b"", c",,[]\n'
    assert written(rows.write_csv, ROWS) == expected % "'=1+1"
    assert written(rows.write_raw_csv, ROWS) == expected % "=1+1"
