"""What a wrong figure could hide in, and what the benchmarks say when the labelled pages are absent."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import archives, confidence, labels, speed, trees_as_code
from extractors import Article
from scraper.bulk import captures
from scraper.bulk.filters import Filters
from scraper.bulk.inputs import Input
from tests.scraper.archives import KILLER

ROOT = Path(__file__).parents[1]
FIRST = "The ferry to the islands ran again on Monday after a week of storms."
SECOND = "Nobody on the quay had expected it, least of all the harbour master."
BODY = f"{FIRST} He smiled. {SECOND}"


def words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([FIRST, SECOND], [1.0, 1.0], id="paragraphs of the body are story"),
        pytest.param(["Subscribe to our newsletter, it is free!"], [0.0], id="what the body lacks is noise"),
        pytest.param([FIRST, "He smiled.", SECOND], [1.0, 1.0, 1.0], id="short, between its neighbours"),
        pytest.param(["He smiled.", FIRST, SECOND], [0.0, 1.0, 1.0], id="short, and in another place"),
        pytest.param([FIRST, SECOND, FIRST], [1.0, 1.0, 0.0], id="said twice on the page, once in the body"),
        pytest.param([FIRST, "***"], [1.0, None], id="without a letter nothing is said"),
    ],
)
def test_pieces_are_labelled_by_the_gold_body(texts: list[str], expected: list[labels.Label]) -> None:
    assert labels.align(texts, BODY, (), words) == expected


def test_optional_paragraphs_are_not_trained_on() -> None:
    assert labels.align([FIRST, SECOND], BODY, (FIRST,), words) == [None, 1.0]


def test_a_piece_that_is_partly_in_the_body_is_labelled_with_its_share() -> None:
    (label,) = labels.align([f"{FIRST} {'Read more on page seven.'}"], BODY, (), words)
    assert label is not None
    assert 0.5 < label < 1.0


def test_snippets_speak_of_pieces_that_hold_them_and_of_no_other() -> None:
    gold = {"with": ["ran again"], "without": ["our newsletter"]}
    texts = [FIRST, SECOND, "Get our  newsletter", f"{FIRST} Get our newsletter"]
    assert labels.by_snippets(texts, gold) == [1.0, None, 0.0, None]


def test_trees_written_as_code_answer_as_the_model_does() -> None:
    def split(feature: int, threshold: float, below: object, above: object) -> dict[str, object]:
        return {
            "split_feature": feature,
            "threshold": threshold,
            "decision_type": "<=",
            "left_child": below,
            "right_child": above,
        }

    tree = split(0, 0.5, {"leaf_value": -1.0}, split(2, 10.0, {"leaf_value": 0.25}, {"leaf_value": 2.0}))
    model = {
        "feature_names": ["a", "b", "c"],
        "tree_info": [{"tree_structure": tree}, {"tree_structure": {"leaf_value": 0.5}}],
    }
    names: dict[str, object] = {"Sequence": Sequence}
    exec(trees_as_code.function("answer", model, "Return the sum."), names)
    answer = names["answer"]
    assert callable(answer)
    assert [answer(row) for row in ([0.5, 0, 99], [0.6, 0, 10], [0.6, 0, 11])] == [-0.5, 0.75, 2.5]


def test_bands_of_confidence_hold_the_figures_of_their_pages() -> None:
    found = [(0.99, 1.0), (0.98, 0.0), (0.97, 1.0), (0.3, 0.5), (-1.0, 1.0)]
    assert confidence.banded(found) == {0.98: [1.0, 0.0], 0.95: [1.0], 0.0: [0.5], -1.0: [1.0]}


MANY = confidence.JUDGED


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        pytest.param(
            {0.98: [1.0] * MANY, 0.9: [0.5] * MANY}, "rises; top band reaches 0.98", id="as it should"
        ),
        pytest.param(
            {0.98: [0.9] * MANY, 0.9: [1.0] * MANY}, "does not rise; top band misses 0.98", id="upside down"
        ),
        pytest.param(
            {0.98: [0.0], 0.9: [1.0] * MANY}, "rises; top band reaches 0.98", id="one page is no band"
        ),
        pytest.param({-1.0: [1.0] * MANY}, "no band to judge", id="nothing is stated"),
    ],
)
def test_confidence_is_judged_by_bands_with_enough_pages(
    bands: dict[float, list[float]], expected: str
) -> None:
    assert confidence.verdict(bands) == expected


def test_quality_says_what_is_missing_when_the_labelled_pages_are_absent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.quality", "--corpus", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"the labelled pages are not at {tmp_path}" in done.stderr
    assert "Traceback" not in done.stderr


def test_speed_has_pages_to_measure_without_the_corpus() -> None:
    pages = speed.committed()
    assert len(pages) > 2 * speed.WARM_UP
    page, text = pages[0]
    assert isinstance(speed.TOOLS["ours"](page, text), Article)


def test_archives_have_every_page_once_and_three_that_kill(tmp_path: Path) -> None:
    pages = [page for page, _ in speed.committed()]
    archives.write(tmp_path, pages, 3, 40)
    read = [
        capture
        for file in sorted(tmp_path.iterdir())
        for capture in captures.read(Input(file.name, (str(file),), file.name), Filters(), 10**7)
    ]
    bodies = [capture.page.body for capture in read if capture.page]
    assert len({capture.url for capture in read}) == len(read) == len(bodies) == 120
    assert sum(KILLER in body for body in bodies) == 3
