"""Text to a Document: one parse, one walk. Home of selectolax.

The tree is parsed once by Lexbor. What the head says (meta, links, JSON-LD) is read with three selector calls;
script, style and the like are dropped in C; then one traversal writes the body into flat columns: elements
(tag, parent, attributes) and pieces (runs of text under one block-level element). Everything after this file
works on those columns and never touches the tree again, because each view of a node that selectolax makes
costs more than a list look-up (measured in docs/benchmarks.md).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html label legend li main menu nav "
    "noscript ol option p pre section summary table tbody td tfoot th thead tr ul iframe amp-ad".split()
)
"""Tags that begin and end a piece: what the HTML standard renders as blocks, and controls."""

PLACES = {
    "article": 1, "main": 1, "aside": 2, "nav": 4, "menu": 4, "footer": 8, "header": 16, "form": 32,
    "figure": 64, "figcaption": 64, "table": 128, "ul": 256, "ol": 256, "dl": 256, "blockquote": 512,
    "section": 1024, "noscript": 2048, "iframe": 2048, "button": 2048, "label": 2048, "legend": 2048,
    "dialog": 2048, "option": 2048,
}  # fmt: skip
"""A bit for each tag that says where in a page its text stands."""

DROPPED_TAGS = [
    "script", "style", "svg", "template", "select", "textarea", "object", "noembed", "noframes", "math", "head",
]  # fmt: skip
"""Elements whose text is never read aloud to a reader. ``template`` holds what is not shown yet."""

MAX_PIECES = 20_000
"""Pieces after this one are not read: a bound on hostile pages, chosen by judgement."""


class Piece:
    """A run of text under one block-level element, and what its links and tags say.

    ``parts`` and ``nodes`` run in parallel: the text nodes in order and the element each stands in.
    """

    __slots__ = ("link_chars", "node", "nodes", "order", "parts", "text")

    def __init__(self, node: int, order: int) -> None:
        self.node = node  # the block-level element
        self.order = order  # how many elements had been opened: its place in the page
        self.parts: list[str] = []
        self.nodes: list[int] = []
        self.link_chars = 0
        self.text = ""


@dataclass(slots=True)
class Document:
    """A page as flat columns. Element 0 is the body; parents come before children."""

    url: str
    tags: list[str]
    parents: list[int]
    elements: list[LexborNode]
    pieces: list[Piece]
    places: list[int] = field(
        default_factory=list
    )  # of each element: PLACES bits of itself and those around it
    meta: list[tuple[str, str]] = field(default_factory=list)  # (name or property, content), page order
    linked: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)  # (rel, attributes)
    title: str = ""
    language: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD objects, flattened
    truncated: bool = False
    _attributes: dict[int, dict[str, str | None]] = field(default_factory=dict)

    def metas(self, *names: str) -> Iterator[str]:
        """Yield the contents of the meta tags called ``names``, best name first."""
        for name in names:
            for key, content in self.meta:
                if key == name:
                    yield content

    def attributes(self, node: int) -> dict[str, str | None]:
        """Return the element's attributes. Read on demand: most elements are never asked."""
        found = self._attributes.get(node)
        if found is None:
            found = self._attributes[node] = self.elements[node].attributes
        return found

    def set_attributes(self, node: int, attributes: dict[str, str | None]) -> None:
        """Say the attributes of an element that no tree stands behind."""
        self._attributes[node] = attributes

    def class_of(self, node: int) -> str:
        """Return class and id of the element, lower case, one space between."""
        attributes = self.attributes(node)
        return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()

    def ancestors(self, node: int) -> Iterator[int]:
        """Yield the element and those around it, inmost first."""
        while node >= 0:
            yield node
            node = self.parents[node]

    def locator(self, node: int) -> str:
        """Return a short CSS-like address of the element for people: ``article.post > p``."""
        names: list[str] = []
        for one in self.ancestors(node):
            if len(names) == 2:
                break
            attributes = self.attributes(one)
            mark = (attributes.get("class") or "").split()
            name = self.tags[one] + (f"#{attributes['id']}" if attributes.get("id") else "")
            names.append(name + "".join(f".{word}" for word in mark[:2]))
        return " > ".join(reversed(names))


def parse(text: str, url: str) -> Document:
    """Return the columns of an HTML page."""
    tree = LexborHTMLParser(text)
    document = Document(url, [], [], [], [])
    _read_head(tree, document)
    tree.strip_tags(DROPPED_TAGS)
    _walk(tree, document)
    return document


def _read_head(tree: LexborHTMLParser, document: Document) -> None:
    # The whole document is searched: a stray element in head moves what follows it into body.
    for node in tree.css(
        "meta[content],title,html,script[type='application/ld+json'],"
        "link[rel=canonical],link[rel=author],link[rel=alternate],link[rel=amphtml],link[rel=next]"
    ):
        tag = node.tag
        if tag == "meta":
            _read_meta(node.attributes, document)
        elif tag == "link":
            attributes = node.attributes
            document.linked.append(((attributes.get("rel") or "").lower(), attributes))
        elif tag == "title":
            document.title = document.title or " ".join(node.text().split())
        elif tag == "html":
            document.language = node.attributes.get("lang") or node.attributes.get("xml:lang") or ""
        else:
            document.data.extend(_json_objects(node.text()))


def _read_meta(attributes: dict[str, str | None], document: Document) -> None:
    content = attributes.get("content")
    if not content:
        return
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = attributes.get(key)
        if name:
            document.meta.append((name.strip().lower(), content))


_CONTROL = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


def _json_objects(text: str) -> list[dict[str, Any]]:
    """Return every JSON-LD object in ``text``, @graph and lists opened. Empty when it cannot be read."""
    value = _loads(text)
    found: list[dict[str, Any]] = []
    todo = [value]
    while todo:
        value = todo.pop(0)
        if isinstance(value, list):
            todo[:0] = value[:500]
        elif isinstance(value, dict):
            found.append(value)
            graph = value.get("@graph")
            if isinstance(graph, list | dict):
                todo.insert(0, graph)
            main = value.get("mainEntity")
            if isinstance(main, dict):
                todo.append(main)
    return found


def _loads(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(tree: LexborHTMLParser, document: Document) -> None:
    """Write elements and pieces of the body into the document's columns."""
    body = tree.body
    if body is None:
        return
    tags, parents, elements, pieces = document.tags, document.parents, document.elements, document.pieces
    index: dict[int, int] = {}
    places = document.places
    roots: list[int] = []  # of each element: the block-level element its text belongs to
    linked: list[bool] = []  # of each element: inside a link
    piece: Piece | None = None  # the one being written; None right after a block-level tag
    breaks = 0
    number = 0
    for node in body.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            text = node.text_content
            if not text or text.isspace():
                if piece is not None:
                    piece.parts.append(" ")
                    piece.nodes.append(-1)
                continue
            parent = index[node.parent.mem_id]  # type: ignore[union-attr]
            root = roots[parent]
            if piece is None or piece.node != root or breaks > 1:
                if len(pieces) >= MAX_PIECES:
                    document.truncated = True
                    break
                piece = Piece(root, number)
                pieces.append(piece)
            breaks = 0
            piece.parts.append(text)
            piece.nodes.append(parent)
            if linked[parent]:
                piece.link_chars += len(text)
        elif tag and tag[0] not in "-#":  # neither a comment nor a processing instruction
            index[node.mem_id] = number
            tags.append(tag)
            elements.append(node)
            parent = index.get(node.parent.mem_id, -1) if number else -1  # type: ignore[union-attr]
            parents.append(parent)
            if tag in BLOCK_TAGS:
                places.append((places[parent] if parent >= 0 else 0) | PLACES.get(tag, 0))
                roots.append(number)
                linked.append(parent >= 0 and linked[parent])
                piece = None
                breaks = 0
            else:
                places.append(places[parent])
                roots.append(roots[parent])
                linked.append(tag == "a" or linked[parent])
                if tag == "br":
                    breaks += 1
                    if piece is not None:
                        piece.parts.append("\n")
                        piece.nodes.append(-1)
            number += 1
    for piece in pieces:
        text = "".join(piece.parts)
        piece.text = _fold(text) if tags[piece.node] != "pre" else text.strip("\n")


_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def _fold(text: str) -> str:
    """Fold white space; a line break that the page made stays one."""
    if "\u00ad" in text or "\u200b" in text or "\u2060" in text or "\ufeff" in text:
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())
