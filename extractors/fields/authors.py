"""Who wrote it: those whom a reader sees named, each once, in the order of the byline.

Every name that the head or the page gives is judged against all the others (signatures.py) by a small model; the
most likely one is taken, with those named beside it. People come first: a desk, an agency or the publication
itself is the author only where nobody else signs. Better none than a wrong one: below ``FLOOR`` nobody is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import exp

from extractors import bylines, moments, signatures
from extractors.candidates import Candidate
from extractors.reading import Reading
from extractors.signatures import Signature
from extractors.weights import author_trees

FLOOR = 0.58
"""A chance below this names nobody. benchmarks/train_authors.py prints what others would give."""

BESIDE = 0.3
"""Names beside the most likely one are authors too from this share of its chance."""


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield the authors, then what each source says alone."""
    found = signatures.collect(reading)
    chances = [chance(row) for row in signatures.rows(reading, found)]
    chosen = choose(found, chances)
    best = max((chances[i] for i in chosen), default=0.0)
    if chosen:
        yield _candidate(found, chosen, stated(best), _best_source(found[chosen[0]]))
    for source in dict.fromkeys(source for one in found for source in one.raws):
        given = [i for i, one in enumerate(found) if source in one.raws]
        own = max(chances[i] for i in given)
        yield _candidate(found, given, min(stated(own), stated(best) if chosen else 0.0), source)


def chance(row: Sequence[float]) -> float:
    """Return how likely a name with these FEATURES is an author's."""
    return 1 / (1 + exp(-author_trees.signed(row)))


def choose(found: Sequence[Signature], chances: Sequence[float], floor: float = FLOOR) -> list[int]:
    """Return which signatures are the authors: the most likely, and those that one source names with it."""
    top = max(range(len(found)), key=chances.__getitem__, default=-1)
    if top < 0 or chances[top] < floor:
        return []
    beside = [
        i
        for i, one in enumerate(found)
        if i == top or (one.key in found[top].near and chances[i] >= BESIDE * chances[top])
    ]
    people = [i for i in beside if not _is_desk(found[i])]
    return people or beside


BYLINE_CHARS = 120
"""The longest line that may be a byline and nothing else."""


def is_byline(line: str, names: Sequence[str]) -> bool:
    """Does the line say who wrote the story, perhaps when, and nothing else?"""
    if len(line) > BYLINE_CHARS:
        return False
    rest = moments.without_dates(line, " ")
    for name in names:
        rest = rest.replace(name, " ")
    if rest == line:
        return False
    words = _WORD.findall(rest.lower())
    return all(word in _JOINS or bylines.is_lead(word) for word in words)


_WORD = re.compile(r"[^\W\d_]+")
_JOINS = frozenset(
    "and und et y e i en och og ja on am le el il at the updated published aktualisiert".split()
)
"""Words between two authors, or before a date."""


def _is_desk(one: Signature) -> bool:
    if set(one.raws) == {signatures.ORGANIZATION}:
        return True
    return any(word in bylines.DESKS for word in one.name.lower().split())


def stated(chance: float) -> float:
    """Return the share of pages on which a choice with this chance was right, measured out of fold."""
    place = bisect_right(author_trees.CHANCES, chance)
    return author_trees.SHARES[max(0, place - 1)]


def _best_source(one: Signature) -> int:
    return max(one.raws, key=lambda source: (signatures.PRIOR[source], source))


def _candidate(found: Sequence[Signature], given: Sequence[int], confidence: float, source: int) -> Candidate:
    names = tuple(found[i].name for i in given)
    lead = found[given[0]]
    method, locator = signatures.SOURCES[source]
    return Candidate(names, method, lead.locators.get(source, locator), confidence, lead.raws[source])
