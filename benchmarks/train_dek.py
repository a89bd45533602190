"""Train the model that tells the dek, and say how good it is on publications that it has not seen.

    python -m benchmarks.train_dek --corpus DIR            # print the tables; half a minute
    python -m benchmarks.train_dek --corpus DIR --write    # and rewrite extractors/weights/dek_trees.py

Learns from the 161 pages of the dev split whose dek people labelled, 13 of which have none:
Fundus's test pages (MIT) and those of Postlight's parser (MIT and Apache-2.0), read with the story
weights that are installed. A row is ``dek.FEATURES`` of one line of a page; it is right if the
scorer calls it exact. Five folds by domain, as for the story models, four times over: with so few
pages, which page falls into which fold is half the figure. What ships are thresholds of decision
trees; no text and no name of a site.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from statistics import fmean
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import confidence, corpus, trees_as_code
from benchmarks.corpus import Case
from benchmarks.train_story import FOLDS, PROCESSES
from extractors import pipeline
from extractors.document import parse
from extractors.fields import dek
from extractors.page import Page

COMMAND = "benchmarks.train_dek"
PARAMETERS = {
    "objective": "binary", "num_leaves": 5, "learning_rate": 0.06, "min_data_in_leaf": 5, "lambda_l2": 1,
    "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "num_threads": 1, "verbose": -1, "monotone_constraints": list(dek.FEATURES.values()),
}  # fmt: skip
TREES = 100
ROUNDS = 4
FLOORS = (0.1, dek.FLOOR, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Lesson:
    """A labelled page: the numbers of each line that may be the dek, and which lines are right."""

    domain: str
    labelled: bool  # has a dek
    rows: NDArray[Any]
    right: NDArray[Any]


def main() -> None:
    folder, write = trees_as_code.arguments(COMMAND, __doc__, "dek_trees.py")
    cases = corpus.scorer(folder).load(str(folder), "dev").values()
    jobs = [(folder, case) for case in cases if case.get("label") != "tool" and "dek" in case["gold"]]
    with Pool(PROCESSES) as pool:
        lessons = list(pool.imap(_lesson, jobs, chunksize=8))
    print("\n".join(report(lessons)))
    if write:
        meaning = "Return the log-odds that a line is the dek, from dek.FEATURES."
        learned = trees_as_code.function("dek", fit(lessons).dump_model(), meaning)
        trees_as_code.write(COMMAND, "dek_trees.py", [learned])


def _lesson(job: tuple[Path, Case]) -> Lesson:
    folder, case = job
    score = corpus.scorer(folder)
    html = score.page_html(str(folder), case)
    page = Page(case["url"], html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    found = list(dek.found(pipeline._read(page, parse(html, case["url"]))))
    rows = np.array([row for _, row in found], float).reshape(-1, len(dek.FEATURES))
    figures = [score.score_page(case, {"dek": line.text}).get("dek_exact", 0.0) for line, _ in found]
    return Lesson(case.get("domain") or case["url"], bool(case["gold"]["dek"]), rows, np.array(figures))


def fit(lessons: Sequence[Lesson]) -> lightgbm.Booster:
    rows = np.concatenate([one.rows for one in lessons])
    right = np.concatenate([one.right for one in lessons])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, right), TREES)


def report(lessons: Sequence[Lesson]) -> Iterator[str]:
    """Yield lines: out of fold, what each floor gives, and how right each band of stated confidence is."""
    found = [(lesson, *answer) for number in range(ROUNDS) for lesson, answer in out_of_fold(lessons, number)]
    there = fmean(one.right.any() for one in lessons if one.labelled)
    yield f"out of fold, {len(lessons)} pages, {ROUNDS} rounds; the dek is among the lines: {there:.3f}"
    yield f"{'floor':>6}{'exact':>7}{'given where there is none':>27}"
    for floor in FLOORS:
        exact = fmean(right * (chance >= floor) for lesson, chance, right in found if lesson.labelled)
        false = fmean(chance >= floor for lesson, chance, _ in found if not lesson.labelled)
        yield f"{floor:>6}{exact:>7.3f}{false:>27.3f}"
    given = [(min(chance, dek.MOST), right) for _, chance, right in found if chance >= dek.FLOOR]
    yield from confidence.report({"dek": given})


def out_of_fold(lessons: Sequence[Lesson], number: int) -> Iterator[tuple[Lesson, confidence.Answer]]:
    """Yield each page, how sure its answer is and how right, by a model that saw no page of its domain."""
    folds = [
        int(hashlib.md5(f"{number}{one.domain}".encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS
        for one in lessons
    ]
    for fold in range(FOLDS):
        model = fit([one for one, other in zip(lessons, folds, strict=True) if other != fold])
        for lesson in (one for one, other in zip(lessons, folds, strict=True) if other == fold):
            chances = model.predict(lesson.rows) if len(lesson.rows) else np.zeros(1)
            best = int(np.argmax(chances))
            yield lesson, (float(chances[best]), float(lesson.right[best]) if len(lesson.rows) else 0.0)


if __name__ == "__main__":
    main()
