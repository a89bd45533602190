"""Selectors for fields that a page's head or prose already told: where on the page does the value stand?

An element is proposed by a class, id or itemprop of its own, alone or below one of the elements around it. Each
proposal is tried as a rule would be on every page, and offered only if it never says anything else.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extractors import moments, ruled
from extractors.article import Article
from extractors.decode import utf8
from extractors.document import Document, parse
from extractors.page import Page
from extractors.pipeline import attempt
from extractors.reading import squash

FIELDS = ("headline", "dek", "section", "authors", "published_at", "modified_at")
SURE = 0.8
"""Confidence from which a value is taken for known."""
MOST = 400
"""Selectors that are tried, those that stand on most pages first."""
OFFERED = 3
LONGEST = 600
"""Characters of an element's text that may be a field's value."""

_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}$")  # what a person wrote: no digits, which builds put in
_ATTRIBUTES = {"published_at": ("datetime", "content"), "modified_at": ("datetime", "content")}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A selector for a field: on how many pages it gives what is known, of how many where the field is known."""

    field: str
    selector: str
    right: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Known:
    html: bytes
    url: str
    values: dict[str, Any]


def suggest(pages: Sequence[Page]) -> tuple[Suggestion, ...]:
    """Return the best selectors for each field that is known of these pages. Pages without an article say nothing."""
    read = ((page, attempt(page)) for page in pages)
    known = [
        _Known(utf8(page.body, page.content_type), page.url, _values(article))
        for page, article in read
        if isinstance(article, Article)
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for one in known:
        counts.update(set(_places(parse(one.html, one.url), one.values)))
    tried = [pair for pair, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:MOST]
    right, wrong = _trials(known, tried)
    found = []
    for name in FIELDS:
        total = sum(name in one.values for one in known)
        good = [pair for pair in tried if pair[0] == name and right[pair] and not wrong[pair]]
        good.sort(key=lambda pair: (-right[pair], len(pair[1]), pair[1]))
        found += [Suggestion(name, css, right[name, css], total) for _, css in good[:OFFERED]]
    return tuple(found)


def _values(article: Article) -> dict[str, Any]:
    """Return the fields that are known well enough."""
    sure = (
        name for name in FIELDS if name in article.provenance and article.provenance[name].confidence >= SURE
    )
    return {name: getattr(article, name) for name in sure if getattr(article, name)}


def _places(document: Document, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (field, selector) for each element in which a known value stands."""
    for node, tag in enumerate(document.tags):
        own = list(_names(document, node))
        if not own and tag not in ("h1", "time"):
            continue
        text = ""
        for name, value in values.items():
            attribute = next(
                (one for one in _ATTRIBUTES.get(name, ()) if one in document.attributes(node)), ""
            )
            text = document.attributes(node)[attribute] if attribute else text or document.text_of(node)
            if len(text) <= LONGEST and _says(name, [text], value):
                ending = f"@{attribute}" if attribute else ""
                yield from ((name, css + ending) for css in _selectors(document, node, own))


def _selectors(document: Document, node: int, own: Sequence[str]) -> Iterator[str]:
    tag = document.tags[node]
    ends = [f"{tag}{one}" for one in own] or [tag]
    yield from ends
    for depth, outer in enumerate(document.ancestors(document.parents[node])):
        if depth == 3:
            break
        yield from (f"{name} {end}" for name in _names(document, outer) for end in (*ends[:1], tag))


def _names(document: Document, node: int) -> Iterator[str]:
    if node < 0:
        return
    attributes = document.attributes(node)
    yield from (f".{name}" for name in attributes.get("class", "").split()[:4] if _NAME.match(name))
    if _NAME.match(attributes.get("id", "")):
        yield f"#{attributes['id']}"
    if _NAME.match(attributes.get("itemprop", "")):
        yield f"[itemprop={attributes['itemprop']}]"


def _trials(
    known: Sequence[_Known], tried: Sequence[tuple[str, str]]
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Return on how many pages each selector gave what is known, and something else."""
    right: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for one in known:
        selectors = [(css.partition("@")[0], css.partition("@")[2]) for _, css in tried]
        document = parse(one.html, one.url, selectors)
        for pair, texts in zip(tried, document.matched, strict=True):
            said = [text for text in texts if text]
            if said and pair[0] in one.values:
                (right if _says(pair[0], said, one.values[pair[0]]) else wrong)[pair] += 1
    return right, wrong


def _says(name: str, texts: list[str], value: Any) -> bool:
    """Would a rule that finds these texts give the field's value?"""
    if name in _ATTRIBUTES:
        found = moments.parse(texts[0])
        return found is not None and found.at == value
    if name == "authors":
        return bool(ruled.names(texts) == value)
    return squash(texts[0]) == squash(value)
