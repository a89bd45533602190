"""Where the story ends and another begins, on pages that append or interleave other stories.

The sign is structural: an ``article`` element that does not hold the page's own headline or opening, and has a
heading that leads to another page, holds another story.
"""

from extractors.reading import Reading, squash


def foreign(reading: Reading) -> dict[int, str]:
    """Return the story's pieces that belong to other stories, each with that story's headline."""
    document = reading.document
    if "article" not in document.tags:
        return {}
    own = _own(reading)
    headline = squash(reading.headline)
    boxes: dict[int, str] = {}
    for index, heading in document.headings():
        piece = document.pieces[index]
        if index == reading.heading or not piece.link_chars or squash(piece.text) == headline:
            continue
        box = _box(reading, heading, own)
        if box > 0 and _leads_away(reading, document.link_of(index)):
            boxes.setdefault(box, piece.text)
    if not boxes:
        return {}
    found = {
        index: boxes[box]
        for index in range(len(document.pieces))
        for box in (next((n for n in document.ancestors(document.pieces[index].node) if n in boxes), -1),)
        if box >= 0
    }
    return found if _plausible(reading, found) else {}


MOST_FOREIGN = 0.6
"""Share of the likely text that may belong to others. Streams of opened stories reach it; past it, the page's own
headline was not recognised."""


def _plausible(reading: Reading, found: dict[int, str]) -> bool:
    pieces = reading.document.pieces
    sizes = {index: len(pieces[index].text) for index in reading.story.pieces}
    return sum(size for index, size in sizes.items() if index in found) <= MOST_FOREIGN * (
        sum(sizes.values()) or 1
    )


def _own(reading: Reading) -> set[int]:
    """Return the elements around the page's own headline and around the first piece of its story."""
    pieces = reading.document.pieces
    starts = [index for index in (reading.heading, *reading.story.pieces[:1]) if index >= 0]
    return {node for index in starts for node in reading.document.ancestors(pieces[index].node)}


def _leads_away(reading: Reading, link: str) -> bool:
    document = reading.document
    canonical = next(
        (attributes.get("href") or "" for rel, attributes in document.linked if rel == "canonical"), ""
    )
    own = {_bare(reading.page.url), _bare(canonical), _bare(next(document.metas("og:url"), ""))}
    return bool(link) and _bare(link) not in own


def _bare(url: str) -> str:
    """Return an address without scheme, query and last slash: what is left to tell two pages apart."""
    return url.split("?")[0].split("//", 1)[-1].removeprefix("www.").rstrip("/")


def _box(reading: Reading, heading: int, own: set[int]) -> int:
    """Return the ``article`` around the heading, if it is not also around the page's own story, else -1."""
    for node in reading.document.ancestors(heading):
        if node in own:
            return -1
        if reading.document.tags[node] == "article":
            return node
    return -1
