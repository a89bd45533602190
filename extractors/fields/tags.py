"""What the publication files the story under: keywords and tags, each once, in its own order."""

import re
from collections.abc import Iterator

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading, squash

_NAMES = re.compile(
    r"(?:^|[\s_-])(?:tags?|keywords?|topics?|tag-?list|tag-?links|post-?tags|article-?tags|entry-?tags|themen|schlagwort\w*|schlagworte|mots-cles|tagcloud-article|labels?|temas|hashtags?)(?:$|[\s_-])|tags__item"
)
_NOT_NAMES = re.compile(r"cloud|popular|trend|nav|menu|widget-tag|header")
_LEAD = re.compile(r"^(?:tags?|keywords?|topics?|themen|schlagw\w+|stichw\w+|temas|etiquetas|mots[- ]clés|related topics|filed under|labels?|more on|mehr zum thema|tagged(?: with| as)?|τetiketler|etiketler|теги|标签)\s*:\s*", re.IGNORECASE)  # fmt: skip
MAX_TAGS = 40
MAX_CHARS = 70


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield tuples of tags: links marked as tags, then what the head says."""
    seen = clean(_seen(reading))
    if seen:
        yield Candidate(seen, "page", "rel=tag", 0.8)
    told = clean(reading.document.metas("article:tag", "og:article:tag"))
    if told:
        yield Candidate(told, "meta", "article:tag", 0.78)
    told = clean(_split(structured.texts(reading.data.get("keywords"))))
    if told:
        yield Candidate(told, "json-ld", "keywords", 0.74)
    for name, confidence in (
        ("news_keywords", 0.7),
        ("parsely-tags", 0.66),
        ("sailthru.tags", 0.66),
        ("keywords", 0.6),
        ("keyword", 0.58),
        ("dc.subject", 0.55),
        ("cxenseparse:keywords", 0.5),
    ):
        told = clean(_split(reading.document.metas(name)))
        if told:
            yield Candidate(told, "meta", name, confidence)


def _seen(reading: Reading) -> Iterator[str]:
    document = reading.document
    tags, pieces = document.tags, document.pieces
    start = max(0, reading.heading)
    for index, piece in enumerate(pieces):
        if index < start - 4 or index > reading.last + 60 or not piece.link_chars:
            continue
        for part, node in zip(piece.parts, piece.nodes, strict=True):
            link = node
            while link >= 0 and tags[link] != "a" and link != piece.node:
                link = document.parents[link]
            if link < 0 or tags[link] != "a":
                if tags[piece.node] not in ("li", "div", "p", "h3") or node < 0:
                    continue
                link = next(
                    (a for d, a in enumerate(document.ancestors(piece.node)) if d < 3 and tags[a] == "a"), -1
                )
                if link < 0:
                    continue
            attributes = document.attributes(link)
            if "tag" in (attributes.get("rel") or "").split():
                yield part
                continue
            if index in reading.story.pieces:
                continue
            href = attributes.get("href") or ""
            chain = [reading.name(one) for depth, one in enumerate(document.ancestors(link)) if depth < 4]
            if any(_NAMES.search(name) and not _NOT_NAMES.search(name) for name in chain) or re.search(
                r"/tags?/", href
            ):
                yield part


def _split(values: Iterator[str]) -> Iterator[str]:
    for value in values:
        yield from re.split(r"\s*[;,|，、]\s*", value)


def clean(found: Iterator[str]) -> tuple[str, ...]:
    """Return the tags: one line each, lead words and repetitions dropped."""
    tags: dict[str, str] = {}
    for raw in found:
        name = _LEAD.sub("", " ".join(structured.text(raw).split())).strip(' ,;#|·•"')
        if name and len(name) <= MAX_CHARS and squash(name):
            tags.setdefault(squash(name), name)
    return tuple(tags.values())[:MAX_TAGS]
