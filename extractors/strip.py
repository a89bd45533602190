"""The one place that cuts. Strippers point, by phrase or by name; this file decides, and writes down what went.

The strippers are the data files in ``extractors/strippers``. A piece that the story model left out is named by
the first stripper that knows it, so that a reader sees why it is gone. A piece that the model kept is cut only
when a stripper that ``cuts`` knows its words, and only while it is short: a stripper never takes a paragraph.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

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


def cut(reading: Reading) -> tuple[tuple[int, ...], tuple[Removal, ...]]:
    """Return the story's pieces that stay, and everything that was removed from the page, in page order.

    What left the story, and each line that a stripper knows by its words, is written down by itself; the rest by the
    largest element around it that holds nothing of the story.
    """
    kept: list[int] = []
    removals: list[Removal] = [_chrome(*one) for one in reading.document.chrome]
    story, ruled, told, foreign = set(reading.story.pieces), reading.ruled, reading.told, reading.foreign
    boxes = _Boxes(reading)
    for index, piece in enumerate(reading.document.pieces):
        text = piece.text
        if index in ruled:
            removals.append(removal(reading, index, "rule", ruled[index]))
            continue
        if index in told:
            kept.append(index)
            continue
        if index in story:
            why = _cutting(reading, index) if len(text) <= LONGEST_CUT else None
            if why:
                removals.append(removal(reading, index, *why))
            else:
                kept.append(index)
            continue
        if index == reading.heading:
            continue
        is_entry = piece.link_chars >= len(text)  # of a menu or list of links: its box says what it is
        known = by_words(text) if not is_entry and len(text) <= LONGEST_CUT else None
        if known:
            removals.append(removal(reading, index, known[0], known[1]))
        elif index in foreign:
            reason = f"belongs to another story, “{foreign[index][:80]}”"
            removals.append(removal(reading, index, "related", reason))
        else:
            boxes.add(index, piece.node)
    removals += boxes.removals()
    return tuple(kept), tuple(removals)


def _chrome(tag: str, name: str, text: str) -> Removal:
    """Return the removal of an element that was taken out before the page was read."""
    named = by_name(name.lower()) if name else None
    stripper, reason = named or (
        _BY_TAG.get(tag, "navigation"),
        f"stands in <{tag}>" if tag in _BY_TAG else "is not displayed",
    )
    return Removal(stripper, reason, text, f"{tag}.{name.split()[0]}" if name else tag)


class _Boxes:
    """Pieces outside the story, gathered by the largest element around them that holds nothing of it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.box: dict[int, int] = {-1: -1}  # element → the box it belongs to, -1 around the story
        self.pieces: dict[int, list[int]] = {}
        document = reading.document
        self.parents = document.parents
        for index in (reading.heading, *reading.story.pieces):
            node = document.pieces[index].node if index >= 0 else -1
            while node not in self.box:
                self.box[node] = -1
                node = self.parents[node]

    def add(self, index: int, node: int) -> None:
        boxes, parents = self.box, self.parents
        chain = []
        while node not in boxes:
            chain.append(node)
            node = parents[node]
        box = boxes[node]
        for one in reversed(chain):
            box = boxes[one] = box if box >= 0 else one
        self.pieces.setdefault(box if box >= 0 else -2 - index, []).append(index)

    def removals(self) -> Iterator[Removal]:
        for found in self.pieces.values():
            yield self._removal(found)

    def _removal(self, found: list[int]) -> Removal:
        document = self.reading.document
        node = document.pieces[found[0]].node
        text = " · ".join([document.pieces[index].text[:MAX_TEXT] for index in found[:MOST_LINES]])[:MAX_TEXT]
        place = f"piece {found[0]}" if len(found) == 1 else f"pieces {found[0]}-{found[-1]}"
        named = _COMMENT if found[0] in self.reading.comments else _box_of(self.reading, node)
        if not named:
            chances = self.reading.story.chances
            best = max((chances[index] for index in found if index < len(chances)), default=0.0)
            named = "model", f"is story with a chance of {best:.2f}"
        self.reading.gone |= dict.fromkeys(found, named)
        return Removal(*named, text, f"{place}, {document.locator(node)}")


_COMMENT = ("comments", "is one of several boxes alike, with the control of a comment at the foot of each")

MOST_LINES = 12
"""Lines of a box that are written down, as far as MAX_TEXT goes."""


BOXES = frozenset(["newsletter", "social", "related"])
"""Kinds whose boxes are cut from the story by name alone, when the name stands right at the line."""

_PLAIN = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|share-?bar|relatedposts|related-(?:posts|articles|stories|content)|read-?more|read-?next|also-?read|teaser-list)(?:-?(?:box|signup|sign-up|form|promo|block|widget|inline|module|link|links))?(?=$|[\s_-])"
)


_JOINING = frozenset(
    "in by on at and von am um und par dans et por en el di da il em door op om przez".split()
)
"""What stands between date, author and section in elements of its own, as WordPress's block themes have it."""


def _is_paragraph(reading: Reading, index: int) -> bool:
    return reading.document.tags[reading.document.pieces[index].node] in ("p", "div", "span")


def _cutting(reading: Reading, index: int) -> tuple[str, str] | None:
    """Return stripper and reason if a stripper cuts this line out of the story, by its words or by the box it stands in."""
    text = reading.document.pieces[index].text
    if not text[:1].isalnum() and not any(map(str.isalnum, text)):
        return "model", "has no word"
    if len(text) <= 5 and text.lower() in _JOINING and _is_paragraph(reading, index):
        return "author", "joins the parts of a byline"
    known = by_words(text)
    if known and known[2] and _is_notice(reading, index):
        return known[0], known[1]
    tags, parents = reading.document.tags, reading.document.parents
    node = reading.document.pieces[index].node
    for _ in range(3):
        if node < 0 or tags[node] in _STORY_TAGS:
            break
        named = _plainly(reading.name(node))
        if named and _share(reading, node) <= BOX_SHARE:
            return named
        node = parents[node]
    return None


_STORY_TAGS = frozenset(["body", "article", "main"])


@lru_cache(maxsize=20_000)
def _plainly(name: str) -> tuple[str, str] | None:
    """Return (stripper, reason) for a name that is enough to cut its box out of the story, or None."""
    named = by_name(name) if _PLAIN.search(name) else None
    return named if named and named[0] in BOXES else None


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


def removal(reading: Reading, index: int, stripper: str, reason: str) -> Removal:
    """Note that the piece is gone, and return what is written down of it."""
    piece = reading.document.pieces[index]
    reading.gone[index] = stripper, reason
    return Removal(
        stripper, reason, piece.text[:MAX_TEXT], f"piece {index}, {reading.document.tags[piece.node]}"
    )


def _box_of(reading: Reading, node: int) -> tuple[str, str] | None:
    """Return (stripper, reason) for the inmost element around that a stripper knows by name or tag. Asked once an element."""
    boxes, parents = reading.boxes, reading.document.parents
    chain: list[int] = []
    found: tuple[str, str] | None = None
    while node > 0 and not found:
        if node in boxes:
            found = boxes[node]
            break
        chain.append(node)
        found = _box_by_itself(reading, node)
        node = parents[node]
    boxes.update(dict.fromkeys(chain, found))
    return found


def _box_by_itself(reading: Reading, node: int) -> tuple[str, str] | None:
    name, tag = reading.name(node), reading.document.tags[node]
    named = by_name(name) if name else None
    return named or ((_BY_TAG[tag], f"stands in <{tag}>") if tag in _BY_TAG else None)


def pictures(reading: Reading) -> Iterator[Removal]:
    """Yield pictures whose description is a call to action, such as alt="google cta"."""
    document = reading.document
    for node in document.listed["img"]:
        if " alt=" not in document.heads[node]:
            continue
        alt = document.attribute(node, "alt")
        if alt and len(alt) < 60:
            known = by_words(alt)
            if known and known[0] in ("cta", "newsletter", "social", "advertising"):
                yield Removal(known[0], f"the picture's description: {known[1]}", alt, f"element {node}, img")
