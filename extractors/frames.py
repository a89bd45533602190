"""The pictures that stand in the story, each with the box around it and the texts in that box.

A caption is told by where it stands: in the smallest box around a picture that holds text and none of the story.
What the page calls the box is a hint and no more, since a third of the labelled news pages of 2024 and later name
their elements by hashes.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from extractors import credit_lines
from extractors.addresses import absolute
from extractors.document import Document, Piece, read_attributes
from extractors.reading import Reading

CREDIT, OF_PICTURE, CAPTION, FURNITURE = 1, 2, 4, 8
"""What a name calls its element: a credit, a picture's credit, a caption, or what is no picture of the story."""

_CAPTION = re.compile(
    r"caption|legend|bildunterschrift|bildtext|image-text|wp-caption-text|description|photo-?text"
)
_FURNITURE = re.compile(r"author|avatar|byline|profile|loader|logo|icon|sponsor|related|recommend")
_STEMS = (
    "credit", "copyright", "author", "autor", "source", "quelle", "rights", "recht", "byline", "attribution", "photo", "fotograf",
    "nachweis", "distributor", "agency", "firma-foto", "provider", "owner", "caption", "legend", "bildunterschrift", "bildtext",
    "image-text", "description", "avatar", "profile", "loader", "logo", "icon", "sponsor", "related", "recommend",
)  # fmt: skip
"""One of these is in every name that the patterns know. Most names have none, and that is cheap to see."""


_NAMED = ("class", "id", "itemprop", "rel", "data-testid", "data-cy", "data-test")


@lru_cache(maxsize=20_000)
def meaning(head: str) -> int:
    """Return what class, id and the like of a start tag call its element, in bits."""
    low = head.lower()
    for stem in _STEMS:
        if stem in low:
            break
    else:
        return 0
    attributes = read_attributes(low)
    name = " ".join(attributes[key] for key in _NAMED if key in attributes)
    return (
        (CREDIT if credit_lines.NAMES.search(name) else 0)
        | (OF_PICTURE if credit_lines.OF_A_PICTURE.search(name) else 0)
        | (CAPTION if _CAPTION.search(name) else 0)
        | (FURNITURE if _FURNITURE.search(name) else 0)
    )


BEFORE = 3
"""Pieces above the headline among which a picture may stand that belongs to it."""

MAX_IMAGES = 40
LEVELS, ELEMENTS, CHARS = 9, 160, 900
"""How far a box may reach around its picture: elements up, elements inside, characters of text. Judgements; they also
keep the search linear on hostile pages."""

LONGEST_LINE = 160
"""Characters of a line of the story, no paragraph by its tag, that may yet be a caption."""

_IMAGES = ("img", "amp-img")
_WALLS = frozenset(["body", "main", "nav", "footer", "tbody", "table", "ul", "ol"])
"""Elements that no picture's box is, and none reaches past."""

MENU = 4 | 8
CONTROL = 2048
IN_FIGURE = 64
_DULL = (
    "logo", "icon", "avatar", "sprite", "pixel", "placeholder", "spacer", "blank.", "1x1", "badge", "button", "emoji",
    "gravatar", "loading", "loader", "share", "banner-ad", "tracking", "transparent", "qr-code", "qrcode", "pxl.", "dummy", ".svg", "square_1",
)  # fmt: skip
"""In the addresses of furniture and of the small squares in which authors are shown."""
_SIZE = re.compile(r"(\d+)x(\d+)")
SMALL = 100
"""Pixels that a picture of a story has each way at least. A judgement."""


def _is_dull(url: str) -> bool:
    url = url.lower()
    for word in _DULL:
        if word in url:
            return True
    return any(16 < int(wide[:5]) < SMALL and 16 < int(high[:5]) < SMALL for wide, high in _SIZE.findall(url))


class Segment(NamedTuple):
    """A run of text in a picture's box: the text, the element that holds just it, and the piece it is part of."""

    text: str
    holder: int
    piece: int
    whole: bool  # is it all of its piece?


class Frame(NamedTuple):
    """A picture (-1 where the page has none), its widest address, and the texts in the box around it."""

    image: int
    url: str
    box: int
    segments: tuple[Segment, ...]


def find(reading: Reading) -> Iterator[Frame]:
    """Yield the pictures between a little above the headline and the story's end, in page order."""
    document = reading.document
    region = _region(reading)
    if not region:
        return
    pieces = document.pieces
    start, end = pieces[region[0]].order, pieces[region[-1]].order
    count = 0
    for node in _images(document, start, end):
        if document.places[node] & MENU or _in_link_away(reading, node):
            continue
        url = address(document, node, reading.page.url)
        if not url or _is_furniture(document, node):
            continue
        yield _frame(reading, node, url)
        count += 1
        if count >= MAX_IMAGES:
            return


def _images(document: Document, start: int, end: int) -> Iterator[int]:
    for name in _IMAGES:
        listed = document.listed[name]
        yield from listed[bisect_left(listed, start) : bisect_left(listed, end)]


def _region(reading: Reading) -> range:
    count = len(reading.document.pieces)
    if reading.last < 0 or reading.document.plain:
        return range(0)
    start = min(reading.heading if reading.heading >= 0 else reading.first, reading.first)
    return range(max(0, start - BEFORE), min(count, reading.last + 2))


def _is_furniture(document: Document, node: int) -> bool:
    """Is the picture called, or the element right around it, an author's, a logo or another story's?"""
    heads, parents = document.heads, document.parents
    outer = node
    for _ in range(4):
        if meaning(heads[outer]) & FURNITURE:
            return True
        outer = parents[outer]
        if outer < 0:
            break
    style = document.attribute(node, "style")
    return "display" in style and "none" in style


def _in_link_away(reading: Reading, node: int) -> bool:
    """Is the picture a link to another page than this one or a picture?"""
    document = reading.document
    parents, tags = document.parents, document.tags
    for _ in range(4):
        node = parents[node]
        if node < 0:
            return False
        if tags[node] == "a":
            href = document.attribute(node, "href")
            link = (
                ""
                if not href or href[0] == "#" or _PICTURE_FILE.search(href)
                else absolute(href, reading.page.url)
            )
            return bool(link) and link.split("?")[0] != reading.page.url.split("?")[0]
    return False


_PICTURE_FILE = re.compile(
    r"\.(?:jpe?g|png|webp|gif|avif)\b|/(?:attachment|photo|image|foto|galler|media)", re.IGNORECASE
)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────

_NO_ADDRESS = frozenset(
    "class id alt title width height sizes style loading decoding fetchpriority role itemprop".split()
)
_LAZY = re.compile(r"src|original|lazy|^data-(?:image|url|img)$|full")
"""Attributes in which lazy loaders keep addresses."""
_ADDRESS = re.compile(r"(?:https?:)?/|[\w%.-]+/\S|\S+\.(?:jpe?g|png|webp|gif|avif)\b")
_DESCRIPTOR = re.compile(r"[\d.]*[wx]?$")
_TIGHT = re.compile(r"(?<=\d[wx]),")


def address(document: Document, node: int, base: str) -> str:
    """Return where the picture can be had, at its widest. Empty for logos, icons and blanks."""
    attributes = document.attributes(node)
    if _small(attributes):
        return ""
    found: list[tuple[float, str]] = []
    for key, value in attributes.items():
        if key in _NO_ADDRESS or not value or value.startswith("data:"):
            continue
        if "srcset" in key:
            found.extend(_set(value))
        elif key == "src" or (_LAZY.search(key) and _ADDRESS.match(value)):
            found.append((0.0, value))
    parent = document.parents[node]
    if document.tags[parent] == "picture" and "srcset" not in attributes:
        for source in range(parent + 1, node):
            if document.tags[source] == "source":
                said = document.attributes(source)
                found.extend(_set(said.get("srcset") or said.get("data-srcset") or ""))
    found.sort(key=lambda one: -one[0])
    for _, url in found:
        if not url.startswith("data:") and not _is_dull(url):
            whole = absolute(url, base)
            if whole:
                return whole
    return ""


def _set(srcset: str) -> Iterator[tuple[float, str]]:
    """Yield (width, address) of each picture in a ``srcset``; addresses may hold commas themselves."""
    line = " ".join(srcset.split())
    for entry in line.split(", ") if ", " in line or "," not in line else _TIGHT.split(line):
        url, _, said = entry.strip(" ,").rpartition(" ")
        number = said[:-1]
        if url and said[-1:] in "wx" and number.replace(".", "", 1).isdecimal():
            width = float(number[:6])
            yield (width if width > 10 else width * 1000), url
        elif not url and not _DESCRIPTOR.match(said):
            yield 0.0, said


def _small(attributes: dict[str, str]) -> bool:
    for key in ("width", "height"):
        value = (attributes.get(key) or "").removesuffix("px")
        if value.isdigit() and 0 < int(value[:5]) < SMALL:
            return True
    return False


# ── boxes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _frame(reading: Reading, image: int, url: str) -> Frame:
    """Climb from the picture to the smallest box that holds text, then on while nothing but a figure is gained."""
    document = reading.document
    parents, tags, pieces = document.parents, document.tags, document.pieces
    box, end, most = image, image + 1, min(len(parents), image + ELEMENTS)
    held: list[int] = []
    found_at = 0
    for level in range(1, LEVELS + 1):
        outer = parents[box]
        if outer <= 0 or tags[outer] in _WALLS:
            break
        while end < most and parents[end] >= outer:
            end += 1
        if end == image + ELEMENTS:
            break
        inside = _inside(document, outer, end)
        if inside and _holds_story(reading, inside):
            break
        texts = [i for i in inside if not document.places[pieces[i].node] & CONTROL]
        if held and len(texts) > len(held) and not _in_figure(document, outer):
            break
        box = outer
        held = texts
        if held and not found_at:
            found_at = level
        if held and (tags[outer] == "figure" or (level > found_at and not _in_figure(document, outer))):
            break
    return Frame(image, url, box, tuple(_segments(document, held)))


def _in_figure(document: Document, node: int) -> bool:
    return bool(document.places[node] & IN_FIGURE)


def _inside(document: Document, outer: int, end: int) -> list[int]:
    """Return the pieces whose text stands in the element: those begun in it, less what follows its end at once."""
    pieces, orders = document.pieces, document.orders()
    low, high = bisect_right(orders, outer), bisect_right(orders, end)
    return [i for i in range(low, high) if pieces[i].nodes[0] >= outer]


def _holds_story(reading: Reading, inside: Sequence[int]) -> bool:
    """Does the box hold the headline, a paragraph of the story, or simply too much?"""
    document = reading.document
    chars = 0
    for index in inside:
        piece = document.pieces[index]
        chars += len(piece.text)
        if chars > CHARS or index == reading.heading or index in reading.foreign:
            return True
        if document.places[piece.node] & IN_FIGURE or reading.story.chances[index] < 0.5:
            continue
        long = 60 if document.tags[piece.node] == "p" else LONGEST_LINE
        if len(piece.text) > long and not _called_caption(document, piece.node):
            return True
    return False


def _called_caption(document: Document, node: int) -> bool:
    for _ in range(3):
        if node < 0:
            return False
        if meaning(document.heads[node]) & (CAPTION | CREDIT):
            return True
        node = document.parents[node]
    return False


def _segments(document: Document, held: Sequence[int]) -> Iterator[Segment]:
    """Yield the texts of the pieces, cut where the page puts them in elements of their own."""
    for index in held:
        piece = document.pieces[index]
        if len(piece.nodes) == 1:
            yield Segment(piece.text, piece.nodes[0], index, True)
            continue
        chains = [_chain(document, node, piece.node) for node in piece.nodes]
        real = [chain for chain in chains if chain]
        depth = _shared(real)
        groups: dict[int, list[str]] = {}
        for part, chain in zip(piece.parts, chains, strict=True):
            holder = (
                (chain[depth] if len(chain) > depth else chain[-1]) if chain else next(reversed(groups), -1)
            )
            groups.setdefault(holder, []).append(part)
        if len(groups) == 1:
            yield Segment(piece.text, next(iter(groups)), index, True)
            continue
        for holder, parts in groups.items():
            text = " ".join("".join(parts).split())
            if text:
                yield Segment(text, holder if holder >= 0 else piece.node, index, False)


def _chain(document: Document, node: int, root: int) -> list[int]:
    """Return the elements from the piece's block down to the text, outermost first; empty for white space."""
    if node < 0:
        return []
    chain = []
    for outer in document.ancestors(node):
        chain.append(outer)
        if outer == root:
            break
    chain.reverse()
    return chain


def _shared(chains: Sequence[Sequence[int]]) -> int:
    """Return the first depth at which the texts stand in different elements."""
    depth = 0
    least = min(map(len, chains))
    while depth < least and all(chain[depth] == chains[0][depth] for chain in chains):
        depth += 1
    return depth


SHORT = 150
"""Characters of a text outside of figures that may be a picture's credit by its box's name."""
LONGEST_TEXT = 600
"""Characters of a caption that has no picture beside it."""


def unframed(reading: Reading, taken: Container[int], region: Iterable[int]) -> Iterator[Frame]:
    """Yield, each as a box of its own, texts of figures whose picture is not in the page: players, scripts, slides."""
    document = reading.document
    places, parents = document.places, document.parents
    for index in region:
        piece = document.pieces[index]
        size = len(piece.text)
        if size > LONGEST_TEXT or index in taken or index in reading.foreign:
            continue
        node = piece.node
        bits = places[node]
        if bits & (MENU | CONTROL) or piece.link_chars * 2 > size:
            continue
        if bits & IN_FIGURE or (size <= SHORT and _of_picture(document, piece)):
            box = parents[node]
            if box > 0:
                yield Frame(-1, "", parents[box], tuple(_segments(document, [index])))


def _of_picture(document: Document, piece: Piece) -> bool:
    heads, node = document.heads, piece.node
    return bool(
        (meaning(heads[node]) | meaning(heads[piece.nodes[0]]) | meaning(heads[document.parents[node]]))
        & OF_PICTURE
    )
