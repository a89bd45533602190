"""Plain text of a page to the same columns as its HTML: what a browser's "select all, copy" gives.

A dump has no tags, so the tags are told from the lines: what stands before the first paragraph is headline, dek,
section or byline; the paragraphs up to the first sign of another story are the story. The columns then say so
in tags and class names, and every stripper and field works on them as it does on a page.
"""

import re

from extractors import credit_lines, strip
from extractors.document import Document, Piece
from extractors.story import Story

PARAGRAPH_CHARS = 100
"""A line this long that ends as a sentence does is a paragraph. A judgement, not a measurement: headlines are shorter."""

SENTENCE_CHARS = 25
_ENDS = re.compile(r"[.!?。！？…:;][\"'”’»)\]]*$")
_ITEM = re.compile(r"^\s*(?:[-*•·–]|\d{1,2}[.)])\s+\S")
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|da|door|autor|auteur|text|автор|作者|文)\b[\s:：]*\S", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_STOPPERS = ("related", "newsletter", "comments", "legal")


def parse(text: str, url: str) -> tuple[Document, Story]:
    """Return the columns of a dump, and its story."""
    lines = [line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line]
    noisy = [strip.by_words(line) if len(line) <= strip.LONGEST_CUT else None for line in lines]
    first = next((i for i, line in enumerate(lines) if not noisy[i] and _is_paragraph(line)), len(lines))
    last = _story_end(lines, noisy, first)
    roles = dict.fromkeys(range(first, last), "p")
    roles |= _front(lines, noisy, first, last)
    document = _document(lines, roles, url)
    pieces = tuple(i for i in range(first, last) if not noisy[i] and roles[i] == "p")
    chances = tuple(1.0 if i in pieces else 0.0 for i in range(len(lines)))
    return document, Story(pieces, chances, ())


def _is_paragraph(line: str) -> bool:
    return (
        len(line) >= PARAGRAPH_CHARS * (0.4 if _spaceless(line) else 1.0)
        and bool(_ENDS.search(line))
        and not credit_lines.LINE.match(line[:300])
    )


def _spaceless(line: str) -> bool:
    return line.count(" ") * 20 < len(line)


def _is_prose(line: str) -> bool:
    return (
        _is_paragraph(line)
        or bool(_ITEM.match(line))
        or (len(line) >= SENTENCE_CHARS * (0.4 if _spaceless(line) else 1) and bool(_ENDS.search(line)))
    )


def _story_end(lines: list[str], noisy: list[tuple[str, str, bool] | None], first: int) -> int:
    """Return the line after the story's last: before a credit line, two short lines in a row, or another box."""
    end = first
    labels = 0
    for i in range(first, len(lines)):
        known = noisy[i]
        if known:
            whole = known[1].startswith("the line is")
            if whole and known[0] in _STOPPERS:
                break
            continue
        if credit_lines.LINE.match(lines[i][:300]) and not _is_paragraph(lines[i]):
            if i + 1 < len(lines) and not _follows(lines, noisy, i + 1):
                break
            continue
        if _is_prose(lines[i]):
            end, labels = i + 1, 0
            continue
        labels += 1
        if labels > 1:
            break
    return end


def _follows(lines: list[str], noisy: list[tuple[str, str, bool] | None], start: int) -> bool:
    """Does the story go on with the next line that is no noise?"""
    following = next((i for i in range(start, len(lines)) if not noisy[i]), None)
    return following is not None and _is_paragraph(lines[following])


def _front(
    lines: list[str], noisy: list[tuple[str, str, bool] | None], first: int, last: int
) -> dict[int, str]:
    """Return the roles of the lines before the story: h1, dek, section, byline."""
    roles: dict[int, str] = {}
    start = max(0, first - 14)
    words = {
        word for line in lines[first : min(last, first + FRONT_LINES)] for word in _words(line[:FRONT_CHARS])
    }
    front = [i for i in range(start, first) if not noisy[i] and not credit_lines.LINE.match(lines[i][:300])]
    titles = []
    for i in front:
        line = lines[i]
        if _BYLINE.match(line) and len(line) < 100:
            roles[i] = "byline"
        elif any(c.isdigit() for c in line) and re.search(r"\b(?:19|20)\d\d\b", line) and len(line) < 60:
            roles[i] = "date"
        elif len(line) >= 18 * (0.5 if _spaceless(line) else 1):
            titles.append(i)
        elif len(line) < 30 and len(line.split()) <= 3:
            roles.setdefault(i, "section")
    if not titles:
        return roles
    headline = max(titles, key=lambda i: _title_score(lines, i, titles, words))
    roles[headline] = "h1"
    under = next((i for i in titles if i > headline), None)
    if under is not None and under - headline <= 4:
        roles[under] = "dek"
    sections = sorted((i for i, role in roles.items() if role == "section"), key=lambda i: abs(i - headline))
    for i in sections[1:]:
        del roles[i]
    return roles


FRONT_LINES, FRONT_CHARS = 200, 2000
"""How much of the story is compared with its possible headlines."""


def _words(line: str) -> list[str]:
    """Return the words that tell one story from another: the longer ones, in spaceless scripts all."""
    shortest = 1 if _spaceless(line) else 4
    return [word.lower() for word in _WORD.findall(line) if len(word) >= shortest]


def _title_score(lines: list[str], index: int, titles: list[int], words: set[str]) -> float:
    """A headline shares words with the story, is no sentence, and is followed by at most one longer line."""
    line = lines[index]
    mine = _words(line)
    shared = sum(word in words for word in mine) / (len(mine) or 1)
    later = [i for i in titles if i > index]
    score = shared + min(len(line), 60) / 60
    if _ENDS.search(line) and not line.endswith("?"):
        score -= 0.5
    if len(later) == 1 and len(lines[later[0]]) > len(line):
        score += 0.8
    return score - 0.15 * max(0, len(later) - 1)


_TAGS = {
    "h1": ("h1", ""),
    "dek": ("p", "dek"),
    "section": ("div", "section"),
    "byline": ("p", "byline"),
    "date": ("div", "date"),
    "p": ("p", ""),
}


def _document(lines: list[str], roles: dict[int, str], url: str) -> Document:
    document = Document(url, ["body"], [-1], [], [])
    document.set_attributes(0, {})
    for i, line in enumerate(lines):
        tag, name = _TAGS.get(roles.get(i, ""), ("div", ""))
        node = len(document.tags)
        document.tags.append("li" if tag == "p" and not name and _ITEM.match(line) else tag)
        document.parents.append(0)
        document.set_attributes(node, {"class": name} if name else {})
        piece = Piece(node, node)
        piece.parts, piece.nodes, piece.text = [line], [node], line
        document.pieces.append(piece)
    return document
