"""Dates in addresses, and what a backfill takes."""

from datetime import UTC, datetime, timedelta

import pytest

from scraper.window import ALWAYS, Window, date_in, stretch_of

DAY = timedelta(days=1)


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/2024/05/31/dam", (day(2024, 5, 31), day(2024, 6, 1)), id="folders"),
        pytest.param("/2024/5/1/dam", (day(2024, 5, 1), day(2024, 5, 2)), id="without zeros"),
        pytest.param("/dam-20240531.html", (day(2024, 5, 31), day(2024, 6, 1)), id="eight digits"),
        pytest.param("/news/2024-12/dam", (day(2024, 12, 1), day(2025, 1, 1)), id="a month"),
        pytest.param(
            "/2024/02/31/dam", (day(2024, 2, 1), day(2024, 3, 1)), id="no such day, but such a month"
        ),
        pytest.param("/article/120240531987", None, id="part of a longer number"),
        pytest.param("/the-summer-of-1999-in-pictures", None, id="a year is a subject"),
        pytest.param("/dam", None, id="none"),
    ],
)
def test_date_in(path: str, expected: tuple[datetime, datetime] | None) -> None:
    assert date_in(f"https://g-2019-01.example{path}") == expected


def test_a_sitemap_may_be_of_a_year() -> None:
    assert stretch_of("https://g.example/sitemap-2019.xml") == (day(2019, 1, 1), day(2020, 1, 1))


def test_a_window_has_its_first_moment_and_not_its_last() -> None:
    window = Window(day(2024, 1, 1), day(2024, 2, 1))
    assert window.holds(day(2024, 1, 1))
    assert not window.holds(day(2024, 2, 1))
    assert not window.holds(day(2023, 12, 31))
    assert window.touches(day(2024, 1, 31), day(2024, 3, 1))
    assert ALWAYS.holds(day(1999, 1, 1))
