"""What a change of a stored article was: whose, how much of one, and whether readers were told.

publisher   the page says something else now
ours        the page says the same, and the extraction makes something else of it: a rule, learned noise,
            another edition of the code
unclear     both may have changed, and the old page was not at hand to tell

A change of the publisher's is minor when only spelling, spacing, case or punctuation changed in headline,
dek, body, byline, authors and credits, or when only section, tags and dates did; otherwise it is
substantial. It is silent unless a paragraph that tells readers came with it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from scraper import wording
from scraper.wording import Piece

MINOR = frozenset({"section", "tags", "published_at"})  # filed under another name; the story is the same


@dataclass(frozen=True, slots=True)
class Change:
    """What to note of a change. ``old`` has the changed fields as they were."""

    whose: str
    weight: str
    correction: str | None
    old: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored change: ``old`` and ``new`` have the changed fields before and after it."""

    id: int
    replaced_at: str
    whose: str
    weight: str | None
    correction: str | None
    batch_id: int | None
    old: dict[str, Any]
    new: dict[str, Any]

    @property
    def is_silent(self) -> bool:
        """Tell whether the publisher changed more than spelling and did not tell readers."""
        return self.whose == "publisher" and self.weight == "substantial" and not self.correction

    def differences(self) -> Iterator[tuple[str, list[Piece]]]:
        """Yield each changed field and the way from its old wording to its new one."""
        for name, value in self.old.items():
            yield name, wording.differences(as_text(value), as_text(self.new[name]))


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that differ."""
    return [name for name in after if before[name] != after[name]]


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], cut: frozenset[str], *, same_page: bool
) -> Change:
    """Return what changed between two states of an article, at least one field of which differs.

    ``cut`` are the texts that either extraction removed: a paragraph that only went from the body there, or
    came from there, still stands on the page. ``same_page`` tells that both come from one page.
    """
    names = changed(before, after)
    ours = same_page or (names == ["body"] and _only_cut_else(before["body"], after["body"], cut))
    return Change(
        "ours" if ours else "publisher",
        "minor" if all(_is_minor(name, before[name], after[name]) for name in names) else "substantial",
        None if ours else wording.note(wording.paragraphs_added(before["body"], after["body"])),
        {name: before[name] for name in names},
    )


def of_article(db: Connection, article_id: int, now: Mapping[str, Any]) -> list[Revision]:
    """Return the changes of an article, the oldest first; ``now`` is its present state."""
    rows = db.execute(
        """SELECT id, replaced_at, whose, weight, correction, batch_id, old FROM revisions
            WHERE article_id = ? ORDER BY id DESC""",
        (article_id,),
    ).fetchall()
    after, found = dict(now), []
    for number, replaced_at, whose, weight, correction, batch_id, text in rows:
        old = json.loads(text)
        new = {name: after[name] for name in old}
        found.append(Revision(number, replaced_at, whose, weight, correction, batch_id, old, new))
        after |= old
    return found[::-1]


def as_text(value: Any) -> str:
    """Return a field as text: a list with a line for each of its parts, and nothing for what is not there."""
    return "\n".join(value) if isinstance(value, list) else value or ""


def _is_minor(name: str, old: Any, new: Any) -> bool:
    return name in MINOR or wording.is_minor(as_text(old), as_text(new))


def _only_cut_else(old: str, new: str, cut: frozenset[str]) -> bool:
    """Tell whether each paragraph that went or came is one that the other extraction cut from the page."""
    lines = {line for text in cut for line in (text, *text.splitlines())}
    moved = set(old.split("\n\n")) ^ set(new.split("\n\n"))
    return all(line in lines for text in moved for line in text.splitlines())
