"""Train what ships in ``extractors/weights``, and say how good it is on pages that it has not seen.

    python -m benchmarks.train --corpus DIR            # print the table; about four minutes on two cores
    python -m benchmarks.train --corpus DIR --write    # and rewrite extractors/weights/

Needs the extra ``train`` (``pip install -e '.[train]'``). Nothing of it is needed to run what it makes.

**What it learns from**: 2,893 pages, the dev split of public gold sets: article-extraction-benchmark (MIT),
the evaluation pages and publishers' test pages of Fundus (MIT), the evaluation set of trafilatura
(Apache-2.0), WCXB (CC-BY-4.0), and the news pages of 2012 of the DAnIEL project in English, Chinese,
Polish, Greek and Russian (our copy names no licence). benchmarks/labels.py says how labels become labels of
pieces. Whether a page is an article at all is learned from WCXB's seven kinds of page. People of those
projects gave the labels; the pages remain the publications'. What ships are statistics only: scores of
class names and of words that stand on at least five domains, and thresholds of decision trees. No text of
any page ships.

**What is left out**: pages whose label is another extractor's output (the test pages of readability and of
newspaper4k), or says no more of the body than its first words (those of Postlight's parser); paragraphs that
the labels call optional; on pages labelled by snippets, every piece that no snippet is about. The withheld
split, 1,629 pages of other publications, is never read.

The same pages, versions and machine give the same weights to the byte: folds come from a hash of the domain,
LightGBM is seeded and deterministic, and no sum depends on the order of a set.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import corpus, train_kind, train_story, trees_as_code
from benchmarks.train_story import Lesson, Scores, Trained
from extractors import kind, story, weights

WEIGHTS = Path(weights.__file__).parent
COMMAND = "benchmarks.train"
MEANINGS = {
    "likely": "Return the log-odds that a piece is story, from LOCAL numbers alone.",
    "certain": "Return the log-odds that a piece is story, from LOCAL and CONTEXT numbers.",
    "article": "Return the log-odds that a page is an article, from kind.FEATURES.",
}

_SILENT: dict[str, Any] = {
    "tree_info": [{"tree_structure": {"leaf_value": 0.0}}],
    "feature_names": list(kind.FEATURES),
}


def main() -> None:
    folder, write = trees_as_code.arguments(COMMAND, __doc__, "tokens.json and trees.py")
    lessons, trained = train_story.learn(folder)
    print("\n".join(table(lessons, corpus.scorer(folder))))
    if write:
        _write_tokens(trained, {})
        _write_trees(trained, None)
    precision, recall, signs, kind_model = train_kind.learn(folder)
    print(f"is it an article: P {precision:.3f} R {recall:.3f}")
    if write:
        _write_tokens(trained, signs)
        _write_trees(trained, kind_model)


def table(lessons: Sequence[Lesson], score: Any) -> Iterator[str]:
    """Yield lines: of each source, out of fold, the body by the model alone, before any rule touches it."""
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for lesson in lessons:
        body = _body(lesson)
        pages[lesson.case["source"]].append(score.score_page(lesson.case, {"body": body}))
    yield f"{'source':<14}{'pages':>6}{'body F1':>9}{'P':>7}{'R':>7}{'exact':>7}{'snippet F1':>12}"
    for source in train_story.SOURCE_WEIGHTS:
        if source in pages:
            yield _line(source, score.aggregate(pages[source]))


def _body(lesson: Lesson) -> str:
    chosen = zip(lesson.texts, lesson.second, strict=True)
    return "\n\n".join(text for text, chance in chosen if chance >= story.CHANCE)


def _line(source: str, found: dict[str, Any]) -> str:
    whole, snippets = found.get("aeb"), found.get("snip")
    body = (
        f"{whole['f1']:>9.3f}{whole['p']:>7.3f}{whole['r']:>7.3f}{found['body_exact']:>7.3f}"
        if whole
        else " " * 30
    )
    return f"{source:<14}{found['n']:>6}{body}" + (f"{snippets['f1']:>12.3f}" if snippets else "")


def _write_tokens(trained: Trained, signs: Scores) -> None:
    tables = {"names": trained.names, "words": trained.words, "signs": signs}
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"), indent=0)
    (WEIGHTS / "tokens.json").write_text(text, "utf-8")


def _write_trees(trained: Trained, kind_model: Any) -> None:
    """Write the functions. Without a kind model its function says nothing, for as long as it is trained."""
    models = {"likely": trained.first, "certain": trained.second, "article": kind_model or _SILENT}
    written = [trees_as_code.function(name, models[name], meaning) for name, meaning in MEANINGS.items()]
    trees_as_code.write(COMMAND, "trees.py", written)


if __name__ == "__main__":
    main()
