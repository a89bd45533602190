"""The story's pictures with caption and credit, and the credit lines that stand alone.

Which of the texts around a picture is its credit is learned (``credit_signals``): pages mark it in too many ways for
rules. What a picture's attributes or the JSON-LD say is asked only where the page shows nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import exp
from statistics import fmean

from extractors import credit_lines, credit_signals, frames, structured
from extractors.article import Credit, Image, Origin
from extractors.credit_signals import LONGEST, WHOLE, Candidate
from extractors.frames import Frame, Segment
from extractors.reading import Reading
from extractors.weights import credit_trees

BEFORE, AFTER = 14, 5
"""How many pieces above and below the story may still be its credit line."""

CHANCE = 0.35
"""A text at least this likely is a credit. Chosen by set F1 on pages that the model had not seen."""

PAIR = 0.9
"""How likely "Name/Agency" is a credit: 20 of the 20 that stand beside a picture of the labelled pages are."""

WHOLE_BETTER = 0.15
"""How much likelier the end of a text must be than the text whole. A judgement."""

LONGEST_LINE = 300
"""Characters of a credit line that stands alone."""

BY_LINE, BY_ATTRIBUTE, BY_DATA = 0.8, 0.7, 0.7
"""How far a credit is trusted that no model judged."""


@dataclass(slots=True)
class Pictures:
    """Images and credits in page order, and the pieces that are captions or credits."""

    frames: tuple[Frame, ...]
    images: list[Image] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    captions: dict[int, str] = field(default_factory=dict)  # index of piece → "caption" or "credit"
    chances: list[tuple[float, str]] = field(default_factory=list)  # of each credit: how sure, and from where
    seen: set[str] = field(default_factory=set)

    def add(self, raw: str, chance: float, place: str) -> None:
        """Note the credits of a line, each once."""
        for credit in credit_lines.read_all(raw):
            if credit.text.casefold() not in self.seen:
                self.seen.add(credit.text.casefold())
                self.credits.append(credit)
                self.chances.append((chance, place))

    def origin(self) -> Origin | None:
        """Return where the credits came from, and how sure they are in the mean. None without credits."""
        if not self.credits:
            return None
        chance, place = min(self.chances)
        return Origin("page", place, round((fmean(one for one, _ in self.chances) + chance) / 2, 2))


def find(reading: Reading) -> Pictures:
    """Return the pictures in the story's region and who made them."""
    boxes = gather(reading)
    found = credit_signals.candidates(reading, boxes)
    return judge(reading, boxes, found, [[_chance(one.row) for one in group] for group in found])


def _chance(row: Sequence[float]) -> float:
    return 1.0 / (1.0 + exp(-credit_trees.credit(row)))


def gather(reading: Reading) -> tuple[Frame, ...]:
    """Return the boxes of pictures, then the texts of figures whose picture is not in the page."""
    if reading.document.plain:  # a dump has no pictures
        return ()
    boxes = tuple(frames.find(reading))
    taken = {segment.piece for frame in boxes for segment in frame.segments}
    return (*boxes, *frames.unframed(reading, taken, region(reading)))


def judge(
    reading: Reading,
    boxes: tuple[Frame, ...],
    found: Sequence[Sequence[Candidate]],
    chances: Sequence[Sequence[float]],
) -> Pictures:
    """Return the pictures, given how likely each candidate of each box is a credit."""
    pictures = Pictures(tuple(frame for frame in boxes if frame.image >= 0))
    for frame, candidates, likely in zip(boxes, found, chances, strict=True):
        _read(reading, pictures, frame, _best(candidates, likely))
    _told(reading, pictures)
    _lines(reading, pictures)
    return pictures


def _best(candidates: Sequence[Candidate], chances: Sequence[float]) -> dict[int, tuple[Candidate, float]]:
    """Return, of each segment that holds a credit, the candidate that is likeliest, and how likely."""
    best: dict[int, tuple[Candidate, float]] = {}
    for one, likely in zip(candidates, chances, strict=True):
        chance = PAIR if likely < PAIR and credit_lines.is_pair(one.text) else likely
        if chance < CHANCE:
            continue
        rival = best.get(id(one.segment))
        if rival is None or chance > rival[1] + (WHOLE_BETTER if rival[0].row[0] == WHOLE else 0.0):
            best[id(one.segment)] = one, chance
    return best


def _read(
    reading: Reading, pictures: Pictures, frame: Frame, best: dict[int, tuple[Candidate, float]]
) -> None:
    """Read one box: its picture's caption and credits, else what the picture's attributes say."""
    caption: list[str] = []
    said: list[str] = []
    ours = list(_ours(reading, frame, bool(best)))
    for segment in ours:
        one, _ = best.get(id(segment), (None, 0.0))
        rest = segment.text[: one.start] if one else segment.text
        if any(map(str.isalnum, rest)) and not credit_lines.is_label(rest):
            caption.append(rest.rstrip(" -–—|/(（[©"))
        if one:
            said.append(one.text)
    attributes = reading.document.attributes(frame.image) if frame.image >= 0 else {}
    if max((chance for _, chance in best.values()), default=0.0) < BY_ATTRIBUTE:
        for text in _in_attributes(attributes):
            said, best = [text], {}
            pictures.add(text, BY_ATTRIBUTE, "a picture's attributes")
    for one, chance in best.values():
        pictures.add(one.text, chance, "beside a picture")
    for segment in ours:
        pictures.captions.setdefault(segment.piece, "caption" if caption else "credit")
    if frame.image >= 0 and frame.url not in pictures.seen:
        pictures.seen.add(frame.url)
        credit = credit_lines.read(" / ".join(said), "photo") if said else None
        pictures.images.append(
            Image(
                frame.url,
                attributes.get("alt") or None,
                " ".join(caption).strip() or None,
                credit.text if credit else None,
            )
        )


def _ours(reading: Reading, frame: Frame, credited: bool) -> Iterator[Segment]:
    """Yield the texts of the box that are the picture's and leave the body: all beside a credit, else none of the story."""
    for segment in frame.segments:
        node = reading.document.pieces[segment.piece].node
        if credited or segment.piece not in reading.story.pieces or _in_figcaption(reading, node):
            yield segment


def _in_figcaption(reading: Reading, node: int) -> bool:
    tags = reading.document.tags
    return any(
        tags[one] == "figcaption" for depth, one in enumerate(reading.document.ancestors(node)) if depth < 4
    )


_SAYS_WHO = re.compile(r"credit|copyright|photographer|(?:^|-)source$|-author$")
_MARKS = frozenset("|(/©:=＝：（")
"""One of these is in every description that ends in a credit."""


def _in_attributes(attributes: dict[str, str]) -> Iterator[str]:
    """Yield credits that a picture has among its attributes: one of their own, or the tail of its description."""
    for key, value in attributes.items():
        if (
            value
            and key[:5] == "data-"
            and len(value) <= LONGEST
            and _SAYS_WHO.search(key)
            and any(map(str.isalpha, value))
        ):
            yield value
            return
    for key in ("title", "alt"):
        value = attributes.get(key, "")
        if not _MARKS.isdisjoint(value):
            for way, _, tail in credit_lines.tails(value):
                if way == 0 or credit_lines.agency_in(tail):
                    yield tail
                    return


def _told(reading: Reading, pictures: Pictures) -> None:
    """Where the page shows no credit, take what the JSON-LD says of the story's pictures."""
    if pictures.credits:
        return
    images = reading.data.get("image")
    for image in images if isinstance(images, list) else [images]:
        if not isinstance(image, dict):
            continue
        for key in ("creditText", "copyrightHolder", "author", "creator", "copyrightNotice"):
            text = structured.text(image.get(key))
            if text and len(text) <= LONGEST:
                pictures.add(text, BY_DATA, f"json-ld image.{key}")
                break


def _lines(reading: Reading, pictures: Pictures) -> None:
    """Read the credit lines that stand alone: "Top photo credit: …" above or below the story."""
    document, pieces = reading.document, reading.document.pieces
    for index in region(reading):
        text = pieces[index].text
        if document.plain and document.tags[pieces[index].node] == "figcaption":
            pictures.captions[index] = "caption"  # a dump's reader parted the caption from its credit
            pictures.add(pieces[index].parts[-1], BY_LINE, "a caption's end")
            continue
        if len(text) > LONGEST_LINE or not credit_lines.is_line(text):
            continue
        if index in reading.foreign or index in pictures.captions:
            continue
        if _plausible(text, index, reading):
            pictures.captions[index] = "credit"
            pictures.add(text, BY_LINE, "a line of its own")


def region(reading: Reading) -> range:
    """Return the pieces among which the story's captions and credit lines stand."""
    count = len(reading.document.pieces)
    if reading.last < 0:
        return range(0)
    if reading.document.plain:  # a dump: what follows the first line of another story is that story's
        end = reading.last + 1
        while end < count and credit_lines.is_line(reading.document.pieces[end].text[:LONGEST_LINE]):
            end += 1
        return range(max(0, reading.first - BEFORE), end)
    start = min(reading.heading if reading.heading >= 0 else reading.first, reading.first)
    return range(max(0, start - BEFORE), min(count, reading.last + 1 + AFTER))


_OF_TEXT = re.compile(r"©|copyright|\(c\)|source|quelle|fuente|fonte|источник|джерело|kaynak|kilde|källa|lähde|zdroj|źródło|bron|πηγή|المصدر|出典|来源", re.IGNORECASE)  # fmt: skip
"""Leads that may as well speak of the text."""


def _plausible(text: str, index: int, reading: Reading) -> bool:
    """A line of its own is a credit when its lead says picture. A bare © is one only above the story."""
    said = _OF_TEXT.match(text.lstrip(" (["))
    if not said:
        return True
    return said[0][0] in "©c(C" and index < reading.first and "rights reserved" not in text.lower()
