"""The dek: the line under the headline that sums the story up. Also called standfirst, subheadline or summary.

A dek stands on the page, between headline and story or as the story's first paragraph, set apart by its markup.
What the head says (JSON-LD alternativeHeadline, description and abstract; meta og:description, description,
twitter:description and dc.description) often repeats it, but also opens the story or advertises it: it confirms
what is seen, and stands in only where the story's first pieces together say just that. Rules drop what is no dek;
a small model, trained on labelled pages, says how likely the rest is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

from extractors import summaries
from extractors.candidates import Candidate
from extractors.document import PLACES, Document, Piece
from extractors.reading import Reading, squash
from extractors.summaries import Line, Summaries
from extractors.weights import dek_trees

FLOOR = 0.25
"""A line less likely than this is left out. ``benchmarks.train_dek`` prints what other floors would give."""

BETWEEN = 2
"""Pieces between a dek set apart and the story's next piece. Of 98 labelled pages of news and of the web with a dek in a
box and class of its own, 34 of 50 bodies do without it where so many stand between, and 19 of 48 elsewhere."""

APART = (0, 1, 4)
"""How a dek in a box of its own is like the story's next piece (``_alike``): in class at most, if its tag is another.
None of four such bodies holds a dek without a class, in a heading's tag."""

SAME_BOX = 2
"""How ``_alike`` says that two pieces stand in one box."""

DOUBTED = 0.8
"""A lead in a box of its own that is story with a smaller chance is none: 6 of 8 such labelled bodies do without it."""

MOST = 0.93
"""No dek is surer than this: so often the likeliest are right on publications that the model has not seen."""

_APART = re.compile(
    r"sub-?_?head|sub-?_?tit|standfirst|(?:^|[\s_-])(?:dek|deck|strapline|tagline)(?:$|[\s_-])|untertitel|bajada"
    r"|occhiello|catenaccio|alternativeheadline|sottotitolo|ondertitel|underrubrik|subtytul"
)
"""Names of what is a dek and no part of the story."""

_OPENING = re.compile(
    r"(?:^|[\s_-])(?:(?<!with-)summary|lead|lede|leadtext|intro|introduction|chapo|chapeau|chapô|sapo|entradilla|vorspann|anlauf"
    r"|excerpt|abstract|sumario|sommario|ingress|manchet|spot|preamble|zajawka|kurzfassung)(?:$|[\s_-])"
    r"|articlelead|leadparagraph|article-?intro|teaser-?text|leadtext|introtext"
)
"""Names of a dek that opens the story as well."""

_OTHER = re.compile(
    r"caption|credit|image|figure|photo|byline|author|date|time|meta|tags?\b|share|social|comment|related|teaser|promo"
    r"|newsletter|breadcrumb|category|nav|menu|widget|banner|ad\b|ads\b|copyright"
)
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_STRONG = frozenset(["b", "strong", "em", "i"])
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|[。！？]")
_ENDS = ".!?。！？"
_CUT_OFF = ("…", "...", "[…]", "[...]")
LIKE_HEADLINE = 0.6
"""Share of common words past which a line only repeats the headline."""
LONG_CHARS = 60
"""A piece between headline and dek that is longer is more than a date or a name."""

FEATURES: dict[str, int] = {
    "told": 1, "named": 1, "named_otherwise": -1, "inside": -1, "alike": 0, "distance": -1, "long_between": -1, "rank": 0,
    "chance": 0, "chars": 0, "sentences": 0, "ends": 0, "link_share": -1, "like_headline": -1, "begins_told": 0,
    "begun_by_told": 0, "joined": 1, "other_named": -1, "other_told": -1, "nth": 0, "heading": 0, "in_figure": -1,
    "strong": 1, "next_chars": 0, "to_story": 0,
}  # fmt: skip
"""What the model looks at, and whether more of it may only help (1), only harm (-1), or do either (0)."""


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield the lines that may be the dek, the likeliest first, each with the chance that it is."""
    chances = [(1 / (1 + exp(-dek_trees.dek(row))), line) for line, row in found(reading)]
    for chance, line in sorted(chances, key=lambda one: -one[0]):
        yield Candidate(line.text, line.method, line.locator, round(min(chance, MOST), 3))


def is_one(reading: Reading, index: int, summary: str) -> bool:
    """Is the piece the dek and no part of the story? A subheadline is; a lead or intro opens the story as well, unless it
    stands in a box of its own and the story model doubts it; so is what stands in such a box with ``BETWEEN`` pieces,
    such as byline and date, before the story."""
    document = reading.document
    piece = document.pieces[index]
    if piece.text != summary:
        return False
    named = _named(*_names(reading, piece.node))
    if named >= 3:
        return True
    following = _following(reading, index)
    alike = _alike(document, piece, document.pieces[following]) if following >= 0 else SAME_BOX
    if named and not alike & SAME_BOX and reading.story.chances[index] < DOUBTED:
        return True
    return following - index > BETWEEN and alike in APART


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line, and what the elements around it are called."""

    line: Line
    own: str = ""
    around: str = ""
    named: int = 0  # how clearly a dek's name is on the element (4, 2) or around it (3, 1)


def found(reading: Reading) -> Iterator[tuple[Line, list[float]]]:
    """Yield each line that is not ruled out, and its FEATURES."""
    said = summaries.find(reading)
    # a description that stands nowhere advertises the story, or opens it
    lines = [_seen(reading, line) for line in said.lines if line.index >= 0 or line.joined]
    words = set(reading.headline.casefold().split())
    for one in lines:
        line = one.line
        if line.index < 0 and line.text.endswith(_CUT_OFF):
            continue
        if line.told or (_possible(reading, one, said) and not _is_headline(reading, line)):
            row = _said(line, said.told, words) | _place(reading, one)
            if not line.told and row["like_headline"] > LIKE_HEADLINE:
                continue
            row |= _others(line, lines)
            yield line, [float(row[name]) for name in FEATURES]


def _is_headline(reading: Reading, line: Line) -> bool:
    """Is the line the headline in another wording?"""
    headline = squash(reading.headline)
    return line.key in squash(reading.document.title) or (bool(headline) and headline in line.key)


def _seen(reading: Reading, line: Line) -> _Seen:
    if line.index < 0:
        return _Seen(line)
    own, around = _names(reading, reading.document.pieces[line.index].node)
    return _Seen(line, own, around, _named(own, around))


def _possible(reading: Reading, one: _Seen, said: Summaries) -> bool:
    """Rule out what is no dek, whatever else it is like."""
    line = one.line
    document, story = reading.document, reading.story.pieces
    piece = document.pieces[line.index]
    if one.named < 3 and (document.places[piece.node] & PLACES["figure"] or _OTHER.search(one.own)):
        return False  # a caption, a byline, a date
    if one.named < 3 and line.index in story[1:2]:
        return False
    long = len(line.text) >= 2 * summaries.MIN_CHARS
    if one.named:
        return one.named > 1 or long
    if not long or not (line.text[-1] in _ENDS or document.tags[piece.node] in _HEADINGS):
        return False
    return line.index not in story[:1] or _is_set_apart(reading, line, said)


def _is_set_apart(reading: Reading, line: Line, said: Summaries) -> bool:
    """Is the story's first paragraph set in another way than the next, and no description begins with it?"""
    document = reading.document
    following = _following(reading, line.index)
    if _is_strong(document, line.index, following):
        return True
    alike = _alike(document, document.pieces[line.index], document.pieces[following]) if following >= 0 else 2
    return alike not in (2, 4, 5, 7) and not _begins(line.key, said.told)


def _begins(key: str, told: tuple[str, ...]) -> bool:
    return len(key) > 30 and any(other.startswith(key) for other in told if other != key)


def _following(reading: Reading, index: int) -> int:
    """Return the first of the story's pieces behind this one, -1 for none."""
    return next((i for i in reading.story.pieces[:3] if i > index), -1)


def _others(line: Line, lines: Sequence[_Seen]) -> dict[str, float]:
    """Return the line's number among those on the page, and how well the best of the others does."""
    stand = sorted(one.line.index for one in lines if one.line.index >= 0)
    others = [one for one in lines if one.line is not line]
    return {
        "nth": stand.index(line.index) if line.index >= 0 else -1,
        "other_told": max((one.line.told.bit_count() for one in others), default=0),
        "other_named": max((one.named for one in others), default=0),
    }


def _said(line: Line, told: tuple[str, ...], headline: set[str]) -> dict[str, float]:
    """Return the numbers of what the line says."""
    words = set(line.text.casefold().split())
    key = line.key
    return {
        "told": line.told.bit_count(),
        "chars": len(line.text),
        "sentences": len(_SENTENCE_END.findall(line.text)),
        "ends": line.text[-1] in _ENDS,
        "like_headline": len(headline & words) / len(headline | words),
        "begins_told": _begins(key, told),
        "begun_by_told": any(
            len(other) > 30 and key.startswith(other[:-3]) for other in told if other != key
        ),
        "joined": line.joined,
    }


_NOWHERE: dict[str, float] = {
    "named": 0, "named_otherwise": 0, "inside": 1, "alike": -1, "distance": 30, "long_between": 4, "rank": -2,
    "chance": -1, "link_share": 0, "heading": -1, "in_figure": 0, "strong": 0, "next_chars": -1, "to_story": -99,
}  # fmt: skip


def _place(reading: Reading, one: _Seen) -> dict[str, float]:
    """Return the numbers of where the line stands."""
    index = one.line.index
    if index < 0:
        return _NOWHERE
    document, story = reading.document, reading.story
    pieces = document.pieces
    piece = pieces[index]
    rank = story.pieces[:2].index(index) if index in story.pieces[:2] else -1
    following = _following(reading, index)
    start = reading.heading
    between = pieces[start + 1 : index] if 0 <= start < index else ()
    return {
        "named": one.named,
        "named_otherwise": 2 if _OTHER.search(one.own) else 1 if _OTHER.search(one.around) else 0,
        "inside": rank >= 0,
        "alike": _alike(document, piece, pieces[following]) if following >= 0 else 2,
        "distance": (index - start if index > start else 20) if start >= 0 else 15,
        "long_between": sum(len(other.text) > LONG_CHARS for other in between) if 0 <= start < index else 3,
        "rank": rank,
        "chance": story.chances[index],
        "link_share": piece.link_chars / len(piece.text),
        "heading": document.tags[piece.node] in _HEADINGS,
        "in_figure": bool(document.places[piece.node] & PLACES["figure"]),
        "strong": _is_strong(document, index, following),
        "next_chars": len(pieces[index + 1].text) if index + 1 < len(pieces) else 0,
        "to_story": reading.first - index,
    }


def _names(reading: Reading, node: int) -> tuple[str, str]:
    """Return the element's names, and those of the two around it."""
    parents = reading.document.parents
    outer = parents[node]
    further = parents[outer] if outer >= 0 else -1
    return reading.name(node), " ".join(reading.name(one) for one in (outer, further) if one >= 0)


def _named(own: str, around: str) -> int:
    names = f"{own} {around}"
    for strength, pattern in ((3, _APART), (1, _OPENING)):
        if pattern.search(names):
            return strength + 1 if pattern.search(own) else strength
    return 0


def _is_strong(document: Document, index: int, following: int) -> bool:
    """Is all of the piece bold or in italics, and the next of the story is not?"""
    pieces = document.pieces
    return _strong(document, pieces[index]) and not (following >= 0 and _strong(document, pieces[following]))


def _alike(document: Document, piece: Piece, other: Piece) -> int:
    """Return 7 for pieces marked up alike: 1 for the same tag, 2 for the same parent, 4 for the same classes."""
    one, two = piece.node, other.node
    same_class = document.class_of(one).split() == document.class_of(two).split()
    return (
        (document.tags[one] == document.tags[two])
        + 2 * (document.parents[one] == document.parents[two])
        + 4 * same_class
    )


def _strong(document: Document, piece: Piece) -> bool:
    """Is all of the piece bold or in italics?"""
    tags, parents = document.tags, document.parents
    nodes = {node for node in piece.nodes if node >= 0}
    for node in nodes:
        around = (node, parents[node], parents[parents[node]] if parents[node] >= 0 else -1)
        if not any(tags[one] in _STRONG for one in around if one >= 0):
            return False
    return bool(nodes)
