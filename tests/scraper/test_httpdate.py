"""Dates of HTTP in their three forms, and nothing guessed."""

from datetime import UTC, datetime

import pytest

from scraper import httpdate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHEN = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_the_three_forms_are_one_moment(text: str) -> None:
    assert httpdate.parse(text, now=NOW) == WHEN


@pytest.mark.parametrize(
    "text", ["", "soon", "Sun, 31 Feb 2024 00:00:00 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT", "06/11/1994"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert httpdate.parse(text, now=NOW) is None


def test_a_leap_second_is_the_next_minute() -> None:
    leap = httpdate.parse("Wed, 31 Dec 2008 23:59:60 GMT", now=NOW)
    assert leap == datetime(2009, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        pytest.param("Sun, 01 Mar 2026 11:00:00 GMT", None, id="past"),
        pytest.param("-1", None, id="negative"),
        pytest.param("abc", None, id="garbage"),
        pytest.param(None, None, id="absent"),
        pytest.param("999999999", 999999999.0, id="absurd, capped by who waits"),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert httpdate.retry_after(text, now=NOW) == seconds
