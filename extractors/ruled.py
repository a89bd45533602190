"""A publication's rules at work on one page: candidates for fields, pieces that go or stay, the page's kind.

The selectors were run while the page was parsed; what they found stands in the document. A rule never gets its way
against the story: one that would take a large part of it is refused, and said so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from extractors import bylines, moments
from extractors.addresses import absolute
from extractors.article import Kind
from extractors.candidates import Candidate
from extractors.reading import Reading
from extractors.rules import FIELDS, Rules, Selector

EATS = 0.3
"""Share of the story's paragraphs that a strip rule may take. A judgement: boxes in stories are smaller."""
PARAGRAPH_CHARS = 80
LINE_CHARS = 160
"""Characters of a line that a byline or credit pattern is tried on."""
BEFORE, AFTER = 12, 8
"""Pieces around the story on which the patterns are tried."""


@dataclass(frozen=True, slots=True)
class Use:
    """A selector at work: what for (a field, strip, keep, kind or next_page)."""

    role: str
    selector: Selector
    kind: Kind | None = None


def uses(rules: Rules | None, day: date | None) -> tuple[Use, ...]:
    """Return the selectors that are meant for a page fetched on this day, in the order of trust."""
    if rules is None:
        return ()
    found = [Use(name, one) for name in FIELDS for one in rules.select.get(name, ())]
    found += [Use("strip", one) for one in rules.strip]
    found += [Use("keep", one) for one in rules.keep]
    found += [Use("kind", one.css, one.kind) for one in rules.kinds if one.css]
    found += [Use("next_page", one) for one in rules.next_page]
    return tuple(one for one in found if one.selector.holds_on(day))


def candidates(reading: Reading, name: str) -> Iterator[Candidate]:
    """Yield what the rules say of a field; of several selectors the first that finds something is trusted most."""
    rank = 0
    for number, use in enumerate(reading.uses):
        if use.role != name:
            continue
        value = _value(reading, name, [text for text in reading.document.matched[number] if text])
        if value:
            confidence = round(use.selector.confidence - 0.01 * rank, 3)
            yield Candidate(value, "rule", str(use.selector), confidence)
            rank += 1
    if name == "authors" and reading.rules:
        for pattern in reading.rules.byline:
            people = names(_groups(reading, pattern))
            if people:
                yield Candidate(people, "rule", pattern, 0.98)


def _value(reading: Reading, name: str, texts: list[str]) -> object:
    """Return the texts as the field's value, None when they are none."""
    if not texts or name == "body":
        return None
    if name == "authors":
        return names(texts) or None
    if name == "tags":
        return tuple(dict.fromkeys(texts))
    if name in ("published_at", "modified_at"):
        return moments.parse(texts[0])
    if name == "lead_image":
        return absolute(texts[0], reading.page.url) or None
    return texts[0]


def names(texts: list[str]) -> tuple[str, ...]:
    """Return the names of persons in texts that are meant as names."""
    return tuple(dict.fromkeys(name for text in texts for name in bylines.names(text, whole=True)[0]))


def _groups(reading: Reading, pattern: str) -> list[str]:
    """Return what a pattern finds in the lines around the story."""
    pieces = reading.document.pieces
    start = min(reading.first, reading.heading if reading.heading >= 0 else reading.first)
    near = pieces[max(0, start - BEFORE) : reading.last + 1 + AFTER]
    found = (re.search(pattern, piece.text) for piece in near if len(piece.text) <= LINE_CHARS)
    return [match[1].strip() for match in found if match]


def credit_lines(reading: Reading) -> list[str]:
    """Return the credits that the rules' patterns find."""
    return [
        text
        for pattern in (reading.rules.credit if reading.rules else ())
        for text in _groups(reading, pattern)
    ]


def kind(reading: Reading) -> tuple[Kind, str] | None:
    """Return the kind that the rules say and why, None when they say none."""
    for number, use in enumerate(reading.uses):
        if use.kind and reading.document.matched[number]:
            return use.kind, f"rule {use.selector}"
    for one in reading.rules.kinds if reading.rules else ():
        if one.url and re.search(one.url, reading.page.url):
            return one.kind, f"rule {one.url}"
    return None


def settle(reading: Reading) -> None:
    """Give the story what the rules keep, and take from it what they strip, unless that is the story itself."""
    if not reading.uses:
        return
    story = set(reading.story.pieces)
    body = next((found for found in map(set, _found(reading, "body")) if _weight(reading, found)), None)
    if body:
        story = body - {reading.heading}
    weight = _weight(reading, story) or 1
    for number, use in enumerate(reading.uses):
        if use.role != "strip":
            continue
        doomed = _inside(reading, number)
        share = _weight(reading, doomed & story) / weight
        if share > EATS:
            reading.refused[str(use.selector)] = f"would take {share:.0%} of the story"
            continue
        reading.ruled |= dict.fromkeys(doomed, f"rule {use.selector}")
        story -= doomed
    reading.told = frozenset(index for found in _found(reading, "keep") for index in found)
    for index in reading.told:
        reading.ruled.pop(index, None)
    reading.story = reading.story.of(sorted(story | reading.told))


def _found(reading: Reading, role: str) -> Iterator[frozenset[int]]:
    for number, use in enumerate(reading.uses):
        if use.role == role:
            yield _inside(reading, number)


def _inside(reading: Reading, number: int) -> frozenset[int]:
    """Return the pieces inside the elements that the selector found."""
    document = reading.document
    spans = [(node, document.end(node)) for node in document.marked(number)]
    return frozenset(
        index
        for index, piece in enumerate(document.pieces)
        if any(start <= piece.node < end or start in piece.nodes for start, end in spans)
    )


def _weight(reading: Reading, pieces: frozenset[int] | set[int]) -> int:
    """Return the characters of the paragraphs among the pieces."""
    sizes = (len(reading.document.pieces[index].text) for index in pieces)
    return sum(size for size in sizes if size >= PARAGRAPH_CHARS)
