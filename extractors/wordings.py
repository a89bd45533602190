"""What a page might be called: its first headings, and what its head says, each wording once.

The head often glues the site's name to the headline, or a kicker, so what it says is also taken apart at such
glue. The parts are wordings too; nothing is chosen here. Wordings are compared by letters and digits alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, reduce
from operator import or_
from urllib.parse import urlsplit

from extractors import structured
from extractors.document import Document, Piece
from extractors.reading import Reading, squash


class Cut(IntEnum):
    """What was cut off to get at a wording, the likeliest to be right first."""

    NOTHING = 0
    SITE = 1  # the publication's name
    HOST = 2  # something like its host
    TAIL = 3  # a short last part
    MORE = 4  # several parts, or a long one
    FRONT = 5  # the first part
    KICKER = 6  # what stands before a colon


METAS = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "headline", "dc.title", "title")
SOURCES = (
    ("json-ld", "headline"),
    *(("meta", name) for name in METAS),
    ("title", "title"),
    ("json-ld", "name"),
)
"""Who in the head says what the page is called; bit n of ``Wording.whole`` and ``.cut`` stands for the nth."""

_GLUE = re.compile(r"[|｜_»«\-–—·•:~/]+")
_ALWAYS = frozenset("|｜_»«")
"""Glue even without white space around it; the rest is glue only with it, and a colon with some behind it."""

MIN_CHARS, MAX_CHARS = 2, 400
"""Letters and digits of a wording at least, and characters at most. A bound, chosen by judgement."""
MAX_CUTS = 6
"""Glue in one title past which only the first and the last few are cut at: a bound on hostile titles."""
SHORT_TAIL = 40
LEVELS = {"h1": 1, "h2": 2, "h3": 3}
MAX_LEVEL_COUNT = 8
"""Headings of each level that are looked at: a bound, chosen by judgement."""
FIRST_HEADINGS = 3
"""Headings that are looked at even if they stand below the first prose."""
FIRST, LAST = 1, 2
OPENING_CHARS = 120
"""A piece longer than this, and no list of links, reads like prose."""


@dataclass(slots=True)
class Wording:
    """One thing that the page might be called, and who calls it so."""

    text: str
    key: str  # squashed
    method: str
    locator: str
    raw: str = ""  # as the page has it, when more than this
    whole: int = 0  # bits of the SOURCES that say exactly this
    cut: int = 0  # bits of those that say this with something before or after it
    cut_kind: Cut = Cut.NOTHING
    cut_chars: int = 0
    level: int = 0  # of the heading, 0 when it stands in none
    nth: int = 0  # how many headings of its level stand before it
    part: int = 0  # FIRST or LAST of a heading that has parts, 0 for all of it
    node: int = -1
    index: int = -1  # of its piece, -1 when it stands nowhere on the page
    offers: int = -1  # the likeliest Cut that it still offers itself, len(Cut) for none, -1 not looked for


@dataclass(frozen=True, slots=True)
class Wordings:
    """All wordings of a page, and the first piece that reads like prose (-1: none)."""

    all: tuple[Wording, ...]
    opening: int


def find(reading: Reading) -> Wordings:
    """Return everything that the page might be called; one wording where all agree with the only h1."""
    found: dict[str, Wording] = {}
    told = _told(reading)
    for value, bits in told.items():
        _say(found, reading, value, bits)
    h1s = reading.document.listed["h1"]
    if told and len(h1s) == 1:
        index = next((index for index, node in reading.document.headings() if node == h1s[0]), -1)
        one = _add_heading(found, reading, index, h1s[0], 0) if index >= 0 else None
        if one is not None and one.whole and one.whole | one.cut == reduce(or_, told.values()):
            return Wordings((one,), -1)
    opening = _opening(reading.document)
    _add_headings(found, reading, opening)
    _add_standing(found, reading.document.pieces)
    kickered = {one.node for one in found.values() if one.part == LAST and one.whole}
    return Wordings(tuple(one for one in found.values() if _worth(one, kickered)), opening)


def _worth(one: Wording, kickered: set[int]) -> bool:
    """Can this be the headline? ``benchmarks.train_headline`` prints how many headlines are left among the wordings.

    Left out are titles with something still to be cut off their end, and the ends of titles, where they stand in
    no heading; and a heading of which the head says the last part alone: what stands before is a kicker.
    """
    if one.level:
        return bool(one.part or one.whole) or one.node not in kickered
    if one.whole:
        return not Cut.SITE <= one.offers <= Cut.MORE
    return one.cut_kind < Cut.FRONT


def _told(reading: Reading) -> dict[str, int]:
    """Return what the head says, each with the bits of the SOURCES that say it."""
    found: dict[str, int] = {}
    first = dict(reversed(reading.document.meta))
    values = [
        reading.data.get("headline"),
        *map(first.get, METAS),
        reading.document.title,
        reading.data.get("name"),
    ]
    for bit, value in enumerate(values):
        text = structured.text(value) if value else ""
        if text and len(text) <= MAX_CHARS:
            found[text] = found.get(text, 0) | 1 << bit
    return found


def _say(found: dict[str, Wording], reading: Reading, value: str, bits: int) -> None:
    """Add what the head says and its parts."""
    source = SOURCES[(bits & -bits).bit_length() - 1]
    one = _wording(found, value, source)
    if one is None:
        return
    one.whole |= bits
    one.offers = len(Cut)
    for part, kind in _parts_of_title(reading, value):
        one.offers = min(one.offers, kind)
        less = _wording(found, part, source)
        if less is not None:
            less.cut |= bits
            if not less.cut_kind or kind < less.cut_kind:
                less.cut_kind, less.cut_chars, less.raw = kind, len(value) - len(part), value


def offers(reading: Reading, one: Wording) -> int:
    """Return the likeliest Cut that the wording still offers itself, ``len(Cut)`` for none."""
    if one.offers < 0:
        one.offers = min((kind for _, kind in _parts_of_title(reading, one.text)), default=len(Cut))
    return one.offers


def _parts_of_title(reading: Reading, title: str) -> Iterator[tuple[str, Cut]]:
    """Yield what is left of the title when it is cut at each glue, and what was cut off."""
    cuts = [cut for cut in _GLUE.finditer(title) if _is_glue(cut, title)]
    for cut in cuts if len(cuts) <= MAX_CUTS else (*cuts[:2], *cuts[-2:]):
        head, tail = title[: cut.start()].rstrip(), title[cut.end() :].lstrip()
        if not head or not tail:
            continue
        if cut[0] == ":":
            yield tail, Cut.KICKER
            continue
        short = Cut.TAIL if cut is cuts[-1] and len(tail) <= SHORT_TAIL else Cut.MORE
        yield head, _kind(reading, tail, short)
        yield tail, _kind(reading, head, Cut.FRONT)


def _is_glue(cut: re.Match[str], title: str) -> bool:
    if not _ALWAYS.isdisjoint(cut[0]):
        return True
    before, after = title[: cut.start()][-1:], title[cut.end() :][:1]
    return after.isspace() and (before.isspace() or cut[0] == ":")


def _kind(reading: Reading, part: str, other: Cut) -> Cut:
    """Return what the part of a title is: the site's name, like its host, or the ``other``."""
    key = squash(part)
    if key in reading.site_names:
        return Cut.SITE
    host = host_name(reading.page.url)
    return Cut.HOST if len(key) > 2 and (key in host or (len(host) > 3 and host in key)) else other


@lru_cache(maxsize=64)
def host_name(url: str) -> str:
    """Return the telling part of the address's host: "gazette" of www.gazette.example."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return squash(max(labels[:-1], key=len)) if len(labels) > 1 else ""


def _wording(found: dict[str, Wording], text: str, source: tuple[str, str]) -> Wording | None:
    """Return the wording, known or new; None when it has next to no letters."""
    key = squash(text)
    if len(key) < MIN_CHARS:
        return None
    if key not in found:
        found[key] = Wording(text, key, *source)
    return found[key]


def _opening(document: Document) -> int:
    for index, piece in enumerate(document.pieces):
        if len(piece.text) > OPENING_CHARS and piece.link_chars * 3 < len(piece.text):
            return index
    return -1


def _add_headings(found: dict[str, Wording], reading: Reading, opening: int) -> None:
    """Say of each wording in which heading it stands; headings of the first levels are wordings themselves."""
    document = reading.document
    counts = dict.fromkeys(LEVELS, 0)
    for index, node in document.headings():
        tag = document.tags[node]
        if tag not in LEVELS:
            continue
        nth = counts[tag]
        counts[tag] += 1
        above = opening < 0 or index < opening or sum(counts.values()) <= FIRST_HEADINGS
        if nth < MAX_LEVEL_COUNT and (tag == "h1" or above):
            _add_heading(found, reading, index, node, nth)


def _add_heading(
    found: dict[str, Wording], reading: Reading, index: int, node: int, nth: int
) -> Wording | None:
    """Add what the heading says, whole and at its ends. Returns the wording of the whole, None when it is none."""
    document = reading.document
    level = LEVELS[document.tags[node]]
    piece = document.pieces[index]
    text = piece.text if piece.node == node else document.text_of(node)
    for words, part in (*_ends(piece, node), (text, 0)):
        key = squash(words)
        one = found.get(key)
        if (
            one is None
            and len(key) >= MIN_CHARS
            and len(words) <= MAX_CHARS
            and _speaks(document, level, nth, part)
        ):
            one = found[key] = Wording(words, key, "page", f"{index}")
        if one is not None and not 0 < one.level <= level:
            one.text, one.method, one.locator = words, "page", f"{index}"
            one.level, one.nth, one.part, one.node, one.index = level, nth, part, node, index
    return one


def _speaks(document: Document, level: int, nth: int, part: int) -> bool:
    """Is the heading a wording even if the head does not say it? An h1 is, and where there is none the first h2."""
    return part != FIRST if level == 1 else level == 2 and nth < 2 and not part and not document.listed["h1"]


def _ends(piece: Piece, node: int) -> list[tuple[str, int]]:
    """Return first and last part of a heading that has several: one of them may be a kicker."""
    parts = [piece.text] if piece.node != node else _parts(piece)
    return [(parts[0], FIRST), (parts[-1], LAST)] if len(parts) > 1 else []


def _parts(piece: Piece) -> list[str]:
    """Return the piece's texts by the element that they stand in, and by line."""
    found: list[str] = []
    last = -2
    for text, node in zip(piece.parts, piece.nodes, strict=True):
        words = " ".join(text.split())
        if not words:
            last = -2 if text == "\n" else last
        elif node == last:
            found[-1] += " " + words
        else:
            found.append(words)
            last = node
    return found


def _add_standing(found: dict[str, Wording], pieces: list[Piece]) -> None:
    """Say where wordings stand that are in no heading."""
    wanted = {one.text: one for one in found.values() if one.index < 0}
    if not wanted:
        return
    for index in [index for index, piece in enumerate(pieces) if piece.text in wanted]:
        one = wanted[pieces[index].text]
        if one.index < 0:
            one.method, one.locator, one.index, one.node = "page", f"{index}", index, pieces[index].node
