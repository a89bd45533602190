"""Train the model that tells the headline, and say how good it is on publications that it has not seen.

    python -m benchmarks.train_headline --corpus DIR            # print the tables; a minute
    python -m benchmarks.train_headline --corpus DIR --write    # and rewrite weights/headline_trees.py

Learns from the 1,510 pages of the dev split whose headline people labelled: Fundus's test pages
(MIT), trafilatura's evaluation set (Apache-2.0), the test pages of Postlight's parser (MIT and
Apache-2.0) and WCXB (CC-BY-4.0). A row is ``headline.FEATURES`` of one wording of a page; it is
right if the scorer calls it exact. Five folds by domain, as for the story models. What ships are
thresholds of decision trees; no text and no name of a site.
"""

from collections import defaultdict
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
from benchmarks.train_story import FOLDS, PROCESSES, fold_of
from extractors import structured, wordings
from extractors.document import parse
from extractors.fields import headline
from extractors.page import Page
from extractors.reading import Reading

COMMAND = "benchmarks.train_headline"
PARAMETERS = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.15, "min_data_in_leaf": 20, "lambda_l2": 5,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES = 40


@dataclass(frozen=True)
class Lesson:
    """A labelled page: the numbers of each wording, and which wordings are right."""

    source: str
    fold: int
    rows: NDArray[Any]
    right: NDArray[Any]


def main() -> None:
    folder, write = trees_as_code.arguments(COMMAND, __doc__, "headline_trees.py")
    cases = corpus.scorer(folder).load(str(folder), "dev").values()
    jobs = [(folder, case) for case in cases if case.get("label") != "tool" and case["gold"].get("headline")]
    with Pool(PROCESSES) as pool:
        lessons = list(pool.imap(_lesson, jobs, chunksize=16))
    print("\n".join(report(lessons)))
    if write:
        meaning = "Return the log-odds that a wording is the headline, from headline.FEATURES."
        learned = trees_as_code.function("headline", fit(lessons).dump_model(), meaning)
        trees_as_code.write(COMMAND, "headline_trees.py", [learned])


def _lesson(job: tuple[Path, Case]) -> Lesson:
    folder, case = job
    score = corpus.scorer(folder)
    document = parse(score.page_html(str(folder), case), case["url"])
    reading = Reading(Page(case["url"], b""), document, structured.article_of(document))
    found = wordings.find(reading)
    rows = np.array(headline.features(reading, found), float).reshape(-1, len(headline.FEATURES))
    figures = [score.score_page(case, {"headline": one.text})["headline_exact"] for one in found.all]
    return Lesson(case["source"], fold_of(case.get("domain") or case["url"]), rows, np.array(figures))


def fit(lessons: Sequence[Lesson]) -> lightgbm.Booster:
    rows = np.concatenate([one.rows for one in lessons])
    return lightgbm.train(
        PARAMETERS, lightgbm.Dataset(rows, np.concatenate([one.right for one in lessons])), TREES
    )


def report(lessons: Sequence[Lesson]) -> Iterator[str]:
    """Yield lines: out of fold, the share of exact headlines by source, and by band of stated confidence."""
    answers: list[confidence.Answer] = []
    exact: dict[str, list[float]] = defaultdict(list)
    for lesson, answer in out_of_fold(lessons):
        exact[lesson.source].append(answer[1])
        exact["all"].append(answer[1])
        answers.append(answer)
    yield f"{'out of fold':<14}{'pages':>6}{'exact':>7}{'among the wordings':>20}"
    for source, figures in exact.items():
        there = fmean(one.right.any() for one in lessons if source in ("all", one.source))
        yield f"{source:<14}{len(figures):>6}{fmean(figures):>7.3f}{there:>20.3f}"
    yield from confidence.report({"headline": answers})


def out_of_fold(lessons: Sequence[Lesson]) -> Iterator[tuple[Lesson, confidence.Answer]]:
    """Yield each page, how sure its answer is and how right, by a model that saw no page of its domain."""
    for fold in range(FOLDS):
        model = fit([one for one in lessons if one.fold != fold])
        for lesson in lessons:
            if lesson.fold == fold and len(lesson.rows):
                chances = model.predict(lesson.rows)
                best = int(np.argmax(chances))
                yield lesson, (float(chances[best]), float(lesson.right[best]))
            elif lesson.fold == fold:
                yield lesson, (0.0, 0.0)


if __name__ == "__main__":
    main()
