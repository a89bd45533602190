"""A page as an author of rules wants to see it: every piece in page order, and what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from extractors.article import Article
from extractors.noise import STRIPPER
from extractors.reading import Reading


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of the page. ``part`` is headline or story, or the stripper that cut it, then with a ``reason``."""

    text: str
    part: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules do to one page.

    ``found`` says of each selector how many elements it found.
    """

    article: Article
    lines: tuple[Line, ...]
    found: Mapping[str, int]


def of(article: Article, reading: Reading) -> Trial:
    """Return the account of a page that was read."""
    matched = zip(reading.uses, reading.document.matched, strict=False)
    found: dict[str, int] = {}
    for use, texts in matched:
        found[str(use.selector)] = found.get(str(use.selector), 0) + len(texts)
    return Trial(article, tuple(_lines(article, reading)), found)


def _lines(article: Article, reading: Reading) -> Iterator[Line]:
    """Yield the pieces in page order, then what was taken out before the page was walked."""
    learned = {one.text: one.reason for one in article.removals if one.stripper == STRIPPER}
    kept = {line for block in article.blocks for line in (block.text, *block.text.split("\n"))}
    other_engine = article.provenance["body"].method == "trafilatura"
    for index, piece in enumerate(reading.document.pieces):
        if piece.text in learned:
            yield Line(piece.text, STRIPPER, learned[piece.text])
        elif index == reading.heading:
            yield Line(piece.text, "headline")
        elif index in reading.gone and not (other_engine and piece.text in kept):
            yield Line(piece.text, *reading.gone[index])
        else:
            yield Line(piece.text, "story")
    for tag, name, text in reading.document.chrome:
        yield Line(text, "navigation", f"stands in <{tag}{f' class={name}' if name else ''}>")
