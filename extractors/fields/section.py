"""The section that the story stands in: Europe, Politics, Sport."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from extractors import structured
from extractors.addresses import absolute
from extractors.candidates import Candidate
from extractors.document import Document, Piece, read_attributes
from extractors.reading import Reading, squash

MAX_CHARS = 60
BEFORE, NEAR, AFTER, FAR_AFTER = 40, 6, 8, 24
"""Pieces above the headline that may hold the breadcrumb (menus stand further up), pieces beside it, pieces below the
story, and those below it where only rel=category counts: blogs write it under buttons to share and like."""
_LINKED = re.compile(r"/(?:category|categories|kategorie|kategorien|rubrik|rubrique|categoria|section)/[^/]")
AGREED = 0.12
"""Added for each further place that says the same."""
_DIGIT = re.compile(r"\d")
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:section|category|categories|kicker|rubrik|rubric|rubrique|editoria|channel|ressort|topic|seccion|cat-links|post-category|article-section|eyebrow|widget__section)(?:$|[\s_-])"
)
_CRUMBS = ("crumb", "brotkrumen", "brdcrmb", "you-are-here", "ariane")
"""One of these is in what pages call their breadcrumbs."""
_HOME = re.compile(r"^(?:home|homepage|startseite|start|accueil|inicio|início|strona główna|главная|αρχική|anasayfa|ana sayfa|hem|hjem|forside|blog|blogs|news|articles|article|首页|ホーム|トップ|main|index|uncategorized|allgemein|uncategorised|default|all|posts|post|haupt|alle artikel|all articles|übersicht|overview|genre|standort|start page|hauptseite|non classé|sin categoría|you are here:?|sie sind hier:?)$", re.IGNORECASE)  # fmt: skip
_NOT_A_SECTION = re.compile(r"^(?:\d+|[a-z]{2}(?:-[a-z]{2})?|articles?|artikel|story|stories|posts?|blogs?|archives?|p|a|s|id|www|content|html?|amp|index|wp-content|node|view|read|detail|\d{4}.*|page|site|web|de|en)$")  # fmt: skip


_METAS = (
    "article:section", "og:article:section", "parsely-section", "section", "dc.subject.section", "article.section", "vr:category",
    "cxenseparse:category", "shareaholic:article_section", "category",
)  # fmt: skip


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield section names, structured before visible, the address last; what two places say is trusted more."""
    seen = _seen(reading) if not reading.document.plain else _in_dump(reading)
    found = list(dict.fromkeys((*_structured(reading), *seen, *_in_address(reading))))
    places: dict[str, set[str]] = {}
    for one in found:
        places.setdefault(squash(one.value), set()).add(one.locator)
    for one in found:
        agreed = min(2, len(places[squash(one.value)]) - 1)
        yield replace(one, confidence=round(min(0.95, one.confidence + AGREED * agreed), 3))


def _structured(reading: Reading) -> Iterator[Candidate]:
    for content in reading.document.metas(*_METAS):
        yield from _told(reading, content, "meta", "article:section", 0.7)
    for value in structured.texts(reading.data.get("articleSection")):
        yield from _told(reading, value, "json-ld", "articleSection", 0.68)
    yield from _crumbs_told(reading)


def _in_address(reading: Reading) -> Iterator[Candidate]:
    path = [unquote(part) for part in urlsplit(reading.page.url).path.split("/")[:-1] if part]
    for part in path[:2]:
        if (
            not _NOT_A_SECTION.match(part.lower())
            and not _HOME.match(part)
            and len(part) < 30
            and part.count("-") < 4
        ):
            yield Candidate(part.replace("-", " ").replace("_", " ").title(), "url", "path", 0.4)
            break


def _told(reading: Reading, value: str, method: str, locator: str, confidence: float) -> Iterator[Candidate]:
    name = clean(structured.text(value))
    plain = squash(name) if name else ""
    if name and plain not in reading.site_names and not _is_headline(plain, squash(reading.headline)):
        yield Candidate(name, method, locator, confidence)


def _crumbs_told(reading: Reading) -> Iterator[Candidate]:
    for thing in reading.document.data:
        if "BreadcrumbList" not in structured.types(thing):
            continue
        items = thing.get("itemListElement")
        names = []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                names.append(structured.text(item.get("name") or item.get("item")))
        yield from _crumbs(reading, names, "json-ld", "BreadcrumbList", 0.72)


def _crumbs(
    reading: Reading, names: list[str], method: str, locator: str, confidence: float
) -> Iterator[Candidate]:
    """Yield the last crumb that is not the page itself, and the first."""
    headline = squash(reading.headline)
    kept = []
    for name in map(clean, names):
        plain = squash(name) if name else ""
        if name and plain not in reading.site_names and not _is_headline(plain, headline):
            kept.append(name)
    if kept:
        yield Candidate(kept[-1], method, locator, confidence)
        if len(kept) > 1:
            yield Candidate(kept[0], method, locator, round(confidence - 0.06, 3))


def _is_headline(name: str, headline: str) -> bool:
    return name[:30] == headline[:30] or (len(name) > 15 and (name in headline or headline in name))


def _seen(reading: Reading) -> Iterator[Candidate]:
    """Yield what the links around the headline and below the story say, then texts whose box is called a section."""
    document = reading.document
    pieces = document.pieces
    heading = reading.heading if reading.heading >= 0 else reading.first
    if not pieces or heading >= len(pieces):
        return
    far, near, end = (
        pieces[min(len(pieces) - 1, max(0, heading + by))].node for by in (-BEFORE, -NEAR, NEAR + 1)
    )
    crumbs: dict[int, list[str]] = {}
    boxes: dict[int, bool] = {}
    folders = _folders(reading.page.url)
    ends = tuple(folder + end for folder in folders for end in ('"', '/"'))
    for link in _links(document, far, end):
        head = document.heads[link]
        if link >= near:
            yield from _linked(reading, link, head)
            if _head_is_named(head):
                yield from _told(reading, document.text_of(link), "page", "class section", 0.5)
        for close in ends:
            if close in head:
                yield from _in_folder(reading, link, folders, 0.6 if link >= near else 0.5)
                break
        box = _crumb_box(document, link, boxes)
        if box >= 0:
            crumbs.setdefault(box, []).append(document.text_of(link))
    for names in crumbs.values():
        yield from _crumbs(reading, names, "page", "breadcrumb", 0.66)
    if reading.last >= 0 and reading.last + 1 < len(pieces):
        behind = (reading.last + by for by in (AFTER, FAR_AFTER))
        below, far_below = (pieces[at].order if at < len(pieces) else len(document.tags) for at in behind)
        for link in _links(document, max(end, pieces[reading.last + 1].node), far_below):
            head = document.heads[link]
            if link < below or ' rel="category' in head:
                yield from _linked(reading, link, head, 0.08)
    yield from _labels(reading, heading)


def _in_dump(reading: Reading) -> Iterator[Candidate]:
    """Yield what a dump's reader took for the breadcrumb or the section's label."""
    for piece in reading.document.pieces[: reading.first]:
        if _is_crumbs(reading.name(piece.node)):
            yield from _crumbs(reading, list(piece.parts), "page", "breadcrumb", 0.66)
    yield from _labels(reading, reading.heading if reading.heading >= 0 else reading.first)


def _links(document: Document, start: int, end: int) -> list[int]:
    links = document.listed["a"]
    return links[bisect_left(links, start) : bisect_left(links, end)]


def _folders(url: str) -> tuple[str, ...]:
    """Return the paths that the page's address lies under: "/sport", "/sport/sailing"."""
    parts = [part for part in urlsplit(url).path.split("/")[:-1] if part]
    return tuple("/" + "/".join(parts[:depth]) for depth in range(1, min(3, len(parts)) + 1))


def _linked(reading: Reading, link: int, head: str, doubt: float = 0.0) -> Iterator[Candidate]:
    """Yield the link's text where it says that it leads to a category. ``head`` is its start tag."""
    document = reading.document
    if "category" in head and "category" in document.attribute(link, "rel").split():
        yield from _told(reading, document.text_of(link), "page", "link rel=category", 0.84 - doubt)
    elif _LINKED.search(head):
        yield from _told(reading, document.text_of(link), "page", "link to category", 0.66 - doubt)


def _in_folder(
    reading: Reading, link: int, folders: tuple[str, ...], confidence: float
) -> Iterator[Candidate]:
    """Yield the link's text where it leads to a folder that the page lies in."""
    href = reading.document.attribute(link, "href")
    if _leads_to(href, folders, reading.page.url):
        name = reading.document.text_of(link)
        yield from _told(reading, name, "page", "link to a folder of the address", confidence)


def _leads_to(href: str, folders: Sequence[str], url: str) -> bool:
    where = urlsplit(absolute(href, url))
    return where.path.rstrip("/") in folders and where.netloc.removeprefix("www.") == urlsplit(
        url
    ).netloc.removeprefix("www.")


def _crumb_box(document: Document, link: int, boxes: dict[int, bool]) -> int:
    """Return the element close around the link that is called breadcrumbs, -1 when none is. Each is asked once."""
    parents = document.parents
    node = link
    for _ in range(4):
        node = parents[node]
        if node <= 0:
            break
        known = boxes.get(node)
        if known is None:
            head = document.heads[node]
            known = boxes[node] = len(head) > 5 and _is_crumbs(head.lower())
        if known:
            return node
    return -1


def _is_crumbs(name: str) -> bool:
    return any(word in name for word in _CRUMBS)


def _labels(reading: Reading, heading: int) -> Iterator[Candidate]:
    """Yield short texts beside the headline whose element is called a section."""
    document = reading.document
    for piece in document.pieces[max(0, heading - NEAR) : heading + NEAR + 1]:
        least = 2 if piece.text.isascii() else 1
        if least < len(piece.text) <= 40 and not _DIGIT.search(piece.text) and _is_named(reading, piece):
            yield from _told(reading, piece.text, "page", "class section", 0.5)


def clean(raw: str) -> str | None:
    """Return the name on one line, or None for the front page, a number or a sentence."""
    name = " ".join(raw.split()).strip(" >/»›|·•:-–—[]")
    for glue in (" > ", " / ", " | ", ";", ","):
        name = name.split(glue)[0].strip()
    if (
        not name
        or len(name) > MAX_CHARS
        or (len(name) == 1 and name.isascii())
        or _HOME.match(name)
        or name.isdigit()
        or "://" in name
    ):
        return None
    return name


def _is_named(reading: Reading, piece: Piece) -> bool:
    heads, node = reading.document.heads, piece.node
    parent = reading.document.parents[node]
    return (
        _head_is_named(heads[node])
        or _head_is_named(heads[piece.nodes[0]])
        or (parent >= 0 and _head_is_named(heads[parent]))
    )


@lru_cache(maxsize=20_000)
def _head_is_named(head: str) -> bool:
    low = head.lower()
    for word in _MAY:
        if word in low:
            attributes = read_attributes(low)
            return named(
                " ".join(attributes.get(key, "") for key in ("class", "id", "itemprop", "data-testid"))
            )
    return False


_MAY = (
    "section",
    "categor",
    "kicker",
    "rubri",
    "channel",
    "ressort",
    "topic",
    "seccion",
    "cat-links",
    "eyebrow",
    "editoria",
)


@lru_cache(maxsize=20_000)
def named(names: str) -> bool:
    """Do these class names call the element a section's label?"""
    return any(word in names for word in _MAY) and bool(_NAMES.search(names))
