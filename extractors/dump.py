"""Plain text of a page to the same columns as its HTML: what a browser's "select all, copy" gives.

A dump has no tags, so the tags are told from the lines. Prose falls into runs, parted by boxes and by labels in a
row. The first long run is the story; a later one belongs to it when it uses the story's words and no sign of
another story stands around it. What stands before the story is headline, dek, section, byline and date. The
columns then say so in tags and class names, and every stripper and field works on them as it does on a page.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extractors import credit_lines, front, lines
from extractors.article import Teaser
from extractors.document import PLACES, Document, Piece
from extractors.lines import ITEM, Line, words_of
from extractors.phrases import beside, leads
from extractors.story import Story

_CLOSING = frozenset(["author", "cta", "newsletter", "social", "legal", "comments", "chrome", "related"])
"""Kinds that a sentence behind the story's last may be."""
_AT_SIGN = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_FINAL = frozenset(["comments", "legal", "author"])
"""Kinds of boxes after which a story does not go on."""
_BOXES = frozenset(["related", "navigation", "consent"])
"""Kinds of boxes whose other lines are labels without a sign of their own."""


@dataclass(slots=True)
class Run:
    """Lines of prose with at most single labels between them, and what stands right before."""

    pieces: list[int] = field(default_factory=list)  # prose and sub-headings, by line
    labels: list[int] = field(default_factory=list)  # labels between the run before and this one
    captions: list[int] = field(default_factory=list)
    headed: bool = False  # a box with a head stands before, to which the labels belong
    over: bool = False  # buttons to share the story or its tags stand before: it may have ended
    final: bool = False  # a comments, legal or author box stands before
    commented: bool = False  # the head of the comments stands before
    entries: int = 0  # lines with a date or byline before: it may be somebody else's
    expands: bool = False  # an offer to read on stands right after


def parse(text: str, url: str) -> tuple[Document, Story, tuple[Teaser, ...]]:
    """Return the columns of a dump, its story, and the other stories that it offers."""
    found = lines.read(text)
    story, others = _story(found, _runs(found))
    roles, story = front.read(found, story)
    story = _without_blurbs(found, story, roles)
    roles |= dict.fromkeys(story, "p")
    document = _document(found, roles, url)
    chances = tuple(float(i in roles and roles[i] == "p") for i in range(len(found)))
    return document, Story(tuple(story), chances), _teasers(found, others, set(roles))


# Runs of prose.


def _runs(found: Sequence[Line]) -> list[Run]:
    runs: list[Run] = []
    now, after = Run(), Run()  # the run being written; what stands behind it, before the next
    box = -1  # the line that opened a box, -1 outside
    for i, line in enumerate(found):
        if line.kind == "noise":
            kind = line.known[0] if line.known else ""
            if now.pieces and now.pieces[-1] == i - 1:
                now.expands = line.expands
            after.commented = after.commented or (kind == "comments" and line.head)
            after.final = after.final or (kind in _FINAL and (line.head or kind == "comments"))
            shared = kind == "social" and _is_kind(found, i - 1, "social")
            after.over = after.over or shared or line.expands or (kind == "navigation" and line.head)
            if line.head and kind in _BOXES:
                box, after.headed = i, True
        elif line.kind in ("label", "crumbs"):
            after.labels.append(i)
        elif line.kind == "caption":
            after.captions.append(i)
        elif line.kind in ("date", "byline"):
            after.entries += 1
        elif line.is_prose and not _is_in_box(found, i, box):
            if now.pieces and _goes_on(after):
                now.pieces += after.labels
            else:
                runs += [now] if now.pieces else []
                now = after
            now.pieces.append(i)
            after, box = Run(), -1
    return runs + ([now] if now.pieces else [])


def _is_kind(found: Sequence[Line], index: int, kind: str) -> bool:
    known = found[index].known if index >= 0 else None
    return known is not None and known[0] == kind


def _goes_on(after: Run) -> bool:
    """Does nothing but a sub-heading part the next prose from the run?"""
    return len(after.labels) + 2 * after.entries <= 1 and not (
        after.final or after.over or (after.headed and after.labels)
    )


def _is_in_box(found: Sequence[Line], index: int, box: int) -> bool:
    """Is a line that ends as a sentence the first offer of the box that opens right above it?"""
    return box >= 0 and box == index - 1 and found[index].kind == "sentence"


def _mass(found: Sequence[Line], pieces: Iterable[int]) -> int:
    return sum(len(found[i].text) for i in pieces if found[i].kind != "label")


MAIN_SHARE, ENOUGH = 0.3, 0.5
"""The story begins with a run of at least this share of the longest run's characters, and is the first such story with
at least this share of the longest story's."""
SEEDS = 8
"""How many runs are tried as the story's beginning."""
COMMENTED = 0.25
"""What a character behind the head of the comments counts."""

KIN, KIN_APART = 0.08, 0.25
"""Share of a run's words that the story must have used for the run to belong to it; more where the story may have ended."""


def _story(found: Sequence[Line], runs: list[Run]) -> tuple[list[int], list[Run]]:
    """Return the lines of the story, and the runs that stand behind it and belong to others."""
    if not runs:
        return [], []
    sizes = [_mass(found, run.pieces) * (not _asks_consent(found, run)) for run in runs]
    seeds = [i for i, size in enumerate(sizes) if size >= MAIN_SHARE * max(sizes)][:SEEDS]
    stories = [_grown(found, runs, seed) for seed in seeds]
    commented = next((i for i, run in enumerate(runs) if run.commented), len(runs))
    weights = [
        _mass(found, story) * (COMMENTED if seed > commented else 1.0)
        for seed, (story, _) in zip(seeds, stories, strict=True)
    ]
    return next(
        story for story, weight in zip(stories, weights, strict=True) if weight >= ENOUGH * max(weights)
    )


def _asks_consent(found: Sequence[Line], run: Run) -> bool:
    """Does every second line of the run speak of cookies and the like?"""
    asking = sum(beside(found[i].text, "consent") for i in run.pieces)
    return asking * 2 >= len(run.pieces)


def _grown(found: Sequence[Line], runs: list[Run], seed: int) -> tuple[list[int], list[Run]]:
    """Return the story that begins with this run, and the later runs that are not part of it."""
    story = list(runs[seed].pieces)
    others: list[Run] = []
    known = set(words_of(found, [*runs[seed].labels[-FRONT_TITLES:], *story]))
    final = False
    for run in runs[seed + 1 :]:
        final = final or run.final
        if final or not _belongs(found, known, run):
            others.append(run)
        else:
            story += [*_subheading(found, run), *run.pieces]
            known.update(words_of(found, run.pieces))
    return story, others


FRONT_TITLES = 6
"""Labels right before the story that may be its headline and dek."""


def _belongs(found: Sequence[Line], known: set[str], run: Run) -> bool:
    """Does the run go on with the story? Not when its own headline stands before it or an offer to read on behind it."""
    mine = words_of(found, run.pieces)
    kin = sum(word in known for word in mine) / (len(mine) or 1)
    titles = set(words_of(found, run.labels)) - known
    own = sum(word in titles for word in mine) / (len(mine) or 1)
    several = sum(found[i].is_prose for i in run.pieces) > 1
    apart = run.over or run.entries or (run.captions and run.labels)
    if run.expands:
        return False
    if run.headed and not apart:
        return several or kin >= 2 * own
    return kin >= (KIN_APART if apart else KIN) and kin >= (1 if several else 2) * own


def _subheading(found: Sequence[Line], run: Run) -> list[int]:
    """Return the label right before the run if it is set apart from the box's others by being shorter."""
    if not run.labels or run.labels[-1] != run.pieces[0] - 1:
        return []
    last, others = found[run.labels[-1]].text, [found[i].text for i in run.labels[:-1]]
    short = not others or 1.5 * len(last) < sum(map(len, others)) / len(others)
    return run.labels[-1:] if others and short else []


# After the story.


def _without_blurbs(found: Sequence[Line], story: list[int], roles: dict[int, str]) -> list[int]:
    """Drop what the story's end says of its author, and addresses to write to."""
    names = [found[i].text for i, role in roles.items() if role == "byline"]
    kept = list(story)
    for i in story[1:][-4:]:
        text = found[i].text
        kind = "author" if _AT_SIGN.search(text) or _is_blurb(text, names) else leads(text)
        if kind in _CLOSING and len(text) <= lines.LONGEST_NOISE:
            kept.remove(i)
            found[i].kind, found[i].known = "noise", (kind or "", "closes the page, not the story")
    while kept and found[kept[-1]].kind == "label":
        kept.pop()
    return kept


def _is_blurb(text: str, names: Sequence[str]) -> bool:
    """Does the line begin with the whole name of who wrote the story?"""
    opening = lines.NAME_OPENING.match(text)
    return opening is not None and any(opening[0] in name for name in names)


def _teasers(found: Sequence[Line], others: Sequence[Run], taken: set[int]) -> tuple[Teaser, ...]:
    """Return the stories that stand behind this one with some of their text: headline, section and credit."""
    teasers: list[Teaser] = []
    for run in others:
        if run.final:
            break
        titles = [i for i in run.labels if front.is_title(found[i]) and i not in taken]
        if not titles:
            continue
        words = set(words_of(found, run.pieces))
        best = max(
            titles, key=lambda i: (sum(word in words for word in words_of(found, [i])), len(found[i].text))
        )
        section = next(
            (found[i].text for i in run.labels if i > best and front.is_label(found[i].text)), None
        )
        near = max((i for i in run.captions if i < best), default=min(run.captions, default=-1))
        credit = credit_lines.read(found[near].text) if near >= 0 else None
        teasers.append(Teaser(found[best].text, None, section, credit))
    return tuple(teasers)


# Columns.

_TAGS = {
    "h1": ("h1", ""), "dek": ("p", "dek"), "section": ("div", "section"), "breadcrumb": ("div", "breadcrumb"),
    "byline": ("p", "byline"), "date": ("div", "date"), "p": ("p", ""),
}  # fmt: skip


def _document(found: Sequence[Line], roles: dict[int, str], url: str) -> Document:
    document = Document(url, plain=True)
    _add(document, "body", "", -1)
    for i, line in enumerate(found):
        role = roles.get(i, "")
        said, credit = (lines.caption(line.text) if line.kind == "caption" else None) or ("", "")
        if said or (credit and not credit_lines.LINE.match(credit)):
            _add_caption(document, said, credit, line.text)
            continue
        tag, name = _TAGS.get(role, ("div", line.known[0] if line.known else ""))
        node = _add(document, "li" if role == "p" and ITEM.match(line.text) else tag, name, 0)
        parts = lines.crumbs(line.text) if role == "breadcrumb" else [line.text]
        _write(document, node, [(part, node) for part in parts], line.text)
    return document


def _add(document: Document, tag: str, name: str, parent: int) -> int:
    node = len(document.tags)
    document.tags.append(tag)
    document.heads.append(f'{tag} class="{name}"' if name else tag)
    document.parents.append(parent)
    document.places.append(PLACES.get(tag, 0) | (document.places[parent] if parent >= 0 else 0))
    return node


def _add_caption(document: Document, said: str, credit: str, text: str) -> None:
    """Write a figure whose caption ends in an element of its own, the credit."""
    holder = _add(document, "figcaption", "", _add(document, "figure", "", 0))
    parts = [(said, holder)] if said else []
    parts.append((credit, _add(document, "span", "credit", holder)))
    _write(document, holder, parts, text)


def _write(document: Document, node: int, parts: Sequence[tuple[str, int]], text: str) -> None:
    piece = Piece(node, node)
    piece.parts, piece.nodes, piece.text = [part for part, _ in parts], [at for _, at in parts], text
    document.pieces.append(piece)
