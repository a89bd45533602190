"""Lines that may sum the story up: those around the headline and the start of the story, and what the head says.

Nothing is chosen here. Lines are compared by letters and digits alone; the head's descriptions confirm a line of
the page, or, where the story's first pieces together say just that, stand in for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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


@dataclass
class Line:
    """A line that may be the dek."""

    text: str
    method: str
    locator: str
    index: int = -1  # of its piece, -1 when it stands nowhere on the page
    told: int = 0  # bits of the SOURCES that say exactly this
    joined: bool = False  # the story's first pieces, two or more, say just this

    @cached_property
    def key(self) -> str:
        """The text, squashed. Made on demand: most lines are told apart by their length."""
        return squash(self.text)


@dataclass
class Summaries:
    """The lines of a page, and all that its head says."""

    lines: tuple[Line, ...]
    said: tuple[str, ...]

    @cached_property
    def told(self) -> tuple[str, ...]:
        """What the head says, squashed."""
        return tuple(map(squash, self.said))


def find(reading: Reading) -> Summaries:
    """Return the lines that may sum the story up."""
    pieces = reading.document.pieces
    headline = Line(reading.headline, "", "")
    found: dict[str, Line] = {}
    for index in _places(reading):
        text = pieces[index].text
        if MIN_CHARS <= len(text) <= MAX_CHARS and pieces[index].link_chars * 2 <= len(text):
            line = Line(text, "page", f"{index}", index)
            if not _same(line, headline):
                found.setdefault(text, line)
    told = _told(reading)
    for text, bits in told.items():
        source = SOURCES[(bits & -bits).bit_length() - 1]
        one = Line(text, *source, told=bits)
        known = found.get(text) or next((line for line in found.values() if _same(line, one)), None)
        if known is not None:
            known.told |= bits
        elif MIN_CHARS <= len(text) <= MAX_CHARS and not _same(one, headline):
            one.joined = _is_joined(reading, one)
            found[text] = one
    return Summaries(tuple(found.values()), tuple(told))


def _same(one: Line, other: Line) -> bool:
    """Do the lines say the same, type-setting aside? That moves a line's length by less than a fifth."""
    return 4 * len(one.text) < 5 * len(other.text) < 6.25 * len(one.text) and one.key == other.key


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


def _is_joined(reading: Reading, line: Line) -> bool:
    """Do the story's first pieces, and more than the first alone, say just this?"""
    texts = [reading.document.pieces[index].text for index in reading.story.pieces[:OPENING]]
    if not texts or squash(texts[0][:MIN_CHARS]) != line.key[: len(squash(texts[0][:MIN_CHARS]))]:
        return False
    first = squash(texts[0])
    return len(line.key) > len(first) >= MIN_CHARS and squash("".join(texts)).startswith(line.key)
