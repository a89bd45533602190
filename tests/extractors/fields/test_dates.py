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
        pytest.param("9. März 2024", False, "2024-03-09", id="German month"),
        pytest.param("March 9, 2024", False, "2024-03-09", id="month first in words"),
        pytest.param("9 mars 2024", False, "2024-03-09", id="French month"),
        pytest.param("2024年3月9日", False, "2024-03-09", id="Chinese and Japanese"),
        pytest.param("03.04.2024", True, "2024-04-03", id="points are never American"),
        pytest.param("03/04/2024", False, "2024-04-03", id="day first outside America"),
        pytest.param("03/04/2024", True, "2024-03-04", id="month first on American pages"),
        pytest.param("1709971200", False, "2024-03-09T08:00:00+00:00", id="seconds since 1970"),
        pytest.param("March 9, 2024 at 6:05 pm", False, "2024-03-09T18:05:00+00:00", id="twelve-hour clock"),
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


def _published(head: str, top: str) -> str:
    story = "".join(
        f"<p>The harbour board met again about sentence {n}, and nobody left before noon.</p>"
        for n in range(9)
    )
    page_head = f"<html lang=en><head>{head}</head>"
    html = f"{page_head}<body><article><h1>Harbour board meets</h1>{top}{story}</article></body></html>"
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
    ],
)
def test_published(head: str, top: str, day: str) -> None:
    assert _published(head, top).startswith(day)
