"""What can be counted about each piece of a page: the numbers that the story model decides on.

Two rounds. ``local`` looks at a piece alone: its text, its tag, the class names around it. ``context`` adds what
the first model said about its neighbours and about everything else in the same container. The order of the
columns is the models' contract: benchmarks/train.py reads it from LOCAL and CONTEXT.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from extractors.document import Document, Piece

LOCAL = (
    "chars", "link_share", "sentence_ends", "commas", "ends_sentence", "tag", "names_sum", "names_min",
    "names_max", "name_own", "name_parent", "in_article", "in_aside", "in_nav", "in_footer", "in_header",
    "in_form", "in_figure", "in_table", "in_list", "in_quote", "in_section", "in_dead", "depth", "order",
    "words_score", "starts_upper", "digit_share", "word_length", "repeats", "is_headline", "in_description",
    "pipes", "colon", "starts_mark", "media_before", "media_after", "opens_tag",
)  # fmt: skip

CONTEXT = (
    "p", "p_before", "p_before2", "p_after", "p_after2", "p_window", "mass_before", "mass_after", "mass_page",
    "gap_before", "gap_after", "parent_share", "parent_mass", "grand_share", "grand_mass", "great_share",
    "great_mass", "in_core", "core_depth", "core_first", "core_last", "kin_count", "kin_p", "kin_mass",
    "chars_before", "chars_after", "links_before", "links_after", "same_parent_before", "same_parent_after",
    "tag_before", "tag_after", "headline_passed", "heading_linked", "since_heading", "p_far_before", "p_far_after",
)  # fmt: skip

TAG_CODES = {
    "p": 0, "div": 1, "li": 2, "h1": 3, "h2": 4, "h3": 5, "h4": 6, "h5": 7, "h6": 8, "td": 9, "th": 9,
    "blockquote": 10, "figcaption": 11, "pre": 12, "dd": 13, "dt": 14, "section": 1, "article": 1, "main": 1,
    "body": 1,
}  # fmt: skip
OTHER_TAG = 15

DULL = 4 | 2048
"""Places (PLACES bits of nav and of controls) whose text is not story. On the labelled pages they hold 23 % of all pieces
and 0.2 % of the stories' text."""

_MEDIA = frozenset(["img", "picture", "video", "iframe", "amp-img", "audio", "source"])
_OPENS = {"a": 1, "strong": 2, "b": 2, "em": 3, "i": 3, "span": 4, "time": 5}

_NAME = re.compile(r"[a-z]+")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d")
_ENDS = re.compile(r"[.!?。！？…]+(?:\s|$|[\"'”’»)\]])|[。！？]")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_LAST = frozenset(".!?。！？…\"'”’»)")
_NAMED = ("role", "itemprop", "data-component", "data-testid", "data-qa", "data-type", "data-module")


def names_of(document: Document, node: int) -> str:
    """Return what the page's author called the element: class, id, role and the like, lower case."""
    attributes = document.attributes(node)
    if not attributes:
        return ""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    for key in _NAMED:
        if key in attributes:
            names += f" {key[-4:]}{attributes[key]}"
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        names += " ishidden"
    style = attributes.get("style")
    if style and "display" in style and "none" in style:
        names += " isundisplayed"
    return names.lower()


def name_tokens(name: str) -> list[str]:
    """Return the words in one class name, and the name whole, digits left out."""
    tokens = _NAME.findall(name)
    if len(name) <= 40:
        tokens.append("." + _DIGITS.sub("", name))
    return tokens


def text_tokens(text: str) -> list[str]:
    """Return the first words of a text; where it has no spaces, its first characters in pairs."""
    tokens = text[:80].lower().split()
    if len(tokens) < 3 and len(text) > 8 and _SPACELESS.search(text):
        return [text[i : i + 2] for i in range(min(len(text) - 1, 16))]
    return tokens[:12]


class Names:
    """Scores of the elements around pieces, each element looked at once.

    ``rows[node]`` is (decayed sum, least, greatest, own score, depth).
    """

    def __init__(self, document: Document, score: Callable[[str], float]) -> None:
        self.document = document
        self.score = score
        self.rows: dict[int, tuple[float, float, float, float, int]] = {-1: (0.0, 0.0, 0.0, 0.0, 0)}
        self._known: dict[str, float] = {"": 0.0}

    def of(self, node: int) -> tuple[float, float, float, float, int]:
        """Return the element's row, those around it first."""
        row = self.rows.get(node)
        if row is not None:
            return row
        parents = self.document.parents
        chain: list[int] = []
        while node not in self.rows:
            chain.append(node)
            node = parents[node]
        row = self.rows[node]
        for one in reversed(chain):
            own = self._own(one)
            total, least, most, _, depth = row
            row = (
                total * 0.7 + own,
                own if own < least else least,
                own if own > most else most,
                own,
                depth + 1,
            )
            self.rows[one] = row
        return row

    def _own(self, node: int) -> float:
        names = names_of(self.document, node)
        known = self._known.get(names)
        if known is None:
            total = 0.0
            for name in names.split():
                total += self.score(name)
            known = self._known[names] = max(-6.0, min(6.0, total))
        return known


def scorer(
    scores: Mapping[str, float], tokens: Callable[[str], list[str]], *, mean: bool
) -> Callable[[str], float]:
    """Return a function that adds up (or averages) the scores of a name's or text's tokens.

    It remembers what it was asked: pages of one publication share their class names and menus.
    """

    @lru_cache(maxsize=50_000)
    def score(text: str) -> float:
        found = tokens(text)
        total = 0.0
        for token in found:
            total += scores.get(token, 0.0)
        return total / len(found) if mean and found else total

    return score


def local(
    document: Document,
    names: Names,
    words_score: Callable[[str], float],
    headline: str,
    description: str,
) -> list[list[float]]:
    """Return one row of LOCAL numbers a piece."""
    pieces = document.pieces
    count = len(pieces) or 1
    sample = "".join([piece.text for piece in pieces if len(piece.text) > 30][:20])
    stretch = 2.5 if len(_SPACELESS.findall(sample)) * 3 > len(sample) else 1.0
    seen: dict[str, int] = {}
    for piece in pieces:
        seen[piece.text] = seen.get(piece.text, 0) + 1
    parents, tags, places = document.parents, document.tags, document.places
    dull = [0.0] * len(LOCAL)
    media = [i for i, tag in enumerate(tags) if tag in _MEDIA]
    rows = []
    before = 0
    for order, piece in enumerate(pieces):
        text = piece.text
        size = len(text) or 1
        node = piece.node
        share = piece.link_chars / size
        bits = places[node]
        until = bisect_left(media, piece.order)
        if bits & DULL or (share > 0.95 and size < 60 and bits & 8):
            row = dull[:]
            row[0], row[1], row[5], row[13], row[22], row[24] = (
                size * stretch,
                min(1.0, share),
                TAG_CODES.get(tags[node], OTHER_TAG),
                bits & 4,
                bits & 2048,
                order / count,
            )
            rows.append(row)
            before = until
            continue
        total, least, most, own, depth = names.of(node)
        last = text[-1:]
        wordy = size > 24
        short = size < 120 and not (share > 0.9 and size < 60)
        after = bisect_left(media, pieces[order + 1].order if order + 1 < count else len(tags))
        rows.append(
            [
                size * stretch,
                1.0 if share > 1.0 else share,
                len(_ENDS.findall(text)) if wordy else 0,
                text.count(",") + text.count("，") + text.count("、") + text.count("،") if wordy else 0,
                1.0 if last in _LAST else 0.0,
                TAG_CODES.get(tags[node], OTHER_TAG),
                total,
                least,
                most,
                own,
                names.of(parents[node])[3] if node else 0.0,
                bits & 1,
                bits & 2,
                bits & 4,
                bits & 8,
                bits & 16,
                bits & 32,
                bits & 64,
                bits & 128,
                bits & 256,
                bits & 512,
                bits & 1024,
                bits & 2048,
                depth,
                order / count,
                words_score(text[:80]),
                1.0 if text[:1].isupper() else 0.0,
                len(_DIGITS.findall(text)) / size if short else 0.0,
                size / (text.count(" ") + 1),
                seen[text],
                1.0 if text == headline else 0.0,
                1.0 if (text[:60] if size >= 120 else text) in description else 0.0,
                text.count("|") + text.count("•") + text.count("»") + text.count("/") if short else 0,
                1.0 if last == ":" else 0.0,
                1.0 if text[:1] in "([©@#*-–—>»•" else 0.0,
                until - before,
                after - until,
                _OPENS.get(tags[piece.nodes[0]], 0),
            ]
        )
        before = until
    return rows


def context(
    document: Document, rows: Sequence[Sequence[float]], chances: Sequence[float], floor: float = -1.0
) -> list[list[float] | None]:
    """Return one row of CONTEXT numbers a piece, None for pieces whose chance is below ``floor``.

    ``chances`` is what the first model said, 0-1.
    """
    pieces = document.pieces
    parents = document.parents
    count = len(pieces)
    masses = [chance * row[0] for chance, row in zip(chances, rows, strict=True)]
    page = sum(masses) or 1.0
    held: dict[int, float] = {}
    sizes: dict[int, float] = {}
    for piece, mass, row in zip(pieces, masses, rows, strict=True):
        held[piece.node] = held.get(piece.node, 0.0) + mass
        sizes[piece.node] = sizes.get(piece.node, 0.0) + row[0]
    around = _fill(held, sizes, parents)
    core = _core(held, around, parents, page)
    kin = _kin(document, pieces, chances, masses)
    depths = {core: 0}
    inside = [_distance(piece.node, parents, depths) for piece in pieces]
    first, last = _ends(inside, chances)
    before = _runs(chances, rows, range(count))
    after = _runs(chances, rows, range(count - 1, -1, -1))
    padded = [0.0, 0.0, *chances, 0.0, 0.0]
    result: list[list[float] | None] = []
    passed = 0.0
    total = 0.0
    heading_linked = 0.0
    heading_at = -1
    sums = [0.0]
    for chance in chances:
        sums.append(sums[-1] + chance)
    for i, piece in enumerate(pieces):
        row = rows[i]
        if row[30]:
            passed = 1.0
        if 3 <= row[5] <= 8:  # a heading
            heading_linked = row[1]
            heading_at = i
        if chances[i] < floor:
            result.append(None)
            total += masses[i]
            continue
        low, high = max(0, i - 8), min(count, i + 9)
        node = piece.node
        parent = parents[node] if node else 0
        grand = parents[parent] if parent else 0
        great = parents[grand] if grand else 0
        mass = masses[i]
        group = kin[i]
        distance = inside[i]
        result.append(
            [
                chances[i],
                padded[i + 1],
                padded[i],
                padded[i + 3],
                padded[i + 4],
                (padded[i] + padded[i + 1] + chances[i] + padded[i + 3] + padded[i + 4]) / 5,
                total / page,
                (page - total - mass) / page,
                page,
                before[i][0],
                after[i][0],
                held[parent] / (sizes[parent] or 1.0),
                held[parent] / page,
                held[grand] / (sizes[grand] or 1.0),
                held[grand] / page,
                held[great] / (sizes[great] or 1.0),
                held[great] / page,
                1.0 if distance >= 0 else 0.0,
                distance,
                i - first,
                last - i,
                group[0],
                group[1] / group[0],
                group[2] / page,
                rows[i - 1][0] if i else 0.0,
                rows[i + 1][0] if i + 1 < count else 0.0,
                rows[i - 1][1] if i else 0.0,
                rows[i + 1][1] if i + 1 < count else 0.0,
                1.0 if i and parents[pieces[i - 1].node] == parents[node] else 0.0,
                1.0 if i + 1 < count and parents[pieces[i + 1].node] == parents[node] else 0.0,
                rows[i - 1][5] if i else -1.0,
                rows[i + 1][5] if i + 1 < count else -1.0,
                passed,
                heading_linked,
                i - heading_at,
                (sums[i] - sums[low]) / 8,
                (sums[high] - sums[i + 1]) / 8,
            ]
        )
        total += mass
    return result


def _fill(held: dict[int, float], sizes: dict[int, float], parents: Sequence[int]) -> list[int]:
    """Add up masses and sizes from pieces to every element around them. Return those elements, inmost last."""
    wanted: set[int] = set()
    for node in list(held):
        while node >= 0 and node not in wanted:
            wanted.add(node)
            node = parents[node]
    order = sorted(wanted)
    for node in reversed(order):
        held.setdefault(node, 0.0)
        sizes.setdefault(node, 0.0)
        parent = parents[node]
        if parent >= 0:
            held[parent] = held.get(parent, 0.0) + held[node]
            sizes[parent] = sizes.get(parent, 0.0) + sizes[node]
    return order


CORE_SHARE = 0.7
"""Share of the page's story-like text that the core, the inmost such element, must hold."""


def _core(held: Mapping[int, float], order: Sequence[int], parents: Sequence[int], page: float) -> int:
    core = 0
    for node in order:  # parents first: the last that still holds enough is the inmost
        if held[node] >= CORE_SHARE * page and (parents[node] == core or node == core or node == 0):
            core = node
    return core


def _kin(
    document: Document, pieces: Sequence[Piece], chances: Sequence[float], masses: Sequence[float]
) -> list[list[float]]:
    """Return, a piece, [count, summed chance, summed mass] of the pieces that look alike in the markup."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    result = []
    for piece, chance, mass in zip(pieces, chances, masses, strict=True):
        node = piece.node
        parent = document.parents[node]
        key = (
            document.tags[node],
            document.attributes(node).get("class") or "",
            (document.attributes(parent).get("class") or "") if parent >= 0 else "",
        )
        group = groups.setdefault(key, [0.0, 0.0, 0.0])
        group[0] += 1
        group[1] += chance
        group[2] += mass
        result.append(group)
    return result


def _distance(node: int, parents: Sequence[int], depths: dict[int, int]) -> int:
    """Return how many levels below the core the element stands, -1 outside it."""
    chain: list[int] = []
    while node not in depths:
        if node < 0:
            for one in chain:
                depths[one] = -1
            return -1
        chain.append(node)
        node = parents[node]
    level = depths[node]
    for one in reversed(chain):
        level = level + 1 if level >= 0 else -1
        depths[one] = level
    return level


def _ends(inside: Sequence[int], chances: Sequence[float]) -> tuple[int, int]:
    """Return the first and last piece of the core that is likely story."""
    likely = [
        i
        for i, (level, chance) in enumerate(zip(inside, chances, strict=True))
        if level >= 0 and chance > 0.5
    ]
    return (likely[0], likely[-1]) if likely else (0, len(inside) - 1)


def _runs(chances: Sequence[float], rows: Sequence[Sequence[float]], order: range) -> list[tuple[float]]:
    """Return, a piece, how many characters lie between it and the last likely one in this direction."""
    result: list[tuple[float]] = [(0.0,)] * len(chances)
    gap = 5000.0
    for i in order:
        result[i] = (gap,)
        gap = 0.0 if chances[i] > 0.5 else min(5000.0, gap + rows[i][0])
    return result
