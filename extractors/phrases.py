"""What boilerplate says: the phrases of the strippers' data files, looked up for one line of text.

    starts   the line begins so, whatever follows
    leads    a short line that is no sentence begins so: labels, not prose
    lines    the whole line says so; digits count as 0
    words    a line beside another of the same stripper holds the word: read by the plain-text reader alone
    expands  the line offers to read on, as behind a teaser: read by the plain-text reader alone

Looking a line up costs a few dictionary look-ups, however many phrases there are.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

ORDER = (
    "advertising", "social", "newsletter", "cta", "author", "related", "comments", "consent", "legal", "chrome", "live",
    "navigation",
)  # fmt: skip
"""Who is asked first: the kinds that readers name before the general ones."""

LEAD_CHARS, SPACELESS_LEAD_CHARS = 80, 18
"""The longest line that a lead may open; shorter where words have no spaces. A judgement: labels are short."""

_ABBREVIATED = re.compile(r"^.{0,20}\b\w{1,3}\.$")  # "3 min." ends in a stop and is no sentence

SPACELESS = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_EDGE = re.compile(r"^[\W_]+|[\s.!:：…»>→]+$")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE = re.compile(r"[.!?。！？…][\"'”’»)\]]*$")
KEY = 3
"""Characters by which phrases are filed."""


@dataclass(frozen=True, slots=True)
class Stripper:
    """One kind of boilerplate, as its file says."""

    name: str
    cuts: bool
    names: re.Pattern[str]  # of classes and ids
    starts: tuple[str, ...]
    leads: tuple[str, ...]
    lines: tuple[str, ...]
    words: re.Pattern[str]
    expands: tuple[str, ...]


def _load(name: str) -> Stripper:
    told = tomllib.loads(files("extractors.strippers").joinpath(f"{name}.toml").read_text("utf-8"))
    words = "|".join(map(re.escape, told["names"]))
    return Stripper(
        name,
        told["cuts"],
        re.compile(rf"(?:^|[\s_-])(?:{words})(?=$|[\s_-])"),
        _phrases(told, "starts"),
        _phrases(told, "leads"),
        _phrases(told, "lines"),
        re.compile("|".join(map(_whole, _phrases(told, "words"))) or "(?!)"),
        _phrases(told, "expands"),
    )


def _phrases(told: dict[str, dict[str, list[str]]], table: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for phrases in told.get(table, {}).values() for one in phrases))


def _whole(word: str) -> str:
    """Return the pattern of a word that is no part of a longer one; scripts without spaces have no such bounds."""
    return re.escape(word) if SPACELESS.search(word) else rf"(?<!\w){re.escape(word)}(?!\w)"


STRIPPERS = tuple(map(_load, ORDER))

_EXPANDS = tuple(phrase for stripper in STRIPPERS for phrase in stripper.expands)
_LINES: dict[str, int] = {}
_BEGINNINGS: dict[
    str, list[tuple[str, int, bool]]
] = {}  # first KEY characters → (phrase, stripper, is a lead)
for _rank, _stripper in enumerate(STRIPPERS):
    for _phrase in _stripper.lines:
        _LINES.setdefault(_phrase, _rank)
    for _is_lead, _table in ((False, _stripper.starts), (True, _stripper.leads)):
        for _phrase in sorted(_table, key=len, reverse=True):
            _BEGINNINGS.setdefault(_phrase[:KEY], []).append((_phrase, _rank, _is_lead))


@lru_cache(maxsize=50_000)
def by_words(text: str) -> tuple[str, str, bool] | None:
    """Return (stripper, reason, whether it cuts) for a line that a stripper knows, or None."""
    line = " ".join(text.lower().replace("’", "'").split())
    bare = _EDGE.sub("", line)
    spellings = [bare, line]
    if any(map(str.isdigit, line)):
        spellings += [_DIGITS.sub("0", bare), _DIGITS.sub("0", line)]
    label = len(line) <= LEAD_CHARS and (not _SENTENCE.search(line) or bool(_ABBREVIATED.match(line)))
    if label and len(line) > SPACELESS_LEAD_CHARS and SPACELESS.search(line):
        label = False
    ranked = [(_LINES[one], f"the line is “{one[:60]}”") for one in spellings if one in _LINES]
    ranked += [
        (rank, f"begins “{phrase}”") for one in spellings for rank, phrase in _beginnings(one, label=label)
    ]
    if not ranked:
        return None
    rank, reason = min(ranked, key=lambda one: one[0])
    return STRIPPERS[rank].name, reason, STRIPPERS[rank].cuts


def _beginnings(line: str, *, label: bool) -> Iterator[tuple[int, str]]:
    """Yield the strippers, by rank, of which a phrase begins the line, and the phrase; leads only for a label."""
    for size in range(1, KEY + 1):
        for phrase, rank, is_lead in _BEGINNINGS.get(line[:size], ()):
            if line.startswith(phrase) and (not is_lead or (label and _ends_at(phrase, line))):
                yield rank, phrase


def expands(text: str) -> bool:
    """Does the line begin with an offer to read on?"""
    return _EDGE.sub("", " ".join(text.lower().split())).startswith(_EXPANDS)


def leads(text: str) -> str | None:
    """Return the stripper of which a phrase begins the line, also where it goes on as a sentence, or None."""
    found = _beginnings(_EDGE.sub("", " ".join(text.lower().replace("’", "'").split())), label=True)
    rank = min((rank for rank, _ in found), default=-1)
    return STRIPPERS[rank].name if rank >= 0 else None


def _ends_at(phrase: str, line: str) -> bool:
    """Does the phrase end where a word of the line ends?"""
    after = line[len(phrase) : len(phrase) + 1]
    return not (after.isalnum() and phrase[-1].isalnum()) or bool(SPACELESS.match(phrase[-1]))


def beside(text: str, stripper: str) -> bool:
    """Does the line hold a word that makes it part of the box of this kind that stands beside it?"""
    found = next(one for one in STRIPPERS if one.name == stripper)
    return bool(found.words.search(text.lower().replace("’", "'")))


@lru_cache(maxsize=50_000)
def by_name(name: str) -> tuple[str, str] | None:
    """Return (stripper, reason) for an element whose class or id a stripper knows, or None."""
    for stripper in STRIPPERS:
        found = stripper.names.search(name)
        if found:
            return stripper.name, f"stands in a box called “{found[0].strip(' _-')}”"
    return None
