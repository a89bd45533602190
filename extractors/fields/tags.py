"""What the publication files the story under: keywords and tags, each once, in its own order.

On the page tags are a run of short links in one box, near the headline or below the story, that lead to a tag's
page or stand in a box that is called tags. Clouds, menus and lists of other stories look alike; they are told by
their number, their length and their distance.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading

_NAMES = re.compile(
    r"(?:^|[\s_-])(?:tags?|keywords?|topics?|tag-?list|tag-?links|tags-?links|post-?tags?|article-?tags?|entry-?tags?|tags?-?(?:container|wrapper|box|cloud-article|section|items?|block)|themen|schlagwort\w*|schlagworte|mots-cles|temas|hashtags?)(?:$|[\s_-])|tags__|topics__"
)
_NOT_NAMES = re.compile(r"cloud|popular|trend|nav|menu|widget|header|sidebar|footer|related")
_MAY = ("tag", "topic", "keyword", "themen", "schlagw", "mots-cles", "temas")
_TO_TAG = re.compile(
    r"/(?:tags?|tagged|topics?|themen?|keywords?|schlagw\w+|stichw\w+|etiquetas?|temas?|tema|sujets?|mots?-cles?|hashtags?|konu|konular|etiketler?|t|dossiers?)/[^/?#\"]"
)
_LEAD = re.compile(r"^(?:tags?|keywords?|topics?|themen|schlagw\w+|stichw\w+|temas|etiquetas|mots[- ]clés|related topics|filed under|labels?|more on|mehr zum thema|tagged(?: with| as)?|etiketler|теги|标签)\s*[:：]\s*", re.IGNORECASE)  # fmt: skip
MAX_TAGS = 40
MAX_CHARS = 70
CLOUD = 20
"""More links than this in one box are the publication's cloud, not the story's tags. A judgement."""
BEFORE, AFTER = 4, 40
"""Pieces above the headline and below the story in which links to tags are looked for."""
NEAR = 20
"""Pieces below the story in which a box may be told by its name alone."""
LONG = 5
"""Words of a tag in the mean; links to other stories have more."""

_HEAD = (
    ("article:tag", 0.8), ("news_keywords", 0.78), ("parsely-tags", 0.74), ("keywords", 0.7), ("og:article:tag", 0.7), ("keyword", 0.6),
    ("sailthru.tags", 0.56), ("dc.subject", 0.55), ("cxenseparse:keywords", 0.5),
)  # fmt: skip
TOLD = 0.76
AGREED = 0.94
"""How far the head is trusted where the page shows the same tags. On the labelled pages its set F1 is 0.95 there."""
_CODES = re.compile(r"[A-Z0-9:_-]+$")


@dataclass(slots=True)
class _Run:
    """Links in one box, and how many of them say that they lead to a tag."""

    box: int
    links: list[int]
    led: int = 0
    called: bool = False  # is the box called tags?


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield tuples of tags: what the head says, best where the page shows at least half of it, and the page's own."""
    run = _seen(reading)
    seen = clean(map(reading.document.text_of, run.links)) if run else ()
    if run and seen and sum(len(tag.split()) for tag in seen) <= LONG * len(seen):
        sure = 0.85 if run.called and run.led else 0.76 if run.led else 0.68
        yield Candidate(seen, "page", "links to tags" if run.led else "links in a box of tags", sure)
    shown = {tag.casefold() for tag in seen}
    known: set[str] = set()
    for name, confidence in _HEAD:
        values = [value for value in reading.document.metas(name) if value not in known]
        known.update(values)
        yield from _head(values, "meta", name, confidence, shown)
    yield from _head(structured.texts(reading.data.get("keywords")), "json-ld", "keywords", TOLD, shown)


def _head(
    values: Iterable[str], method: str, name: str, confidence: float, shown: set[str]
) -> Iterator[Candidate]:
    told = clean(part for value in values for part in _SPLIT.split(structured.text(value)))
    if not told:
        return
    both = sum(tag.casefold() in shown for tag in told)
    if both and 2 * both >= len(shown):
        confidence = round(AGREED + confidence / 100, 2)
    elif all(map(_CODES.match, told)):
        confidence = round(confidence - 0.4, 2)
    yield Candidate(told, method, name, confidence)


_SPLIT = re.compile(r"\s*[;,|，、]\s*")


def _seen(reading: Reading) -> _Run | None:
    """Return the run of links that is likeliest the story's tags, the first of equals."""
    if reading.last < 0 or reading.document.plain:
        return None
    pieces, parents = reading.document.pieces, reading.document.parents
    near = pieces[min(len(pieces) - 1, reading.last + NEAR)].order
    best: _Run | None = None
    least = 0.6
    for run in _joined(reading, _runs(reading)):
        if len(run.links) > CLOUD or not (run.led or run.links[0] < near):
            continue
        run.called = _called(reading, run.box) or _called(reading, parents[run.box])
        worth = run.led / len(run.links) + (0.7 if run.called else 0.0)
        if worth > least:
            best, least = run, worth
    return best


def _joined(reading: Reading, runs: Iterable[_Run]) -> Iterator[_Run]:
    """Join the runs of a single link whose boxes are alike and stand in one box: each tag has a box of its own there."""
    heads, parents = reading.document.heads, reading.document.parents
    joined: dict[tuple[int, str], _Run] = {}
    for run in runs:
        if len(run.links) > 1:
            yield run
            continue
        outer = joined.setdefault((parents[run.box], heads[run.box]), run)
        if outer is not run:
            outer.links += run.links
            outer.led += run.led
    yield from joined.values()


def _runs(reading: Reading) -> Iterable[_Run]:
    """Return the links of the story's surroundings by box, in page order, those in its text left out."""
    document = reading.document
    tags, parents, pieces = document.tags, document.parents, document.pieces
    start = pieces[max(0, (reading.heading if reading.heading >= 0 else reading.first) - BEFORE)].node
    end = pieces[min(len(pieces) - 1, reading.last + AFTER)].order
    heads = document.heads
    story = {pieces[index].node for index in reading.story.pieces}
    runs: dict[int, _Run] = {}
    links = document.listed["a"]
    for link in links[bisect_left(links, start) : bisect_left(links, end)]:
        parent = box = parents[link]
        if parent in story:
            continue
        if tags[box] in _WRAPS:
            box = parents[box]
            if box in story:
                continue
        run = runs.get(box)
        if run is None:
            run = runs[box] = _Run(box, [])
        run.links.append(link)
        head = heads[link]
        if (
            _TO_TAG.search(head)
            or "?tag=" in head
            or (('"tag' in head or ' tag"' in head) and _is_tag(document.attribute(link, "rel")))
        ):
            run.led += 1
    return runs.values()


def _is_tag(rel: str) -> bool:
    kinds = rel.split()
    return "tag" in kinds and "category" not in kinds


_WRAPS = frozenset(["li", "span", "h3", "h4", "strong", "dd"])


def _called(reading: Reading, node: int) -> bool:
    if node <= 0:
        return False
    head = reading.document.heads[node].lower()
    for word in _MAY:
        if word in head:
            name = reading.name(node)
            return bool(_NAMES.search(name)) and not _NOT_NAMES.search(name)
    return False


def clean(found: Iterable[str]) -> tuple[str, ...]:
    """Return the tags: one line each, lead words, signs and repetitions dropped."""
    tags: dict[str, str] = {}
    for raw in found:
        name = " ".join(raw.split())
        if ":" in name or "：" in name:
            name = _LEAD.sub("", name)
        name = name.strip(' ,;#|·•"')
        if name and len(name) <= MAX_CHARS and any(map(str.isalnum, name)):
            tags.setdefault(name.casefold(), name)
    return tuple(tags.values())[:MAX_TAGS]
