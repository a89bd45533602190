"""Why an article says what it says: each field's winner and runners-up, and what was cut by whom."""

from collections import Counter
from collections.abc import Iterator
from typing import IO

from extractors import Article
from scraper.terminal import line, table

FIELDS = ("field", "value", "method", "where", "sure")
SHOWN = 100  # characters of a value or a removed text: about a line of a terminal

Row = tuple[object, ...]


def explain(article: Article, out: IO[str] | None = None) -> None:
    """Print the whole account of one article."""
    line(f"{article.headline or 'no headline'}", style="bold", out=out)
    line(
        f"{article.url} · {article.kind} · access {article.access}{_because(article.access_evidence)}",
        out=out,
    )
    table(FIELDS, list(field_rows(article)), title="Fields: the winner, then the runners-up", out=out)
    table(("stripper", "cut", "characters"), list(stripper_rows(article)), title="What was cut", out=out)
    table(("stripper", "reason", "where", "text"), list(removal_rows(article)), out=out)


def field_rows(article: Article) -> Iterator[Row]:
    """Yield field, value, method, locator and confidence, in the order of the article's fields.

    A runner-up has "  not" for its field.
    """
    known = [name for name in Article.__dataclass_fields__ if name in article.provenance]
    for name in (*known, *(name for name in article.provenance if name not in known)):
        origin = article.provenance[name]
        yield (name, _value(article, name), origin.method, origin.locator, f"{origin.confidence:.2f}")
        for loser in origin.runners_up:
            yield ("  not", _short(loser.value), loser.method, loser.locator, f"{loser.confidence:.2f}")


def stripper_rows(article: Article) -> Iterator[Row]:
    """Yield stripper, number of pieces and of characters, the busiest stripper first."""
    pieces = Counter(removal.stripper for removal in article.removals)
    characters: Counter[str] = Counter()
    for removal in article.removals:
        characters[removal.stripper] += len(removal.text)
    for stripper, count in pieces.most_common():
        yield (stripper, count, characters[stripper])


def removal_rows(article: Article) -> Iterator[Row]:
    """Yield stripper, reason, locator and the start of the text of everything that was cut, in page order."""
    for removal in article.removals:
        yield (removal.stripper, removal.reason, removal.locator, _short(removal.text))


def _value(article: Article, name: str) -> str:
    value = article.to_dict().get(name)
    if isinstance(value, list):
        return _short("; ".join(_part(item) for item in value))
    return _short(_part(value))


def _part(value: object) -> str:
    """Return the one telling part of a credit, image or block; any other value as it is."""
    if isinstance(value, dict):
        return str(value.get("text") or value.get("headline") or value.get("url") or value)
    return "" if value is None else str(value)


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= SHOWN else folded[: SHOWN - 1] + "…"


def _because(evidence: str | None) -> str:
    return f" ({evidence})" if evidence else ""
