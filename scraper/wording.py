"""Two wordings of one text: which words went and came, whether it matters, whether readers were told.

Pure: texts in, values out.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_UNSPACED = "\u0e00-\u17ff\u3040-\u9fff"  # scripts without blanks between words: there each sign is a word
_WORD = rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+"
TOKEN = re.compile(rf"{_WORD}|[^\w\s]|\s+")
SHORTEST_MISSPELT = 4  # letters; of shorter words one letter makes another word: now, not
AUTOJUNK_FROM = (
    2000  # tokens; of longer texts difflib may pass over words that occur everywhere, or take minutes
)

# How publications begin the line in which they own up to an error. From their style guides' usage.
CORRECTION = re.compile(
    r"""(?ix)
    ^\W*(?:correction|corrected|clarification|editor['’]s\ note|amendment|update[d]?\ (?:and\ )?correct)\w*\b(?:[^.:]{0,40}[:—–]|\.|$)
    | \b(?:an?|the)\ (?:earlier|previous|original)\ version\ of\ (?:this|the)\b
    | \bthis\ (?:article|story|report|piece|headline|column|post)\ (?:was|has\ been)\ (?:amended|corrected|updated\ to\ correct|changed\ to\ correct)
    | ^\W*(?:korrektur|berichtigung|richtigstellung|korrekturhinweis|anmerkung\ der\ redaktion)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | \bin\ einer\ (?:früheren|vorherigen|ersten)\ (?:version|fassung)\b
    | ^\W*(?:rectificatif|correctif|erratum|correction|mise\ au\ point)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | \bune\ (?:première|précédente)\ version\ de\ (?:cet|ce)\b
    | ^\W*(?:corrección|rectificación|fe\ de\ erratas?|fe\ de\ errores|aclaración)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | \buna\ versión\ anterior\ de\ est[ea]\b
    | ^\W*(?:errata\ corrige|rettifica|correzione|correção|errata|retificação|erramos)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | ^\W*(?:correctie|rectificatie|rättelse|rettelse|korreksjon|oikaisu|sprostowanie|korekta|oprava)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | \bin\ een\ eerdere\ versie\b
    | ^\W*(?:исправление|уточнение|поправка)\b(?:[^.:]{0,40}[:—–]|\.|$)
    | ^\W*(?:更正|勘误|訂正|お詫びと訂正|정정)
    """
)
LONGEST_NOTE = 1500  # characters of a paragraph that may still be a note and not the story


class Piece(NamedTuple):
    """A run of words that stayed (``=``), went (``-``) or came (``+``)."""

    sign: str
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """Return the way from ``old`` to ``new``, paragraph by paragraph and in changed ones word by word."""
    before, after = re.split(r"(?<=\n\n)", old), re.split(r"(?<=\n\n)", new)
    found: list[Piece] = []
    for name, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if name == "equal":
            found.append(Piece("=", "".join(before[a:b])))
        else:
            found += _words("".join(before[a:b]), "".join(after[c:d]))
    return _joined(found)


def is_minor(old: str, new: str) -> bool:
    """Tell whether only spelling, spacing, case or punctuation changed: no word more, no digit else."""
    before, after = _spelt(old), _spelt(new)
    if before == after:
        return True
    if len(before) != len(after):
        return "".join(before) == "".join(after)  # words joined or parted
    return all(_same_word(a, b) for a, b in zip(before, after, strict=True) if a != b)


def note(texts: Iterable[str]) -> str | None:
    """Return the first of these paragraphs that tells readers of a correction."""
    return next((text for text in texts if len(text) <= LONGEST_NOTE and CORRECTION.search(text)), None)


def paragraphs_added(old: str, new: str) -> list[str]:
    """Return the paragraphs of ``new`` that ``old`` does not have."""
    had = set(old.split("\n\n"))
    return [text for text in new.split("\n\n") if text not in had]


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    junk = max(len(before), len(after)) > AUTOJUNK_FROM
    for name, a, b, c, d in SequenceMatcher(None, before, after, autojunk=junk).get_opcodes():
        if name == "equal":
            yield Piece("=", "".join(before[a:b]))
        else:
            yield Piece("-", "".join(before[a:b]))
            yield Piece("+", "".join(after[c:d]))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces without empty ones, neighbours of one sign as one.

    A blank that stayed between two changes is no news: "- old + new = ␣ - name + word" reads worse than
    "- old name + new word".
    """
    found: list[Piece] = []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if piece.sign == "=" and piece.text == " " and len(found) >= 2 and not last:
            went, came = found[-2], found[-1]
            if (went.sign, came.sign) == ("-", "+"):
                found[-2:] = [Piece("-", went.text + " "), Piece("+", came.text + " ")]
                continue
        found = _with(found, piece)
    return found


def _with(found: list[Piece], piece: Piece) -> list[Piece]:
    if not piece.text:
        return found
    for at in (-1, -2):  # of "- old + new - older" the last joins the first
        if len(found) < -at:
            break
        if found[at].sign == piece.sign:
            found[at] = Piece(piece.sign, found[at].text + piece.text)
            return found
        if "=" in (piece.sign, found[at].sign):
            break
    return [*found, piece]


def _spelt(text: str) -> list[str]:
    return re.findall(_WORD, text.casefold())


def _same_word(a: str, b: str) -> bool:
    """Tell whether one slip of the finger lies between them: a letter more, less, else, or two exchanged.

    The first letter counts: million and billion are not one word.
    """
    if min(len(a), len(b)) < SHORTEST_MISSPELT or a[0] != b[0] or any(sign.isdigit() for sign in a + b):
        return False
    start = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest, other = a[start:], b[start:]
    slips = ((rest[1:], other), (rest, other[1:]), (rest[1:], other[1:]))
    return any(x == y for x, y in slips) or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
