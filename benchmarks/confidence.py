"""Does a stated confidence mean something? Of each field: how right the answers are, band by band.

    python -m benchmarks.confidence --corpus DIR                # our answers on the dev split; three minutes
    python -m benchmarks.confidence --corpus DIR ours.jsonl     # and keep them, in the form score.py reads

A row is a band of the confidence that the article's provenance states. ``right`` is the mean of the
scorer's own figure of the page: 1 or 0 for a headline, dek, day, section or picture, the set F1 of authors,
tags and credits, the body's F1 (of its snippets where a page has only those). ``wholly`` is the share of
pages with the full mark. A value where the label says that there is none counts 0. Pages whose labels
another extractor made are left out, with ``--skip-disputed`` also labels that several extractors contradict
with one voice (the corpus lists them). Under each field stands whether the figure rises from band to band,
and whether the top band reaches 0.98.

A confidence that was learned or chosen on these pages is kinder to itself than new pages will be; what learns
one (benchmarks/train.py) prints it out of fold.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import corpus
from benchmarks.corpus import Case
from extractors import Article, Page, attempt

PROCESSES = 2

FIELDS: Mapping[str, tuple[str, ...]] = {
    "headline": ("headline_exact",),
    "dek": ("dek_exact", "dek_fp"),
    "authors": ("authors_f1", "authors_fp"),
    "published": ("published_day",),
    "section": ("section_match",),
    "tags": ("tags_f1",),
    "lead_image": ("lead_image_match",),
    "credits": ("credits_f1",),
    "body": ("body_f1", "snippet"),
}
"""The scorer's names of a page's figures, best first; ``_fp`` is 1 for a value where there is none."""

BANDS = (0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.0)
"""Least confidence of each band."""

JUDGED = 20
"""Pages that a band must have to be judged: in fewer, one page moves the share by more than 5 points."""

TOP = 0.98

Answer = tuple[float, float]
"""Stated confidence, and the scorer's figure."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.confidence", description=__doc__.partition("\n")[0]
    )
    corpus.add_option(parser)
    parser.add_argument("predictions", type=Path, nargs="?", help="file to keep the answers in")
    parser.add_argument("--skip-disputed", action="store_true", help="leave doubtful labels out")
    said = parser.parse_args()
    folder = corpus.required(said.corpus)
    rows = answers(folder)
    if said.predictions:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        said.predictions.write_text("".join(lines), "utf-8")
    print("\n".join(report(judged(folder, rows, skip_disputed=said.skip_disputed))))


def answers(folder: Path) -> list[dict[str, Any]]:
    """Return our answers to the dev split as score.py reads them, with ``confidence``: field → 0-1."""
    cases = corpus.scorer(folder).load(str(folder), "dev").values()
    jobs = [(folder, case) for case in cases if case.get("label") != "tool"]
    with get_context("spawn").Pool(PROCESSES) as pool:
        return list(pool.imap(_answer, jobs, chunksize=16))


def _answer(job: tuple[Path, Case]) -> dict[str, Any]:
    folder, case = job
    body = corpus.scorer(folder).page_html(str(folder), case).encode("utf-8", "replace")
    article = attempt(Page(case["url"], body, "text/html; charset=utf-8"))
    if not isinstance(article, Article):
        return {"id": case["id"], "error": f"{type(article).__name__}: {article}", "confidence": {}}
    named = article.provenance | {"published": article.provenance.get("published_at")}
    return {
        "id": case["id"],
        "error": None,
        "headline": article.headline,
        "dek": article.dek,
        "section": article.section,
        "authors": list(article.authors),
        "published": article.published_at.isoformat() if article.published_at else None,
        "tags": list(article.tags),
        "lead_image": article.lead_image.url if article.lead_image else None,
        "credits": [credit.text for credit in article.credits],
        "body": article.body,
        "kind": article.kind.value,
        "confidence": {name: origin.confidence for name in FIELDS if (origin := named.get(name))},
    }


def judged(
    folder: Path, rows: Iterable[Mapping[str, Any]], *, skip_disputed: bool = False
) -> dict[str, list[Answer]]:
    """Return, of each field, confidence and figure of the pages that have both a label and an answer."""
    score = corpus.scorer(folder)
    cases = score.load(str(folder), "dev")
    found: dict[str, list[Answer]] = defaultdict(list)
    for row in rows:
        figures = score.score_page(cases[row["id"]], row)
        for field, names in FIELDS.items():
            name = next((name for name in names if name in figures), None)
            if skip_disputed and field in cases[row["id"]].get("disputed", ()):
                continue
            if name and row.get(field):
                figure = 1.0 - figures[name] if name.endswith("_fp") else figures[name]
                found[field].append((row["confidence"].get(field, -1.0), figure))
    return found


def report(found: Mapping[str, Sequence[Answer]]) -> Iterator[str]:
    """Yield a Markdown table of the judged fields, most confident first, and a verdict under each."""
    yield "| field | confidence | pages | right | wholly |"
    yield "| --- | --- | --- | --- | --- |"
    for field in (field for field in FIELDS if field in found):
        bands = banded(found[field])
        for band, figures in bands.items():
            whole = fmean(figure == 1.0 for figure in figures)
            yield f"| {field} | {_shown(band)} | {len(figures)} | {fmean(figures):.3f} | {whole:.3f} |"
        yield f"| {field} | {verdict(bands)} |" + " |" * 3


def banded(found: Sequence[Answer]) -> dict[float, list[float]]:
    """Return the figures of each band that has any, most confident first; -1: no confidence is stated."""
    bands: dict[float, list[float]] = {band: [] for band in (*BANDS, -1.0)}
    for confidence, figure in found:
        bands[next(band for band in bands if confidence >= band)].append(figure)
    return {band: figures for band, figures in bands.items() if figures}


def verdict(bands: Mapping[float, Sequence[float]]) -> str:
    """Say whether the figure rises with the confidence, and whether the top band is right enough."""
    judged = [figures for band, figures in bands.items() if len(figures) >= JUDGED and band >= 0]
    if not judged:
        return "no band to judge"
    # a fall by less than one page of the upper band is none
    rises = all(fmean(above) + 1 / len(above) > fmean(below) for above, below in pairwise(judged))
    top = "top band reaches" if fmean(judged[0]) >= TOP else "top band misses"
    return f"{'rises' if rises else 'does not rise'}; {top} {TOP}"


def _shown(band: float) -> str:
    return "not stated" if band < 0 else f"{band:.2f}"


if __name__ == "__main__":
    main()
