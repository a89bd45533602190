"""The mean quality over the fixture pages does not sink below what was once reached."""

from collections.abc import Callable
from statistics import mean

import pytest
from labelled import NAMES, extracted, token_f1, truth

from extractors import Article

STORIES = tuple(name for name in NAMES if truth(name)["kind"] in ("article", "live"))

FLOORS = {"body": 0.975, "headline": 0.92, "dek": 0.96, "authors": 0.92}
"""Reached in November 2026: body .982, headline .92, dek .96, authors .92. One page more or less is .04."""


def body(article: Article, name: str) -> float:
    return token_f1(article.body, "\n".join(truth(name)["body"]))


def headline(article: Article, name: str) -> float:
    return float(article.headline == truth(name).get("headline"))


def dek(article: Article, name: str) -> float:
    return float(article.dek == truth(name).get("dek"))


def authors(article: Article, name: str) -> float:
    return float(list(article.authors) == truth(name)["authors"])


@pytest.mark.parametrize("score", [body, headline, dek, authors])
def test_mean_does_not_fall(score: Callable[[Article, str], float]) -> None:
    answers = {name: extracted(name) for name in STORIES}
    scores = {n: score(a, n) if isinstance(a, Article) else 0.0 for n, a in answers.items()}
    worst = sorted(scores, key=scores.__getitem__)[:3]
    assert mean(scores.values()) >= FLOORS[score.__name__], f"worst: {worst}"
