"""Readers' comments, told by what repeats: each stands in a box of its own, with the same control under it ("Reply").

Comments are prose like the story, often more of it, and a page without telling class names gives the story model
nothing to tell them by. Only what is plain is taken: boxes that are small, three or more, behind a story's opening.
"""

from collections import Counter
from collections.abc import Iterator

from extractors.document import Document
from extractors.phrases import ANSWER_CHARS, is_answer

LEAST = 3
"""Comments from which boxes are a list of them."""

LINE_CHARS = 120
"""The longest line that may be the foot of a comment: name, date and control."""

MOST_PIECES = 25
"""Pieces of one comment. Of the labelled pages' boxes with a control, those with more hold the story or all comments."""

OPENING_CHARS, PARAGRAPH_CHARS = 160, 40
"""Text that must stand before the first comment, and in how long pieces: a thread of a forum begins with a post."""


def find(document: Document, heading: int) -> frozenset[int]:
    """Return the pieces that are readers' comments; ``heading`` is the headline's piece, -1 for none."""
    controls = list(_controls(document, heading + 1))
    if len(controls) < LEAST:
        return frozenset()
    found = [box for box in _boxes(document, controls) if len(box) <= MOST_PIECES]
    if len(found) < LEAST or not _has_opening(document, heading + 1, min(map(min, found))):
        return frozenset()
    return frozenset(index for box in found for index in box)


def _controls(document: Document, start: int) -> Iterator[int]:
    """Yield the pieces from ``start`` on that are or end with a control of comments."""
    pieces = document.pieces
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if len(piece.text) > LINE_CHARS:
            continue
        first, last = piece.parts[0], piece.parts[-1]
        if (len(last) <= ANSWER_CHARS and is_answer(last)) or (
            first is not last and len(first) <= ANSWER_CHARS and is_answer(first)
        ):
            yield index


def _boxes(document: Document, controls: list[int]) -> Iterator[range]:
    """Yield, for each control, the pieces of the largest element around it that holds no other."""
    pieces, parents = document.pieces, document.parents
    held = Counter(node for index in controls for node in document.ancestors(pieces[index].node))
    for index in controls:
        box = node = pieces[index].node
        while node > 0 and held[node] == 1:
            box, node = node, parents[node]
        if held[box] == 1:
            end = document.end(box)
            first = last = index
            while first and box <= pieces[first - 1].node < end:
                first -= 1
            while last + 1 < len(pieces) and box <= pieces[last + 1].node < end:
                last += 1
            yield range(first, last + 1)


def _has_opening(document: Document, start: int, end: int) -> bool:
    """Is there prose between headline and first comment?"""
    pieces = document.pieces[start:end]
    sizes = (len(p.text) for p in pieces if len(p.text) >= PARAGRAPH_CHARS and p.link_chars * 2 < len(p.text))
    return sum(sizes) >= OPENING_CHARS
