"""Which pieces of a labelled page are story: each piece laid beside the body that people marked.

Gold bodies are plain text, so a piece is looked up in them with all but letters and digits left out. A
label is 1 for story, 0 for noise, a share between for a piece of which a part is in the body, and None where
the gold does not say: such a piece is not trained on.
"""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.corpus import Case

Label = float | None

NOT_BY_PEOPLE = frozenset(["readability", "newspaper4k"])
"""Sources whose bodies are another extractor's output: to learn from them is to learn its faults."""

LONG = 30
"""Letters that make a piece its own proof: it is looked for anywhere in the body. A shorter one ("Read more",
"He agreed.") may stand there by chance, so it must also stand between the long pieces around it."""

CERTAIN = 12
"""Letters from which a short piece counts wherever it stands between its long neighbours. A shorter one must
touch one of them, or come within TOUCHING letters."""
TOUCHING = 3

PART = 0.3
"""Share of a long piece's four-word runs that must be in the body for it to count as partly story."""


def of(case: Case, texts: Sequence[str], score: Any) -> list[Label] | None:
    """Return a label for each piece of the page, or None for a page that says nothing about its body."""
    gold = case["gold"]
    if "body_text" in gold and case["source"] not in NOT_BY_PEOPLE:
        optional = [gold["paragraphs"][i] for i in gold.get("optional_paragraphs") or ()]
        if case["source"] == "fundus" and gold.get("dek"):
            optional.append(gold["dek"])
        return align(texts, gold["body_text"], optional, score.tokens)
    if "with" in gold:
        return by_snippets(texts, gold)
    return None


def align(
    texts: Sequence[str], gold: str, optional: Sequence[str], tokens: Callable[[str], list[str]]
) -> list[Label]:
    """Return labels by a whole gold body. Pieces of ``optional`` paragraphs get None."""
    words = tokens(gold)
    body = "".join(words)
    pieces = ["".join(tokens(text)) for text in texts]
    labels: list[Label] = [0.0] * len(pieces)
    places = _long_places(pieces, body)
    _find_short(pieces, places, body)
    runs = set(_runs(words))
    spared = ["".join(tokens(text)) for text in optional]
    for i, piece in enumerate(pieces):
        if not piece or any(piece in one or (len(one) > 15 and one in piece) for one in spared):
            labels[i] = None
        elif i in places:
            labels[i] = 1.0
        elif len(piece) >= LONG and piece not in body:
            labels[i] = _part(tokens(texts[i]), runs)
    return labels


def _long_places(pieces: Sequence[str], body: str) -> dict[int, tuple[int, int]]:
    """Return where in the body each long piece stands.

    One that the page says twice counts twice only if the body says it twice.
    """
    places: dict[int, tuple[int, int]] = {}
    end = 0
    for i, piece in enumerate(pieces):
        if len(piece) < LONG:
            continue
        at = body.find(piece, end)
        if at < 0:
            at = body.find(piece)
        if at >= 0 and any(first <= at < last for first, last in places.values()):
            at = body.find(piece, at + 1)
        if at >= 0:
            end = at + len(piece)
            places[i] = (at, end)
    return places


def _find_short(pieces: Sequence[str], places: dict[int, tuple[int, int]], body: str) -> None:
    """Add the places of short pieces that stand in the body between the same neighbours as on the page."""
    until = _next_places(len(pieces), places, len(body))
    end = 0
    for i, piece in enumerate(pieces):
        if i in places:
            end = places[i][1]
        elif 0 < len(piece) < LONG:
            limit = until[i] if until[i] >= end else len(body)
            at = body.find(piece, end, limit)
            touches = at - end <= TOUCHING or limit - (at + len(piece)) <= TOUCHING
            if at >= 0 and (len(piece) >= CERTAIN or touches):
                end = at + len(piece)
                places[i] = (at, end)


def _next_places(count: int, places: dict[int, tuple[int, int]], end: int) -> list[int]:
    """Return, for each piece, where in the body the next long piece begins."""
    until = [end] * count
    for i in range(count - 1, -1, -1):
        until[i] = end
        if i in places:
            end = places[i][0]
    return until


def _part(words: list[str], runs: set[tuple[str, ...]]) -> float:
    own = _runs(words)
    share = sum(run in runs for run in own) / len(own) if own else 0.0
    return share if share > PART else 0.0


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    """Return every run of four words."""
    return list(zip(words, words[1:], words[2:], words[3:], strict=False))


def by_snippets(texts: Sequence[str], gold: Case) -> list[Label]:
    """Return labels by sentences that must and must not be in the body; most pieces hold neither."""
    wanted = [_folded(text) for text in gold["with"] if text.strip()]
    against = [*(gold.get("without") or ()), *(gold.get("comments") or ())]
    unwanted = [_folded(text) for text in against if text.strip()]
    return [_snippet_label(_folded(text), wanted, unwanted) for text in texts]


def _snippet_label(text: str, wanted: Sequence[str], unwanted: Sequence[str]) -> Label:
    good = any(one in text for one in wanted)
    bad = any(one in text for one in unwanted)
    return None if good == bad else float(good)


def _folded(text: str) -> str:
    return " ".join(text.split())
