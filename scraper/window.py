"""A stretch of time, and the dates that addresses carry: what a backfill goes by."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_YEAR, _MONTH, _DAY = (
    r"(?P<year>(?:19[89]|20[0-4])\d)",
    r"(?P<month>0?[1-9]|1[0-2])",
    r"(?P<day>0?[1-9]|[12]\d|3[01])",
)
_DATES = (  # the most exact first; digits beside them would make them parts of a longer number
    re.compile(rf"(?<!\d){_YEAR}[/_.-]{_MONTH}[/_.-]{_DAY}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}[/_.-]{_MONTH}(?!\d)"),
)
_YEARS = re.compile(rf"(?<!\d){_YEAR}(?=[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``since`` on and before ``until``, both aware; None is open. ``str()`` is for a person."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Tell whether the moment lies inside."""
        return self.touches(moment, moment + timedelta(microseconds=1))

    def touches(self, start: datetime, end: datetime) -> bool:
        """Tell whether any moment from ``start`` on and before ``end`` lies inside."""
        return (self.since is None or end > self.since) and (self.until is None or start < self.until)


ALWAYS = Window()


def date_in(url: str, *, patterns: tuple[re.Pattern[str], ...] = _DATES) -> tuple[datetime, datetime] | None:
    """Return the day or month that an address names, as its first moment and the first after it.

    Aware UTC. None if it names none: ``/2024/05/31/dam``, ``/dam-20240531``, ``/2024/05/dam`` do.
    """
    path = re.sub(r"^[a-z]+://[^/]*", "", url)
    for pattern in patterns:
        for found in pattern.finditer(path):
            if span := _span(found.groupdict()):
                return span
    return None


def stretch_of(sitemap: str) -> tuple[datetime, datetime] | None:
    """Return what ``date_in`` does, or the year that a sitemap's address names.

    In a page's address a year alone is more often its subject.
    """
    return date_in(sitemap, patterns=(*_DATES, _YEARS))


def _span(parts: dict[str, str]) -> tuple[datetime, datetime] | None:
    year, month, day = int(parts["year"]), parts.get("month"), parts.get("day")
    try:
        start = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        return None
    if day:
        return start, start + timedelta(days=1)
    following = (start.year, start.month + 1) if month and start.month < 12 else (start.year + 1, 1)
    return start, datetime(*following, 1, tzinfo=UTC)
