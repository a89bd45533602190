"""What boilerplate says: the phrases of the strippers' data files, looked up for one line of text.

    starts   the line begins so, whatever follows
    leads    a short line that is no sentence begins so: labels, not prose
    lines    the whole line says so; digits count as 0
    words    a line beside another of the same stripper holds the word: read by the plain-text reader alone
    expands  the line offers to read on, as behind a teaser: read by the plain-text reader alone
    answers  the control under each comment of readers: what tells their boxes

Looking a line up costs a few dictionary look-ups, however many phrases there are.
"""

import re
import tomllib
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
_STOPS = " \t\n.!:：…»>→"
_AROUND = " \t\n\u00a0.!…»>→|·•()[]↓↩"
_DIGITS = re.compile(r"\d(?:[.,]?\d)*")  # begins with one digit, not with \d+: so the search skips to it
_QUOTES = "\"'”’»)]"
_SENTENCE_ENDS = frozenset(".!?。！？…")
KEY = 3
"""Characters by which phrases are filed."""


@dataclass(frozen=True, slots=True)
class Stripper:
    """One kind of boilerplate, as its file says."""

    name: str
    cuts: bool
    names: tuple[str, ...]  # words of classes and ids
    starts: tuple[str, ...]
    leads: tuple[str, ...]
    lines: tuple[str, ...]
    words: re.Pattern[str]
    expands: tuple[str, ...]
    answers: tuple[str, ...]


def _load(name: str) -> Stripper:
    told = tomllib.loads(files("extractors.strippers").joinpath(f"{name}.toml").read_text("utf-8"))
    return Stripper(
        name,
        told["cuts"],
        tuple(told["names"]),
        _phrases(told, "starts"),
        _phrases(told, "leads"),
        _phrases(told, "lines"),
        re.compile("|".join(map(_whole, _phrases(told, "words"))) or "(?!)"),
        _phrases(told, "expands"),
        _phrases(told, "answers"),
    )


def _phrases(told: dict[str, dict[str, list[str]]], table: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for phrases in told.get(table, {}).values() for one in phrases))


def _whole(word: str) -> str:
    """Return the pattern of a word that is no part of a longer one; scripts without spaces have no such bounds."""
    return re.escape(word) if SPACELESS.search(word) else rf"(?<!\w){re.escape(word)}(?!\w)"


STRIPPERS = tuple(map(_load, ORDER))

_PART = re.compile(r"[^\s_-]+")
_NAMES: dict[str, list[tuple[int, str]]] = {}  # first part → (stripper, name)
_EXPANDS = tuple(phrase for stripper in STRIPPERS for phrase in stripper.expands)
_ANSWERS = frozenset(phrase for stripper in STRIPPERS for phrase in stripper.answers)
_LINES: dict[str, int] = {}
_BEGINNINGS: dict[
    str, list[tuple[str, int, bool]]
] = {}  # first KEY characters → (phrase, stripper, is a lead)
for _rank, _stripper in enumerate(STRIPPERS):
    for _phrase in _stripper.lines:
        _LINES.setdefault(_phrase, _rank)
    for _name in _stripper.names:
        _NAMES.setdefault(_PART.findall(_name)[0], []).append((_rank, _name))
    for _is_lead, _table in ((False, _stripper.starts), (True, _stripper.leads)):
        for _phrase in sorted(_table, key=len, reverse=True):
            _BEGINNINGS.setdefault(_phrase[:KEY], []).append((_phrase, _rank, _is_lead))
_KEY_SIZES = sorted(set(map(len, _BEGINNINGS)))


@lru_cache(maxsize=50_000)
def by_words(text: str) -> tuple[str, str, bool] | None:
    """Return (stripper, reason, whether it cuts) for a line that a stripper knows, or None."""
    line = " ".join(text.lower().replace("’", "'").split())
    ranked = _known(line, line)
    zeroed = _DIGITS.sub("0", line)
    if zeroed != line:
        ranked += _known(zeroed, line)
    if not ranked:
        return None
    rank, reason = min(ranked)
    return STRIPPERS[rank].name, reason, STRIPPERS[rank].cuts


def _known(spelling: str, line: str) -> list[tuple[int, str]]:
    """Return (rank, reason) of each phrase that this spelling of the line is or begins with, marks around it or not."""
    bare = _bare(spelling)
    ranked = []
    for one in (spelling, bare):
        if one in _LINES:
            ranked.append((_LINES[one], f"the line is “{one[:60]}”"))
    # where no mark stands before it, what begins the bare spelling begins the whole one as well
    for one in (spelling,) if spelling.startswith(bare) else (spelling, bare):
        for phrase, rank, is_lead in _begins(one):
            if not is_lead or (_ends_at(phrase, one) and _is_label(line)):
                ranked.append((rank, f"begins “{phrase}”"))
    return ranked


def _bare(line: str) -> str:
    """Return the line without marks before its first word and stops behind its last."""
    line = line.rstrip(_STOPS)
    start = 0
    while start < len(line) and not line[start].isalnum():
        start += 1
    return line[start:]


def _is_label(line: str) -> bool:
    """Is the line a short one that is no sentence?"""
    if len(line) > LEAD_CHARS or (
        line.rstrip(_QUOTES)[-1:] in _SENTENCE_ENDS and not _ABBREVIATED.match(line)
    ):
        return False
    return line.isascii() or len(line) <= SPACELESS_LEAD_CHARS or not SPACELESS.search(line)


def _begins(line: str) -> list[tuple[str, int, bool]]:
    """Return (phrase, rank of its stripper, whether it is a lead) of each phrase that the line begins with."""
    found: list[tuple[str, int, bool]] = []
    for size in _KEY_SIZES:
        for one in _BEGINNINGS.get(line[:size], ()):
            if line.startswith(one[0]):
                found.append(one)
    return found


ANSWER_CHARS = max(map(len, _ANSWERS)) + 4
"""The longest text that may be the control of a comment, with marks around it."""


def is_answer(text: str) -> bool:
    """Is the text the control under a comment, such as "Reply"?"""
    return text.lower().strip(_AROUND) in _ANSWERS


def expands(text: str) -> bool:
    """Does the line begin with an offer to read on?"""
    return _bare(" ".join(text.lower().split())).startswith(_EXPANDS)


def leads(text: str) -> str | None:
    """Return the stripper of which a phrase begins the line, also where it goes on as a sentence, or None."""
    line = _bare(" ".join(text.lower().replace("’", "'").split()))
    ranks = [rank for phrase, rank, is_lead in _begins(line) if not is_lead or _ends_at(phrase, line)]
    return STRIPPERS[min(ranks)].name if ranks else None


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
    found: list[tuple[int, int, str]] = []  # (stripper, place in the name, name)
    for part in _PART.finditer(name):
        for rank, known in _NAMES.get(part[0], ()):
            if name.startswith(known, part.start()) and not _PART.match(name, part.start() + len(known)):
                found.append((rank, part.start(), known))
    if not found:
        return None
    rank, _, known = min(found, key=lambda one: one[:2])
    return STRIPPERS[rank].name, f"stands in a box called “{known}”"
