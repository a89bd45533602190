"""Train the model that tells an author's name, and say how good it is on publications that it has not seen.

    python -m benchmarks.train_authors --corpus DIR            # print the tables; a minute on two cores
    python -m benchmarks.train_authors --corpus DIR --write    # and rewrite the weights

Learns from the 1,543 pages of the dev split whose authors people or publishers' own parsers labelled
(Fundus, MIT; trafilatura, Apache-2.0; WCXB, CC-BY-4.0; Postlight's parser, MIT), read with the story weights
that are installed. A row is ``signatures.FEATURES`` of a name that the page gives somewhere; it is right if
the name is among the page's gold authors. Pages labelled "no author" that three of four other extractors
contradict with one voice are measured but not learned from. Five folds by domain, as for the story models.

The first table is the trade of ``authors.FLOOR``: the F1 of names where there are authors, against the share
of pages without authors that are given one. The second is what a chance is worth: it ships beside the trees,
as the confidence that ``authors`` states. Same pages, same versions, same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus, trees_as_code
from benchmarks.corpus import Case
from benchmarks.train_story import FOLDS, PROCESSES, fold_of
from extractors import pipeline, signatures
from extractors.document import parse
from extractors.fields import authors
from extractors.page import Page
from extractors.signatures import Signature

COMMAND = "benchmarks.train_authors"
PARAMETERS = {
    "objective": "binary", "num_leaves": 10, "learning_rate": 0.08, "min_data_in_leaf": 15, "lambda_l2": 5,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 127, "seed": 1,
    "deterministic": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES = 90

BANDS = 8
"""Steps from chance to stated confidence: each holds an eighth of the pages, some 150."""


@dataclass
class Lesson:
    """A labelled page: the names on it, a row of numbers for each, and which are right."""

    case: Case
    found: list[Signature]
    rows: NDArray[Any]
    wanted: NDArray[Any]
    fold: int
    learned: bool
    chances: list[float]


def main() -> None:
    folder, write = trees_as_code.arguments(COMMAND, __doc__, "author_trees.py")
    score = corpus.scorer(folder)
    lessons = read(folder)
    judge_out_of_fold(lessons)
    print("\n".join(trade(lessons, score)))
    steps = worth(lessons, score)
    print("\n".join(f"chance from {chance:.3f}: {share:.3f} right" for chance, share in steps))
    if write:
        trees_as_code.write(COMMAND, "author_trees.py", [_steps(steps), _function(lessons)])


def read(folder: Path) -> list[Lesson]:
    """Return the labelled pages, read."""
    cases = corpus.scorer(folder).load(str(folder), "dev").values()
    used = [(folder, case) for case in cases if "authors" in case["gold"] and case.get("label") != "tool"]
    with get_context("spawn").Pool(PROCESSES) as pool:
        return list(pool.imap(_lesson, used, chunksize=16))


def _lesson(job: tuple[Path, Case]) -> Lesson:
    folder, case = job
    score = corpus.scorer(folder)
    html = score.page_html(str(folder), case)
    page = Page(case["url"], html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    reading = pipeline._read(page, parse(html, case["url"]))
    found = signatures.collect(reading)
    rows = np.array(signatures.rows(reading, found), float).reshape(-1, len(signatures.FEATURES))
    gold = score.author_set(case["gold"]["authors"])
    wanted = np.array([bool(own := score.author_set([one.name])) and own <= gold for one in found], float)
    learned = bool(gold) or "authors" not in case.get("disputed", ())
    return Lesson(case, found, rows, wanted, fold_of(case.get("domain") or case["url"]), learned, [])


def _fit(lessons: Sequence[Lesson]) -> lightgbm.Booster:
    used = [lesson for lesson in lessons if lesson.learned]
    rows = np.concatenate([lesson.rows for lesson in used])
    wanted = np.concatenate([lesson.wanted for lesson in used])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, wanted), TREES)


def judge_out_of_fold(lessons: Sequence[Lesson]) -> None:
    """Give each page the chances of its names by a model that has not seen its publication."""
    for fold in range(FOLDS):
        model = _fit([lesson for lesson in lessons if lesson.fold != fold])
        for lesson in lessons:
            if lesson.fold == fold:
                lesson.chances = [float(one) for one in model.predict(lesson.rows)] if lesson.found else []


def figure(lesson: Lesson, score: Any, floor: float) -> tuple[bool, float]:
    """Return whether the page has authors, and the set F1 there, or elsewhere 1 if one is given."""
    given = [lesson.found[i].name for i in authors.choose(lesson.found, lesson.chances, floor)]
    page = score.score_page(lesson.case, {"authors": given})
    return ("authors_f1" in page), page.get("authors_f1", page.get("authors_fp", 0.0))


def trade(lessons: Sequence[Lesson], score: Any) -> Iterator[str]:
    """Yield a line a floor: F1 and false authors, over all and in the halves of the domains."""
    sources = sorted({lesson.case["source"] for lesson in lessons})
    yield "floor " + "".join(f"{name:>22}" for name in ("all", *sources)) + "   (F1 / false ones)"
    for floor in (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65):
        found = [(lesson.case["source"], *figure(lesson, score, floor)) for lesson in lessons]
        cells = []
        for wanted in (None, *sources):
            own = [(has, value) for source, has, value in found if wanted in (None, source)]
            right = [value for has, value in own if has]
            false = [value for has, value in own if not has]
            cells.append(f"{fmean(right):.3f} / {fmean(false):.3f}" if false else f"{fmean(right):.3f}")
        yield f"{floor:<6}" + "".join(f"{cell:>22}" for cell in cells)


def worth(lessons: Sequence[Lesson], score: Any) -> list[tuple[float, float]]:
    """Return steps (least chance, share right): what a choice of that chance is worth, never falling."""
    points = []
    for lesson in lessons:
        if lesson.found and lesson.learned:
            has, value = figure(lesson, score, 0.0)
            points.append((max(lesson.chances), value if has else 0.0))
    points.sort()
    steps: list[tuple[float, float]] = []
    best = 0.0
    for part in np.array_split(np.array(points), BANDS):
        best = max(best, float(part[:, 1].mean()))
        steps.append((round(float(part[0, 0]), 3) if steps else 0.0, round(best, 2)))
    return steps


def _steps(steps: Sequence[tuple[float, float]]) -> str:
    chances = tuple(chance for chance, _ in steps)
    shares = tuple(share for _, share in steps)
    meaning = "From each chance on, the share of choices that were right, out of fold."
    return f'CHANCES = {chances}\nSHARES = {shares}\n"""{meaning}"""'


def _function(lessons: Sequence[Lesson]) -> str:
    meaning = "Return the log-odds that a name is an author's, from signatures.FEATURES."
    return trees_as_code.function("signed", _fit(lessons).dump_model(), meaning)


if __name__ == "__main__":
    main()
