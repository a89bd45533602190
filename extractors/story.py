"""Which pieces of the page are the story: the learned part of the extractor.

Two small models decide, both sums of decision trees that were trained on labelled pages and ship as code. The
first looks at each piece alone; the second also sees what the first said about the neighbourhood. Class names
and words are scored by tables that came from the same pages. Nothing in them names a site.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from math import exp

from extractors import signals
from extractors.document import Document
from extractors.tokens import TOKENS
from extractors.weights import trees

_NAMES = signals.name_scorer(TOKENS["names"])
_WORDS = signals.word_scorer(TOKENS["words"])

CHANCE = 0.5
"""A piece at least this likely is story. Chosen by mean F1 on pages that the model had not seen."""

IN_PLAY = 0.1
"""A piece that the first model finds less likely than this is not looked at again: the second model hardly ever changes
its mind about one."""

NEIGHBOUR = 0.3
"""A run of minor pieces is looked at when the piece at either end of it is at least this likely story."""

LONGEST_RUN = 60
"""Minor pieces of one run that are looked at: longer runs are menus and indexes."""


@dataclass(frozen=True, slots=True)
class Story:
    """Pieces of the story, by index, and how likely each piece of the page is to be one."""

    pieces: tuple[int, ...]
    chances: tuple[float, ...]

    def of(self, pieces: Sequence[int]) -> "Story":
        """Return the story with these pieces instead."""
        return replace(self, pieces=tuple(pieces))

    def without(self, others: Container[int]) -> "Story":
        """Return the story without these pieces."""
        return Story(tuple(i for i in self.pieces if i not in others), self.chances)


def find(document: Document, said: signals.Said, others: Container[int] = ()) -> Story:
    """Return the story's pieces in page order. ``others`` are known to be none."""
    rows = signals.Rows(document, _NAMES, _WORDS, said)
    chances = first_chances(document, rows.stretch, lambda at: _chance(trees.likely(rows.row(at))), others)
    wanted = in_play(chances)
    for at, extra in zip(
        wanted, signals.context(document, _WORDS, rows.stretch, chances, wanted), strict=True
    ):
        chances[at] = _chance(trees.certain(rows.row(at) + extra))
    return Story(tuple(i for i in wanted if chances[i] >= CHANCE), tuple(chances))


def first_chances(
    document: Document, stretch: float, likely: Callable[[int], float], others: Container[int] = ()
) -> list[float]:
    """Return what the first model says of each piece; of minor ones only where the pieces around them are story.

    ``others`` are no story, whatever they say.
    """
    pieces = document.pieces
    chances = [0.0] * len(pieces)
    runs: list[range] = []
    start = -1
    for at, piece in enumerate(pieces):
        if signals.is_minor(piece, stretch):
            start = at if start < 0 else start
            continue
        if start >= 0:
            runs.append(range(start, at))
            start = -1
        if at not in others:
            chances[at] = likely(at)
    for run in runs:
        ends = chances[run.start - 1] if run.start else 0.0, chances[run.stop]
        if max(ends) >= NEIGHBOUR and len(run) <= LONGEST_RUN:
            for at in run:
                if at not in others:
                    chances[at] = likely(at)
    return chances


def in_play(chances: Sequence[float]) -> list[int]:
    """Return the pieces that the second model is asked about."""
    return [at for at, chance in enumerate(chances) if chance >= IN_PLAY]


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + exp(-odds))
