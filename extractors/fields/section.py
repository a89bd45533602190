"""The section that the story stands in: Europe, Politics, Sport."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading, squash

MAX_CHARS = 60
_NAMES = re.compile(r"(?:^|[\s_-])(?:section|category|categories|kicker|rubrik|rubric|rubrique|channel|ressort|topic|seccion|cat-links|post-category|article-section|eyebrow|widget__section)(?:$|[\s_-])")
_CRUMBS = re.compile(r"bread-?crumb|breadcrumbs|brotkrumen|brdcrmb|crumbs|you-are-here|ariane")
_HOME = re.compile(r"^(?:home|homepage|startseite|start|accueil|inicio|início|strona główna|главная|αρχική|anasayfa|ana sayfa|hem|hjem|forside|blog|blogs|news|articles|article|首页|ホーム|トップ|main|index|uncategorized|allgemein|uncategorised|default|all|non classé|sin categoría|you are here:?|sie sind hier:?)$", re.IGNORECASE)  # fmt: skip
_NOT_A_SECTION = re.compile(r"^(?:\d+|[a-z]{2}(?:-[a-z]{2})?|articles?|artikel|story|stories|posts?|blogs?|archives?|p|a|s|id|www|content|html?|amp|index|wp-content|node|view|read|detail|\d{4}.*|page|site|web|de|en)$")  # fmt: skip


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield section names, structured before visible, the address last."""
    for content in reading.document.metas("article:section", "og:article:section", "parsely-section", "section", "dc.subject.section", "article.section", "vr:category", "cxenseparse:category", "shareaholic:article_section"):  # fmt: skip
        yield from _told(reading, content, "meta", "article:section", 0.9)
    for value in structured.texts(reading.data.get("articleSection")):
        yield from _told(reading, value, "json-ld", "articleSection", 0.88)
    yield from _crumbs_told(reading)
    yield from _seen(reading)
    path = [unquote(part) for part in urlsplit(reading.page.url).path.split("/")[:-1] if part]
    for part in path[:2]:
        if not _NOT_A_SECTION.match(part.lower()) and len(part) < 30:
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


def _crumbs(reading: Reading, names: list[str], method: str, locator: str, confidence: float) -> Iterator[Candidate]:
    headline = squash(reading.headline)
    kept = [name for name in map(clean, names) if name and squash(name) not in reading.site_names]
    kept = [name for name in kept if squash(name)[:30] != headline[:30]]
    if kept:
        yield Candidate(kept[0], method, locator, confidence)


def _seen(reading: Reading) -> Iterator[Candidate]:
    document = reading.document
    crumbs: dict[int, list[str]] = {}
    limit = max(reading.first, reading.heading + 6)
    for index, piece in enumerate(document.pieces[: limit + 1]):
        for depth, node in enumerate(document.ancestors(piece.node)):
            if depth > 4:
                break
            if _CRUMBS.search(reading.name(node)):
                crumbs.setdefault(node, []).extend(
                    part for part, at in zip(piece.parts, piece.nodes, strict=True) if at >= 0 and part.strip(" \n\t>/»›|")
                )
                break
        if reading.heading >= 0 and abs(index - reading.heading) <= 6 and 2 < len(piece.text) <= 40:
            names = [reading.name(node) for node in (piece.nodes[0], piece.node, document.parents[piece.node]) if node >= 0]
            if any(_NAMES.search(name) for name in names):
                yield from _told(reading, piece.text, "page", "class section", 0.72)
    for names_ in crumbs.values():
        yield from _crumbs(reading, names_, "page", "breadcrumb", 0.66)


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
