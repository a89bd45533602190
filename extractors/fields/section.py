"""The section that the story stands in: Europe, Politics, Sport."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from extractors import structured
from extractors.candidates import Candidate
from extractors.document import Piece
from extractors.reading import Reading, squash

MAX_CHARS = 60
BEFORE = 40
"""How many pieces above the headline may hold the breadcrumb; menus stand further up."""
_LINKED = re.compile(r"/(?:category|categories|kategorie|kategorien|rubrik|rubrique|categoria|section)/[^/]")
AGREED = 0.12
"""Added for each further place that says the same."""
_DIGIT = re.compile(r"\d")
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:section|category|categories|kicker|rubrik|rubric|rubrique|channel|ressort|topic|seccion|cat-links|post-category|article-section|eyebrow|widget__section)(?:$|[\s_-])"
)
_CRUMBS = re.compile(r"bread-?crumb|breadcrumbs|brotkrumen|brdcrmb|crumbs|you-are-here|ariane")
_HOME = re.compile(r"^(?:home|homepage|startseite|start|accueil|inicio|início|strona główna|главная|αρχική|anasayfa|ana sayfa|hem|hjem|forside|blog|blogs|news|articles|article|首页|ホーム|トップ|main|index|uncategorized|allgemein|uncategorised|default|all|posts|post|haupt|alle artikel|all articles|übersicht|overview|genre|standort|start page|hauptseite|non classé|sin categoría|you are here:?|sie sind hier:?)$", re.IGNORECASE)  # fmt: skip
_NOT_A_SECTION = re.compile(r"^(?:\d+|[a-z]{2}(?:-[a-z]{2})?|articles?|artikel|story|stories|posts?|blogs?|archives?|p|a|s|id|www|content|html?|amp|index|wp-content|node|view|read|detail|\d{4}.*|page|site|web|de|en)$")  # fmt: skip


_METAS = (
    "article:section", "og:article:section", "parsely-section", "section", "dc.subject.section", "article.section", "vr:category",
    "cxenseparse:category", "shareaholic:article_section",
)  # fmt: skip


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield section names, structured before visible, the address last; what two places say is trusted more."""
    found = [*_structured(reading), *_seen(reading), *_in_address(reading)]
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
        if not _NOT_A_SECTION.match(part.lower()) and len(part) < 30 and part.count("-") < 4:
            yield Candidate(part.replace("-", " ").replace("_", " ").title(), "url", "path", 0.4)
            break


def _told(reading: Reading, value: str, method: str, locator: str, confidence: float) -> Iterator[Candidate]:
    name = clean(structured.text(value))
    if name and squash(name) not in reading.site_names:
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
        yield from _crumbs(reading, names, "json-ld", "BreadcrumbList", 0.7)


def _crumbs(
    reading: Reading, names: list[str], method: str, locator: str, confidence: float
) -> Iterator[Candidate]:
    headline = squash(reading.headline)
    kept = [name for name in map(clean, names) if name and squash(name) not in reading.site_names]
    kept = [name for name in kept if squash(name)[:30] != headline[:30]]
    if kept:
        yield Candidate(kept[-1], method, locator, confidence)
        if len(kept) > 1:
            yield Candidate(kept[0], method, locator, round(confidence - 0.08, 3))


def _seen(reading: Reading) -> Iterator[Candidate]:
    """Yield what stands in breadcrumbs above the story, then categories named or linked beside it."""
    document = reading.document
    crumbs: dict[int, list[str]] = {}
    start = max(0, (reading.heading if reading.heading >= 0 else reading.first) - BEFORE)
    for piece in document.pieces[
        start : max(min(reading.first, start + 3 * BEFORE), reading.heading + 6) + 1
    ]:
        for depth, node in enumerate(document.ancestors(piece.node)):
            if depth > 4:
                break
            if _CRUMBS.search(reading.name(node)):
                crumbs.setdefault(node, []).extend(_parts(piece))
                break
    for names in crumbs.values():
        yield from _crumbs(reading, names, "page", "breadcrumb", 0.66)
    for index in _beside(reading):
        yield from _labels(reading, document.pieces[index], near=abs(index - reading.heading) <= 6)


def _beside(reading: Reading) -> Iterator[int]:
    count = len(reading.document.pieces)
    heading = reading.heading if reading.heading >= 0 else reading.first
    yield from range(max(0, heading - 6), min(count, heading + 7))
    if reading.last >= 0:
        yield from range(max(reading.last + 1, heading + 7), min(count, reading.last + 8))


def _labels(reading: Reading, piece: Piece, *, near: bool) -> Iterator[Candidate]:
    """Yield links that say they lead to a category, and short texts whose element is called a section."""
    document = reading.document
    if len(piece.text) > 200:
        return
    for part, node in zip(piece.parts, piece.nodes, strict=True):
        if node >= 0 and document.tags[node] == "a":
            attributes = document.attributes(node)
            if "category" in (attributes.get("rel") or "").split():
                yield from _told(reading, part, "page", "link rel=category", 0.78 if near else 0.74)
            elif _LINKED.search(attributes.get("href") or ""):
                yield from _told(reading, part, "page", "link to category", 0.64 if near else 0.52)
    if near and (2 if piece.text.isascii() else 1) < len(piece.text) <= 40 and not _DIGIT.search(piece.text):
        around = [node for node in (piece.nodes[0], piece.node, document.parents[piece.node]) if node >= 0]
        if any(named(reading.name(node)) for node in around):
            yield from _told(reading, piece.text, "page", "class section", 0.5)


def _parts(piece: Piece) -> list[str]:
    return [
        part
        for part, at in zip(piece.parts, piece.nodes, strict=True)
        if at >= 0 and part.strip(" \n\t>/»›|")
    ]


def clean(raw: str) -> str | None:
    """Return the name on one line, or None for the front page, a number or a sentence."""
    name = " ".join(raw.split()).strip(" >/»›|·•:-–—[]")
    for glue in (" > ", " / ", " | ", ";", ","):
        name = name.split(glue)[0].strip()
    if not name or len(name) > MAX_CHARS or _HOME.match(name) or name.isdigit() or "://" in name:
        return None
    return name


def named(names: str) -> bool:
    """Do these class names call the element a section's label?"""
    return bool(_NAMES.search(names))
