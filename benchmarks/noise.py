"""What noise learned from a publication's other pages does to its bodies.

    python -m benchmarks.noise --corpus DIR          # eight minutes; needs the extra `train`

Each page of a publication is read with the counts of its siblings only (leave one out), counted in three
orders. A page's sightings are its lines in the story and beside it, as the engine tells them apart.
``better`` and ``worse`` are pages whose F1 rises or falls by more than 0.001. Precision and recall are the
corpus's own, of runs of four words. ``siblings`` is how many other pages were counted.

The model that ships was trained on these very pages and leaves next to nothing to learn. So our engine is
also measured with the chances that ``benchmarks.train`` gives out of fold: by a model that saw no page of the
publication, which is what a new publication meets. For that engine the last line says how many characters of
the bodies are in no accepted body, and how many of these stand on two siblings: more cannot be learned.
"""

import argparse
import random
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import corpus, train_story
from extractors import Article, Page, attempt, story
from extractors.article import Block
from extractors.document import Document
from extractors.fields import body
from extractors.noise import SIGHTINGS, Noise, cut, fingerprint, sightings
from extractors.reading import squash
from extractors.signals import Said

SOURCES = ("fundus-eval", "fundus")
UNSEEN, LENIENT, TRAFILATURA = "own, publication not seen", "own, anything likelier than 0.1", "trafilatura"
ENGINES = ("own", UNSEEN, LENIENT, TRAFILATURA)
PROCESSES = 2
ORDERS = 3
FEWEST = 3
"""Pages that a publication must have: with fewer a line cannot be seen on two others."""
WORSE = 0.001

Blocks = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over pages, before and after, and on how many pages F1 rose and fell."""

    pages: int
    precision: tuple[float, float]
    recall: tuple[float, float]
    better: int
    worse: int
    lines: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    folder = corpus.required(parser.parse_args().corpus)
    cases = _cases(folder)
    print("| pages | engine | siblings | precision | recall | better | worse | lines cut |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    unseen = {one.case["id"]: tuple(map(float, one.second)) for one in train_story.learn(folder)[0]}
    for engine in ENGINES:
        articles = _read_all(folder, cases, engine, unseen)
        seen = {key: sightings(article) for key, article in articles.items() if article}
        for source in SOURCES:
            chosen = [case for case in cases if case["source"] == source]
            most = max(Counter(case["domain"] for case in chosen).values()) - 1
            for siblings in range(2, most + 1) if engine in (UNSEEN, TRAFILATURA) else [most]:
                print(row(source, engine, siblings, measure(folder, chosen, articles, seen, siblings)))
        if engine == UNSEEN:
            left, recurring = room(cases, articles, seen)
    print(f"\n{UNSEEN}: {left} characters in no accepted body, {recurring} of them on two siblings or more")


def _cases(folder: Path) -> list[corpus.Case]:
    """Return the pages of publications with enough pages and whole bodies."""
    cases = [
        case
        for case in corpus.scorer(folder).load(str(folder), "dev").values()
        if case["source"] in SOURCES and case["gold"].get("body_text")
    ]
    sizes = Counter((case["source"], case["domain"]) for case in cases)
    return [case for case in cases if sizes[case["source"], case["domain"]] >= FEWEST]


def _read_all(
    folder: Path, cases: Sequence[corpus.Case], engine: str, unseen: Mapping[str, tuple[float, ...]]
) -> dict[str, Article | None]:
    jobs = [(case, unseen[case["id"]] if engine == UNSEEN else None) for case in cases]
    with ProcessPoolExecutor(PROCESSES) as processes:
        found = processes.map(partial(read, folder, engine=engine), jobs, chunksize=4)
        return {case["id"]: article for case, article in zip(cases, found, strict=True)}


def read(folder: Path, job: tuple[corpus.Case, tuple[float, ...] | None], *, engine: str) -> Article | None:
    """Return what an engine takes for the page's story, with the chances of its pieces if they are given."""
    case, chances = job
    text = corpus.scorer(folder).page_html(str(folder), case)
    story.CHANCE = 0.1 if engine == LENIENT else 0.5
    page = Page(case["url"], text.encode(), "text/html; charset=utf-8")
    with _chances(chances):
        article = attempt(page, engine="trafilatura" if engine == TRAFILATURA else "own")
    return article if isinstance(article, Article) else None


@contextmanager
def _chances(told: tuple[float, ...] | None) -> Iterator[None]:
    """Have the pieces of the page that is read judged by these chances instead of the model that ships."""
    find = story.find
    if told is not None:

        def as_told(document: Document, said: Said, others: Container[int] = ()) -> story.Story:  # noqa: ARG001
            assert len(told) == len(document.pieces)
            return story.Story(tuple(i for i, chance in enumerate(told) if chance >= story.CHANCE), told)

        story.find = as_told
    try:
        yield
    finally:
        story.find = find


def room(
    cases: Sequence[corpus.Case],
    articles: Mapping[str, Article | None],
    seen: Mapping[str, Mapping[str, str]],
) -> tuple[int, int]:
    """Return the characters of lines that are in no accepted body, and of those that two siblings have."""
    left = recurring = 0
    for case in cases:
        article = articles[case["id"]]
        wanted = squash(" ".join((case["gold"]["body_text"], *(case["gold"].get("paragraphs") or ()))))
        siblings = [
            seen.get(one["id"], {})
            for one in cases
            if (one["domain"], one["source"]) == (case["domain"], case["source"]) and one is not case
        ]
        for line in (line for block in article.blocks for line in block.text.split("\n")) if article else ():
            if squash(line) not in wanted:
                left += len(line)
                recurring += len(line) * (sum(fingerprint(line) in one for one in siblings) >= SIGHTINGS)
    return left, recurring


def measure(
    folder: Path,
    cases: Sequence[corpus.Case],
    articles: Mapping[str, Article | None],
    seen: Mapping[str, Mapping[str, str]],
    siblings: int,
) -> Figures:
    """Return the figures with at most ``siblings`` other pages of the same publication counted."""
    scorer = corpus.scorer(folder)
    before, after, cuts = [], [], 0
    for case in cases:
        others = [one["id"] for one in cases if one["domain"] == case["domain"] and one is not case][
            :siblings
        ]
        article = articles[case["id"]]
        blocks = article.blocks if article else ()
        results = {_cut(blocks, seen, order) for order in _orders(others)}
        assert len(results) == 1, f"{case['id']}: the order of the siblings matters"
        kept = results.pop()
        cuts += _count(blocks) - _count(kept)
        before.append(_score(scorer, case, blocks))
        after.append(_score(scorer, case, kept))
    f1s = [
        (scorer.shingle_page_f1(one), scorer.shingle_page_f1(two))
        for one, two in zip(before, after, strict=True)
    ]
    was, now = scorer.shingle_summary(before), scorer.shingle_summary(after)
    return Figures(
        len(cases),
        (was["p"], now["p"]),
        (was["r"], now["r"]),
        sum(new > old + WORSE for old, new in f1s),
        sum(new < old - WORSE for old, new in f1s),
        cuts,
    )


def _orders(others: Sequence[str]) -> Iterator[list[str]]:
    for seed in range(ORDERS):
        yield random.Random(seed).sample(others, len(others))


def _count(blocks: Blocks) -> int:
    return sum(len(block.text.split("\n")) for block in blocks)


def _cut(blocks: Blocks, seen: Mapping[str, Mapping[str, str]], others: Sequence[str]) -> Blocks:
    counts = Counter(mark for other in others for mark in seen.get(other, ()))
    return cut(blocks, Noise(pages=len(others), counts=counts))[0]


def _score(scorer: Any, case: corpus.Case, blocks: Blocks) -> tuple[float, float, float]:
    text = "\n\n".join(body.text(blocks))
    rows = [scorer.shingle_counts(gold, text) for gold in scorer.body_variants(case["source"], case["gold"])]
    return max(rows, key=scorer.shingle_page_f1)  # type: ignore[no-any-return]


def row(source: str, engine: str, siblings: int, found: Figures) -> str:
    """Return one line of the table."""
    (p0, p1), (r0, r1) = found.precision, found.recall
    return (
        f"| {source}, {found.pages} | {engine} | {siblings} | {p0:.4f} → {p1:.4f} ({100 * (p1 - p0):+.2f}) "
        f"| {r0:.4f} → {r1:.4f} ({100 * (r1 - r0):+.2f}) | {found.better} | {found.worse} | {found.lines} |"
    )


if __name__ == "__main__":
    main()
