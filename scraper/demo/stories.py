"""The articles of the demo publication, as their editors meant them.

One file each in ``articles/``: TOML between two lines of ``+++``, then the text in pieces with a blank line
between. A piece is a paragraph unless it begins with a mark: ``## `` a sub-heading, ``> `` a quote, ``- `` a
list, and ``[photo]``, ``[post]``, ``[pull]``, ``[related]``, ``[newsletter]`` with ``|`` between
their parts.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ARTICLES = Path(__file__).parent / "articles"
NAME = "The Larkmere Courier"
TEXT = ("paragraph", "heading", "quote", "list")  # the kinds of piece that are the story itself


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a story's page; ``parts`` are what stood between the bars."""

    kind: str
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The piece as plain text, list items one a line."""
        return "\n".join(self.parts)


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture at the head of a story."""

    name: str
    alt: str
    credit: str
    caption: str | None = None
    role: str = "photo"


@dataclass(frozen=True, slots=True)
class Story:
    """What one article says. Times are aware UTC."""

    slug: str
    headline: str
    section: str
    authors: tuple[str, ...]
    published_at: datetime
    picture: Picture
    pieces: tuple[Piece, ...]
    dek: str | None = None
    modified_at: datetime | None = None
    language: str = "en"
    tags: tuple[str, ...] = field(default=())

    @property
    def path(self) -> str:
        """Where it lives: the magazine's sections are on another publishing system than the news."""
        dated = f"/{self.published_at:%Y/%m}" if self.in_magazine else ""
        return f"{dated}/{self.slug}/"

    @property
    def number(self) -> int:
        """Its id in the publishing system: the same in every run."""
        return 2_671_300_000 + sum(ord(letter) * (place + 7) for place, letter in enumerate(self.slug))

    @property
    def in_magazine(self) -> bool:
        """Whether the WordPress-like half of the site publishes it."""
        return self.section in ("Science", "Culture")

    @property
    def body(self) -> tuple[str, ...]:
        """The text of the story, a piece each, without anything that the page puts between."""
        return tuple(piece.text for piece in self.pieces if piece.kind in TEXT)

    @property
    def credits(self) -> tuple[tuple[str, str], ...]:
        """Role and text of each credit, that of the head picture first."""
        inside = [("photo", piece.parts[3]) for piece in self.pieces if piece.kind == "photo"]
        return ((self.picture.role, self.picture.credit), *inside)


@cache
def stories() -> tuple[Story, ...]:
    """Return all stories, the newest first."""
    found = (_read(file) for file in sorted(ARTICLES.glob("*.md")))
    return tuple(sorted(found, key=lambda story: story.published_at, reverse=True))


def _read(file: Path) -> Story:
    _, head, text = file.read_text(encoding="utf-8").split("+++\n", 2)
    facts = tomllib.loads(head)
    facts["authors"], facts["tags"] = tuple(facts["authors"]), tuple(facts["tags"])
    facts["published_at"] = facts.pop("published").astimezone(UTC)
    if "modified" in facts:
        facts["modified_at"] = facts.pop("modified").astimezone(UTC)
    picture = Picture(**facts.pop("picture"))
    pieces = tuple(_piece(chunk) for chunk in text.strip().split("\n\n"))
    return Story(slug=file.stem, picture=picture, pieces=pieces, **facts)


def _piece(chunk: str) -> Piece:
    if chunk.startswith("["):
        kind, _, rest = chunk[1:].partition("]")
        return Piece(kind, tuple(part.strip() for part in rest.split("|") if part.strip()))
    for mark, kind in (("## ", "heading"), ("> ", "quote"), ("- ", "list")):
        if chunk.startswith(mark):
            return Piece(kind, tuple(line.removeprefix(mark) for line in chunk.splitlines()))
    return Piece("paragraph", (chunk,))
