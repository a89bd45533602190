"""Training of the page-kind model: is this page an article?

The rows are ``kind.FEATURES`` of 1,659 pages of seven kinds (WCXB), read with the story weights that are
installed: the story models are written before this one is trained, and it changes whenever the extractor
reads pages differently. Five folds by domain, as there.
"""

import json
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.corpus import Case
from benchmarks.train_story import FOLDS, PROCESSES, fold_of
from extractors import kind, pipeline
from extractors.document import parse
from extractors.page import Page

PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.08, "min_data_in_leaf": 20, "lambda_l2": 5,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES = 80


def learn(folder: Path) -> tuple[float, float, Mapping[str, Any]]:
    """Return precision and recall of "article" out of fold, and the model trained on all pages."""
    lines = (folder / "kinds.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) | {"encoding": "utf-8"} for line in lines]
    # spawned, not forked: a new process reads the weights as they are on disk now
    with get_context("spawn").Pool(PROCESSES) as pool:
        found = list(pool.imap(_features, [(folder, case) for case in cases], chunksize=16))
    used = [i for i, row in enumerate(found) if row]
    rows = np.array([found[i] for i in used])
    wanted = np.array([cases[i]["kind"] == "article" for i in used]).astype(int)
    folds = np.array([fold_of(_domain(cases[i]["url"])) for i in used])
    precision, recall = _measure(rows, wanted, folds)
    return precision, recall, _fit(rows, wanted).dump_model()


def _features(job: tuple[Path, Case]) -> list[float] | None:
    """Return the page's numbers, None for a page without a piece of text: no model is asked about those."""
    folder, case = job
    html = corpus.scorer(folder).page_html(str(folder), case)
    page = Page(case["url"], html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    reading = pipeline._read(
        page, parse(html, case["url"])
    )  # the reading as every page has it, fields not yet found
    return [float(number) for number in kind.features(reading)] if reading.story.chances else None


def _domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _fit(rows: NDArray[Any], wanted: NDArray[Any]) -> lightgbm.Booster:
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, wanted), TREES)


def _measure(rows: NDArray[Any], wanted: NDArray[Any], folds: NDArray[Any]) -> tuple[float, float]:
    chances = np.zeros(len(wanted))
    for fold in range(FOLDS):
        chances[folds == fold] = _fit(rows[folds != fold], wanted[folds != fold]).predict(rows[folds == fold])
    said = chances >= kind.ARTICLE_CHANCE
    right = int((said & (wanted == 1)).sum())
    return right / max(1, int(said.sum())), right / max(1, int(wanted.sum()))
