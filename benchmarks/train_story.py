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
from typing import Any, TypeAlias

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus, labels
from benchmarks.corpus import Case
from benchmarks.labels import Label
from extractors import pipeline, signals, story
from extractors.document import Document, parse
from extractors.page import Page

Matrix: TypeAlias = NDArray[np.float32]
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
    "feature_fraction": 0.8, "max_bin": 127, "seed": 4, "deterministic": True, "num_threads": 1,
    "verbose": -1,
}  # fmt: skip
FIRST_TREES = 20
SECOND = {
    "objective": "binary", "num_leaves": 10, "learning_rate": 0.18, "min_data_in_leaf": 100, "lambda_l2": 10,
    "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 4,
    "deterministic": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
SECOND_TREES = 60
"""Both sizes are a trade of F1 for time: 300 trees of 24 leaves gave 0.003 more on unseen domains."""

MIN_DOMAINS = 5
"""A class name or word is scored only when this many domains have it: nothing in the tables names a site."""
NAME_PRIOR, WORD_PRIOR = 3.0, 3.0
"""How much of the average is mixed into a score, so that rare ones stay near it."""
NAME_LEAST, WORD_LEAST = 0.3, 0.4
"""Log-odds nearer to the average than this say nothing and are left out of the tables."""


NAMES = [at for at, name in enumerate(signals.LOCAL) if name.startswith("name")]
NAMELESS = 0.5
"""Each page is learned from a second time, for half as much, with the numbers of its class names wiped out:
publications to come have names that no table knows, and their text must be told by what else it is."""


@dataclass
class Lesson:
    """A labelled page as it goes through training. The matrices have a row a piece."""

    case: Case
    labels: list[Label]
    texts: list[str]
    names: dict[str, tuple[float, float]]  # class name → share of its text that is story, and that is noise
    words: dict[str, tuple[int, int]]  # word → pieces that are story, and that are noise
    fold: int
    weights: NDArray[np.float64]  # what each piece counts for
    local: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    asked: NDArray[Any] = field(
        default_factory=lambda: np.zeros(0, bool)
    )  # pieces the first model learns from
    first: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # its chances, out of fold
    wanted: NDArray[Any] = field(
        default_factory=lambda: np.zeros(0, int)
    )  # pieces the second model is asked about
    all: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # LOCAL and CONTEXT of those
    second: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def story(self) -> NDArray[np.float64]:
        """1 for pieces of the story, 0 for others."""
        return np.array([float((label or 0) > 0.5) for label in self.labels])


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
        for lesson, (matrix, asked) in zip(lessons, pool.imap(_local, jobs, chunksize=32), strict=True):
            lesson.local, lesson.asked = matrix, asked | _beside_story(lesson.labels, asked)
    for lesson, chances in _out_of_fold(lessons, _first_view, FIRST, FIRST_TREES):
        lesson.first = chances
    again = [(folder, one.case, one.fold, one.first) for one in lessons]
    with Pool(PROCESSES, initializer=_share, initargs=(tables,)) as pool:
        more = pool.imap(_context, again, chunksize=32)
        for lesson, (first, wanted, matrix) in zip(lessons, more, strict=True):
            lesson.first, lesson.wanted = first, wanted
            lesson.all = np.concatenate([lesson.local[wanted], matrix], axis=1)
    for lesson, chances in _out_of_fold(lessons, _second_view, SECOND, SECOND_TREES):
        lesson.second = lesson.first.copy()
        lesson.second[lesson.wanted] = chances
    names, words = _tables(lessons)
    alone = _fit(lessons, _first_view, FIRST, FIRST_TREES).dump_model()
    beside = _fit(lessons, _second_view, SECOND, SECOND_TREES).dump_model()
    return lessons, Trained(names, words, alone, beside)


View = tuple[Matrix, NDArray[Any], NDArray[Any]]
"""What a model sees of a page: rows to judge, which of them it learns from, and their pieces."""


def _first_view(lesson: Lesson) -> View:
    return lesson.local, lesson.asked, np.arange(len(lesson.labels))


def _second_view(lesson: Lesson) -> View:
    return lesson.all, np.ones(len(lesson.wanted), bool), lesson.wanted


def _beside_story(found: Sequence[Label], asked: NDArray[Any]) -> NDArray[Any]:
    """Return which minor pieces belong to a run that touches the story: in use these are looked at."""
    beside = np.zeros(len(found), bool)
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and not asked[end]:
            end += 1
        if end > at and end - at <= story.LONGEST_RUN:
            ends = (found[at - 1] if at else 0), (found[end] if end < len(found) else 0)
            beside[at:end] = any(label and label > 0.5 for label in ends)
        at = end + 1
    return beside


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
    fold = fold_of(case.get("domain") or case["url"])
    return Lesson(case, found, texts, names, words, fold, _weights(case, found, texts))


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
                names = signals.names_of(document.heads[node]).split()
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
        for token, (good, bad) in counts.items():
            sums[token][0] += good
            sums[token][1] += bad
            domains[token].add(domain)
    # fsum: the same total in whatever order the tokens come
    all_story = math.fsum(story for story, _ in sums.values())
    all_noise = math.fsum(noise for _, noise in sums.values())
    story_prior = prior * all_story / (all_story + all_noise)
    noise_prior = prior * all_noise / (all_story + all_noise)
    scores = {}
    for token, (good, bad) in sums.items():
        score = math.log((good + story_prior) / (bad + noise_prior)) - math.log(all_story / all_noise)
        if len(domains[token]) >= MIN_DOMAINS and abs(score) > least:
            scores[token] = round(score, 2)
    return dict(sorted(scores.items()))


# Numbers


_SCORERS: list[tuple[Callable[[str], float], Callable[[str], float]]] = []
"""Of each fold, in each worker process: the scorers of names and of words."""


def _share(tables: Sequence[tuple[Scores, Scores]]) -> None:
    _SCORERS[:] = [
        (
            signals.name_scorer(names),
            signals.word_scorer(words),
        )
        for names, words in tables
    ]


def _local(job: tuple[Path, Case, int]) -> tuple[Matrix, NDArray[Any]]:
    """Return the LOCAL numbers of every piece, and which pieces are looked at whatever stands around them."""
    folder, case, fold = job
    document = _parse(folder, case)
    reading = pipeline.begin(Page(case["url"], b""), document)
    rows = signals.Rows(document, *_SCORERS[fold], pipeline.said(reading))
    found = [rows.row(at) for at in range(len(document.pieces))]
    asked = np.array([not signals.is_minor(piece, rows.stretch) for piece in document.pieces], bool)
    return np.array(found, np.float32).reshape(-1, len(signals.LOCAL)), asked


def _context(
    job: tuple[Path, Case, int, NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[Any], Matrix]:
    """Return first chances as they are in use, which pieces are in play, and the CONTEXT numbers of those."""
    folder, case, fold, told = job
    document = _parse(folder, case)
    stretch = signals.stretch(document)
    first = story.first_chances(document, stretch, lambda at: float(told[at]))
    wanted = story.in_play(first)
    found = signals.context(document, _SCORERS[fold][1], stretch, first, wanted)
    matrix = np.array(found, np.float32).reshape(-1, len(signals.CONTEXT))
    return np.array(first), np.array(wanted, int), matrix


# Models


def _out_of_fold(
    lessons: Sequence[Lesson], view: Callable[[Lesson], View], parameters: dict[str, Any], trees: int
) -> Iterator[tuple[Lesson, NDArray[np.float64]]]:
    """Yield each page with the chances of its pieces by a model that saw no page of its domain."""
    for fold in range(FOLDS):
        model = _fit([one for one in lessons if one.fold != fold], view, parameters, trees)
        for lesson in lessons:
            if lesson.fold == fold:
                rows = view(lesson)[0]
                yield lesson, np.asarray(model.predict(rows)) if len(rows) else np.zeros(0)


def _fit(
    lessons: Sequence[Lesson], view: Callable[[Lesson], View], parameters: dict[str, Any], trees: int
) -> lightgbm.Booster:
    rows, wanted, weights = [], [], []
    for lesson in lessons:
        matrix, learned, pieces = view(lesson)
        used = learned & (lesson.weights[pieces] > 0)
        rows.append(matrix[used])
        wanted.append(lesson.story[pieces][used])
        weights.append(lesson.weights[pieces][used])
    seen, story_like, weight = np.concatenate(rows), np.concatenate(wanted), np.concatenate(weights)
    nameless = seen.copy()
    nameless[:, NAMES] = 0
    data = lightgbm.Dataset(
        np.concatenate([seen, nameless]),
        np.concatenate([story_like, story_like]),
        weight=np.concatenate([weight, weight * NAMELESS]) / weight.mean(),
    )
    return lightgbm.train(parameters, data, trees)


def _weights(case: Case, found: Sequence[Label], texts: Sequence[str]) -> NDArray[Any]:
    """Return what each piece counts for: by the root of its length; together what its source says."""
    known = np.array([label is not None for label in found])
    weights: NDArray[Any] = np.sqrt(np.minimum([len(text) for text in texts], 600) + 10.0) * known
    total = float(weights.sum())
    if total > 0:
        weights = weights / total * SOURCE_WEIGHTS[case["source"]]
    return weights
