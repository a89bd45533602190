"""When a story was published: dates as pages write them, and which of several is believed."""

import pytest

from extractors import Page, extract
from extractors.moments import parse, without_dates


@pytest.mark.parametrize(
    ("written", "american", "expected"),
    [
        pytest.param(
            "2024-03-09T18:30:00+02:00",
            False,
            "2024-03-09T16:30:00+00:00",
            id="ISO 8601 with an offset, in UTC",
        ),
        pytest.param("2024-03-09", False, "2024-03-09", id="a day without a time"),
        pytest.param(
            "Posted 5:13 PM, Mar 09, 2024", True, "2024-03-09T17:13:00+00:00", id="the time before the day"
        ),
        pytest.param(
            "Article 12:1 of 9 March 2024", False, "2024-03-09", id="numbers before the day that are no time"
        ),
        pytest.param("9. März 2024", False, "2024-03-09", id="German month"),
        pytest.param("March 9, 2024", False, "2024-03-09", id="month first in words"),
        pytest.param("9 mars 2024", False, "2024-03-09", id="French month"),
        pytest.param("2024年3月9日", False, "2024-03-09", id="Chinese and Japanese"),
        pytest.param("03.04.2024", True, "2024-04-03", id="points are never American"),
        pytest.param("03/04/2024", False, "2024-04-03", id="day first outside America"),
        pytest.param("03/04/2024", True, "2024-03-04", id="month first on American pages"),
        pytest.param("1709971200", False, "2024-03-09T08:00:00+00:00", id="seconds since 1970"),
        pytest.param("March 9, 2024 at 6:05 pm", False, "2024-03-09T18:05:00+00:00", id="twelve-hour clock"),
        pytest.param(
            "March 9, 2024 6:05 pm EST", False, "2024-03-09T23:05:00+00:00", id="a zone by its letters"
        ),
        pytest.param("Sat, 09 Mar 2024 18:05:00 -0700", False, "2024-03-10T01:05:00+00:00", id="RFC 5322"),
        pytest.param("9 March 2024, 12:30-14:00", False, "2024-03-09T12:30:00+00:00", id="hours are no zone"),
        pytest.param("9-Mar-2024", False, "2024-03-09", id="dashes between words"),
        pytest.param("2024 Mar 9", False, "2024-03-09", id="year first in words"),
        pytest.param("09 | 03 | 2024", False, "2024-03-09", id="bars between numbers"),
    ],
)
def test_parse(written: str, american: bool, expected: str) -> None:
    assert str(parse(written, american)) == expected


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="nothing"),
        pytest.param("2024-02-31", id="a day that never was"),
        pytest.param("five chapters, 300 pages", id="numbers that are no date"),
    ],
)
def test_no_date_is_none(written: str) -> None:
    assert parse(written) is None


def test_dates_are_taken_out_of_a_line() -> None:
    assert without_dates("By Ana Roe March 9, 2024", "|").strip() == "By Ana Roe |"


def _published(head: str, top: str, end: str = "") -> str:
    story = "".join(
        f"<p>The harbour board met again about sentence {n}, and nobody left before noon.</p>"
        for n in range(9)
    )
    page_head = f"<html lang=en><head>{head}</head>"
    html = f"{page_head}<body><article><h1>Harbour board meets</h1>{top}{story}</article>{end}</body></html>"
    return str(
        extract(
            Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")
        ).published_at
    )


@pytest.mark.parametrize(
    ("head", "top", "day"),
    [
        pytest.param(
            '<meta property="article:published_time" content="2024-03-09T10:00:00Z">',
            "",
            "2024-03-09",
            id="meta",
        ),
        pytest.param(
            "", '<time datetime="2024-03-09">yesterday</time>', "2024-03-09", id="time beside the headline"
        ),
        pytest.param("", "<p class=date>9 March 2024</p>", "2024-03-09", id="words beside the headline"),
        pytest.param(
            '<meta property="article:published_time" content="2020-01-01T10:00:00Z">',
            '<time datetime="2024-03-09">9 March 2024</time>',
            "2024-03-09",
            id="the day that the reader is shown wins",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2024-06-01T10:00:00Z">',
            "<p class=date>9 March 2024</p>",
            "2024-03-09",
            id="so does an earlier one in words",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2024-03-09T10:00:00Z">'
            '<meta property="article:modified_time" content="2024-06-01T10:00:00Z">',
            "<p class=date>1 June 2024</p>",
            "2024-03-09",
            id="but not the day of a change",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2024-03-09T10:00:00Z">',
            '<p>Last updated: <time datetime="2024-06-01">June 1</time></p>',
            "2024-03-09",
            id="nor a time that its line calls one",
        ),
        pytest.param(
            '<script type="application/ld+json">{&quot;@type&quot;: &quot;NewsArticle&quot;, '
            "&quot;datePublished&quot;: &quot;2024-03-09&quot;}</script>",
            "",
            "2024-03-09",
            id="JSON-LD written with character references",
        ),
        pytest.param(
            '<script type="application/ld+json">{&quot;a&quot;: &quot;&#' + "9" * 5000 + ";&quot;}</script>",
            "<p class=date>9 March 2024</p>",
            "2024-03-09",
            id="and with one that is no character",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": "&#'
            + "9" * 5000
            + ';"}</script>',
            "<p class=date>9 March 2024</p>",
            "2024-03-09",
            id="or in a text",
        ),
        pytest.param(
            "",
            "<p>Actualités | Edited by Jan | <time datetime=2024-03-09>9 mars</time></p>"
            "<p class=date>1 May 2020</p>",
            "2024-03-09",
            id="words that only look like those of a change",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2024-03-09T10:00:00Z">',
            "<p class=date>09/03/2024</p>",
            "2024-03-09",
            id="numbers in the other order are no other day",
        ),
        pytest.param(
            '<meta name="w-published-date" content="2024-03-09">', "", "2024-03-09", id="a made-up meta"
        ),
        pytest.param(
            "",
            '<abbr class="published" title="2024-03-09T10:00:00Z">2 hours ago</abbr>',
            "2024-03-09",
            id="an attribute beside the words",
        ),
        pytest.param("", "<p class=date>2 hours ago</p>", "None", id="the clock is never asked"),
        pytest.param(
            '<meta property="article:published_time" content="2024-06-01T10:00:00Z">',
            "<p class=date>Published Mar 9, 2024</p><p class=date>Updated Jun 1, 2024</p>",
            "2024-03-09",
            id="the first of two days shown, though the head gives the second",
        ),
        pytest.param(
            "",
            f"<p>9.3.2024 - {'The tide gauge at the quay was read again before noon. ' * 4}</p>",
            "2024-03-09",
            id="the beginning of the first paragraph",
        ),
        pytest.param(
            "",
            f"<p>The fair of 9 March 2024, {'which the board had closed, opened again. ' * 5}</p>",
            "None",
            id="but no day amid a paragraph",
        ),
    ],
)
def test_published(head: str, top: str, day: str) -> None:
    assert _published(head, top).startswith(day)


def test_a_day_called_a_date_far_below_the_story() -> None:
    between = "".join(f"<p class=more>More of the harbour, number {n}</p>" for n in range(20))
    below = "<p class=label>Published</p><p class=date>Mar 9, 2024</p>"
    assert _published("", "", between + below).startswith("2024-03-09")
    other = "<p class=date>Mar 8, 2024</p>"
    assert _published("", "", between + below + other) == "None"


def test_the_masthead_shows_today() -> None:
    masthead = "<div class=date>Friday, 7 June 2024</div>" + "".join(
        f"<li><a href=/{n}>Part {n}</a></li>" for n in range(6)
    )
    story = "".join(f"<p>The harbour board met again about sentence {n}, all day.</p>" for n in range(9))
    body = f"{masthead}<article><h1>Harbour board meets</h1><p>9 March 2024</p>{story}</article>"
    page = Page("https://gazette.example/harbour", f"<html lang=en><body>{body}".encode(), "text/html")
    assert str(extract(page).published_at).startswith("2024-03-09")


def test_a_month_is_no_word_of_change() -> None:
    assert _published("", "<p class=date>9 maj 2024</p><p class=date>Åpnet 7 juni 2023</p>").startswith(
        "2024-05"
    )


def test_a_day_that_something_else_happened() -> None:
    far = "".join(f"<p><a href=/{n}>Harbour pages {n}</a></p>" for n in range(40))
    for line in ("Public holiday 25 December 2023", "Privacy policy updated 12 May 2019"):
        assert _published("", "", f"{far}<p>{line}</p>") == "None"
    first = "<p>The first bridge fell on 3 March 2011.</p>"
    assert _published("", first, "<p class=date>Posted: 9 March 2024</p>").startswith("2024-03-09")


def _sure(head: str, top: str) -> float:
    html = f"<html lang=en><head>{head}</head><body><article><h1>Harbour board meets</h1>{top}"
    html += "<p>The harbour board met again, and nobody left before noon.</p>" * 5
    page = Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")
    return extract(page).provenance["published_at"].confidence


def test_two_witnesses_make_it_surer_and_a_rival_less_sure() -> None:
    meta = '<meta property="article:published_time" content="2024-03-09T10:00:00Z">'
    alone = _sure(meta, "")
    agreed = _sure(meta, "<p class=date>9 March 2024</p>")
    doubted = _sure(meta, "<p class=date>Printed 9 May 2024</p><p class=date>11 May 2024</p>")
    assert doubted < alone < agreed
