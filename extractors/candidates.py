"""Possible values of a field, and the choice between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from extractors.article import Origin, RunnerUp


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible value: where it stood and how often such a place is right (0-1)."""

    value: Any
    method: str  # json-ld, meta, page, url, rule, title, text
    locator: str
    confidence: float
    raw: str = ""


RUNNERS_UP = 4
"""How many losing values are kept for ``--explain``."""


def choose(candidates: Iterable[Candidate]) -> tuple[Any, Origin | None]:
    """Return the value with the highest confidence, the first of equals, and its origin. (None, None) if none."""
    ranked = sorted(candidates, key=lambda one: -one.confidence)
    if not ranked:
        return None, None
    best, *others = ranked[: 1 + RUNNERS_UP]
    runners_up = [RunnerUp(str(one.value), one.method, one.locator, one.confidence) for one in others]
    return best.value, Origin(best.method, best.locator, best.confidence, best.raw, tuple(runners_up))
