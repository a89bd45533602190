"""Times in HTTP headers: dates and Retry-After."""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
_FORMS = (  # RFC 9110 section 5.6.7; the first is the one to send, all three are to be read
    re.compile(
        rf"[A-Za-z]{{3}}, (?P<day>\d{{1,2}}) (?P<month>[A-Za-z]{{3}}) (?P<year>\d{{4}}) {_TIME} (?:GMT|UTC)"
    ),
    re.compile(rf"[A-Za-z]{{6,9}}, (?P<day>\d{{2}})-(?P<month>[A-Za-z]{{3}})-(?P<year>\d{{2}}) {_TIME} GMT"),
    re.compile(rf"[A-Za-z]{{3}} (?P<month>[A-Za-z]{{3}}) +(?P<day>\d{{1,2}}) {_TIME} (?P<year>\d{{4}})"),
)


def parse(text: str, *, now: datetime) -> datetime | None:
    """Return the aware UTC time of an HTTP date in any of its three forms, or None if it is none.

    ``now`` settles the century of two-digit years: never more than 50 years ahead (RFC 9110).
    """
    match = next((found for form in _FORMS if (found := form.fullmatch(text.strip()))), None)
    if match is None or match["month"].lower() not in _MONTHS:
        return None
    month, year = _MONTHS.index(match["month"].lower()) + 1, int(match["year"])
    if len(match["year"]) == 2:
        year += now.year // 100 * 100
        year -= 100 if year > now.year + 50 else 0
    day, hour, minute, second = (int(match[part]) for part in ("day", "hour", "minute", "second"))
    try:
        leap = timedelta(seconds=second == 60)  # RFC 9110 allows 60, which datetime does not know
        return datetime(year, month, day, hour, minute, second - leap.seconds, tzinfo=UTC) + leap
    except (ValueError, OverflowError):
        return None


def retry_after(text: str | None, *, now: datetime) -> float | None:
    """Return the seconds to wait that a Retry-After header asks for (RFC 9110 section 10.2.3).

    None if there is no header or it asks for nothing: garbage, a negative number, a time that is past.
    """
    if text is None:
        return None
    if re.fullmatch(r"\d{1,15}", text.strip()):
        return float(text)
    when = parse(text, now=now)
    return (when - now).total_seconds() if when is not None and when > now else None
