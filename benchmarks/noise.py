"""What noise learned from a publication's other pages does to its bodies.

    python -m benchmarks.noise --corpus DIR          # two minutes

Each page of a publication is read with the counts of its siblings only (leave one out), counted in three
orders. A page's sightings are its lines in the story and beside it, as the engine tells them apart.
``better`` and ``worse`` are pages whose F1 rises or falls by more than 0.001. Precision and recall are the
corpus's own, of runs of four words. ``siblings`` is how many other pages were counted.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import corpus
from extractors import Article, Page, attempt, story
from extractors.article import Block
from extractors.fields import body
from extractors.noise import Noise, cut, sightings

SOURCES = ("fundus-eval", "fundus")
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
    for engine in ("own", "own, anything likelier than 0.1", "trafilatura"):
        articles = _read_all(folder, cases, engine)
        seen = {key: sightings(article) for key, article in articles.items() if article}
        for source in SOURCES:
            chosen = [case for case in cases if case["source"] == source]
            most = max(Counter(case["domain"] for case in chosen).values()) - 1
            for siblings in range(2, most + 1) if engine == "trafilatura" else [most]:
                print(row(source, engine, siblings, measure(folder, chosen, articles, seen, siblings)))


def _cases(folder: Path) -> list[corpus.Case]:
    """Return the pages of publications with enough pages and whole bodies."""
    cases = [
        case
        for case in corpus.scorer(folder).load(str(folder), "dev").values()
        if case["source"] in SOURCES and case["gold"].get("body_text")
    ]
    sizes = Counter((case["source"], case["domain"]) for case in cases)
    return [case for case in cases if sizes[case["source"], case["domain"]] >= FEWEST]


def _read_all(folder: Path, cases: Sequence[corpus.Case], engine: str) -> dict[str, Article | None]:
    with ProcessPoolExecutor(PROCESSES) as processes:
        found = processes.map(partial(read, folder, engine=engine), cases, chunksize=4)
        return {case["id"]: article for case, article in zip(cases, found, strict=True)}


def read(folder: Path, case: corpus.Case, *, engine: str) -> Article | None:
    """Return what an engine takes for the page's story."""
    text = corpus.scorer(folder).page_html(str(folder), case)
    story.CHANCE = 0.1 if "0.1" in engine else 0.5
    page = Page(case["url"], text.encode(), "text/html; charset=utf-8")
    article = attempt(page, engine="trafilatura" if engine == "trafilatura" else "own")
    return article if isinstance(article, Article) else None


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
