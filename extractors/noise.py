"""Boilerplate learned from a publication: a line that stands on several of its pages is no part of any one story.

Every line of a page has a fingerprint: its text with case, digits and punctuation folded. The caller counts on how many
of a publication's pages each one stands, in the story or beside it, and hands the counts back as data. Counts do
not depend on the order of pages. A page's own sighting does not count against it.

What recurs and is the story's own stays: long lines, sentences in the middle, headings with text under them, and all
of a story of which too much recurs, which is a copy.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from extractors.article import Article, Block, Removal

SIGHTINGS = 2
"""Other pages on which a line must stand before it is cut."""

LONGEST = 400
"""A line of so many characters or more is no furniture. A recurring paragraph longer than that is background that an
editor wrote; and of removed text no more is kept."""

SENTENCE_CHARS, OFTEN, SHARE = 120, 4, 0.2
"""A line this long that does not stand at the story's end is cut only when it stands on so many other pages, and on this
share of all: series open with the same sentences, and background repeats them."""

END = 3
"""Lines at a story's end, where boxes are appended."""

MOST = 0.35
"""Share of a story's characters that may be cut. A story of which more recurs is a copy or the next edition of another."""

STRIPPER = "learned"

BETWEEN = " · "
"""What stands between the lines of a box that was removed."""

_FOLDED = re.compile(r"[\W\d_]+")
_ASCII_FOLDED = "".join(chr(code) if chr(code).isalpha() else " " for code in range(128))
_BYTES = 8
"""Of a fingerprint: among a million lines two share one with a chance of 1 in 37 million."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of one publication's lines.

    ``counts`` are pages by fingerprint, of ``pages`` in all; lines seen once may be left out. ``kept`` are never cut,
    ``dropped`` always, whatever the counts. ``counted`` says that the page in hand is among the pages counted.
    """

    version: str = ""
    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    counted: bool = False

    def changed_to(self, other: "Noise") -> frozenset[str]:
        """Return the lines that are counted or judged differently."""
        marks = (*self.counts, *other.counts)
        counted = {mark for mark in marks if self.counts.get(mark) != other.counts.get(mark)}
        return frozenset(counted | (self.kept ^ other.kept) | (self.dropped ^ other.dropped))


def fingerprint(line: str) -> str:
    """Return 16 hex digits for a line: case, digits, spaces and punctuation do not tell."""
    folded = line.casefold()
    if folded.isascii():  # a third of the time that the pattern takes, the same result
        text = " ".join(folded.translate(_ASCII_FOLDED).split())
    else:
        text = _FOLDED.sub(" ", folded).strip()
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()


def sightings(article: Article) -> dict[str, str]:
    """Return the fingerprints of a page's lines, each with the line: of its story and of all that was removed."""
    seen = [line for _, line in _lines(article.blocks)]
    seen += [line for one in article.removals for line in one.text.split(BETWEEN) if _may_be(line)]
    return {fingerprint(line): line for line in reversed(seen)}


def cut(blocks: Sequence[Block], noise: Noise) -> tuple[tuple[Block, ...], tuple[Removal, ...]]:
    """Return the blocks without the lines that recur, and what was cut."""
    found = [(at, line, fingerprint(line)) for at, line in _lines(blocks)]
    doomed = {
        place: one
        for place, one in enumerate(found)
        if _recurs(noise, one[2], one[1], last=place >= len(found) - END)
    }
    _spare_headings(blocks, found, doomed, noise)
    told = {place: one for place, one in doomed.items() if one[2] in noise.dropped}
    if sum(len(line) for _, line, _ in doomed.values()) > MOST * sum(len(block.text) for block in blocks):
        doomed = told
    if not doomed:
        return tuple(blocks), ()
    gone: dict[int, set[str]] = {}
    for at, line, _ in doomed.values():
        gone.setdefault(at, set()).add(line)
    kept = (_without(block, gone.get(at, set())) for at, block in enumerate(blocks))
    removals = tuple(_removal(noise, line, mark) for _, line, mark in doomed.values())
    return tuple(block for block in kept if block.text), removals


def _lines(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Yield (index of block, line) for each line that may be furniture: a list's items one by one; no tables, no code."""
    for at, block in enumerate(blocks):
        if block.kind not in ("table", "code"):
            for line in block.text.split("\n") if block.kind == "list" else [block.text]:
                if _may_be(line):
                    yield at, line


def _may_be(line: str) -> bool:
    return len(line) < LONGEST and any(map(str.isalpha, line))


def _recurs(noise: Noise, mark: str, line: str, *, last: bool) -> bool:
    if mark in noise.kept or mark in noise.dropped:
        return mark in noise.dropped
    others = noise.counts.get(mark, 0) - noise.counted
    if len(line) >= SENTENCE_CHARS and not last:
        return others >= max(OFTEN, SHARE * noise.pages)
    return others >= SIGHTINGS


def _spare_headings(
    blocks: Sequence[Block],
    found: Sequence[tuple[int, str, str]],
    doomed: dict[int, tuple[int, str, str]],
    noise: Noise,
) -> None:
    """Keep a heading that has text of the story under it: "Background" recurs and belongs to each story."""
    for place in sorted(doomed, reverse=True):
        at, _, mark = doomed[place]
        headed = blocks[at].kind == "heading" and mark not in noise.dropped
        if headed and at + 1 < len(blocks) and (place + 1 >= len(found) or place + 1 not in doomed):
            del doomed[place]


def _without(block: Block, gone: set[str]) -> Block:
    if not gone:
        return block
    kept = [line for line in block.text.split("\n") if line not in gone] if block.kind == "list" else []
    return replace(block, text="\n".join(kept))


def _removal(noise: Noise, line: str, mark: str) -> Removal:
    if mark in noise.dropped:
        return Removal(STRIPPER, "is to be dropped, somebody said", line, mark)
    others = noise.counts.get(mark, 0) - noise.counted
    return Removal(STRIPPER, f"stands on {others} other pages", line, mark)
