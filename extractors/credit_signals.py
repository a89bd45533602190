"""The numbers by which a text beside a picture is told to be its credit.

A candidate is a whole segment of a picture's box, or the end of one ("… on Monday. (Jo Roe/AP)"). The model that
reads these rows was trained on labelled pages and ships as code; nothing in them names a site.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors import credit_lines
from extractors.frames import CAPTION, CREDIT, IN_FIGURE, OF_PICTURE, Frame, Segment, meaning
from extractors.reading import Reading

FEATURES = (
    "way", "chars", "words", "lead_word", "called_credit", "called_picture_credit", "called_caption", "small", "agency",
    "agency_share", "slash", "sign", "digit_share", "sentence_end", "upper_start", "upper_words", "index", "from_end",
    "segments", "longest_other", "in_figcaption", "in_figure", "link_share", "heading", "whole_piece", "alike",
    "same_text", "chance", "person", "after_label", "rest", "framed", "spaceless", "box_is_figure", "box_links", "box_chars",
    "box_has_heading", "order", "below_opening",
)  # fmt: skip

MOST_LINKED = 0.95
"""Share of a piece that may be link; a line that is nothing but a link leads elsewhere."""

WHOLE = -1
"""The way of a candidate that is a whole segment."""

_DIGITS = re.compile(r"\d")
_SENTENCE = re.compile(r"[.!?。！？]\W*$")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
LONGEST = 200
"""Characters of a credit."""


class Candidate(NamedTuple):
    """A text that may be a picture's credit, where it begins in its segment, and its FEATURES."""

    text: str
    start: int
    segment: Segment
    row: list[float]


def candidates(reading: Reading, frames: Sequence[Frame]) -> list[list[Candidate]]:
    """Return the candidates of each frame."""
    alike: dict[str, int] = {}
    texts: dict[str, int] = {}
    heads = reading.document.heads
    for frame in frames:
        for segment in frame.segments:
            alike[heads[segment.holder]] = alike.get(heads[segment.holder], 0) + 1
            texts[segment.text] = texts.get(segment.text, 0) + 1
    found = []
    for order, frame in enumerate(frames):
        rows: list[Candidate] = []
        box = _box(reading, frame, order)
        sizes = [len(segment.text) for segment in frame.segments]
        labelled = False
        for index, segment in enumerate(frame.segments):
            if credit_lines.is_label(segment.text):
                labelled = True
                continue
            piece = reading.document.pieces[segment.piece]
            if (
                reading.document.tags[piece.node] in _HEADINGS
                or piece.link_chars > MOST_LINKED * len(piece.text)
                or not any(map(str.isalpha, segment.text))
            ):
                continue
            others = max((size for at, size in enumerate(sizes) if at != index), default=0)
            around = [
                index, len(sizes) - 1 - index, len(sizes), others, *_place(reading, frame, segment),
                alike[heads[segment.holder]], texts[segment.text],
                reading.story.chances[segment.piece] if not reading.document.plain else 0.0,
            ]  # fmt: skip
            for way, start, text in _texts(segment.text):
                rows.append(
                    Candidate(
                        text,
                        start,
                        segment,
                        [*_row(way, text, start, around, labelled, frame.image >= 0), *box],
                    )
                )
            labelled = False
        found.append(rows)
    return found


def _box(reading: Reading, frame: Frame, order: int) -> tuple[float, ...]:
    document = reading.document
    held = {segment.piece for segment in frame.segments}
    chars = sum(len(document.pieces[piece].text) for piece in held)
    links = sum(document.pieces[piece].link_chars for piece in held)
    first = document.pieces[reading.first].order if reading.first < len(document.pieces) else 0
    return (
        1.0 if document.tags[frame.box] == "figure" else 0.0, links / (chars or 1), chars,
        1.0 if any(document.tags[document.pieces[piece].node] in _HEADINGS for piece in held) else 0.0, order,
        1.0 if frame.image > first else 0.0,
    )  # fmt: skip


def _texts(text: str) -> Iterator[tuple[int, int, str]]:
    if len(text) <= LONGEST:
        yield WHOLE, 0, text
    yield from credit_lines.tails(text)


def _place(reading: Reading, frame: Frame, segment: Segment) -> tuple[float, ...]:
    """Return what the elements between the text and the picture's box say, and what its piece is."""
    document = reading.document
    credit = picture = caption = small = figcaption = heading = 0.0
    parents, tags = document.parents, document.tags
    node = segment.holder
    for depth in range(5):
        if node < 0 or (node <= frame.box and depth):
            break
        said, tag = meaning(document.heads[node]), tags[node]
        if said:
            if said & CREDIT and not credit:
                credit = 1.0 / (1 + depth)
            if said & OF_PICTURE:
                picture = 1.0
            if said & CAPTION and not caption:
                caption = 1.0 / (1 + depth)
        if tag in ("cite", "small"):
            small = 1.0
        elif tag == "figcaption":
            figcaption = 1.0
        elif tag in _HEADINGS:
            heading = 1.0
        node = parents[node]
    piece = document.pieces[segment.piece]
    in_figure = 1.0 if document.places[segment.holder] & IN_FIGURE else 0.0
    return (
        credit, picture, caption, small, figcaption, in_figure, piece.link_chars / (len(piece.text) or 1), heading,
        1.0 if segment.whole else 0.0,
    )  # fmt: skip


def _row(
    way: int, text: str, start: int, around: Sequence[float], labelled: bool, framed: bool
) -> list[float]:
    size = len(text)
    words = text.split()
    agency = credit_lines.agency_in(text)
    (index, from_end, segments, longest, credit, picture, caption, small, figcaption, figure, links, heading, whole, alike,
     same, chance) = around  # fmt: skip
    return [
        way, size, len(words), 1.0 if credit_lines.is_line(text) else 0.0, credit, picture, caption, small,
        1.0 if agency else 0.0, len(agency) / size, text.count("/"),
        1.0 if "©" in text or "(c)" in text.lower() else 0.0, len(_DIGITS.findall(text)) / size,
        1.0 if _SENTENCE.search(text) else 0.0, 1.0 if text[:1].isupper() else 0.0,
        sum(map(str.isupper, [word[0] for word in words])) / len(words), index, from_end, segments, longest, figcaption, figure, links,
        heading, whole, alike, same, chance, 1.0 if credit_lines.is_person(text) else 0.0, 1.0 if labelled else 0.0, start,
        1.0 if framed else 0.0, 1.0 if _SPACELESS.search(text) else 0.0,
    ]  # fmt: skip
