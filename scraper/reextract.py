"""Archived pages → what today's rules make of them, compared with what is stored before anything is written.

Offline and in several processes. Each change is put into classes that a person can accept or refuse:

    noise removed    words that went from the body and are now among what was cut
    text lost        words that went from the body and are nowhere
    text gained      words that came
    field changed    headline, dek, section, authors, credits, dates … say something else
    origins changed  the article says the same; how we know, or what was cut beside it, is else

A change that loses over LOSS of a body is refused whatever its classes, and so is a page that gives no
article any more: what is stored stays.
"""

import dataclasses
import re
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extractors import Article, Page
from scraper import archived, batch, edition, learned, refusals, rewrites, stored, stories, wording
from scraper.config import Config
from scraper.errors import ScrapeError
from scraper.outcome import is_story
from scraper.store import Store
from scraper.workers import Extracted, Known

LOSS = 0.3  # share of the body's characters
WRITTEN_AT_ONCE = 50  # articles in one transaction
EXAMPLES = 3  # shown of each class
EXCERPT = 90  # characters of an example

NOISE, LOST, GAINED, FIELD, ORIGINS = (
    "noise removed", "text lost", "text gained", "field changed", "origins changed",
)  # fmt: skip
SAME, REFUSED, NO_PAGE = "unchanged", "refused", "page not readable"


@dataclass(frozen=True, slots=True)
class Difference:
    """What another extraction makes of a stored article: by class what there is to show of it."""

    classes: dict[str, str] = field(default_factory=dict)
    refused: str | None = None  # why it must not be written


@dataclass(frozen=True, slots=True)
class Example:
    """A change of one article, in a few words."""

    name: str
    url: str
    text: str


@dataclass(slots=True)
class Report:
    """How many articles there were in each class, with examples; ``batch`` is None if nothing was written."""

    batch: int | None = None
    articles: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def note(self, url: str, difference: Difference) -> None:
        """Count one article."""
        self.articles += 1
        named = {REFUSED: difference.refused} if difference.refused else difference.classes or {SAME: ""}
        for name, text in named.items():
            self.counts[name] += 1
            if name != SAME and self.counts[name] <= EXAMPLES:
                self.examples.append(Example(name, url, text))


def reextract(
    store: Store,
    config: Config,
    *,
    where: str | None = None,
    dry_run: bool = False,
    accept_loss: bool = False,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Report:
    """Extract the archived pages of all articles, or of those for which ``where`` holds, and write a batch.

    ``where`` is a condition in SQL on the columns of ``articles``. A dry run writes nothing.
    """
    ids = chosen(store, where)
    report = Report()
    now = datetime.now(UTC)
    if not dry_run:
        with store.transaction() as db:
            report.batch = rewrites.begin(db, edition=edition.current(), chosen=where, now=now)
    waiting: list[tuple[int, Article | None, str]] = []
    for article_id, url, extracted, made in _extracted(store, config, ids, report):
        progress(report.articles, len(ids), url)
        old = stored.one(store.conn, article_id)
        difference = compare(old, extracted, accept_loss=accept_loss)
        report.note(url, difference)
        if not difference.refused:
            waiting.append((article_id, extracted if difference.classes else None, made))  # type: ignore[arg-type]
        if len(waiting) >= WRITTEN_AT_ONCE:
            _write(store, report.batch, waiting, now)
    _write(store, report.batch, waiting, now)
    if report.batch is not None:
        with store.transaction() as db:
            rewrites.end(db, report.batch, dict(report.counts), datetime.now(UTC))
        store.find_copies()
    return report


def chosen(store: Store, where: str | None) -> list[int]:
    """Return the ids of the articles for which a condition in SQL holds. Raises ScrapeError if it is none."""
    with store.reading() as db:
        try:
            return [row[0] for row in db.execute(f"SELECT id FROM articles WHERE ({where or 1}) ORDER BY id")]
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:  # ValueError: a NUL in the text
            raise ScrapeError(
                f"--where {where!r}: {error}. Write a condition on the columns of articles, "
                "such as \"section = 'Europe'\"."
            ) from error


def roll_back(store: Store, number: int) -> tuple[int, list[str]]:
    """Take a batch back: see ``rewrites.roll_back``. Raises ScrapeError if there is none to take back."""
    with store.transaction() as db:
        row = db.execute("SELECT rolled_back_at FROM batches WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise ScrapeError(f"there is no batch {number}; SELECT * FROM batches tells which there are")
        if row[0] is not None:
            raise ScrapeError(f"batch {number} was taken back on {row[0]}")
        return rewrites.roll_back(db, number, datetime.now(UTC))


def compare(old: Article, new: Extracted, *, accept_loss: bool = False) -> Difference:
    """Return how ``new`` differs from the stored article that was made of the same page."""
    if not isinstance(new, Article) or not is_story(new):
        what = new.kind.value if isinstance(new, Article) else getattr(new, "reason", "")
        return Difference(refused=f"gives no article now: {what}")
    before, after = _said(old), _said(new)
    classes = _body_classes(before["body"], after["body"], after["removals"])
    others = [
        name for name in stored.CONTENT if name not in ("body", "blocks") and before[name] != after[name]
    ]
    if others:
        first = others[0]
        classes[FIELD] = f"{', '.join(others)}: {_short(before[first])} → {_short(after[first])}"
    if not classes and any(before[name] != after[name] for name in before):
        classes[ORIGINS] = ", ".join(name for name in before if before[name] != after[name])
    loss = 1 - len(after["body"]) / len(before["body"]) if before["body"] else 0.0
    if loss > LOSS and not accept_loss:
        return Difference(classes, f"loses {loss:.0%} of the body: {next(iter(classes.values()), '')}")
    return Difference(classes)


def _body_classes(old: str, new: str, removals: list[dict[str, Any]]) -> dict[str, str]:
    """Return an excerpt of what went and came, by class."""
    cut = _squashed(" ".join(removal["text"] for removal in removals))
    found: dict[str, str] = {}
    for sign, text in wording.differences(old, new) if old != new else ():
        words = _squashed(text)
        if sign != "=" and words:
            name = GAINED if sign == "+" else NOISE if words in cut else LOST
            found.setdefault(name, _short(text))
    return found


def _said(article: Article) -> dict[str, Any]:
    """Return what is stored of an article, as plain values that can be compared."""
    said: dict[str, Any] = stories.said_by(article)
    for name in ("published_at", "modified_at"):
        said[name] = stories.stored_time(said[name])
    said["lead_image"] = said["lead_image"] and said["lead_image"]["url"]
    said["teasers"] = [teaser | {"credit": stories.printed(teaser["credit"])} for teaser in said["teasers"]]
    return {name: value for name, value in said.items() if name not in ("url", "publication")}


def _extracted(
    store: Store, config: Config, ids: Sequence[int], report: Report
) -> Iterator[tuple[int, str, Extracted, str]]:
    """Yield id, address, new extraction and its edition, in the order given; note articles without a page."""
    handed: deque[int] = deque()
    learned_of: dict[int, Known] = {}

    def pages() -> Iterator[Page]:
        for article_id in ids:
            page = _archived(store, config.paths.archive, article_id, report)
            if page is not None:
                handed.append(article_id)
                yield page

    def know(_: Page) -> Known:
        """Return what was learned of the publication of the page that was handed out last, itself counted."""
        publication_id = learned.publication_of(store.conn, handed[-1])
        if publication_id not in learned_of:
            noise = learned.load(store.conn, publication_id)
            demoted = refusals.demoted(store.conn, publication_id)
            learned_of[publication_id] = Known(dataclasses.replace(noise, counted=True), demoted=demoted)
        return learned_of[publication_id]

    for page, result, made in batch.extract_pages(config, pages(), at_most=len(ids) or 1, know=know):
        yield handed.popleft(), page.url, result, made


def _archived(store: Store, folder: Path, article_id: int, report: Report) -> Page | None:
    url, page_id = store.conn.execute(
        "SELECT url, page_id FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    known = archived.page_of(store.conn, page_id)
    try:
        if known is None:
            raise ScrapeError("no page of it was archived")
        return archived.read_page(folder, known)
    except ScrapeError as error:
        report.articles += 1
        report.counts[NO_PAGE] += 1
        if report.counts[NO_PAGE] <= EXAMPLES:
            report.examples.append(Example(NO_PAGE, url, str(error)))
        return None


def _write(
    store: Store, number: int | None, waiting: list[tuple[int, Article | None, str]], now: datetime
) -> None:
    if number is not None and waiting:
        same: dict[str, list[int]] = {}
        with store.transaction() as db:
            for article_id, article, made in waiting:
                if article is None:
                    same.setdefault(made, []).append(article_id)
                else:
                    rewrites.rewrite(db, article_id, article, batch=number, edition=made, now=now)
            for made, ids in same.items():
                rewrites.confirm(db, ids, batch=number, edition=made)
    waiting.clear()


def _squashed(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
