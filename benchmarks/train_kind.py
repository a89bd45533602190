"""Training of the page-kind model: is this page an article?

The rows are ``kind.FEATURES`` of 1,659 pages of seven kinds (WCXB), read with the story weights that are
installed: the story models are written before this one is trained, and it changes whenever the extractor
reads pages differently. Five folds by domain, as there.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.corpus import Case
from benchmarks.train_story import FOLDS, PROCESSES, Scores, fold_of
from extractors import kind, pipeline
from extractors.document import parse
from extractors.page import Page

PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.08, "min_data_in_leaf": 20, "lambda_l2": 5,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 9, "deterministic": True,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES = 80


NEWS_SOURCES = frozenset(["aeb", "fundus", "fundus-eval", "daniel-zh", "daniel-pl", "daniel-el", "daniel-ru"])
NEWS_WEIGHT = 0.45
"""Labelled news pages, all articles, in many languages: WCXB's are English. Every third is learned from."""

SIGN_PRIOR, SIGN_DOMAINS, SIGN_LEAST = 3.0, 4, 0.3
"""As for the tables of names: the average mixed in, the domains on which a sign stands, what is left out."""


SAID = [
    kind.FEATURES.index(name)
    for name in (
        "article_data",
        "other_data",
        "og_article",
        "og_website",
        "published",
        "modified",
        "author",
        "signs",
    )
]
MUTE_WEIGHT = 0.5
"""Each page is learned from a second time, for half as much, with what its head says wiped out: one without
metas must be told by what it shows."""


@dataclass(frozen=True)
class Sheet:
    """A page as the model sees it; ``row`` lacks what its signs say, which depends on the fold."""

    row: list[float]
    signs: frozenset[str]
    domain: str
    is_article: bool
    weight: float

    @property
    def fold(self) -> int:
        return fold_of(self.domain)


def learn(folder: Path) -> tuple[float, float, Scores, Mapping[str, Any]]:
    """Return precision and recall of "article" out of fold, the signs' scores, and the model of all pages."""
    lines = (folder / "kinds.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) | {"encoding": "utf-8", "weight": 1.0} for line in lines]
    news = [
        case
        for case in corpus.scorer(folder).load(str(folder), "dev").values()
        if case["source"] in NEWS_SOURCES
    ]
    cases += [dict(case) | {"kind": "article", "weight": NEWS_WEIGHT} for case in news[::3]]
    # spawned, not forked: a new process reads the weights as they are on disk now
    with get_context("spawn").Pool(PROCESSES) as pool:
        sheets = [one for one in pool.imap(_sheet, [(folder, case) for case in cases], chunksize=16) if one]
    precision, recall = _measure(sheets)
    signs = _signs(sheets)
    return (
        precision,
        recall,
        signs,
        _fit(sheets, [_signs_without(sheets, fold) for fold in range(FOLDS)]).dump_model(),
    )


def _sheet(job: tuple[Path, Case]) -> Sheet | None:
    """Return the page's numbers, None for a page without a piece of text: no model is asked about those."""
    folder, case = job
    html = corpus.scorer(folder).page_html(str(folder), case)
    page = Page(case["url"], html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    reading = pipeline._read(page, parse(html, case["url"]))  # as every page has it, fields not yet found
    if not reading.story.chances:
        return None
    row = [float(number) for number in kind.features(reading)[:-1]]
    signs = frozenset(kind.signs(reading))
    return Sheet(row, signs, _domain(case["url"]), case["kind"] == "article", case["weight"])


def _signs(sheets: Iterable[Sheet]) -> Scores:
    """Return the log-odds of each sign that enough domains have. Only WCXB's pages of all kinds count."""
    counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    domains: dict[str, set[str]] = defaultdict(set)
    totals = [0, 0]
    for sheet in sheets:
        if sheet.weight < 1:
            continue
        totals[not sheet.is_article] += 1
        for sign in sheet.signs:
            counts[sign][not sheet.is_article] += 1
            domains[sign].add(sheet.domain)
    base = math.log(totals[0] / totals[1])
    share = totals[0] / sum(totals)
    scores = {}
    for sign, (good, bad) in counts.items():
        score = math.log((good + SIGN_PRIOR * share) / (bad + SIGN_PRIOR * (1 - share))) - base
        if len(domains[sign]) >= SIGN_DOMAINS and abs(score) > SIGN_LEAST:
            scores[sign] = round(score, 2)
    return dict(sorted(scores.items()))


def _signs_without(sheets: Sequence[Sheet], fold: int) -> Scores:
    return _signs(one for one in sheets if one.fold != fold)


def _domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _row(sheet: Sheet, signs: Scores) -> list[float]:
    total = math.fsum(signs.get(sign, 0.0) for sign in sheet.signs)
    return [*sheet.row, max(-kind.MOST_SIGNS, min(kind.MOST_SIGNS, total))]


def _fit(sheets: Sequence[Sheet], signs: Sequence[Scores]) -> lightgbm.Booster:
    """Return the model. Each page's signs are scored by a table that has not seen its domain, as in use."""
    rows = np.array([_row(one, signs[one.fold]) for one in sheets])
    wanted = np.array([float(one.is_article) for one in sheets])
    weight = np.array([one.weight for one in sheets])
    mute = rows.copy()
    mute[:, SAID] = 0
    data = lightgbm.Dataset(
        np.concatenate([rows, mute]),
        np.concatenate([wanted, wanted]),
        weight=np.concatenate([weight, weight * MUTE_WEIGHT]),
    )
    return lightgbm.train(PARAMETERS, data, TREES)


def chances(sheets: Sequence[Sheet]) -> NDArray[np.float64]:
    """Return how likely each page is an article by models that saw no page of its domain."""
    signs = [_signs_without(sheets, fold) for fold in range(FOLDS)]
    result = np.zeros(len(sheets))
    for fold in range(FOLDS):
        model = _fit([one for one in sheets if one.fold != fold], signs)
        mine = [at for at, one in enumerate(sheets) if one.fold == fold]
        result[mine] = model.predict(np.array([_row(sheets[at], signs[fold]) for at in mine]))
    return result


def _measure(sheets: Sequence[Sheet]) -> tuple[float, float]:
    of_kinds = np.array([one.weight == 1 for one in sheets])
    said = (chances(sheets) >= kind.ARTICLE_CHANCE) & of_kinds
    wanted = np.array([one.is_article for one in sheets]) & of_kinds
    right = int((said & wanted).sum())
    return right / max(1, int(said.sum())), right / max(1, int(wanted.sum()))
