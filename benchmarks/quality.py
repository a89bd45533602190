"""How right the articles are on labelled pages, side by side with the stored answers of other extractors.

    python -m benchmarks.quality --corpus DIR        # the aims, our figures and the peers'; three minutes
    python -m benchmarks.quality --corpus DIR --all  # before them every table of the scorer, source by source

The figures are the corpus's own: ``run_ours.py`` asks ``attempt`` for each page of the dev split in two
processes, ``score.py`` and ``score_kinds.py`` count. The peers' answers were made by their released versions
and are stored with the pages. The weights were trained on this same split, so our figures of bodies and of
page kinds are kinder than new pages will be; ``benchmarks.train`` prints those of pages out of fold.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import corpus

ROOT = Path(__file__).parents[1]
PROCESSES = "2"
EVERY = "ALL-no-tool"
"""The scorer's row over all pages but those whose labels another extractor made."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the summary: where the scorer's summary has it, and what we aim at."""

    name: str
    group: str  # a source, or EVERY
    path: tuple[str, ...]
    aim: float
    lower: bool = False  # a share of wrong answers: less is better


FIGURES = (
    Figure("body F1, article-extraction-benchmark", "aeb", ("aeb", "f1"), 0.980),
    Figure("body exact, the same pages", "aeb", ("body_exact",), 0.55),
    Figure("body F1, Fundus evaluation", "fundus-eval", ("aeb", "f1"), 0.985),
    Figure("body F1, Fundus publishers", "fundus", ("aeb", "f1"), 0.970),
    Figure("body F1, WCXB articles", "wcxb", ("aeb", "f1"), 0.972),
    Figure("body F1, DAnIEL English", "daniel-en", ("aeb", "f1"), 0.950),
    Figure("body F1, DAnIEL Chinese", "daniel-zh", ("aeb", "f1"), 0.960),
    Figure("body F1, DAnIEL Polish", "daniel-pl", ("aeb", "f1"), 0.930),
    Figure("body F1, DAnIEL Greek", "daniel-el", ("aeb", "f1"), 0.980),
    Figure("body F1, DAnIEL Russian", "daniel-ru", ("aeb", "f1"), 0.920),
    Figure("snippets F1, trafilatura's pages", "trafilatura", ("snip", "f1"), 0.945),
    Figure("headline, exact", EVERY, ("headline_exact",), 0.90),
    Figure("dek, exact", EVERY, ("dek_exact",), 0.85),
    Figure("dek given where there is none", EVERY, ("dek_fp",), 0.15, lower=True),
    Figure("authors, set F1", EVERY, ("authors_f1",), 0.88),
    Figure("authors given where there are none", EVERY, ("authors_fp",), 0.15, lower=True),
    Figure("published, same day", EVERY, ("published_day",), 0.955),
    Figure("section", EVERY, ("section_match",), 0.65),
    Figure("tags, set F1", EVERY, ("tags_f1",), 0.55),
    Figure("lead image", EVERY, ("lead_image_match",), 0.92),
    Figure("photo credits, set F1", EVERY, ("credits_f1",), 0.80),
)
ARTICLE_AIM = 0.93
"""F1 of "this page is an article" over seven kinds of page. No peer says."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    parser.add_argument("--all", action="store_true", help="print every table of the scorer too")
    said = parser.parse_args()
    folder = corpus.required(said.corpus)
    with tempfile.TemporaryDirectory() as place:
        scores, tables = score_articles(folder, Path(place))
        kinds = score_kinds(folder, Path(place))
    if said.all:
        print(tables)
    print("\n".join(summary(scores["summary"], _complete(folder), _article_f1(kinds))))
    print(f"\nIs it an article?\n\n{kinds}", end="")


def score_articles(folder: Path, place: Path) -> tuple[dict[str, Any], str]:
    """Return the scorer's figures and its printed tables: ours, then every peer with stored answers."""
    ours, figures = place / "ours.jsonl", place / "figures.json"
    _run(folder / "run_ours.py", ours, "--corpus", folder, "--processes", PROCESSES)
    peers = sorted((folder / "pred").glob("*.jsonl"))
    tables = _run(
        folder / "score.py", "--corpus", folder, "--split", "dev", "--rouge", "none", "--json", figures,
        "--predictions", ours, "--baseline", *peers,
    )  # fmt: skip
    return json.loads(figures.read_text("utf-8")), tables


def score_kinds(folder: Path, place: Path) -> str:
    """Return what score_kinds.py prints: of each kind of page, how many are called articles."""
    _run(
        folder / "run_ours.py", place / "kinds.jsonl", "--corpus", folder, "--kinds", "--processes", PROCESSES
    )
    return _run(folder / "score_kinds.py", folder / "kinds.jsonl", place / "kinds.jsonl")


def _run(program: Path, *arguments: str | Path) -> str:
    """Return what a program of the corpus prints. Its failure is ours; what it says on stderr is seen."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), *map(str, arguments)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program.name} ended with exit code {done.returncode}; its own words stand above")
    return done.stdout


def _complete(folder: Path) -> dict[str, set[str]]:
    """Return, for each peer, the sources of which it has an answer for every page."""
    cases = corpus.scorer(folder).load(str(folder), "dev")
    sources = {case["source"] for case in cases.values()}
    found = {}
    for file in (folder / "pred").glob("*.jsonl"):
        answered = {json.loads(line)["id"] for line in file.open(encoding="utf-8")}
        found[file.stem] = sources - {case["source"] for key, case in cases.items() if key not in answered}
    return found


def summary(
    scores: Mapping[str, Mapping[str, Any]], complete: Mapping[str, set[str]], article_f1: float
) -> Iterator[str]:
    """Yield a Markdown table: each figure, the aim, ours, and the peers'. A dash: no answers stored."""
    peers = [name for name in scores if name != "ours"]
    everything = max((len(sources) for sources in complete.values()), default=0)
    yield f"| figure | aim | ours | {' | '.join(peers)} |"
    yield "| --- | --- | --- |" + " --- |" * len(peers)
    for figure in FIGURES:
        ours = _dig(scores["ours"][figure.group], figure.path)
        others = []
        for peer in peers:
            has = figure.group in complete[peer] or (
                figure.group == EVERY and len(complete[peer]) == everything
            )
            others.append(_shown(_dig(scores[peer][figure.group], figure.path)) if has else "-")
        met = ours is not None and (ours <= figure.aim if figure.lower else round(ours, 3) >= figure.aim)
        yield _row(figure.name, figure.aim, ours, met, others, lower=figure.lower)
    met = round(article_f1, 3) >= ARTICLE_AIM
    yield _row("article or not, F1", ARTICLE_AIM, article_f1, met, ["-"] * len(peers))


def _row(
    name: str, aim: float, ours: float | None, met: bool, others: Sequence[str], *, lower: bool = False
) -> str:
    mark = "" if met else ", missed"
    return f"| {name} | {'≤ ' if lower else ''}{aim:.3f} | {_shown(ours)}{mark} | {' | '.join(others)} |"


def _dig(found: Any, path: Sequence[str]) -> float | None:
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, float) else None


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _article_f1(printed: str) -> float:
    match = re.search(r"F1 ([\d.]+)\s*$", printed)
    if not match:
        raise SystemExit("score_kinds.py did not end with an F1")
    return float(match[1])


if __name__ == "__main__":
    main()
