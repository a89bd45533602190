"""The one place that cuts. Strippers point, by phrase or by name; this file decides, and writes down what went.

The strippers are the data files in ``extractors/strippers``. A piece that the story model left out is named by
the first stripper that knows it, so that a reader sees why it is gone. A piece that the model kept is cut only
when a stripper that ``cuts`` knows its words, and only while it is short: a stripper never takes a paragraph.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from extractors.article import Removal
from extractors.reading import Reading

LONGEST_CUT = 300
"""Characters that a line may have to be cut out of the story. A paragraph's median is 220; the longest
newsletter line in our fixtures has 214."""

MAX_TEXT = 400
"""Characters of a removed piece that are written down."""

ORDER = ("advertising", "social", "newsletter", "cta", "related", "comments", "consent", "legal", "live", "navigation")
"""Who is asked first: the kinds that readers name before the general ones."""


@dataclass(frozen=True, slots=True)
class Stripper:
    """One kind of boilerplate, read from its file."""

    name: str
    cuts: bool
    names: re.Pattern[str]
    starts: re.Pattern[str]
    lines: frozenset[str]


def _load() -> tuple[Stripper, ...]:
    folder = files("extractors.strippers")
    strippers = []
    for name in ORDER:
        told = tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
        starts = sorted({phrase for phrases in told.get("starts", {}).values() for phrase in phrases}, key=len, reverse=True)
        lines = {phrase for phrases in told.get("lines", {}).values() for phrase in phrases}
        words = "|".join(map(re.escape, told["names"]))
        strippers.append(
            Stripper(
                name,
                told["cuts"],
                re.compile(rf"(?:^|[\s_-])(?:{words})(?=$|[\s_-])"),
                re.compile("|".join(map(re.escape, starts)) or "(?!)"),
                frozenset(lines),
            )
        )
    return tuple(strippers)


STRIPPERS = _load()
_EDGE = re.compile(r"^[\W_]+|[\s.!:：…»>→]+$")


@lru_cache(maxsize=50_000)
def by_words(text: str) -> tuple[str, str, bool] | None:
    """Return (stripper, reason, whether it cuts) for a line that a stripper knows, or None."""
    line = " ".join(text.lower().replace("’", "'").split())
    bare = _EDGE.sub("", line)
    for stripper in STRIPPERS:
        if bare in stripper.lines or line in stripper.lines:
            return stripper.name, f"the line is “{bare[:60]}”", stripper.cuts
        found = stripper.starts.match(bare)
        if found:
            return stripper.name, f"begins “{found[0]}”", stripper.cuts
    return None


@lru_cache(maxsize=50_000)
def by_name(name: str) -> tuple[str, str] | None:
    """Return (stripper, reason) for an element whose class or id a stripper knows, or None."""
    for stripper in STRIPPERS:
        found = stripper.names.search(name)
        if found:
            return stripper.name, f"stands in a box called “{found[0].strip(' _-')}”"
    return None


_BY_TAG = {
    "nav": "navigation", "footer": "navigation", "header": "navigation", "aside": "related", "form": "cta",
    "button": "live", "noscript": "live", "iframe": "live", "label": "consent", "dialog": "consent",
}  # fmt: skip


def cut(reading: Reading) -> tuple[tuple[int, ...], tuple[Removal, ...]]:
    """Return the story's pieces that stay, and everything that was removed from the page, in page order."""
    kept: list[int] = []
    removals: list[Removal] = []
    story = set(reading.story.pieces)
    for index, piece in enumerate(reading.document.pieces):
        if index in story:
            known = by_words(piece.text) if len(piece.text) <= LONGEST_CUT else None
            if not (known and known[2]):
                kept.append(index)
                continue
            removals.append(_removal(reading, index, known[0], known[1]))
        elif index != reading.heading:
            removals.append(_removal(reading, index, *_why(reading, index)))
    return tuple(kept), tuple(removals)


def _removal(reading: Reading, index: int, stripper: str, reason: str) -> Removal:
    piece = reading.document.pieces[index]
    return Removal(stripper, reason, piece.text[:MAX_TEXT], f"piece {index}, {reading.document.tags[piece.node]}")


def _why(reading: Reading, index: int) -> tuple[str, str]:
    """Return stripper and reason for a piece that the model left out."""
    document = reading.document
    piece = document.pieces[index]
    known = by_words(piece.text) if len(piece.text) <= LONGEST_CUT else None
    if known:
        return known[0], known[1]
    if index in reading.foreign:
        return "related", f"belongs to another story, “{reading.foreign[index][:80]}”"
    for depth, node in enumerate(document.ancestors(piece.node)):
        if depth > 8:
            break
        named = by_name(reading.name(node)) if document.tags[node] != "body" else None
        if named:
            return named
        if document.tags[node] in _BY_TAG:
            return _BY_TAG[document.tags[node]], f"stands in <{document.tags[node]}>"
    chance = reading.story.chances[index] if index < len(reading.story.chances) else 0.0
    return "model", f"is story with a chance of {chance:.2f}"


def pictures(reading: Reading) -> Iterator[Removal]:
    """Yield pictures whose description is a call to action, such as alt="google cta"."""
    document = reading.document
    for node, tag in enumerate(document.tags):
        if tag != "img":
            continue
        alt = document.attributes(node).get("alt")
        if alt and len(alt) < 60:
            known = by_words(alt)
            if known and known[0] in ("cta", "newsletter", "social", "advertising"):
                yield Removal(known[0], f"the picture's description: {known[1]}", alt, f"element {node}, img")
