"""Other stories that the page offers: headline, address, section and photo credit. Leads for the crawler."""

from extractors import credit_lines
from extractors.article import Credit, Teaser
from extractors.document import Document
from extractors.fields import section
from extractors.reading import Reading, squash

MIN_CHARS = 12
MAX_TEASERS = 60
REACH = 9
"""Pieces after (and half as many before) a teaser's headline that may be its section or credit."""


def find(reading: Reading) -> tuple[Teaser, ...]:
    """Return linked headings outside the story that lead to another page, each address once."""
    document = reading.document
    story = set(reading.story.pieces)
    headline = squash(reading.headline)
    here = reading.page.url.split("#")[0].rstrip("/")
    spots: list[tuple[int, int, str]] = []
    seen = {here}
    for index, heading in document.headings():
        piece = document.pieces[index]
        if index in story or index == reading.heading or len(piece.text) < MIN_CHARS or not piece.link_chars:
            continue
        if squash(piece.text) == headline:
            continue
        url = document.link_of(index)
        if url and url.rstrip("/") not in seen and url.rstrip("/").count("/") > 2:
            seen.add(url.rstrip("/"))
            spots.append((index, heading, url))
            if len(spots) >= MAX_TEASERS:
                break
    return tuple(_teaser(reading, spots, at) for at in range(len(spots)))


def _teaser(reading: Reading, spots: list[tuple[int, int, str]], at: int) -> Teaser:
    """Read section and credit from the pieces that share a box with the headline."""
    document = reading.document
    index, heading, url = spots[at]
    before = spots[at - 1][1] if at else 0
    box = _box(document, heading, before, spots[at + 1][1] if at + 1 < len(spots) else -1)
    found_section: str | None = None
    found_credit: Credit | None = None
    near = (
        range(max(0, index - REACH // 2), min(len(document.pieces), index + REACH)) if box >= 0 else range(0)
    )
    for piece in [document.pieces[other] for other in near if other != index]:
        if len(piece.text) > 300 or not document.is_inside(piece.node, box):
            continue
        if found_section is None:
            names = f"{reading.name(piece.node)} {reading.name(piece.nodes[0])}"
            found_section = section.clean(piece.text) if section.named(names) else None
        if found_credit is None and credit_lines.is_line(piece.text):
            found_credit = credit_lines.read(piece.text)
    return Teaser(document.pieces[index].text, url, found_section, found_credit)


def _box(document: Document, heading: int, before: int, after: int) -> int:
    """Return the largest element around the heading that holds neither the teaser's heading before nor that after it.

    -1 when there is none but the body.
    """
    best = -1
    for outer in document.ancestors(heading):
        if outer <= before or document.is_inside(after, outer):
            break
        best = outer
    return best
