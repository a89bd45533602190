"""Readers' comments, told by what repeats: each stands in a box of its own, with the same control under it ("Reply").

Comments are prose like the story, often more of it, and a page without telling class names gives the story model
nothing to tell them by. Only what is plain is taken: boxes that are small, three or more, behind a story's opening.
"""

from collections import Counter
from collections.abc import Iterator

from extractors.document import HEADING_TAGS, Document
from extractors.phrases import ANSWER_CHARS, is_answer
from extractors.reading import Reading

LEAST = 3
"""Boxes alike from which they are a list of comments."""

LINE_CHARS = 120
"""The longest line that may be the foot of a comment: name, date and control."""

MOST_PIECES = 25
"""Pieces of one comment. A judgement: boxes with a control and ten times as many held the story."""

FOOT = 2
"""The control is among so many last pieces of its box: what opens a box is a label, such as a letter's "Reply"."""

OPENING_CHARS, PARAGRAPH_CHARS = 160, 40
"""Text that must stand before the first comment, and in how long pieces: a thread of a forum begins with a post."""


def find(reading: Reading) -> frozenset[int]:
    """Return the pieces that are readers' comments. A live blog has none: its posts are the story, whoever answers them."""
    document, start = reading.document, reading.heading + 1
    controls = list(_controls(document, start))
    if len(controls) < LEAST or "LiveBlogPosting" in reading.types:
        return frozenset()
    found = list(_boxes(document, controls))
    looks = Counter(look for look, _ in found)
    alike = [box for look, box in found if looks[look] >= LEAST]
    if not alike or not _has_opening(document, start, min(map(min, alike))):
        return frozenset()
    return frozenset(index for box in alike for index in box)


def _controls(document: Document, start: int) -> Iterator[int]:
    """Yield the pieces from ``start`` on that are a control of comments, or begin or end with one."""
    pieces, tags = document.pieces, document.tags
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if len(piece.text) > LINE_CHARS or tags[piece.node] in HEADING_TAGS:
            continue
        first, last = piece.parts[0], piece.parts[-1]
        if (len(last) <= ANSWER_CHARS and is_answer(last)) or (
            first is not last and len(first) <= ANSWER_CHARS and is_answer(first)
        ):
            yield index


def _boxes(document: Document, controls: list[int]) -> Iterator[tuple[tuple[str, str], range]]:
    """Yield (tag and first class, pieces) of the largest element around each control that holds no other and has it at its foot."""
    pieces, parents = document.pieces, document.parents
    held = [0] * len(parents)
    for index in controls:
        held[pieces[index].node] += 1
    for node in range(len(parents) - 1, 0, -1):  # an element stands behind the one around it
        held[parents[node]] += held[node]
    for index in controls:
        box = node = pieces[index].node
        while node > 0 and held[node] == 1:
            box, node = node, parents[node]
        inside = _pieces(document, box, index)
        if held[box] == 1 and 1 < len(inside) <= MOST_PIECES and inside[-1] - index < FOOT:
            yield (document.tags[box], " ".join(document.attribute(box, "class").split()[:1])), inside


def _pieces(document: Document, box: int, index: int) -> range:
    """Return the pieces in the element, of which ``index`` is one; a few more than a comment has, at most."""
    pieces, end = document.pieces, document.end(box)
    first = last = index
    while first and index - first <= MOST_PIECES and box <= pieces[first - 1].node < end:
        first -= 1
    while last + 1 < len(pieces) and last - index <= MOST_PIECES and box <= pieces[last + 1].node < end:
        last += 1
    return range(first, last + 1)


def _has_opening(document: Document, start: int, end: int) -> bool:
    """Is there prose between headline and first comment?"""
    pieces = document.pieces[start:end]
    sizes = (len(p.text) for p in pieces if len(p.text) >= PARAGRAPH_CHARS and p.link_chars * 2 < len(p.text))
    return sum(sizes) >= OPENING_CHARS
