"""Other stories that the page offers: headline, address, section and photo credit. Leads for the crawler."""

from extractors import credit_lines
from extractors.article import Credit, Teaser
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
    here = reading.page.url.split("#")[0].rstrip("/")
    spots: list[tuple[int, int, str]] = []
    seen = {here}
    for index, heading in document.headings():
        piece = document.pieces[index]
        if index in story or index == reading.heading or len(piece.text) < MIN_CHARS or not piece.link_chars:
            continue
        if squash(piece.text) == squash(reading.headline):
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
    box = _box(reading, heading, [other for _, other, _ in spots if other != heading])
    found_section: str | None = None
    found_credit: Credit | None = None
    for near in range(max(0, index - REACH // 2), min(len(document.pieces), index + REACH)):
        piece = document.pieces[near]
        if near == index or box < 0 or not _inside(reading, piece.node, box) or len(piece.text) > 300:
            continue
        names = " ".join(reading.name(node) for node in {piece.node, piece.nodes[0]})
        if found_section is None and section.named(names):
            found_section = section.clean(piece.text)
        if found_credit is None and credit_lines.LINE.match(piece.text):
            found_credit = credit_lines.read(piece.text)
    return Teaser(document.pieces[index].text, url, found_section, found_credit)


def _box(reading: Reading, heading: int, others: list[int]) -> int:
    """Return the largest element around the heading that holds no other teaser's heading, -1 when it is the body."""
    best = -1
    for outer in reading.document.ancestors(heading):
        if outer == 0 or any(_inside(reading, other, outer) for other in others[:12]):
            break
        best = outer
    return best


def _inside(reading: Reading, node: int, outer: int) -> bool:
    parents = reading.document.parents
    while node > outer:
        node = parents[node]
    return node == outer
