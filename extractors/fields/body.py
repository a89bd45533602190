"""The body: the story's pieces as typed blocks, in order, each once."""

from collections.abc import Iterable, Iterator

from extractors.article import Block
from extractors.document import PLACES, Document
from extractors.reading import Reading, squash

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = ("ul", "ol", "dl")
IN_GROUP = PLACES["ul"] | PLACES["table"]
REPEAT_CHARS = 60
"""A piece at least this long that was already said is not said again. Shorter ones recur in tables and lists."""


def blocks(reading: Reading, pieces: Iterable[int]) -> tuple[Block, ...]:
    """Return the pieces as blocks: list items and table rows of one list or table together."""
    document = reading.document
    result: list[Block] = []
    group: int | None = None  # the list or table being written
    lines: list[str] = []
    row = -1
    kind = ""
    for index in pieces:
        piece = document.pieces[index]
        outer_kind, outer, outer_row = _group(document, piece.node)
        if group is not None and outer != group:
            result.append(Block(kind, "\n".join(lines)))
            group, lines, row = None, [], -1
        if outer_kind:
            if group == outer and outer_row == row and lines:
                lines[-1] += ("\t" if outer_kind == "table" else " ") + piece.text
            else:
                lines.append(piece.text)
            group, row, kind = outer, outer_row, outer_kind
            continue
        result.append(_plain(document, piece.node, piece.text))
    if group is not None:
        result.append(Block(kind, "\n".join(lines)))
    return tuple(result)


def _group(document: Document, node: int) -> tuple[str, int, int]:
    """Return ("list" or "table", its element, the item or row) around the piece, ("", -1, -1) outside."""
    if not document.places[node] & IN_GROUP:
        return "", -1, -1
    item = -1
    for depth, outer in enumerate(document.ancestors(node)):
        if depth > 6:
            break
        tag = document.tags[outer]
        if tag in _HEADINGS or tag in ("pre", "blockquote", "article", "section"):
            break
        if tag in ("li", "dd", "dt", "tr") and item < 0:
            item = outer
        elif tag in _LISTS and item >= 0:
            return "list", outer, item
        elif tag == "table" and item >= 0:
            return ("table", outer, item) if _tabular(document, item) else ("", -1, -1)
    return "", -1, -1


def _tabular(document: Document, row: int) -> bool:
    """A row of one cell is layout, as pages were built around 2000, not a table."""
    parents, tags = document.parents, document.tags
    cells = 0
    for inner in range(row + 1, min(row + 60, len(tags))):
        if parents[inner] < row:
            break
        if parents[inner] == row and tags[inner] in ("td", "th"):
            cells += 1
    return cells > 1 and not any(
        tags[i] in ("p", "table") for i in range(row + 1, min(row + 12, len(tags))) if parents[i] >= row
    )


def _plain(document: Document, node: int, text: str) -> Block:
    for depth, outer in enumerate(document.ancestors(node)):
        if depth > 3:
            break
        tag = document.tags[outer]
        if tag in _HEADINGS:
            return Block("heading", text, _HEADINGS[tag])
        if tag == "pre":
            return Block("code", text)
        if tag == "blockquote":
            return Block(*_quote(document, outer, text))
    name = document.class_of(node)
    return Block("quote" if "pull-quote" in name or "pullquote" in name else "paragraph", text)


_EMBEDS = ("twitter", "instagram", "bluesky", "tiktok", "mastodon", "threads", "facebook", "reddit", "embed")


def _quote(document: Document, node: int, text: str) -> tuple[str, str]:
    name = document.class_of(node)
    return ("embed" if any(word in name for word in _EMBEDS) else "quote"), text


PULLED = ("pull-quote", "pullquote", "pull_quote", "pulled-quote", "blockquote--pull", "quote--pull")


def echoes(reading: Reading, pieces: tuple[int, ...]) -> dict[int, str]:
    """Return the pieces that say again what another of the story says, and why each goes."""
    document = reading.document
    gone = dict.fromkeys(_repeated(document, pieces), "says what another paragraph says")
    pulled = _pulled(reading, tuple(i for i in pieces if i not in gone))
    return gone | dict.fromkeys(pulled, "is a pull quote of a sentence of the story")


def _repeated(document: Document, pieces: tuple[int, ...]) -> Iterator[int]:
    """Yield of each two pieces with one text the one that is set unlike the story around it, else the second."""
    known: dict[str, int] = {}  # text → its place among the pieces
    for at, index in enumerate(pieces):
        text = document.pieces[index].text
        if len(text) < REPEAT_CHARS:
            continue
        earlier = known.setdefault(text, at)
        if earlier == at:
            continue
        if _fits(document, pieces, at) and not _fits(document, pieces, earlier):
            known[text] = at
            yield pieces[earlier]
        else:
            yield index


def _fits(document: Document, pieces: tuple[int, ...], at: int) -> bool:
    """Is the piece set like one beside it: the same tag and class in the same element?"""
    node = document.pieces[pieces[at]].node
    beside = (
        document.pieces[other].node for other in (*pieces[max(0, at - 1) : at], *pieces[at + 1 : at + 2])
    )
    return any(
        document.parents[node] == document.parents[other]
        and document.tags[node] == document.tags[other]
        and document.class_of(node) == document.class_of(other)
        for other in beside
    )


def _pulled(reading: Reading, pieces: tuple[int, ...]) -> frozenset[int]:
    """Return the pull quotes that were lifted from the story itself."""
    document = reading.document
    if not any("pull" in name for name in set(reading.names.values())):
        return frozenset()
    pulled = [
        i
        for i in pieces
        if any(
            word in reading.name(node)
            for depth, node in enumerate(document.ancestors(document.pieces[i].node))
            if depth < 3
            for word in PULLED
        )
    ]
    if not pulled:
        return frozenset()
    rest = squash(" ".join(document.pieces[i].text for i in pieces if i not in pulled))
    return frozenset(i for i in pulled if squash(document.pieces[i].text) in rest)


def text(found: Iterable[Block]) -> Iterator[str]:
    """Yield the plain text of the blocks that a reader reads as body."""
    for block in found:
        yield block.text
