"""The lines of a plain-text dump, and what each looks like on its own: prose, label, caption, byline, date or noise.

A dump is what "select all, copy" in a browser gives, or what a text browser writes. It has no tags; what a line
is can only be told from its length, its last character, its words and its neighbours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extractors import credit_lines, moments
from extractors.phrases import SPACELESS, beside, by_words, expands, leads

PARAGRAPH_CHARS = 100
"""A line this long that ends as a sentence does is a paragraph. A judgement, not a measurement: headlines are shorter."""

LONG_CHARS = 140
"""A line this long with a sentence's end inside is a paragraph, whatever it ends with."""

LONGEST_NOISE = 300
"""Characters that a line may have to be known by its words."""

LABEL_CHARS, BYLINE_CHARS, DATE_CHARS = 30, 120, 140
HEAD_CHARS = 40
WIDEST = 110
"""Columns that a text browser may have wrapped at."""

ENDS = re.compile(r"[.!?。！？…:;]\s?[\"'”’»」』)\]）]*$")
_WORD = re.compile(r"\w+")
_INNER_END = re.compile(r"[.!?][\"'”’»“]*\s|[。！？]")
ITEM = re.compile(r"^\s*(?:[-*•·–▪►]|\d{1,2}[.)])\s+\S")
_BYLINE = re.compile(
    r"^(?:(?:written|reported|posted|story|words|texte?|interview|analysis|opinion|geschrieben|écrit|escrito|scritto|geschreven|napisała?|"
    r"publicado|pubblicato)\s+)?(?:by|von|par|por|di|da|door|od|przez|av|af)\s*:?\s+(?=[^\W\d_])(?-i:[A-ZÀ-ÞĀ-ŽА-ЯΑ-Ω@])"
    r"|^(?:autor(?:a|es|en|in|ka|zy)?|opr(?:ac)?\.|auteurs?|autore|autrice|authors?|byline|text|texte|texto|testo|tekst|автор|текст|"
    r"作者|记者|記者|文|撰文|取材・文|執筆|筆者|編集)\s*[:：/／]\s*\S"
    r"|^(?:文|记者|記者)\s+\S{2,8}$",
    re.IGNORECASE,
)
_NAME_WORD = r"(?:[^\W\d_]\.|[A-ZÀ-ÞĀ-ŽА-ЯЁΑ-Ω][^\W\d_]*(?:['’-][^\W\d_]+)*\.?)"
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|du|le|la|bin|ten|ter|zu|y|e|af)"
NAME = re.compile(rf"^{_NAME_WORD}(?: (?:{_PARTICLE} )*{_NAME_WORD}){{1,3}}$")
NAME_OPENING = re.compile(rf"^{_NAME_WORD}(?: (?:{_PARTICLE} )*{_NAME_WORD}){{1,3}}(?= )")
SPACELESS_NAME = re.compile(r"^[\u4e00-\u9fff々]{2,4}[\u3040-\u30ff\u4e00-\u9fff]{0,4}$")
ROLE = re.compile(
    r"\b(?:staff|reporter|correspondent|editor|writer|columnist|redakteur(?:in)?|korrespondent(?:in)?|journaliste?|"
    r"periodista|redactora?|corresponsal|giornalista|redaktork?a?|dziennikarz|jornalista|verslaggever|redacteur|"
    r"корреспондент|журналист|обозреватель)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(r"[:：]\s*\S")  # what it announces stands on the line itself
_CRUMBS = re.compile(r"\s*[>›»/→]\s*")


@dataclass(slots=True)
class Line:
    """One line: its text, whether a blank one stands above it, what it looks like, and why it is noise."""

    text: str
    gap: bool
    kind: str = "label"  # paragraph, sentence, item, label, caption, byline, date, crumbs, noise
    known: tuple[str, str] | None = None  # (stripper, reason)
    head: bool = False  # a noise line with nothing behind its phrase: it may head a box
    expands: bool = False  # a noise line that offers to read on, as teasers have it

    @property
    def is_prose(self) -> bool:
        return self.kind in ("paragraph", "sentence", "item")


def read(text: str) -> list[Line]:
    """Return the lines that say something, each with its kind."""
    lines = [Line(line, gap) for line, gap in _unwrapped(text)]
    for line in lines:
        _look(line)
    _spread(lines)
    _pair_captions(lines)
    return lines


def spaceless(line: str) -> bool:
    """Is the line in a script that writes no spaces?"""
    return len(SPACELESS.findall(line)) * 3 > len(line)


# Wrapped text.


def _unwrapped(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line on one line, and whether a blank one stood above; what a text browser wrapped is joined."""
    raw = [line.rstrip() for line in text.expandtabs().splitlines()]
    width = _width(raw)
    held, gap = "", False
    last = ""  # the last raw line of what is held
    for line in raw:
        folded = " ".join(line.split())
        if held and _goes_on(last, folded, width):
            held, last = f"{held} {folded}", line
            continue
        if held:
            yield held, gap
            gap = False
        gap = gap or not folded
        held, last = folded, line
    if held:
        yield held, gap


def _goes_on(line: str, following: str, width: int) -> bool:
    """Was the line broken because the next word did not fit?"""
    return bool(width and following) and len(line) + 1 + len(following.split()[0]) > width


def _width(raw: Sequence[str]) -> int:
    """Return the column at which the text was wrapped, 0 when it was not: many lines end just before it."""
    widest = max(map(len, raw), default=0)
    if not 40 <= widest <= WIDEST or spaceless("".join(raw)):
        return 0
    pairs = pairwise(raw)
    full = [len(line) for line, following in pairs if _goes_on(line, " ".join(following.split()), widest)]
    return widest if len(full) >= 5 and median(full) > 0.8 * widest else 0


# One line.


def _look(line: Line) -> None:
    text = line.text
    known = by_words(text) if len(text) <= LONGEST_NOISE else None
    if _is_crumbs(text):
        line.kind = "crumbs"
    elif known and not _is_dated_byline(text):
        line.kind, line.known = "noise", known[:2]
        line.head = len(text) <= HEAD_CHARS and not _TOLD.search(text)
        line.expands = line.head and expands(text)
    elif _is_caption(text):
        line.kind = "caption"
    elif is_byline(text):
        line.kind = "byline"
    elif _is_date(text):
        line.kind = "date"
    else:
        line.kind = _prose(text)


def _prose(text: str) -> str:
    wide = 0.4 if spaceless(text) else 1.0
    if ITEM.match(text):
        return "item"
    if len(text) >= LONG_CHARS * wide and _INNER_END.search(text):
        return "paragraph"
    if not ENDS.search(text):
        return "label"
    if len(text) >= PARAGRAPH_CHARS * wide:
        return "paragraph"
    return "sentence" if len(text.split()) >= 3 or (wide < 1 and len(text) >= 8) else "label"


def is_byline(text: str) -> bool:
    """Does the line say who wrote the story?"""
    return len(text) <= BYLINE_CHARS and bool(_BYLINE.match(text)) and not text.endswith((".", "!", "?"))


def _is_dated_byline(text: str) -> bool:
    return is_byline(text) and any(moments.in_words(text, american=False))


def _is_date(text: str) -> bool:
    """Is the line a date with few words around it?"""
    if len(text) > DATE_CHARS or not any(map(str.isdigit, text)):
        return False
    if not any(moments.in_words(text, american=False)):
        return False
    rest = moments.without_dates(text, " ")
    return sum(map(str.isalpha, rest)) <= (12 if spaceless(text) else 45) and not _long_sentence(text)


def _long_sentence(text: str) -> bool:
    return text.endswith((".", "!", "?", "。")) and len(text) > 60


_HOME = frozenset(
    "home|startseite|start|accueil|inicio|portada|início|strona główna|voorpagina|главная|首页|首頁|ホーム|トップ".split(
        "|"
    )
)
"""Where a breadcrumb begins, in the eleven languages: with slashes it is told by that alone."""


def _is_crumbs(text: str) -> bool:
    parts = _CRUMBS.split(text)
    if len(parts) < 2 or len(text) > 120 or not all(parts):
        return False
    return any(sign in text for sign in ">›»→") or parts[0].casefold() in _HOME


def crumbs(text: str) -> list[str]:
    """Return the steps of a breadcrumb, without the words that introduce it."""
    return [part.rsplit("：", 1)[-1].rsplit(": ", 1)[-1].strip() for part in _CRUMBS.split(text)]


_CREDIT_IN_BRACKETS = re.compile(
    rf"[(（\[]({_NAME_WORD}(?: {_NAME_WORD}){{1,2}}\s*[/|]\s*[^()（）]{{2,40}})[)）\]]\.?$"
)
_NAMED_IN_BRACKETS = re.compile(
    r"[(（\[]((?:photo|foto|fot\.|bild|image|imagen|immagine|фото)\s*:?\s*[^\W\d_][^()（）]{1,40})[)）\]]\.?$",
    re.IGNORECASE,
)
_UNMARKED = re.compile(
    rf"(?:photos?|fotos?|illustrations?|ilustraciones|bild|фото)\s+{_NAME_WORD}(?: {_NAME_WORD}){{1,2}}$",
    re.IGNORECASE,
)
_PROVIDED = re.compile(r"[（(＝=]?[^\s。、「」]{2,14}(?:提供|供图|供圖)[)）]?$")
_AFTER_STOP = re.compile(r"[。」]\s*((?:摄影|攝影|图|圖|写真|撮影)\s*[:：/／]?\s*\S{2,30})$")
_PHOTOGRAPHED = re.compile(r"[。＝=、，,\s（(]([\u4e00-\u9fff々]{2,6})\s?(?:撮影|摄|攝)[)）]?$")


def caption(text: str) -> tuple[str, str] | None:
    """Return a caption without its credit, and the credit as printed; None for a line that is no caption.

    A line that is nothing but a credit is one with an empty caption.
    """
    if _UNMARKED.match(text) or _PROVIDED.match(text):
        return "", text
    lead = credit_lines.LINE.match(text)
    if lead and not _long_sentence(text[lead.end() :]):
        return "", text
    for pattern in (_CREDIT_IN_BRACKETS, _NAMED_IN_BRACKETS, _AFTER_STOP, _PHOTOGRAPHED):
        found = pattern.search(text)
        if found:
            return text[: found.start()].strip(" ＝=、，"), found[1]
    for way, start, tail in credit_lines.tails(text):
        if way == 0 or (credit_lines.agency_in(tail) and len(text) <= PARAGRAPH_CHARS):
            return text[:start].strip(" .|/–—-("), tail
    return None


def _is_caption(text: str) -> bool:
    return len(text) <= LONGEST_NOISE and not text.startswith(("©", "(c)")) and caption(text) is not None


# A line and its neighbours.

BOXED = ("newsletter", "cta", "social", "advertising")
"""Kinds whose boxes hold lines that only their neighbours give away."""


def _spread(lines: Sequence[Line]) -> None:
    """Call a line noise that holds a word of the box that stands beside it, and the title of such a box."""
    for _ in range(2):
        for i, line in enumerate(lines):
            if line.kind == "noise" or len(line.text) > LONGEST_NOISE:
                continue
            for other in (*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2]):
                kind = other.known[0] if other.known else ""
                if kind in BOXED and (beside(line.text, kind) or leads(line.text) == kind):
                    line.kind, line.known = "noise", (kind, f"stands beside “{other.text[:40]}”")
                    break


_SOURCE = re.compile(
    r"(?:quelle|source|fuente|fonte|źródło|bron|источник|来源|出典|kilde|källa)\s*[:：]", re.IGNORECASE
)
"""Whence a story's facts come, which is no picture's credit."""

CAPTION_CHARS, TITLE_CHARS = 200, 25
TITLE_ABOVE = 15
"""Lines above a caption in which the headline must stand: without one, what stands above a credit may be it."""


def _pair_captions(lines: Sequence[Line]) -> None:
    """Call a line a caption that stands right above a credit alone, and neither below a title nor is one."""
    for i in range(1, len(lines) - 1):
        line, above, below = lines[i], lines[i - 1], lines[i + 1]
        if line.kind not in ("label", "sentence") or len(line.text) > CAPTION_CHARS:
            continue
        credited = below.kind == "caption" and not below.gap and (caption(below.text) or ("?", ""))[0] == ""
        titled = any(_may_be_title(one) for one in lines[max(0, i - TITLE_ABOVE) : i])
        apart = above.is_prose or not _may_be_title(above)
        if credited and titled and apart and not _SOURCE.match(below.text):
            line.kind = "caption"


def _may_be_title(line: Line) -> bool:
    least = TITLE_CHARS * (0.4 if spaceless(line.text) else 1.0)
    return line.kind in ("label", "sentence", "paragraph") and len(line.text) >= least


# The words of several lines.

STEM = 5
"""Letters of a word that are compared: its endings change from sentence to sentence."""


def words_of(found: Sequence[Line], indices: Iterable[int]) -> list[str]:
    """Return the words that tell one story from another: the longer ones; pairs of characters without spaces."""
    words: list[str] = []
    for i in indices:
        text = found[i].text[:2000].lower()
        if spaceless(text):
            runs = _WORD.findall(text)
            words += [run[k : k + 2] for run in runs for k in range(len(run) - 1)]
        else:
            words += [word[:STEM] for word in _WORD.findall(text) if len(word) >= STEM]
    return words
