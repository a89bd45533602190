"""What can be counted about each piece of a page: the numbers that the story model decides on.

Two rounds. ``local`` looks at a piece alone: its text, its tag, the class names around it. ``context`` adds what
the first model said about its neighbours and about everything else in the same container. The order of the
columns is the models' contract: benchmarks/train.py reads it from LOCAL and CONTEXT.

Both run on every page, so what costs time is asked of few pieces: a minor one, such as a menu's entry, has no row of
numbers until the pieces around it turn out to be story.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice, repeat
from operator import mul

from extractors.document import Document, Piece

LOCAL = (
    "chars", "link_share", "sentence_ends", "commas", "ends_sentence", "tag", "names_sum", "names_min",
    "names_max", "name_own", "name_parent", "in_article", "in_aside", "in_footer", "in_header", "in_figure",
    "in_table", "in_list", "in_quote", "in_section", "depth", "order", "words_score", "word_length", "repeats",
    "is_headline", "in_description", "in_told_body", "starts_mark", "media_before", "media_after", "opens_tag",
    "since_headline", "chars_since",
)  # fmt: skip

CONTEXT = (
    "p", "p_before", "p_before2", "p_after", "p_after2", "p_window", "mass_before", "mass_after", "mass_page",
    "gap_before", "gap_after", "parent_share", "parent_mass", "grand_share", "grand_mass", "great_share",
    "great_mass", "core_depth", "core_first", "core_last", "kin_count", "kin_p", "kin_mass",
    "chars_before", "chars_after", "links_before", "links_after", "tag_before", "tag_after", "heading_linked",
    "since_heading", "p_far_before", "p_far_after", "break_score", "break_mass", "since_break", "shared_words",
    "box_share", "box_mass", "box_of_kin", "box_kin",
)  # fmt: skip

CHARS, LINK_SHARE, TAG = LOCAL.index("chars"), LOCAL.index("link_share"), LOCAL.index("tag")

TAG_CODES = {
    "p": 0, "div": 1, "li": 2, "h1": 3, "h2": 4, "h3": 5, "h4": 6, "h5": 7, "h6": 8, "td": 9, "th": 9,
    "blockquote": 10, "figcaption": 11, "pre": 12, "dd": 13, "dt": 14, "section": 1, "article": 1, "main": 1,
    "body": 1,
}  # fmt: skip
OTHER_TAG = 15
FIRST_HEADING, LAST_HEADING = 3, 8

SHORT_CHARS = 25
LINK_CHARS, LINK_LEAST = 60, 0.9
"""A piece shorter than SHORT_CHARS, or shorter than LINK_CHARS with at least LINK_LEAST of it link, is minor: not looked
at by itself, only beside a story. Most pieces are, and hold next to nothing of the labelled stories' text."""

_OPENS = {"a": 1, "strong": 2, "b": 2, "em": 3, "i": 3, "span": 4, "time": 5}
_MEDIA = ("img", "picture", "video", "iframe", "amp-img", "audio", "source")

_NAME = re.compile(r"[a-z]+")
_DIGITS = re.compile(r"\d")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_LAST = frozenset(".!?。！？…\"'”’»)")
_MARKS = frozenset("([©@#*-–—>»•")
_VALUES = re.compile(
    r' (class|id|role|itemprop|data-(?:component|testid|qa|type|module)|hidden|aria-hidden)="([^"]*)"'
)
_PREFIXES = {
    "role": "role", "itemprop": "prop", "data-component": "nent", "data-testid": "stid", "data-qa": "a-qa",
    "data-type": "type", "data-module": "dule",
}  # fmt: skip


def names_of(head: str) -> str:
    """Return what the page's author called an element: class, id, role and the like, lower case, from its start tag."""
    names = ""
    for key, value in _VALUES.findall(head):
        if key == "hidden" or key == "aria-hidden":
            if value != "false":
                names += " ishidden"
        elif value:
            names += f" {_PREFIXES.get(key, '')}{value}"
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
    if len(tokens) < 3 and len(text) > 8 and not text.isascii() and _SPACELESS.search(text):
        return [text[i : i + 2] for i in range(min(len(text) - 1, 16))]
    return tokens[:12]


NAME_MOST = 4.0
"""Log-odds past which an element's names say nothing more. A judgement: no name makes text a story, or unmakes it."""

Names = Callable[[str], float]
Words = Callable[[str], float]


def name_scorer(scores: Mapping[str, float]) -> Names:
    """Return a function from a start tag to the sum of its names' scores, each name once.

    It remembers what it was asked: publications share class names, and pages of one share their start tags.
    """

    score_of, nothing = scores.get, repeat(0.0)

    @lru_cache(maxsize=50_000)
    def of_name(name: str) -> float:
        return math.fsum(map(score_of, name_tokens(name), nothing))

    @lru_cache(maxsize=20_000)
    def of_head(head: str) -> float:
        return max(-NAME_MOST, min(NAME_MOST, math.fsum(map(of_name, set(names_of(head).split())))))

    return of_head


def word_scorer(scores: Mapping[str, float]) -> Words:
    """Return a function from a text to the mean score of its first words."""
    score_of, nothing = scores.get, repeat(0.0)

    def of_text(text: str) -> float:
        tokens = text_tokens(text)
        return sum(map(score_of, tokens, nothing)) / (len(tokens) or 1)

    return of_text


def stretch(document: Document) -> float:
    """Return how many letters a character of the page says as much as: 2.5 in scripts without spaces, else 1."""
    sample = "".join(islice((piece.text for piece in document.pieces if len(piece.text) > 30), 20))
    if beyond_ascii(sample) * 3 <= len(sample):
        return 1.0
    return 2.5 if len(_SPACELESS.findall(sample)) * 3 > len(sample) else 1.0


def beyond_ascii(text: str) -> int:
    """Return how many characters are not ASCII: quickly counted, and no other script can have more of them."""
    return len(text) - len(text.encode("ascii", "ignore"))


def is_minor(piece: Piece, stretch: float) -> bool:
    """Is this a short line, or a longer one that is nothing but link?"""
    size = len(piece.text)
    chars = size * stretch
    return chars < SHORT_CHARS or (chars < LINK_CHARS and piece.link_chars > size * LINK_LEAST)


class Rows:
    """The LOCAL numbers of pieces, each made when first asked for. ``rows[i]`` is None for a piece never asked for."""

    def __init__(self, document: Document, names: Names, words: Words, said: "Said") -> None:
        self.document = document
        self.names = names
        self.words = words
        self.said = said
        pieces = document.pieces
        self.rows: list[list[float] | None] = [None] * len(pieces)
        self.stretch = stretch(document)
        self.repeats = Counter([piece.text for piece in pieces])
        self.media = sorted(node for tag in _MEDIA for node in document.listed[tag])
        self.around: dict[int, tuple[float, float, float, float, int]] = {-1: (0.0, 0.0, 0.0, 0.0, 0)}
        self.until = list(accumulate([len(piece.text) for piece in pieces], initial=0))

    def row(self, at: int) -> list[float]:
        """Return the piece's numbers."""
        found = self.rows[at]
        if found is None:
            found = self.rows[at] = self._row(at)
        return found

    def _row(self, at: int) -> list[float]:
        document, said = self.document, self.said
        pieces = document.pieces
        piece = pieces[at]
        text, node, bits = piece.text, piece.node, document.places[piece.node]
        size = len(text)
        share = piece.link_chars / (size or 1)
        total, least, most, own, depth = self.around.get(node) or self._around(node)
        ends = commas = 0
        if size > 24:
            ends = text.count(". ") + text.count("? ") + text.count("! ")
            commas = text.count(",")
            if not text.isascii():
                ends += text.count("。") + text.count("！") + text.count("？")
                commas += text.count("，") + text.count("、") + text.count("،")
        until = bisect_left(self.media, piece.order)
        before = bisect_left(self.media, pieces[at - 1].order) if at else 0
        after = bisect_left(self.media, pieces[at + 1].order) if at + 1 < len(pieces) else len(self.media)
        parent = document.parents[node] if node else 0
        start = text[:60] if size >= 120 else text
        heading = said.heading
        return [
            size * self.stretch,
            1.0 if share > 1.0 else share,
            ends,
            commas,
            text[-1:] in _LAST,
            TAG_CODES.get(document.tags[node], OTHER_TAG),
            total,
            least,
            most,
            own,
            self.around[parent][3] if node else 0.0,
            bits & 1,
            bits & 2,
            bits & 8,
            bits & 16,
            bits & 64,
            bits & 128,
            bits & 256,
            bits & 512,
            bits & 1024,
            depth,
            at / len(pieces),
            self.words(text),
            size / (text.count(" ") + 1),
            self.repeats[text],
            text == said.headline,
            start in said.description,
            said.in_body(text),
            text[:1] in _MARKS,
            until - before,
            after - until,
            _OPENS.get(document.tags[piece.nodes[0]], 0),
            at - heading if heading >= 0 else NOWHERE,
            (self.until[at] - self.until[heading + 1]) * self.stretch if heading >= 0 else NOWHERE,
        ]

    def _around(self, node: int) -> tuple[float, float, float, float, int]:
        """Return of the element (decayed sum, least, greatest, own score, depth), those around it first."""
        parents, heads, known = self.document.parents, self.document.heads, self.around
        chain: list[int] = []
        while node not in known:
            chain.append(node)
            node = parents[node]
        row = known[node]
        for one in reversed(chain):
            own = self.names(heads[one])
            total, least, most, _, depth = row
            row = known[one] = (
                total * 0.7 + own,
                own if own < least else least,
                own if own > most else most,
                own,
                depth + 1,
            )
        return row


NOWHERE = -100_000
"""How far a piece stands behind the headline, in pieces and in characters, when the headline stands in none."""


class Said:
    """What is known of the story before it is looked for, to lay pieces beside.

    Headline and the index of the piece that it stands in (-1: in none), description, JSON-LD articleBody.
    """

    __slots__ = ("body", "description", "heading", "headline")

    def __init__(self, headline: str, heading: int, description: str, body: str) -> None:
        self.headline = headline
        self.heading = heading
        self.description = description
        self.body = "".join(body.split()) if len(body) > TOLD_BODY else ""

    def in_body(self, text: str) -> int:
        """Does the told body hold the piece: 1 yes, -1 no, 0 there is none or the piece is too short to say."""
        if not self.body or len(text) < TOLD_PIECE:
            return 0
        return 1 if "".join(text[:200].split()) in self.body else -1


TOLD_BODY, TOLD_PIECE = 400, 25
"""Characters from which an articleBody is one, and from which a piece can be looked up in it."""


def context(
    document: Document, words: Words, stretch: float, chances: Sequence[float], wanted: Sequence[int]
) -> list[list[float]]:
    """Return one row of CONTEXT numbers for each of the pieces ``wanted``.

    ``chances`` is what the first model said of every piece, 0-1; ``stretch`` is Rows.stretch.
    """
    pieces, parents = document.pieces, document.parents
    count = len(pieces)
    sizes, shares, codes, headings = _columns(document, stretch)
    masses = list(map(mul, chances, sizes))
    until = list(accumulate(masses, initial=0.0))
    sums = list(accumulate(chances, initial=0.0))
    page = until[-1] or 1.0
    held, filled, core = _fill(document, masses, sizes, page)
    kin = _kin(document, chances, masses)
    boxes, box_mass, box_kin = _boxes(document, masses)
    depths = {core: 0}
    first, last = _ends(pieces, parents, depths, chances)
    before = _runs(chances, sizes, range(count))
    after = _runs(chances, sizes, range(count - 1, -1, -1))
    breaks = _breaks(pieces, words, chances, sizes, wanted[-1] + 1 if wanted else 0)
    likely = [_words_in(pieces[i].text) if chances[i] > 0.5 else None for i in wanted]
    once, twice = _known_words(likely)
    padded = [0.0, 0.0, *chances, 0.0, 0.0]
    result = []
    for i, own in zip(wanted, likely, strict=True):
        piece = pieces[i]
        low, high = (i - 8 if i > 8 else 0), (i + 9 if i + 9 < count else count)
        node = piece.node
        parent = parents[node] if node else 0
        grand = parents[parent] if parent else 0
        great = parents[grand] if grand else 0
        group, box = kin[i], boxes[i]
        likes = box_kin[box]
        following = i + 1 if i + 1 < count else 0
        heading = headings[i]
        worst, break_score = breaks[i]
        result.append(
            [
                chances[i],
                padded[i + 1],
                padded[i],
                padded[i + 3],
                padded[i + 4],
                (padded[i] + padded[i + 1] + chances[i] + padded[i + 3] + padded[i + 4]) / 5,
                until[i] / page,
                (page - until[i] - masses[i]) / page,
                page,
                before[i],
                after[i],
                held[parent] / (filled[parent] or 1.0),
                held[parent] / page,
                held[grand] / (filled[grand] or 1.0),
                held[grand] / page,
                held[great] / (filled[great] or 1.0),
                held[great] / page,
                _distance(node, parents, depths),
                i - first,
                last - i,
                group[0],
                group[1] / group[0],
                group[2] / page,
                sizes[i - 1] if i else 0.0,
                sizes[following] if following else 0.0,
                shares[i - 1] if i else 0.0,
                shares[following] if following else 0.0,
                codes[i - 1] if i else -1.0,
                codes[following] if following else -1.0,
                shares[heading] if heading >= 0 else 0.0,
                i - heading,
                (sums[i] - sums[low]) / 8,
                (sums[high] - sums[i + 1]) / 8,
                break_score,
                until[worst] / page if worst >= 0 else 1.0,
                i - worst if worst >= 0 else -1,
                _shared(_words_in(piece.text), once) if own is None else _shared(own, twice),
                box_mass[box] / (filled[box] or 1.0),
                box_mass[box] / page,
                box_mass[box] / (likes[1] or 1.0),
                likes[0],
            ]
        )
    return result


def _columns(document: Document, stretch: float) -> tuple[list[float], list[float], list[int], list[int]]:
    """Return of each piece: size, share of it that is link, code of its tag, and the last heading at or before it.

    A piece before the first heading has -1.
    """
    tags = document.tags
    sizes, shares, codes, headings = [], [], [], []
    heading = -1
    for at, piece in enumerate(document.pieces):
        size, linked = len(piece.text), piece.link_chars
        code = TAG_CODES.get(tags[piece.node], OTHER_TAG)
        if FIRST_HEADING <= code <= LAST_HEADING:
            heading = at
        sizes.append(size * stretch)
        shares.append(0.0 if not linked else 1.0 if linked >= size else linked / size)
        codes.append(code)
        headings.append(heading)
    return sizes, shares, codes, headings


BREAK_CHARS = 80
"""The longest line that may end a story. A judgement: heads of boxes are short."""


def _breaks(
    pieces: Sequence[Piece], words: Words, chances: Sequence[float], sizes: Sequence[float], end: int
) -> list[tuple[int, float]]:
    """Return, for each of the first ``end`` pieces, the short line before it, from the story's first piece on, that speaks most against a story, and its score.

    "Comments", "Read also" and "Posted in" end stories; (-1, 1.0) where no such line has come yet.
    """
    result = []
    worst, least = (-1, 1.0), 0.0
    begun = False
    for i in range(end):
        result.append(worst)
        chance = chances[i]
        begun = begun or chance > 0.5
        if begun and chance < 0.5 and sizes[i] < BREAK_CHARS:
            score = words(pieces[i].text)
            if score < least:
                worst, least = (i, score), score
    return result


WORD_CHARS, WORDS_OF = 4, 300
"""Letters of a word that tells one story from another, and characters of a piece that are read for them."""


def _words_in(text: str) -> set[str]:
    return {word for word in text[:WORDS_OF].lower().split() if len(word) >= WORD_CHARS}


def _known_words(likely: Iterable[set[str] | None]) -> tuple[set[str], set[str]]:
    """Return the longer words that stand in any likely piece, and those that stand in two or more."""
    once: set[str] = set()
    twice: set[str] = set()
    for own in likely:
        if own:
            twice |= once & own
            once |= own
    return once, twice


def _shared(own: set[str], known: set[str]) -> float:
    """Return the share of a piece's longer words that are known from others; -1 where it has none."""
    return len(own & known) / len(own) if own else -1.0


CORE_SHARE = 0.7
"""Share of the page's story-like text that the core, the inmost such element, must hold."""


def _fill(
    document: Document, masses: Sequence[float], sizes: Sequence[float], page: float
) -> tuple[list[float], list[float], int]:
    """Return mass and size of all that each element holds, and the core: the inmost element that holds enough of the page's mass."""
    parents = document.parents
    held, filled = [0.0] * len(parents), [0.0] * len(parents)
    for piece, mass, size in zip(document.pieces, masses, sizes, strict=True):
        held[piece.node] += mass
        filled[piece.node] += size
    core = 0
    for node in range(len(parents) - 1, 0, -1):  # an element stands behind the one around it
        if filled[node]:
            parent = parents[node]
            filled[parent] += filled[node]
            mass = held[node]
            if mass:
                held[parent] += mass
                if not core and mass >= CORE_SHARE * page:
                    core = node
    return held, filled, core


def _kin(document: Document, chances: Sequence[float], masses: Sequence[float]) -> list[list[float]]:
    """Return, a piece, [count, summed chance, summed mass] of the pieces that look like it in the markup.

    They share their elements' tag and class, and the class of the elements around those.
    """
    heads, parents = document.heads, document.parents
    by_look: dict[tuple[str, str, str], list[float]] = {}
    by_heads: dict[tuple[str, str], list[float]] = {}
    result = []
    for piece, chance, mass in zip(document.pieces, chances, masses, strict=True):
        node = piece.node
        parent = parents[node]
        own, outer = heads[node], heads[parent] if parent >= 0 else ""
        group = by_heads.get((own, outer))
        if group is None:
            look = (document.tags[node], _class(own), _class(outer))
            group = by_heads[own, outer] = by_look.setdefault(look, [0.0, 0.0, 0.0])
        group[0] += 1
        group[1] += chance
        group[2] += mass
        result.append(group)
    return result


def _boxes(
    document: Document, masses: Sequence[float]
) -> tuple[list[int], dict[int, float], dict[int, list[float]]]:
    """Return each piece's box, each box's mass, and of each box [count, mass] of the boxes with its tag and class.

    A box is the element that a piece stands in with others: its own, where line breaks part the pieces, else the
    one around it. A story fills one box; comments and teasers have one each, all alike.
    """
    heads, parents, tags = document.heads, document.parents, document.tags
    inside = Counter([piece.node for piece in document.pieces])
    boxes: list[int] = []
    filled: dict[int, float] = {}
    for piece, mass in zip(document.pieces, masses, strict=True):
        node = piece.node
        box = node if inside[node] > 1 or not node else parents[node]
        boxes.append(box)
        filled[box] = filled.get(box, 0.0) + mass
    likes: dict[tuple[str, str], list[float]] = {}
    kin = {}
    for box, mass in filled.items():
        group = kin[box] = likes.setdefault((tags[box], _class(heads[box])), [0.0, 0.0])
        group[0] += 1
        group[1] += mass
    return boxes, filled, kin


def _class(head: str) -> str:
    return head.partition(' class="')[2].partition('"')[0]


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


def _ends(
    pieces: Sequence[Piece], parents: Sequence[int], depths: dict[int, int], chances: Sequence[float]
) -> tuple[int, int]:
    """Return the first and last piece of the core that is likely story."""
    likely = [
        i
        for i, chance in enumerate(chances)
        if chance > 0.5 and _distance(pieces[i].node, parents, depths) >= 0
    ]
    return (likely[0], likely[-1]) if likely else (0, len(pieces) - 1)


def _runs(chances: Sequence[float], sizes: Sequence[float], order: range) -> list[float]:
    """Return, a piece, how many characters lie between it and the last likely one in this direction."""
    result = [0.0] * len(chances)
    gap = 5000.0
    for i in order:
        result[i] = gap
        gap = 0.0 if chances[i] > 0.5 else min(5000.0, gap + sizes[i])
    return result
