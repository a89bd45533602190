"""Quiet hours begin and end when they say, by the clock of their own zone."""

from datetime import UTC, datetime

import pytest

from scraper.quiet import check, quiet_until


@pytest.mark.parametrize(
    ("entry", "now", "end"),
    [
        pytest.param("07:00-19:30", "2026-03-02T07:00", "2026-03-02T19:30", id="its first minute"),
        pytest.param("07:00-19:30", "2026-03-02T19:30", None, id="its end"),
        pytest.param("22:00-06:00", "2026-03-02T23:00", "2026-03-03T06:00", id="over midnight, before it"),
        pytest.param("22:00-06:00", "2026-03-02T05:00", "2026-03-02T06:00", id="over midnight, after it"),
        pytest.param("22:00-06:00", "2026-03-02T12:00", None, id="over midnight, at noon"),
        pytest.param("07:00-19:30 Europe/Berlin", "2026-07-02T05:30", "2026-07-02T17:30", id="summer time"),
        pytest.param("07:00-19:30 Europe/Berlin", "2026-01-02T05:30", None, id="winter time"),
        pytest.param("00:00-00:00", "2026-03-02T12:00", "2026-03-03T00:00", id="the whole day"),
    ],
)
def test_quiet_until(entry: str, now: str, end: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert quiet_until([entry], moment) == (end and datetime.fromisoformat(end).replace(tzinfo=UTC))


def test_of_several_the_last_end_counts() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert quiet_until(["11:00-13:00", "12:00-15:00", "20:00-21:00"], noon) == noon.replace(hour=15)


@pytest.mark.parametrize(
    "entry", ["7-19", "07:00-25:00", "07:00-19:00 Mars/Olympus", "07:00-19:00 ../../etc"]
)
def test_what_is_no_stretch_of_the_day(entry: str) -> None:
    with pytest.raises(ValueError, match=r"write|zone"):
        check(entry)
