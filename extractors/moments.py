"""Dates as pages write them: ISO 8601, Unix seconds, numbers, and words in two dozen languages.

Numbers are read as day-month-year unless the page is American English, and as ISO 8601 where the year comes first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and the offset that the page wrote; ``zone`` is None where it wrote none."""

    at: datetime
    zone: str | None
    has_time: bool

    def __str__(self) -> str:
        return self.at.isoformat() if self.has_time else self.at.date().isoformat()


_ISO = re.compile(
    r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)(?:[T ]\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}\b)?)?",
    re.IGNORECASE,
)
_YMD = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<![\d.,])(\d{1,2})\s?[./|-]\s?(\d{1,2})\s?[./|-]\s?((?:19|20)\d{2}|\d{2})(?![\d%])")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.h時时点](\d{2})(?::(\d{2}))?(?:\s*(am\b|pm\b|a\.m\.|p\.m\.))?"
    r"(?:(?:\s|\s?(?:GMT|UTC))([+-]\d{2}:?\d{2})(?!\d)|\s*\(?([A-Z]{1,5})\b)?",
    re.IGNORECASE,
)
_TIME_AHEAD = re.compile(
    rf"(?:{_TIME.pattern})\s*(?:Uhr|uur|h)?\s*(?:[,|·•–-]|on|am|le|el|op|il)?\s*(?:[^\W\d_]{{2,12}}\.?,?\s+)?$",
    re.IGNORECASE,
)
AHEAD = 40
"""Characters before a date in which its time may stand."""
_ZONES = {
    "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "CET": "+01:00", "MEZ": "+01:00", "BST": "+01:00",
    "WEST": "+01:00", "CEST": "+02:00", "MESZ": "+02:00", "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00",
    "JST": "+09:00", "KST": "+09:00", "AEST": "+10:00", "AEDT": "+11:00", "EST": "-05:00", "EDT": "-04:00",
    "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""Offsets of zones whose letters mean one place only: CST is America's or China's, IST three countries'."""

_MONTHS = (
    "jan gennaio genn enero ene янв ιαν ocak oca styczeń stycznia sty leden ledna gen januari xaneiro sijecanj ianuarie",
    "feb fév fevr fev febbraio febrero фев φεβ şubat luty lutego lut únor února helmi veljaca februar",
    "mar mär maerz mrz märz mrt maart мар μαρ μάρ mart marzec marca březen března marts mars marzo",
    "apr avr abril abr апр απρ nisan nis kwiecień kwietnia kwi duben dubna aprile april",
    "may mai maj mayo mag maggio mei maio май мая μαι μάι mayıs maja květen května",
    "jun juin junio giu giugno июн ιουν haziran haz czerwiec czerwca cze červen června juni junho",
    "jul juil julio lug luglio июл ιουλ temmuz tem lipiec lipca lip červenec července juli julho",
    "aug août aou ago agosto авг αυγ αύγ ağustos ağu sierpień sierpnia sie srpen srpna august",
    "sep sept set settembre septiembre setembro сен σεπ eylül eyl wrzesień września wrz září",
    "oct okt ottobre ott octubre out outubro окт οκτ ekim eki październik października paź říjen října ottob",
    "nov noviembre novembro ноя νοε νοέ kasım kas listopad listopada lis",
    "dec dez déc dic dicembre diciembre dezembro дек δεκ aralık ara grudzień grudnia gru prosinec prosince des",
)
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_WORD_DATE = re.compile(
    r"(?<!\w)(?:(\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?[\s-]*(?:de\s+|of\s+|d['’]\s*)?([^\W\d_]{3,12})\.?,?[\s-]*(?:de\s+|del\s+|'|’)?\s*((?:19|20)\d{2})"
    r"|([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{2})"
    r"|((?:19|20)\d{2})\s+([^\W\d_]{3,12})\.?\s+(\d{1,2}))(?!\d)",
    re.IGNORECASE,
)


def parse(written: str, american: bool = False) -> Moment | None:
    """Return the moment that a machine-readable or written date names, or None."""
    written = written.strip()
    if not written:
        return None
    if written.isdigit() and len(written) in (10, 13):
        try:
            return Moment(datetime.fromtimestamp(int(written[:10]), UTC), "Z", True)
        except (ValueError, OverflowError, OSError):
            return None
    found = _ISO.search(written)
    if found:
        return _moment(*found.groups())
    return next(in_words(written, american), None)


def without_dates(text: str, instead: str) -> str:
    """Return the text with ``instead`` in the place of every date and time in it."""

    def named(match: re.Match[str]) -> str:
        return instead if _month(match[2] or match[4] or match[8]) else match[0]

    text = _WORD_DATE.sub(named, text)
    for pattern in (_ISO, _YMD, _DMY, _TIME):
        text = pattern.sub(instead, text)
    return text


def in_words(text: str, american: bool) -> Iterator[Moment]:
    """Yield the moments that a line of text names, machine-readable ones first."""
    found = _ISO.search(text)
    if found and (found[4] or "-" in found[0]):
        moment = _moment(*found.groups())
        if moment:
            yield moment
    for match in _WORD_DATE.finditer(text):
        day, word, year = _day_month_year(match)
        number = _month(word)
        if number:
            moment = _at(year, str(number), day, text[match.end() : match.end() + 40], text[: match.start()])
            if moment:
                yield moment
    for match in _YMD.finditer(text):
        moment = _at(
            match[1], match[2], match[3], text[match.end() : match.end() + 30], text[: match.start()]
        )
        if moment:
            yield moment
    for match in _DMY.finditer(text):
        day, month = match[1], match[2]
        if (american and "." not in match[0] and int(day) <= 12) or int(month) > 12:
            day, month = month, day
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        moment = _at(year, month, day, text[match.end() : match.end() + 30], text[: match.start()])
        if moment:
            yield moment


def _day_month_year(match: re.Match[str]) -> tuple[str, str, str]:
    """Return day, month's name and year, which stand in one of three orders: 7 Jan 2023, Jan 7, 2023, 2023 Jan 7."""
    first, second, third = next(match.group(at, at + 1, at + 2) for at in (1, 4, 7) if match[at])
    if match[4]:
        return second, first, third
    return (third, second, first) if match[7] else (first, second, third)


def _month(word: str) -> int | None:
    word = word.lower()
    for size in (len(word), 5, 4, 3):
        number = _MONTH_OF.get(word[:size])
        if number:
            return number
    return None


def _at(year: str, month: str, day: str, after: str, before: str) -> Moment | None:
    """Return the day at the time that stands right before it, else at the first one after it."""
    time = _TIME_AHEAD.search(before[-AHEAD:]) or _TIME.search(after)
    if not time:
        return _moment(year, month, day, None, None, None, None)
    hour = int(time[1])
    if time[4] and time[4][0].lower() == "p" and hour < 12:
        hour += 12
    return _moment(
        year, month, day, str(hour), time[2], time[3], time[5] or _ZONES.get((time[6] or "").upper())
    )


def _moment(
    year: str,
    month: str,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
) -> Moment | None:
    try:
        at = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0) % 24,
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
        if zone and zone.upper() not in ("Z", "UTC", "GMT"):
            digits = zone[1:].replace(":", "").ljust(4, "0")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            at = at.replace(tzinfo=timezone(offset if zone[0] == "+" else -offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(at, zone or None, hour is not None)
