"""The headline: the heading that a reader sees, as told apart from the site's name and other stories' headings."""

import re
from collections.abc import Iterator

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading, squash

_GLUE = re.compile(r"\s+[|\-–—·•»«:~/]+\s+|\s*[|｜_»«]\s*|\s+::\s+")
_HEADINGS = {"h1": 0.0, "h2": 0.04, "h3": 0.08, "h4": 0.1, "h5": 0.12, "h6": 0.12}
_MIN_CHARS = 3

LONELY = 0.85
"""Trust in the only h1 of a page whose head says other words: editors write the head for search engines."""


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield headings that say what the head says, then the head's own words, then a lonely h1."""
    told = list(_told(reading))
    squashed = _spellings(reading, told)
    headings = list(_headings(reading))
    h1s = sum(1 for _, tag, _ in headings if tag == "h1")
    for index, tag, text in headings:
        mine = squash(text)
        if not mine:
            continue
        penalty = _HEADINGS.get(tag, 0.16)
        agreed = _agreement(mine, squashed)
        if agreed:
            yield from _without_kicker(text, mine, told, index, penalty)
            yield _on_page(
                index, without_site(text, reading.site_names, guess=False), 0.98 * agreed - penalty
            )
        elif tag == "h1" and mine not in reading.site_names:
            yield _on_page(index, text, LONELY if h1s == 1 else 0.5)
    for value, method, locator, confidence in told:
        clean = without_site(value, reading.site_names, guess=locator == "title")
        if squash(clean) not in reading.site_names:
            yield Candidate(clean, method, locator, confidence, "" if clean == value else value)


def _spellings(reading: Reading, told: list[tuple[str, str, str, float]]) -> list[str]:
    """Return what the head says, squashed: as written, and without the publication's name."""
    plain = [
        squash(without_site(value, reading.site_names, guess=locator == "title"))
        for value, _, locator, _ in told
    ]
    return list(dict.fromkeys(filter(None, [*plain, *(squash(value) for value, *_ in told)])))


def _without_kicker(
    text: str, mine: str, told: list[tuple[str, str, str, float]], index: int, penalty: float
) -> Iterator[Candidate]:
    """Yield the end of a heading that the head says alone: what stands before it is a kicker."""
    for value, *_ in told:
        if len(value) * 2 > len(text) and len(value) < len(text) and mine.endswith(squash(value)):
            at = text.find(value[:12])
            if at > 0 and squash(text[at:]) == squash(value):
                yield Candidate(text[at:], "page", f"{index}", round(0.96 - penalty, 3), text)
                return


def _on_page(index: int, text: str, confidence: float) -> Candidate:
    return Candidate(text, "page", f"{index}", round(confidence, 3))


def _told(reading: Reading) -> Iterator[tuple[str, str, str, float]]:
    document = reading.document
    value = structured.text(reading.data.get("headline"))
    if value:
        yield value, "json-ld", "headline", 0.8
    for name, confidence in (("og:title", 0.78), ("twitter:title", 0.74), ("dc.title", 0.7), ("title", 0.66),
                             ("headline", 0.76), ("parsely-title", 0.76), ("sailthru.title", 0.76)):  # fmt: skip
        for content in document.metas(name):
            yield structured.text(content), "meta", name, confidence
            break
    if not value and reading.data:
        value = structured.text(reading.data.get("name"))
        if value:
            yield value, "json-ld", "name", 0.68
    if document.title:
        yield document.title, "title", "title", 0.62


def _headings(reading: Reading) -> Iterator[tuple[int, str, str]]:
    """Yield (index of piece, tag, text) of all headings and of what is called a headline."""
    document = reading.document
    tags, parents = document.tags, document.parents
    seen: set[int] = set()
    for index, piece in enumerate(document.pieces):
        node = piece.node
        for _ in range(4):
            if tags[node] in _HEADINGS:
                break
            node = parents[node]
            if node < 0:
                break
        if node >= 0 and tags[node] in _HEADINGS:
            if node not in seen:
                seen.add(node)
                text = piece.text if node == piece.node else reading.text_of(node)
                if len(text) >= _MIN_CHARS:
                    yield index, tags[node], text
                    if text != piece.text and len(piece.text) > 10:
                        yield index, tags[node], piece.text
        elif 10 <= len(piece.text) <= 250 and index < 400:
            yield index, tags[piece.node], piece.text


def _agreement(mine: str, told: list[str]) -> float:
    """Return how well a heading matches what the head says, 1 for the same words, 0 for no match."""
    best = 0.0
    for other in told:
        if mine == other:
            return 1.0
        if len(mine) >= 8 and other.startswith(mine):
            best = max(best, 0.9 + 0.08 * len(mine) / len(other) if len(mine) * 2 > len(other) else 0.5)
        elif len(mine) >= 8 and mine in other:
            best = max(best, 0.93 if len(mine) * 2 > len(other) else 0.4)
        elif len(other) >= 8 and other in mine:
            best = max(best, 0.92 if len(other) * 2 > len(mine) else 0.3)
    return best


LONGEST_TITLE = 1000
"""Characters past which a title is not taken apart: the work grows with their square, and no title is so long."""


def without_site(title: str, names: frozenset[str], *, guess: bool) -> str:
    """Return the title without the publication's name at either end.

    ``guess``: where no known name is found, drop the last part of two or more if it is short.
    """
    if len(title) > LONGEST_TITLE:
        return title
    cuts = list(_GLUE.finditer(title))
    for cut in cuts:
        if squash(title[cut.end() :]) in names:
            return title[: cut.start()].strip()
    for cut in reversed(cuts):
        if squash(title[: cut.start()]) in names:
            return title[cut.end() :].strip()
    if guess and cuts:
        head, tail = title[: cuts[-1].start()].strip(), title[cuts[-1].end() :]
        if len(tail) <= 40 and len(head) > len(tail) and cuts[-1][0].strip() != ":":
            return head
    return title
