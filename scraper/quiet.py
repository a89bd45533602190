"""Quiet hours: times of day in which a publication is not asked for anything."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(?: (\S+))?")
FORM = "HH:MM-HH:MM, in UTC or with a zone behind it, as 07:00-19:30 Europe/Berlin"


def quiet_until(hours: Iterable[str], now: datetime) -> datetime | None:
    """Return when the quiet that ``now`` falls into ends, aware UTC; None outside of all quiet hours.

    ``hours`` are as FORM says; an end before its start is on the next day.
    """
    ends = [end for entry in hours if (end := _end(entry, now)) is not None]
    return max(ends, default=None)


def check(entry: str) -> None:
    """Raise ValueError, with a sentence, for an entry that is not as FORM says."""
    found = _FORM.fullmatch(entry)
    if found is None:
        raise ValueError(f"write {FORM}")
    try:
        ZoneInfo(found[5] or "UTC")
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{found[5]} is no time zone of the IANA list, such as Europe/Berlin") from None


def _end(entry: str, now: datetime) -> datetime | None:
    found = _FORM.fullmatch(entry)
    assert found, f"{entry!r} was not checked"
    here = now.astimezone(ZoneInfo(found[5] or "UTC"))
    first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    for day in (here.date() - timedelta(days=1), here.date()):
        start = datetime.combine(day, first, here.tzinfo)
        end = datetime.combine(day + timedelta(days=last <= first), last, here.tzinfo)
        if start <= here < end:
            return end.astimezone(UTC)
    return None
