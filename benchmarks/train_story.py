"""Training of the story models: which pieces of a page are the story.

The way: pieces are labelled (labels.py); class names and words get scores by how often they stand at story
and at noise; the first model sees each piece alone (signals.LOCAL), the second also what the first says of
the pieces around it (signals.CONTEXT). Five folds by domain: what judges a page has never seen its
publication, and the second model learns from first answers that were given out of fold too, as they will be
in use.

The models are small on purpose: the trees are code that every page runs through.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus, labels
from benchmarks.corpus import Case
from benchmarks.labels import Label
from extractors import signals
from extractors.document import Document, parse

Matrix = NDArray[np.float32]
Scores = dict[str, float]
Ids = Sequence[str]

FOLDS = 5
PROCESSES = 2

SOURCE_WEIGHTS = {
    "aeb": 3.0, "fundus-eval": 3.0, "fundus": 2.5, "trafilatura": 0.8, "wcxb": 1.0, "daniel-en": 0.6,
    "daniel-zh": 0.6, "daniel-pl": 0.9, "daniel-el": 0.7, "daniel-ru": 0.9,
}  # fmt: skip
"""What a page counts for. More where people marked whole bodies with care and pages are few; less where
labels are snippets (trafilatura) or the pages are old and of a handful of publications (daniel)."""

FIRST = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.25, "min_data_in_leaf": 200, "lambda_l2": 5,
    "feature_fraction": 0.8, "max_bin": 127, "seed": 1, "deterministic": True, "num_threads": 2,
    "verbose": -1,
}  # fmt: skip
FIRST_TREES = 20
SECOND = {
    "objective": "binary", "num_leaves": 16, "learning_rate": 0.12, "min_data_in_leaf": 100, "lambda_l2": 10,
    "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 1,
    "deterministic": True, "num_threads": 2, "verbose": -1,
}  # fmt: skip
SECOND_TREES = 100
"""Both sizes are a trade of F1 for time; docs/benchmarks.md has the time a page takes."""

MIN_DOMAINS = 5
"""A class name or word is scored only when this many domains have it: nothing in the tables names a site."""
NAME_PRIOR, WORD_PRIOR = 2.0, 3.0
"""How much of the average is mixed into a score, so that rare ones stay near it."""
NAME_LEAST, WORD_LEAST = 0.3, 0.4
"""Log-odds nearer to the average than this say nothing and are left out of the tables."""


@dataclass
class Lesson:
    """A labelled page as it goes through training. The matrices have a row a piece."""

    case: Case
    labels: list[Label]
    texts: list[str]
    names: dict[str, tuple[float, float]]  # class name → share of its text that is story, and that is noise
    words: dict[str, tuple[int, int]]  # word → pieces that are story, and that are noise
    fold: int
    local: Matrix = field(default_factory=lambda: np.zeros((0, len(signals.LOCAL)), np.float32))
    all: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    first: NDArray[np.float64] = field(
        default_factory=lambda: np.zeros(0)
    )  # the first model's chances, out of fold
    second: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Trained:
    """What ships: two tables and two models, as LightGBM dumps them."""

    names: Scores
    words: Scores
    first: Mapping[str, Any]
    second: Mapping[str, Any]


def learn(folder: Path) -> tuple[list[Lesson], Trained]:
    """Return the labelled pages with their out-of-fold chances, and the models trained on all of them."""
    cases = corpus.scorer(folder).load(str(folder), "dev")
    with Pool(PROCESSES) as pool:
        read = pool.imap(_read, [(folder, case) for case in cases.values()], chunksize=32)
        lessons = [lesson for lesson in read if lesson]
    tables = [_tables(lesson for lesson in lessons if lesson.fold != fold) for fold in range(FOLDS)]
    jobs = [(folder, lesson.case, lesson.fold) for lesson in lessons]
    with Pool(PROCESSES, initializer=_share, initargs=(tables,)) as pool:
        for lesson, matrix in zip(lessons, pool.imap(_local, jobs, chunksize=32), strict=True):
            lesson.local = matrix
    for lesson, chances in _out_of_fold(lessons, lambda one: one.local, FIRST, FIRST_TREES):
        lesson.first = chances
    with Pool(PROCESSES) as pool:
        more = pool.imap(
            _context, [(folder, one.case, one.local, one.first) for one in lessons], chunksize=32
        )
        for lesson, matrix in zip(lessons, more, strict=True):
            lesson.all = np.concatenate([lesson.local, matrix], axis=1)
    for lesson, chances in _out_of_fold(lessons, lambda one: one.all, SECOND, SECOND_TREES):
        lesson.second = chances
    names, words = _tables(lessons)
    first = _fit(lessons, lambda one: one.local, FIRST, FIRST_TREES)
    second = _fit(lessons, lambda one: one.all, SECOND, SECOND_TREES)
    return lessons, Trained(names, words, first.dump_model(), second.dump_model())


def fold_of(domain: str) -> int:
    """Return the fold of a domain: all its pages are judged by models that saw none of them."""
    return int(hashlib.md5(domain.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


# Reading pages


def _parse(folder: Path, case: Case) -> Document:
    return parse(corpus.scorer(folder).page_html(str(folder), case), case["url"])


def _read(job: tuple[Path, Case]) -> Lesson | None:
    """Return the page with its labels and what its names and words stand at, None when it has no labels."""
    folder, case = job
    document = _parse(folder, case)
    texts = [piece.text for piece in document.pieces]
    found = labels.of(case, texts, corpus.scorer(folder))
    if found is None:
        return None
    names, words = _name_shares(document, found), _word_counts(document, found)
    return Lesson(case, found, texts, names, words, fold_of(case.get("domain") or case["url"]))


def _name_shares(document: Document, found: Sequence[Label]) -> dict[str, tuple[float, float]]:
    """Return, for each class name around pieces, the share of story and of noise there; together 1.

    A piece counts by the root of its length, to 400 characters: a paragraph outweighs a menu entry.
    """
    known: dict[int, set[str]] = {}
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for piece, label in zip(document.pieces, found, strict=True):
        if label is None:
            continue
        around: set[str] = set()
        for node in document.ancestors(piece.node):
            if node not in known:
                names = signals.names_of(document, node).split()
                known[node] = {token for name in names for token in signals.name_tokens(name)}
            around |= known[node]
        for token in around:
            sums[token][label <= 0.5] += min(len(piece.text), 400) ** 0.5
    return {
        token: (story / (story + noise), noise / (story + noise)) for token, (story, noise) in sums.items()
    }


def _word_counts(document: Document, found: Sequence[Label]) -> dict[str, tuple[int, int]]:
    """Return, for each word that begins pieces, how many are story and how many noise, three at most."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for piece, label in zip(document.pieces, found, strict=True):
        if label is not None:
            for token in set(signals.text_tokens(piece.text)):
                counts[token][label <= 0.5] += 1
    return {token: (min(story, 3), min(noise, 3)) for token, (story, noise) in counts.items()}


# Tables


def _tables(lessons: Iterable[Lesson]) -> tuple[Scores, Scores]:
    """Return the scores of names and of words: log-odds of story against the average."""
    used = list(lessons)
    names = _odds(((one.case.get("domain"), one.names) for one in used), NAME_PRIOR, NAME_LEAST)
    words = _odds(((one.case.get("domain"), one.words) for one in used), WORD_PRIOR, WORD_LEAST)
    return names, words


def _odds(
    pages: Iterable[tuple[str | None, Mapping[str, tuple[float, float]]]], prior: float, least: float
) -> Scores:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    domains: dict[str, set[str | None]] = defaultdict(set)
    for domain, counts in pages:
        for token, (story, noise) in counts.items():
            sums[token][0] += story
            sums[token][1] += noise
            domains[token].add(domain)
    # fsum: the same total in whatever order the tokens come
    all_story = math.fsum(story for story, _ in sums.values())
    all_noise = math.fsum(noise for _, noise in sums.values())
    story_prior = prior * all_story / (all_story + all_noise)
    noise_prior = prior * all_noise / (all_story + all_noise)
    scores = {}
    for token, (story, noise) in sums.items():
        score = math.log((story + story_prior) / (noise + noise_prior)) - math.log(all_story / all_noise)
        if len(domains[token]) >= MIN_DOMAINS and abs(score) > least:
            scores[token] = round(score, 2)
    return dict(sorted(scores.items()))


# Numbers


_SCORERS: list[tuple[Callable[[str], float], Callable[[str], float]]] = []
"""Of each fold, in each worker process: the scorers of names and of words."""


def _share(tables: Sequence[tuple[Scores, Scores]]) -> None:
    _SCORERS[:] = [
        (
            signals.scorer(names, signals.name_tokens, mean=False),
            signals.scorer(words, signals.text_tokens, mean=True),
        )
        for names, words in tables
    ]


def _local(job: tuple[Path, Case, int]) -> Matrix:
    folder, case, fold = job
    document = _parse(folder, case)
    name_score, word_score = _SCORERS[fold]
    headline = next(document.metas("og:title"), "") or document.title
    description = next(document.metas("og:description", "description"), "")
    rows = signals.local(
        document, signals.Names(document, name_score), word_score, _folded(headline), _folded(description)
    )
    return np.array(rows, np.float32).reshape(-1, len(signals.LOCAL))


def _context(job: tuple[Path, Case, Matrix, NDArray[np.float64]]) -> Matrix:
    folder, case, rows, chances = job
    found = signals.context(_parse(folder, case), rows.tolist(), chances.tolist())
    return np.array(found, np.float32).reshape(-1, len(signals.CONTEXT))


def _folded(text: str) -> str:
    return " ".join(text.split())


# Models


def _out_of_fold(
    lessons: Sequence[Lesson], matrix: Callable[[Lesson], Matrix], parameters: dict[str, Any], trees: int
) -> Iterator[tuple[Lesson, NDArray[np.float64]]]:
    """Yield each page with the chances of its pieces by a model that saw no page of its domain."""
    for fold in range(FOLDS):
        model = _fit([one for one in lessons if one.fold != fold], matrix, parameters, trees)
        for lesson in lessons:
            if lesson.fold == fold:
                rows = matrix(lesson)
                yield lesson, np.asarray(model.predict(rows)) if len(rows) else np.zeros(0)


def _fit(
    lessons: Sequence[Lesson], matrix: Callable[[Lesson], Matrix], parameters: dict[str, Any], trees: int
) -> lightgbm.Booster:
    rows = np.concatenate([matrix(one) for one in lessons])
    wanted = np.concatenate([[float((label or 0) > 0.5) for label in one.labels] for one in lessons])
    weights = np.concatenate([_weights(one) for one in lessons])
    used = weights > 0
    data = lightgbm.Dataset(rows[used], wanted[used], weight=weights[used] / weights[used].mean())
    return lightgbm.train(parameters, data, trees)


def _weights(lesson: Lesson) -> NDArray[Any]:
    """Return what each piece counts for: by the root of its length; together what its source says."""
    known = np.array([label is not None for label in lesson.labels])
    weights: NDArray[Any] = np.sqrt(np.minimum(lesson.local[:, 0], 600) + 10) * known
    total = float(weights.sum())
    if total > 0:
        weights = weights / total * SOURCE_WEIGHTS[lesson.case["source"]]
    return weights
