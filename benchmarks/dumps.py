"""How right the bodies are when a labelled page comes as plain text, as "select all, copy" gives it.

    python -m benchmarks.dumps --corpus DIR          # half a minute

Each block of a page becomes a line, without tags and head; what is drawn from that is laid beside
the body that people marked, in runs of four words (the corpus's own tokens).
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import corpus
from extractors import Article, Page, attempt
from extractors.document import parse

SOURCES = ("aeb", "fundus-eval", "fundus")
PROCESSES = 2

Score = tuple[str, float, float, float]
"""Source, precision, recall, F1."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    folder = corpus.required(parser.parse_args().corpus)
    cases = [
        case
        for case in corpus.scorer(folder).load(str(folder), "dev").values()
        if case["source"] in SOURCES and case["gold"].get("body_text")
    ]
    with ProcessPoolExecutor(PROCESSES) as processes:
        scores = list(processes.map(score, [folder] * len(cases), cases, chunksize=8))
    print("\n".join(table(scores)))


def score(folder: Path, case: corpus.Case) -> Score:
    """Return how well the body drawn from the page's lines matches the accepted one."""
    scorer = corpus.scorer(folder)
    article = attempt(Page(case["url"], _lines(scorer, folder, case).encode(), "text/plain"))
    body = article.body if isinstance(article, Article) else ""
    found, wanted = (_runs(scorer.tokens(text)) for text in (body, case["gold"]["body_text"]))
    shared = (found & wanted).total()
    precision, recall = shared / (found.total() or 1), shared / (wanted.total() or 1)
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return case["source"], precision, recall, f1


def _lines(scorer: Any, folder: Path, case: corpus.Case) -> str:
    page = scorer.page_html(str(folder), case)
    return "\n".join(piece.text for piece in parse(page, case["url"]).pieces)


def _runs(words: list[str]) -> Counter[tuple[str, ...]]:
    """Return every run of four words and how often it stands there; of a shorter text the text."""
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False)) or Counter([tuple(words)])


def table(scores: list[Score]) -> Iterator[str]:
    """Yield a Markdown table, one row a source."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        groups[one[0]].append(one)
    yield "| source | pages | precision | recall | F1 |"
    yield "| --- | --- | --- | --- | --- |"
    for source, rows in groups.items():
        means = (f"{fmean(figures):.3f}" for figures in list(zip(*rows, strict=True))[1:])
        yield f"| {source} | {len(rows)} | {' | '.join(means)} |"


if __name__ == "__main__":
    main()
