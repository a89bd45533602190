"""Which pieces of the page are the story: the learned part of the extractor.

Two small models decide, both sums of decision trees that were trained on labelled pages and ship as code. The
first looks at each piece alone; the second also sees what the first said about the neighbourhood. Class names
and words are scored by tables that came from the same pages. Nothing in them names a site.
"""

import json
from collections.abc import Container
from dataclasses import dataclass
from importlib.resources import files
from math import exp

from extractors import signals
from extractors.document import Document
from extractors.weights import trees

_TOKENS = json.loads(files("extractors.weights").joinpath("tokens.json").read_text("utf-8"))
_NAMES = signals.scorer(_TOKENS["names"], signals.name_tokens, mean=False)
_WORDS = signals.scorer(_TOKENS["words"], signals.text_tokens, mean=True)

CHANCE = 0.5
"""A piece at least this likely is story. Chosen by mean F1 on pages that the model had not seen."""


DEPTH = signals.LOCAL.index("depth")
"""Zero only in the rows of dull pieces, which need no model."""

IN_PLAY = 0.03
"""A piece that the first model finds less likely than this is not looked at again. It leaves a third of the pieces;
of those that both models together call story, 2 in 100,000 are lost."""


@dataclass(frozen=True, slots=True)
class Story:
    """Pieces of the story, by index, and how likely each piece of the page is to be one."""

    pieces: tuple[int, ...]
    chances: tuple[float, ...]
    rows: tuple[list[float], ...]  # signals.LOCAL of each piece

    def without(self, others: Container[int]) -> "Story":
        """Return the story without these pieces."""
        return Story(tuple(i for i in self.pieces if i not in others), self.chances, self.rows)


def find(document: Document, headline: str, description: str) -> Story:
    """Return the story's pieces in page order."""
    rows = signals.local(document, signals.Names(document, _NAMES), _WORDS, headline, description)
    first = [_chance(trees.likely(row)) if row[DEPTH] else 0.0 for row in rows]
    more = signals.context(document, rows, first, IN_PLAY)
    chances = tuple(
        _chance(trees.certain(row + extra)) if extra else chance
        for row, extra, chance in zip(rows, more, first, strict=True)
    )
    pieces = tuple(i for i, chance in enumerate(chances) if chance >= CHANCE)
    return Story(pieces, chances, tuple(rows))


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + exp(-odds))
