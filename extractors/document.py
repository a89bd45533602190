"""Text to a Document: one parse, one walk. Home of selectolax.

The page is parsed once by Lexbor. What the head says (meta, links, JSON-LD) is read with one selector call;
script, style and the like are dropped in C. Then Lexbor writes the tree out again, and one walk along that text
fills flat columns: elements (tag, parent, attributes) and pieces (runs of text under one block-level element).
Text that Lexbor wrote is regular: every element is closed, and no "<" or ">" stands in text or attributes but as
a character reference (https://html.spec.whatwg.org/multipage/parsing.html#serialising-html-fragments). So it falls
apart at "<", without asking the tree for each node, which costs several times as much (docs/benchmarks.md).
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from extractors.addresses import absolute

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
    "button", "option", "label", "legend",
]  # fmt: skip
"""Elements whose text is no part of what a reader reads. ``template`` holds what is not shown yet; the last four name
controls."""

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


HEADING_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")

LINK_DEPTH = 5
"""Elements around a text that are asked whether they are its link: a link may hold a heading and its spans."""

WATCHED = frozenset(
    "a img amp-img picture video audio iframe source time h1 h2 h3 h4 h5 h6 meta input br".split()
)
"""Tags whose elements are listed, so that nobody scans the page for them."""


@dataclass(slots=True)
class Document:
    """A page as flat columns. Element 0 is the body; an element stands before all that it holds, without gaps."""

    url: str
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)  # start tags as written: 'p class="dek"'
    places: list[int] = field(default_factory=list)  # PLACES bits of the element and those around it
    pieces: list[Piece] = field(default_factory=list)
    listed: dict[str, list[int]] = field(default_factory=lambda: {tag: [] for tag in WATCHED})
    meta: list[tuple[str, str]] = field(default_factory=list)  # (name or property, content), page order
    linked: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)  # (rel, attributes)
    title: str = ""
    language: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD objects, flattened
    hrefs: list[str] = field(default_factory=list)  # of all links, also of those in chrome, page order
    chrome: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # pruned before the walk: (tag, class or id, text)
    plain: bool = False  # made from plain text: the tags are ours
    menu_links: list[tuple[str, str]] = field(default_factory=list)  # (href, text) in menus that were pruned
    truncated: bool = False
    matched: list[list[str]] = field(default_factory=list)  # of each selector: what its elements say
    _metas: dict[str, list[str]] | None = None
    _orders: list[int] | None = None
    _headings: list[tuple[int, int]] | None = None
    _attributes: dict[str, dict[str, str]] = field(default_factory=dict)  # start tag → its attributes

    def metas(self, *names: str) -> Iterator[str]:
        """Yield the contents of the meta tags called ``names``, best name first."""
        by_name = self.metas_by_name()
        for name in names:
            yield from by_name.get(name, ())

    def metas_by_name(self) -> dict[str, list[str]]:
        """Return the contents of the meta tags by name. Made once: a hundred names are asked for."""
        if self._metas is None:
            self._metas = {}
            for name, content in self.meta:
                self._metas.setdefault(name, []).append(content)
        return self._metas

    def attributes(self, node: int) -> dict[str, str]:
        """Return the element's attributes. Read on demand: most elements are never asked."""
        head = self.heads[node]
        found = self._attributes.get(head)
        if found is None:
            found = self._attributes[head] = read_attributes(head)
        return found

    def attribute(self, node: int, name: str) -> str:
        """Return one of the element's attributes, empty when it has none, without reading the others."""
        before, _, rest = self.heads[node].partition(f' {name}="')
        if before.count('"') % 2:  # what looks like it stands in another attribute's value
            return self.attributes(node).get(name, "")
        value = rest.partition('"')[0]
        return _unescape(value) if "&" in value else value

    def marked(self, number: int) -> list[int]:
        """Return the elements that the selector of this number found and that the walk saw."""
        sign = f" {number} "
        return [i for i, head in enumerate(self.heads) if MARK in head and sign in self.attributes(i)[MARK]]

    def class_of(self, node: int) -> str:
        """Return class and id of the element, lower case, one space between."""
        attributes = self.attributes(node)
        return f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()

    def ancestors(self, node: int) -> Iterator[int]:
        """Yield the element and those around it, inmost first."""
        while node >= 0:
            yield node
            node = self.parents[node]

    def end(self, node: int) -> int:
        """Return the first element after all that this one holds."""
        parents = self.parents
        after = node + 1
        while after < len(parents) and parents[after] >= node:
            after += 1
        return after

    def text_of(self, node: int) -> str:
        """Return the text of everything inside the element, on one line."""
        end = self.end(node)
        at = bisect_right(self.orders(), node) - 1
        found: list[str] = []
        for index in range(max(0, at), len(self.pieces)):
            piece = self.pieces[index]
            if piece.order > end:
                break
            found += [
                part for part, inside in zip(piece.parts, piece.nodes, strict=True) if node <= inside < end
            ]
        return " ".join(" ".join(found).split())

    def orders(self) -> list[int]:
        """Return the order of each piece, to find pieces by their place in the page. Made once."""
        if self._orders is None:
            self._orders = [piece.order for piece in self.pieces]
        return self._orders

    def headings(self) -> list[tuple[int, int]]:
        """Return (piece, heading element) for each piece that begins a heading, in page order. Made once."""
        if self._headings is None:
            self._headings = []
            for node in sorted(node for tag in HEADING_TAGS for node in self.listed[tag]):
                at = bisect_right(self.orders(), node)
                if at < len(self.pieces) and self.is_inside(self.pieces[at].nodes[0], node):
                    self._headings.append((at, node))
        return self._headings

    def is_inside(self, node: int, outer: int) -> bool:
        """Is the element ``outer``, or somewhere in it?"""
        while node > outer:
            node = self.parents[node]
        return node == outer

    def link_of(self, index: int) -> str:
        """Return the absolute address of the first link in or closely around a piece, empty when there is none."""
        for node in self.pieces[index].nodes:
            for depth, outer in enumerate(self.ancestors(node)):
                if self.tags[outer] == "a":
                    return absolute(self.attribute(outer, "href"), self.url)
                if depth == LINK_DEPTH:
                    break
        return ""

    def locator(self, node: int) -> str:
        """Return a short CSS-like address of the element for people: ``article.post > p``."""
        names: list[str] = []
        for one in self.ancestors(node):
            if len(names) == 2:
                break
            attributes = self.attributes(one)
            mark = attributes.get("class", "").split()
            name = self.tags[one] + (f"#{attributes['id']}" if attributes.get("id") else "")
            names.append(name + "".join(f".{word}" for word in mark[:2]))
        return " > ".join(reversed(names))


NUMBER = "data-cleancopy-number"
"""The attribute in which ``numbered`` writes an element's number."""


def numbered(html: bytes) -> str:
    """Return the page as Lexbor reads it, each element with its number, for ``parse`` to be told which are meant."""
    tree = LexborHTMLParser(html)
    for number, node in enumerate(_elements(tree)):
        node.attrs[NUMBER] = str(number)
    return tree.html or ""


def _elements(tree: LexborHTMLParser) -> list[LexborNode]:
    root = tree.root
    nodes = root.traverse(include_text=False) if root is not None else ()
    return [node for node in nodes if not (node.tag or "-").startswith(("-", "!"))]  # no comments


Selection = tuple[str, str] | tuple[Sequence[str], Sequence[int]]
"""(CSS, attribute or nothing), or what was found otherwise: (texts, numbers of elements)."""


def parse(html: str | bytes, url: str, selectors: Sequence[Selection] = ()) -> Document:
    """Return the columns of an HTML page. Bytes are UTF-8.

    What the ``selectors`` find is in ``matched``, and the elements are marked.
    """
    tree = LexborHTMLParser(html)
    document = Document(url)
    elements: list[LexborNode] = []
    for number, (what, which) in enumerate(selectors):
        if isinstance(what, str):
            _match(tree, what, str(which), number, document)
            continue
        elements = elements or _elements(tree)
        document.matched.append(list(what))
        for place in which:
            _mark(elements[int(place)], number)
    _read_head(tree, document)
    tree.strip_tags(DROPPED_TAGS)
    if tree.body is not None:
        document.hrefs = [node.attrs["href"] or "" for node in tree.css("a[href]")]
        _prune(tree, document)
        _walk(tree.body.html or "", document)
    return document


MARK = "data-cleancopy-matched"
"""The attribute of an element that a selector found: the numbers of the selectors, a space around each."""

MOST_MATCHES = 200
"""Elements that one selector may find. A judgement: a selector that finds more is none for a field or a box."""


def is_selector(css: str) -> bool:
    """Can Lexbor read the selector?"""
    try:
        LexborHTMLParser("<p>").css(css)
    except SelectolaxError:
        return False
    return True


def _match(tree: LexborHTMLParser, css: str, attribute: str, number: int, document: Document) -> None:
    """Note what the selector finds, and mark it for the walk."""
    found: list[str] = []
    for node in tree.css(css)[:MOST_MATCHES]:
        said = node.attributes.get(attribute) if attribute else node.text(separator=" ")
        found.append(" ".join((said or "").split()))
        _mark(node, number)
    document.matched.append(found)


def _mark(node: LexborNode, number: int) -> None:
    node.attrs[MARK] = f"{node.attributes.get(MARK) or ' '}{number} "


CHROME = "nav,menu,dialog,footer,[style*='display:none'],[style*='display: none']"
"""What hardly ever holds a story: menus, the page's foot, and what is not displayed. _is_chrome spares those that might."""

_HOLDS_A_STORY = "h1,p+p+p+p,a[rel~=category],a[rel~=author]"
_KEPT_NAMES = re.compile(r"crumb|tag|topic|categor")
_STORY_TAGS = frozenset(["article", "main"])
CHROME_TEXT = 400
"""Characters of a pruned element's text that are kept for people to read."""


def _prune(tree: LexborHTMLParser, document: Document) -> None:
    """Take out what is plainly chrome before anyone walks it, and remember what it said."""
    doomed = [node for node in tree.css(CHROME) if _is_chrome(node)]
    for node in doomed:
        text = " ".join(node.text(separator=" ")[: 3 * CHROME_TEXT].split())[:CHROME_TEXT]
        if text and not any(
            text[:100] in said for _, _, said in document.chrome
        ):  # a menu in a menu is said once
            attributes = node.attributes
            document.chrome.append(
                (node.tag or "", attributes.get("class") or attributes.get("id") or "", text)
            )
    for node in doomed:
        if node.tag == "nav":
            document.menu_links += [(a.attrs["href"] or "", a.text()) for a in node.css("a[href]")]
        node.decompose()


def _is_chrome(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('aria-label') or ''}".lower()
    if _KEPT_NAMES.search(names) or node.css_first(_HOLDS_A_STORY) is not None:
        return False
    return node.tag != "footer" or not _within_story(node)


def _within_story(node: LexborNode) -> bool:
    outer = node.parent
    while outer is not None:
        if outer.tag in _STORY_TAGS:
            return True
        outer = outer.parent
    return False


_LINKS = frozenset(["canonical", "next"])
"""What the links of the head are read for."""


def _read_head(tree: LexborHTMLParser, document: Document) -> None:
    # The whole document is searched: a stray element in head moves what follows it into body.
    for node in tree.css("meta[content],title,html,script[type='application/ld+json'],link[rel]"):
        tag = node.tag
        if tag == "meta":
            _read_meta(node.attributes, document)
        elif tag == "link":
            attributes = node.attributes
            rel = (attributes["rel"] or "").lower()
            if rel in _LINKS:
                document.linked.append((rel, attributes))
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
    """Return what the JSON says as it is, mended, or with its character references read; None if it is no JSON."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    for reading in (str, _mended, _unescaped):
        try:
            return json.loads(reading(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _mended(text: str) -> str:
    return _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))


def _unescaped(text: str) -> str:
    return _mended(_unescape(text)) if "&quot;" in text else ""


_VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr basefont bgsound frame keygen param".split()
)
"""Elements without content (https://html.spec.whatwg.org/multipage/syntax.html#void-elements) and older ones like them."""

_RAW = frozenset(["iframe", "xmp", "plaintext"])
"""Elements whose content is written without character references, and is no part of what a reader sees."""

_INLINE, _BLOCK, _LINK, _INLINE_VOID, _BLOCK_VOID, _BREAK, _RAW_BLOCK = 0, 1, 2, 3, 4, 5, 6
_END_BLOCK, _END_LINK, _END = -1, -2, -3


def _codes() -> dict[str, int]:
    """Return what the walk does at each start tag and, with a slash, at each end tag; unknown elements are inline."""
    codes = dict.fromkeys(
        "span b i strong em font u sup sub small abbr cite time picture video audio".split(), _INLINE
    )
    codes |= dict.fromkeys(_VOID, _INLINE_VOID) | dict.fromkeys(BLOCK_TAGS, _BLOCK)
    codes |= dict.fromkeys(_VOID & BLOCK_TAGS, _BLOCK_VOID) | dict.fromkeys(_RAW, _RAW_BLOCK)
    codes |= {"a": _LINK, "br": _BREAK}
    ends = {_INLINE: _END, _BLOCK: _END_BLOCK, _LINK: _END_LINK}
    return codes | {f"/{tag}": ends[code] for tag, code in codes.items() if code in ends}


_CODES = _codes()
_SIGNS = frozenset(["/", "!", "?", ""])
"""What an end tag, a comment, a processing instruction and the "<" in them begin with."""

_BARE = 6
"""Characters from which a start tag may hold an attribute: a b="" has six."""


def _walk(html: str, document: Document) -> None:
    """Write elements and pieces of a body that Lexbor wrote out into the document's columns.

    This loop runs for each tag of the page: what is asked most often is asked first.
    """
    tags, parents, heads, places = document.tags, document.parents, document.heads, document.places
    pieces, listed, code_of = document.pieces, document.listed, _CODES.get
    around: list[tuple[int, int]] = []  # (root, bits) of the blocks that are open
    node = -1  # the element that text stands in
    root = bits = 0  # the block-level element that text belongs to, and its PLACES
    number = links = breaks = 0  # elements so far; links that are open; line breaks since the last text
    piece: Piece | None = None  # the one being written; None right after a block-level tag
    gap = ""  # white space since the last text
    chunks = iter(html.split("<"))
    next(chunks)
    for chunk in chunks:
        head, closed, text = chunk.partition(">")
        while not closed:  # an attribute's name may hold a "<"
            chunk = f"{chunk}<{next(chunks, '>')}"
            head, closed, text = chunk.partition(">")
        tag = head if len(head) < _BARE else head.partition(" ")[0]
        code = code_of(tag, _INLINE)
        if code < 0:
            node = parents[node]
            if code == _END_BLOCK:
                root, bits = around.pop()
                piece = None
            elif code == _END_LINK:
                links -= 1
        elif code == _INLINE and tag[:1] in _SIGNS:  # also where there is no tag
            if tag[:1] == "/":
                node = parents[node]
            else:
                text = _after(chunk, "?>" if tag[:1] == "?" else "-->", chunks)
        else:
            tags.append(tag)
            parents.append(node)
            heads.append(head)
            if tag in WATCHED:
                listed[tag].append(number)
            if code == _BLOCK:
                around.append((root, bits))
                node = root = number
                bits |= PLACES.get(tag, 0)
                piece = None
            elif code <= _LINK:
                node = number
                links += code == _LINK
            elif code == _BREAK:
                breaks += 1
                if piece is not None:
                    piece.parts.append("\n")
                    piece.nodes.append(-1)
            elif code != _INLINE_VOID:
                piece = None
                if code == _RAW_BLOCK:
                    text = _after_raw(tag, chunks)
            places.append(bits)
            number += 1
        if not text:
            continue
        if "&" in text:
            text = _unescape(text)
        if text.isspace():
            gap = " "
            continue
        if piece is None or breaks > 1:
            if len(pieces) >= MAX_PIECES:
                document.truncated = True
                break
            piece = Piece(root, number)
            pieces.append(piece)
            gap = ""
        breaks = 0
        piece.parts.append(gap + text if gap else text)
        piece.nodes.append(node)
        gap = ""
        if links:
            piece.link_chars += len(text)
    for piece in pieces:
        parts = piece.parts
        text = parts[0] if len(parts) == 1 else "".join(parts)
        piece.text = _fold(text) if tags[piece.node] != "pre" else text.strip("\n")


def _after(chunk: str, end: str, chunks: Iterator[str]) -> str:
    """Return the text after the comment or instruction that begins here; its own "<" may have cut it in pieces."""
    while end not in chunk:
        following = next(chunks, None)
        if following is None:
            return ""
        chunk = following
    return chunk.partition(end)[2]


def _after_raw(tag: str, chunks: Iterator[str]) -> str:
    """Return the text after the end of an element whose content is raw."""
    end = f"/{tag}>"
    return next((chunk[len(end) :] for chunk in chunks if chunk.startswith(end)), "")


def _unescape(text: str) -> str:
    """Return the text without the character references that a serialised tree has in text and attributes."""
    text = text.replace("&nbsp;", "\u00a0").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&amp;", "&")


_ATTRIBUTE = re.compile(r' ([^\s=]+)(?:="([^"]*)")?')


def read_attributes(head: str) -> dict[str, str]:
    """Return the attributes of a start tag as Lexbor writes it."""
    found = dict(_ATTRIBUTE.findall(head))
    if "&" in head:
        for name, value in found.items():
            found[name] = _unescape(value)
    return found


_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def _fold(text: str) -> str:
    """Fold white space; a line break that the page made stays one."""
    if text.isascii():
        if "\n" not in text and "  " not in text and "\t" not in text:
            return text.strip()
    elif not text.isprintable():  # something is invisible, or white space other than blanks
        text = _INVISIBLE.sub("", text)
    elif "  " not in text:
        return text.strip()
    return " ".join(text.split())
