"""When a feed, sitemap or section page is read again."""

from datetime import UTC, datetime, timedelta

import pytest

from scraper.documents import Document, is_due, next_pause

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("known", "changed_at", "expected"),
    [
        pytest.param(Document(), None, True, id="never read"),
        pytest.param(Document(checked_at=NOON - HOUR, pause=2 * HOUR), None, False, id="pausing"),
        pytest.param(Document(checked_at=NOON - HOUR, pause=HOUR), None, True, id="the pause is over"),
        pytest.param(Document(checked_at=NOON + HOUR, pause=HOUR), None, True, id="the clock was set back"),
        pytest.param(Document(checked_at=NOON - HOUR, pause=6 * HOUR), NOON - MINUTE, True,
                     id="its index says that it changed"),
        pytest.param(Document(checked_at=NOON - HOUR), NOON - 2 * HOUR, False,
                     id="its index says that it did not"),
        pytest.param(Document(checked_at=NOON - HOUR), NOON - 12 * HOUR, True,
                     id="a date without a time may be any hour of that day"),
        pytest.param(Document(checked_at=NOON - 200 * HOUR), NOON - 900 * HOUR, True,
                     id="an index is not believed for more than a week"),
    ],
)  # fmt: skip
def test_what_is_due(known: Document, changed_at: datetime | None, expected: bool) -> None:
    assert is_due(known, NOON, changed_at) is expected


def test_the_pause_follows_the_news() -> None:
    pause = timedelta(0)
    pauses = [pause := next_pause(pause, new) for new in [3, 0, 0, 0, 1, 1, *[0] * 20]]
    assert [p / MINUTE for p in pauses[:6]] == [0, 5, 7.5, 11.25, 5.625, 0]
    assert pauses[-1] == 6 * HOUR
