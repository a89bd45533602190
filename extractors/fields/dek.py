"""The dek: the line under the headline that sums the story up. Also called standfirst, subheadline or summary.

A dek stands on the page, between headline and story. Meta descriptions often repeat it, but they also open
the story or advertise it, so they only confirm what is seen, or stand in when the story does not begin so.
"""

import re
from collections.abc import Iterator

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading, squash

_NAMES = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|sub-?head(?:line|ing|er)?|sub-?title|sub-?titulo|summary|lead|lede|leadtext|intro"
    r"|introduction|chapo|chapeau|chapô|sapo|entradilla|vorspann|untertitel|anlauf|teaser-?text|excerpt|abstract|strapline"
    r"|bajada|sumario|sommario|occhiello|catenaccio|ingress|manchet|spot|description|article-?intro|tagline|preamble|zajawka|alternativeheadline|"
    r"widget__subheadline-text)(?:$|[\s_-])|subheadline|subtitle|standfirst|articlelead|leadparagraph|article-lead|__lead\b|__intro\b|description\b"
)
_APART = re.compile(
    r"sub-?head|sub-?title|standfirst|(?:^|[\s_-])(?:dek|deck|strapline|tagline)(?:$|[\s_-])|widget__subheadline"
)
MIN_CHARS, MAX_CHARS = 20, 700


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield what stands under the headline, then descriptions that do not open the story."""
    told = list(_told(reading))
    squashed = [squash(value) for value, *_ in told]
    opening = _opening(reading)
    for index in _places(reading):
        piece = reading.document.pieces[index]
        text = piece.text
        if not MIN_CHARS <= len(text) <= MAX_CHARS or piece.link_chars * 2 > len(text):
            continue
        mine = squash(text)
        if mine == squash(reading.headline):
            continue
        named = bool(_NAMES.search(_names(reading, piece.node)))
        confirmed = any(
            other and (mine == other or (len(other) > 30 and mine.startswith(other[:-3])))
            for other in squashed
        )
        inside = index in reading.story.pieces
        if inside and _like_the_next(reading, index):
            continue
        if named or confirmed:
            confidence = 0.95 if named and confirmed else 0.85 if named else 0.55 if inside else 0.8
            yield Candidate(text, "page", f"{index}", confidence)
    for value, method, locator, confidence in told:
        mine = squash(value)
        if not mine or not MIN_CHARS <= len(value) <= MAX_CHARS or mine == squash(reading.headline):
            continue
        if mine[:-3] in opening or mine[:60] in opening or value.endswith(("…", "...", "[…]", "[...]")):
            continue
        yield Candidate(value, method, locator, confidence)


def is_one(reading: Reading, index: int, summary: str) -> bool:
    """Is the piece the dek and no part of the story? A lead or intro is its opening as well; a subheadline is not."""
    piece = reading.document.pieces[index]
    return piece.text == summary and bool(_APART.search(_names(reading, piece.node)))


def _like_the_next(reading: Reading, index: int) -> bool:
    """Is the piece marked up as the story's next piece is? Then it is the opening paragraph."""
    document, chosen = reading.document, reading.story.pieces
    following = next((i for i in chosen if i > index), -1)
    if following < 0:
        return True
    one, other = document.pieces[index].node, document.pieces[following].node
    return (
        document.tags[one] == document.tags[other]
        and document.parents[one] == document.parents[other]
        and document.class_of(one).split() == document.class_of(other).split()
    )


def _told(reading: Reading) -> Iterator[tuple[str, str, str, float]]:
    value = structured.text(reading.data.get("alternativeHeadline"))
    if value:
        yield value, "json-ld", "alternativeHeadline", 0.45
    value = structured.text(reading.data.get("description"))
    if value:
        yield value, "json-ld", "description", 0.5
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        for content in reading.document.metas(name):
            yield structured.text(content), "meta", name, 0.48
            break


def _places(reading: Reading) -> Iterator[int]:
    """Yield the pieces between headline and story, then the story's first two."""
    start = reading.heading + 1 if reading.heading >= 0 else max(0, reading.first - 12)
    yield from range(max(0, start - 4), min(reading.first, start + 40))
    yield from reading.story.pieces[:2]


def _opening(reading: Reading) -> str:
    """Return the story's first words, squashed."""
    return squash(" ".join(reading.document.pieces[i].text for i in reading.story.pieces[:4]))


def _names(reading: Reading, node: int) -> str:
    parents = reading.document.parents
    names = reading.name(node)
    for _ in range(2):
        node = parents[node]
        if node < 0:
            break
        names += " " + reading.name(node)
    return names
