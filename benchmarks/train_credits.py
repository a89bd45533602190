"""Train the model that tells a picture's credit, and say how good it is on publications that it has not seen.

    python -m benchmarks.train_credits --corpus DIR            # print the figure; half a minute
    python -m benchmarks.train_credits --corpus DIR --write    # and rewrite the weights

Learns from the 117 pages of the dev split that name the credits of their pictures (Fundus's test pages, MIT),
read with the story weights that are installed. A row is ``credit_signals.FEATURES`` of a text that stands
beside a picture, or of that text's end; it is a credit if what ``credit_lines`` reads from it is among the
page's gold credits. A page counts by the root of its rows, so that long galleries do not drown the rest.
Five folds by domain, as for the story models. What ships are thresholds of decision trees; no text and no
name of a site.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus, trees_as_code
from benchmarks.corpus import Case
from benchmarks.train_story import FOLDS, fold_of
from extractors import credit_lines, credit_signals, pipeline
from extractors.credit_signals import Candidate
from extractors.document import parse
from extractors.fields import images
from extractors.frames import Frame
from extractors.page import Page
from extractors.reading import Reading

COMMAND = "benchmarks.train_credits"
PARAMETERS = {
    "objective": "binary", "num_leaves": 6, "learning_rate": 0.1, "min_data_in_leaf": 8, "lambda_l2": 5,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES = 60


@dataclass
class Lesson:
    """A labelled page: what can be read from it, and which candidates are credits, in one row each."""

    case: Case
    reading: Reading
    boxes: tuple[Frame, ...]
    found: list[list[Candidate]]
    rows: NDArray[Any]
    wanted: NDArray[Any]
    fold: int


def main() -> None:
    folder, write = trees_as_code.arguments(COMMAND, __doc__, "credit_trees.py")
    score = corpus.scorer(folder)
    lessons = [
        _lesson(folder, case, score)
        for case in score.load(str(folder), "dev").values()
        if case["gold"].get("credits") and case.get("label") != "tool"
    ]
    figures = out_of_fold(lessons, score)
    print(f"{len(lessons)} pages, out of fold: set F1 {fmean(figures):.3f}")
    if write:
        meaning = "Return the log-odds that a text is a picture's credit, from credit_signals.FEATURES."
        learned = trees_as_code.function("credit", _fit(lessons).dump_model(), meaning)
        trees_as_code.write(COMMAND, "credit_trees.py", [learned])


def _lesson(folder: Path, case: Case, score: Any) -> Lesson:
    html = score.page_html(str(folder), case)
    page = Page(case["url"], html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    reading = pipeline._read(page, parse(html, case["url"]))
    boxes = images.gather(reading)
    found = credit_signals.candidates(reading, boxes)
    gold = {score.norm_credit(text) for text in case["gold"]["credits"]}
    candidates = [one for group in found for one in group]
    return Lesson(
        case,
        reading,
        boxes,
        found,
        np.array([one.row for one in candidates], float).reshape(-1, len(credit_signals.FEATURES)),
        np.array([_is_gold(one.text, gold, score) for one in candidates], int),
        fold_of(case["domain"]),
    )


def _is_gold(text: str, gold: set[str], score: Any) -> bool:
    """Is at least half of what is read from the text among the gold credits?"""
    read = {score.norm_credit(credit.text) for credit in credit_lines.read_all(text)} - {""}
    return bool(read & gold) and 2 * len(read & gold) >= len(read)


def _fit(lessons: Sequence[Lesson]) -> lightgbm.Booster:
    rows = np.concatenate([lesson.rows for lesson in lessons])
    wanted = np.concatenate([lesson.wanted for lesson in lessons])
    shares = np.concatenate(
        [np.full(len(lesson.wanted), 1 / max(1, len(lesson.wanted)) ** 0.5) for lesson in lessons]
    )
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, wanted, weight=shares), TREES)


def out_of_fold(lessons: Sequence[Lesson], score: Any) -> list[float]:
    """Return each page's set F1, read with a model that has not seen its publication."""
    figures = []
    for fold in range(FOLDS):
        model = _fit([lesson for lesson in lessons if lesson.fold != fold])
        for lesson in lessons:
            if lesson.fold == fold:
                figures.append(_figure(lesson, model, score))
    return figures


def _figure(lesson: Lesson, model: lightgbm.Booster, score: Any) -> float:
    chances = iter(model.predict(lesson.rows) if len(lesson.rows) else ())
    grouped = [[float(next(chances)) for _ in group] for group in lesson.found]
    pictures = images.judge(lesson.reading, lesson.boxes, lesson.found, grouped)
    said: Mapping[str, Any] = {"credits": [credit.text for credit in pictures.credits]}
    return float(score.score_page(lesson.case, said)["credits_f1"])


if __name__ == "__main__":
    main()
