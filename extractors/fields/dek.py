"""The dek: the line under the headline that sums the story up. Also called standfirst, subheadline or summary.

A dek stands on the page, between headline and story or as the story's first paragraph, set apart by its markup.
What the head says (JSON-LD alternativeHeadline, description and abstract; meta og:description, description,
twitter:description and dc.description) often repeats it, but also opens the story or advertises it: it confirms
what is seen, and stands in only where the story's first pieces together say just that. Rules drop what is no dek;
a small model, trained on labelled pages, says how likely the rest is.
"""

import re
from collections.abc import Iterator
from math import exp

from extractors import summaries
from extractors.candidates import Candidate
from extractors.document import Document, Piece
from extractors.reading import Reading, squash
from extractors.summaries import Line
from extractors.weights import dek_trees

FLOOR = 0.25
"""A line less likely than this is left out. ``benchmarks.train_dek`` prints what other floors would give."""

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
    """Yield the lines that may be the dek, each with the chance that it is."""
    for line, row in found(reading):
        chance = 1 / (1 + exp(-dek_trees.dek(row)))
        yield Candidate(line.text, line.method, line.locator, round(chance, 3))


def is_one(reading: Reading, index: int, summary: str) -> bool:
    """Is the piece the dek and no part of the story? A lead or intro is its opening as well; a subheadline is not."""
    piece = reading.document.pieces[index]
    return piece.text == summary and bool(_APART.search(" ".join(_names(reading, piece.node))))


def found(reading: Reading) -> Iterator[tuple[Line, list[float]]]:
    """Yield each line that is not ruled out, and its FEATURES."""
    said = summaries.find(reading)
    words = set(reading.headline.casefold().split())
    told = {
        line.key: line.told.bit_count()
        for line in said.lines
        if line.told and (line.index >= 0 or line.joined)
    }
    title, headline = squash(reading.document.title), squash(reading.headline)
    rows = [(line, _numbers(reading, line, said.told, words)) for line in said.lines]
    stand = sorted(line.index for line in said.lines if line.index >= 0)
    for line, row in rows:
        if not _possible(line, row):
            continue
        if not line.told and (line.key in title or (headline and headline in line.key)):
            continue  # another wording of the headline
        row["other_told"] = max((count for key, count in told.items() if key != line.key), default=0)
        row["other_named"] = max((other["named"] for one, other in rows if one is not line), default=0)
        row["nth"] = stand.index(line.index) if line.index >= 0 else -1
        yield line, [float(row[name]) for name in FEATURES]


def _possible(line: Line, row: dict[str, float]) -> bool:
    """Rule out what is no dek, whatever else it is like."""
    if line.index < 0 and (not line.joined or line.text.endswith(_CUT_OFF)):
        return False  # a description that stands nowhere advertises the story, or opens it
    if line.told:
        return True
    if row["named"] < 3 and (row["in_figure"] or row["named_otherwise"] == 2):
        return False  # a caption, a byline, a date
    if row["like_headline"] > LIKE_HEADLINE:
        return False
    if row["rank"] == 1 and row["named"] < 3:
        return False
    if row["named"]:
        return row["named"] > 1 or len(line.text) >= 2 * summaries.MIN_CHARS
    if row["inside"] and not row["strong"] and (row["begins_told"] or row["alike"] in (2, 4, 5, 7)):
        return False  # the story's first paragraph, set as the others are
    return len(line.text) >= 2 * summaries.MIN_CHARS and bool(row["ends"] or row["heading"])


def _numbers(reading: Reading, line: Line, told: tuple[str, ...], headline: set[str]) -> dict[str, float]:
    words = set(line.text.casefold().split())
    key = line.key
    row: dict[str, float] = {
        "told": line.told.bit_count(),
        "chars": len(line.text),
        "sentences": len(_SENTENCE_END.findall(line.text)),
        "ends": line.text[-1] in ".!?。！？",
        "like_headline": len(headline & words) / len(headline | words),
        "begins_told": len(key) > 30 and any(other.startswith(key) for other in told if other != key),
        "begun_by_told": any(
            len(other) > 30 and key.startswith(other[:-3]) for other in told if other != key
        ),
        "joined": line.joined,
    }
    return row | (_place(reading, line.index) if line.index >= 0 else _NOWHERE)


_NOWHERE: dict[str, float] = {
    "named": 0, "named_otherwise": 0, "inside": 1, "alike": -1, "distance": 30, "long_between": 4, "rank": -2,
    "chance": -1, "link_share": 0, "heading": -1, "in_figure": 0, "strong": 0, "next_chars": -1, "to_story": -99,
}  # fmt: skip


def _place(reading: Reading, index: int) -> dict[str, float]:
    """Return the numbers of where the line stands."""
    document, story = reading.document, reading.story
    pieces = document.pieces
    piece = pieces[index]
    own, around = _names(reading, piece.node)
    rank = story.pieces[:2].index(index) if index in story.pieces[:2] else -1
    following = next((i for i in story.pieces[:3] if i > index), -1)
    start = reading.heading
    return {
        "named": _named(own, around),
        "named_otherwise": 2 if _OTHER.search(own) else 1 if _OTHER.search(around) else 0,
        "inside": rank >= 0,
        "alike": _alike(document, piece, pieces[following]) if following >= 0 else 2,
        "distance": (index - start if index > start else 20) if start >= 0 else 15,
        "long_between": sum(len(one.text) > LONG_CHARS for one in pieces[start + 1 : index])
        if 0 <= start < index
        else 3,
        "rank": rank,
        "chance": story.chances[index],
        "link_share": piece.link_chars / len(piece.text),
        "heading": document.tags[piece.node] in _HEADINGS,
        "in_figure": bool(document.places[piece.node] & 64),
        "strong": _strong(document, piece) and not (following >= 0 and _strong(document, pieces[following])),
        "next_chars": len(pieces[index + 1].text) if index + 1 < len(pieces) else 0,
        "to_story": reading.first - index,
    }


def _names(reading: Reading, node: int) -> tuple[str, str]:
    """Return the element's names, and those of the two around it."""
    outer = list(reading.document.ancestors(node))[1:3]
    return reading.name(node), " ".join(reading.name(one) for one in outer)


def _named(own: str, around: str) -> int:
    """Return how clearly a dek's name is on the element or around it, 0-4."""
    for strength, pattern, names in (
        (4, _APART, own),
        (3, _APART, around),
        (2, _OPENING, own),
        (1, _OPENING, around),
    ):
        if pattern.search(names):
            return strength
    return 0


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
