"""Lines that may sum the story up: those around the headline and the start of the story, and what the head says.

Nothing is chosen here. Lines are compared by letters and digits alone; the head's descriptions confirm a line of
the page, or, where the story's first pieces together say just that, stand in for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from extractors import structured
from extractors.reading import Reading, squash

METAS = ("og:description", "description", "twitter:description", "dc.description")
SOURCES = (
    ("json-ld", "alternativeHeadline"),
    ("json-ld", "description"),
    *(("meta", name) for name in METAS),
    ("json-ld", "abstract"),
)
"""Who in the head may sum the story up; bit n of ``Line.told`` stands for the nth."""

MIN_CHARS, MAX_CHARS = 20, 700
BEFORE, AFTER = 4, 40
"""Pieces that are looked at in front of the headline, and behind it."""
OPENING = 4
"""Pieces of the story that a description may repeat."""


@dataclass(slots=True)
class Line:
    """A line that may be the dek."""

    text: str
    key: str  # squashed
    method: str
    locator: str
    index: int = -1  # of its piece, -1 when it stands nowhere on the page
    told: int = 0  # bits of the SOURCES that say exactly this
    joined: bool = False  # the story's first pieces, two or more, say just this


@dataclass(frozen=True, slots=True)
class Summaries:
    """The lines of a page, and all that its head says, squashed."""

    lines: tuple[Line, ...]
    told: tuple[str, ...]


def find(reading: Reading) -> Summaries:
    """Return the lines that may sum the story up."""
    pieces = reading.document.pieces
    headline = squash(reading.headline)
    found: dict[str, Line] = {}
    for index in _places(reading):
        text = pieces[index].text
        if MIN_CHARS <= len(text) <= MAX_CHARS and pieces[index].link_chars * 2 <= len(text):
            key = squash(text)
            if key != headline:
                found.setdefault(key, Line(text, key, "page", f"{index}", index))
    told = _told(reading)
    opening: str | None = None
    for text, bits in told.items():
        key = squash(text)
        if key in found:
            found[key].told |= bits
        elif key and key != headline and MIN_CHARS <= len(text) <= MAX_CHARS:
            if opening is None:
                opening = "".join(squash(pieces[i].text) for i in reading.story.pieces[:OPENING])
            source = SOURCES[(bits & -bits).bit_length() - 1]
            found[key] = Line(text, key, *source, told=bits, joined=_is_joined(reading, key, opening))
    return Summaries(tuple(found.values()), tuple(map(squash, told)))


def _places(reading: Reading) -> Iterator[int]:
    """Yield the pieces around and under the headline, then the story's first two."""
    start = reading.heading + 1 if reading.heading >= 0 else max(0, reading.first - 12)
    yield from range(max(0, start - BEFORE), min(reading.first, start + AFTER))
    yield from reading.story.pieces[:2]


def _told(reading: Reading) -> dict[str, int]:
    """Return what the head says, each with the bits of the SOURCES that say it."""
    data = reading.data
    first = dict(reversed(reading.document.meta))
    values = [
        data.get("alternativeHeadline"),
        data.get("description"),
        *map(first.get, METAS),
        data.get("abstract"),
    ]
    found: dict[str, int] = {}
    for bit, value in enumerate(values):
        text = structured.text(value) if value else ""
        if text:
            found[text] = found.get(text, 0) | 1 << bit
    return found


def _is_joined(reading: Reading, key: str, opening: str) -> bool:
    """Do the story's first pieces, and more than the first alone, say just this?"""
    if not opening.startswith(key):
        return False
    first = squash(reading.document.pieces[reading.story.pieces[0]].text)
    return len(key) > len(first) >= MIN_CHARS
