"""The one place that cuts. Strippers point, by phrase or by name; this file decides, and writes down what went.

The strippers are the data files in ``extractors/strippers``. A piece that the story model left out is named by
the first stripper that knows it, so that a reader sees why it is gone. A piece that the model kept is cut only
when a stripper that ``cuts`` knows its words, and only while it is short: a stripper never takes a paragraph.
"""

import re
from collections.abc import Iterator

from extractors import signals
from extractors.article import Removal
from extractors.phrases import by_name, by_words
from extractors.reading import Reading

LONGEST_CUT = 300
"""Characters that a line may have to be cut out of the story. A judgement, not a measurement: boxes' lines are short."""

MAX_TEXT = 400
"""Characters of a removed piece that are written down."""

_BY_TAG = {
    "nav": "navigation", "footer": "navigation", "header": "navigation", "aside": "related", "form": "cta",
    "button": "live", "noscript": "live", "iframe": "live", "label": "consent", "dialog": "consent",
}  # fmt: skip


_IN_MENU = "navigation", "stands in <nav>"
_IN_CONTROL = "live", "stands in a control or a fall-back for scripts"


def cut(reading: Reading) -> tuple[tuple[int, ...], tuple[Removal, ...]]:
    """Return the story's pieces that stay, and everything that was removed from the page, in page order."""
    kept: list[int] = []
    removals: list[Removal] = []
    story = set(reading.story.pieces)
    for index, piece in enumerate(reading.document.pieces):
        if index in story:
            known = _cutting(reading, index) if len(piece.text) <= LONGEST_CUT else None
            if not known and not any(map(str.isalnum, piece.text)):
                known = "model", "has no word"
            if not known:
                kept.append(index)
                continue
            removals.append(_removal(reading, index, *known))
        elif index != reading.heading:
            removals.append(_removal(reading, index, *_why(reading, index)))
    return tuple(kept), tuple(removals)


BOXES = frozenset(["newsletter", "social", "related"])
"""Kinds whose boxes are cut from the story by name alone, when the name stands right at the line."""

_PLAIN = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|share-?bar|relatedposts|related-(?:posts|articles|stories|content)|read-?more|read-?next|also-?read|teaser-list)(?:-?(?:box|signup|sign-up|form|promo|block|widget|inline|module|link|links))?(?=$|[\s_-])"
)


def _cutting(reading: Reading, index: int) -> tuple[str, str] | None:
    """Return stripper and reason if a stripper cuts this line out of the story, by its words or by the box it stands in."""
    known = by_words(reading.document.pieces[index].text)
    if known and known[2] and _is_notice(reading, index):
        return known[0], known[1]
    for depth, node in enumerate(reading.document.ancestors(reading.document.pieces[index].node)):
        if depth > 2 or reading.document.tags[node] in ("body", "article", "main"):
            break
        name = reading.name(node)
        if name and _PLAIN.search(name):
            named = by_name(name)
            if named and named[0] in BOXES and _share(reading, node) <= BOX_SHARE:
                return named
    return None


def _is_notice(reading: Reading, index: int) -> bool:
    """One word that links nowhere, such as a list's "Instagram", is the story's own."""
    piece = reading.document.pieces[index]
    return bool(piece.link_chars) or " " in piece.text or reading.document.tags[piece.node] != "li"


BOX_SHARE = 0.15
"""Share of the story that a box may hold and still be cut by its name. Some pages call the story itself read-more."""


def _share(reading: Reading, box: int) -> float:
    """Return how much of the story's text stands inside the element."""
    document = reading.document
    inside = total = 0
    for index in reading.story.pieces:
        piece = document.pieces[index]
        total += len(piece.text)
        if any(node == box for node in document.ancestors(piece.node)):
            inside += len(piece.text)
    return inside / (total or 1)


def _removal(reading: Reading, index: int, stripper: str, reason: str) -> Removal:
    piece = reading.document.pieces[index]
    return Removal(
        stripper, reason, piece.text[:MAX_TEXT], f"piece {index}, {reading.document.tags[piece.node]}"
    )


def _why(reading: Reading, index: int) -> tuple[str, str]:
    """Return stripper and reason for a piece that the model left out."""
    document = reading.document
    piece = document.pieces[index]
    known = by_words(piece.text) if len(piece.text) <= LONGEST_CUT else None
    if known:
        return known[0], known[1]
    if index in reading.foreign:
        return "related", f"belongs to another story, “{reading.foreign[index][:80]}”"
    if document.places and document.places[piece.node] & signals.DULL:
        return _IN_MENU if document.places[piece.node] & 4 else _IN_CONTROL
    named = _box_of(reading, piece.node)
    if named:
        return named
    chance = reading.story.chances[index] if index < len(reading.story.chances) else 0.0
    return "model", f"is story with a chance of {chance:.2f}"


def _box_of(reading: Reading, node: int) -> tuple[str, str] | None:
    """Return (stripper, reason) for the inmost element around that a stripper knows by name or tag. Asked once an element."""
    boxes = reading.boxes
    if node in boxes:
        return boxes[node]
    tag = reading.document.tags[node]
    found: tuple[str, str] | None = None
    if node > 0:
        name = reading.name(node)
        found = by_name(name) if name else None
        if not found and tag in _BY_TAG:
            found = _BY_TAG[tag], f"stands in <{tag}>"
        if not found:
            found = _box_of(reading, reading.document.parents[node])
    boxes[node] = found
    return found


def pictures(reading: Reading) -> Iterator[Removal]:
    """Yield pictures whose description is a call to action, such as alt="google cta"."""
    document = reading.document
    for node, tag in enumerate(document.tags):
        if tag != "img":
            continue
        alt = document.attributes(node).get("alt")
        if alt and len(alt) < 60:
            known = by_words(alt)
            if known and known[0] in ("cta", "newsletter", "social", "advertising"):
                yield Removal(known[0], f"the picture's description: {known[1]}", alt, f"element {node}, img")
