"""A publication's rules tried out: one page looked at closely, all archived pages counted by field.

What the rules give is told against the same pages without them: a loss cannot hide behind older rules.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from extractors import Article, Noise, Page
from scraper import archived, frontier
from scraper.config import Config
from scraper.errors import ScrapeError, StoreError
from scraper.rulebook import Rulebook
from scraper.store import Store
from scraper.visit import Visit, visit
from scraper.workers import Extracted, Known, Workers, map_pages

FIELDS = (
    "kind", "headline", "dek", "section", "authors", "published_at", "modified_at", "lead_image", "credits",
    "tags",
)  # fmt: skip
EXCERPT = 60  # characters of a value that is shown as an example

Shot = Mapping[str, Any]
"""What a page says: field → value, and the lines of its body under ``body``."""


@dataclass(slots=True)
class Change:
    """What rules did to one field over many pages, and the first example of it."""

    gained: int = 0
    lost: int = 0
    changed: int = 0
    same: int = 0
    example: str = ""


@dataclass(slots=True)
class Effect:
    """What rules did over many pages, by field: in pages, of the body also in lines gained and lost."""

    pages: int = 0
    fields: dict[str, Change] = field(default_factory=lambda: {name: Change() for name in (*FIELDS, "body")})

    def note(self, url: str, before: Shot, after: Shot) -> None:
        """Count one page."""
        self.pages += 1
        for name in FIELDS:
            _note(self.fields[name], url, before.get(name), after.get(name))
        _note_body(self.fields["body"], url, before.get("body", ()), after.get("body", ()))


def _note(change: Change, url: str, before: Any, after: Any) -> None:
    if before == after:
        change.same += 1
        return
    kind = "gained" if not before else "lost" if not after else "changed"
    setattr(change, kind, getattr(change, kind) + 1)
    change.example = change.example or f"{_short(before)} → {_short(after)}, {url}"


def _note_body(change: Change, url: str, before: Iterable[str], after: Iterable[str]) -> None:
    was, now = Counter(before), Counter(after)
    came, went = now - was, was - now
    change.gained += came.total()
    change.lost += went.total()
    change.changed += bool(came or went)
    change.same += not (came or went)
    if not change.example and (came or went):
        sign, line = ("-", next(iter(went))) if went else ("+", next(iter(came)))
        change.example = f"{sign} {_short(line)}, {url}"


def shot(result: Extracted) -> Shot:
    """Return what rules can change of a page; nothing for one that gives no article."""
    if not isinstance(result, Article):
        return {}
    said = {name: getattr(result, name) for name in FIELDS}
    said["lead_image"] = result.lead_image and result.lead_image.url
    return said | {"body": tuple(line for block in result.blocks for line in block.text.split("\n"))}


class Sample:
    """The pages that rules are tried on; what they say without rules is remembered."""

    def __init__(self, db: Connection, folder: Path, ids: Sequence[int], noise: Noise | None) -> None:
        self._db, self._folder, self._ids, self._noise = db, folder, ids, noise
        self._plain: dict[int, Shot] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def effect(self, workers: Workers, book: Rulebook, go_on: Callable[[int], bool]) -> Effect | None:
        """Return what the rules do over all pages; None once ``go_on``, told how many are done, says no."""
        found = Effect()
        plain = Known(self._noise)
        ruled: dict[int, Known] = {}

        def know(page: Page) -> Known:
            rules = book.of(page.url)
            return ruled.setdefault(id(rules), Known(self._noise, rules)) if rules else plain

        new = [number for number in self._ids if number not in self._plain]
        for number, (_, result) in self._extracted(new, workers, lambda _: plain):
            self._plain[number] = shot(result)
            if not go_on(0):
                return None
        for number, (page, result) in self._extracted(self._ids, workers, know):
            found.note(page.url, self._plain.get(number, {}), shot(result))
            if not go_on(found.pages):
                return None
        return found

    def _extracted(
        self, ids: Sequence[int], workers: Workers, know: Callable[[Page], Known]
    ) -> Iterator[tuple[int, tuple[Page, Extracted]]]:
        """Yield id, page and extraction of what can be read of the archive."""
        handed: deque[int] = deque()

        def pages() -> Iterator[Page]:
            for number in ids:
                page = archived_page(self._db, self._folder, number)
                if page is not None:
                    handed.append(number)
                    yield page

        for found in map_pages(pages(), workers, know):
            yield handed.popleft(), found


def archived_page(db: Connection, folder: Path, number: int) -> Page | None:
    """Return an archived page by its id, None when it is gone or damaged."""
    known = archived.page_of(db, number)
    try:
        return archived.read_page(folder, known) if known else None
    except StoreError:
        return None


def pages_of(db: Connection, publication_id: int) -> list[int]:
    """Return the newest archived page of each of a publication's addresses, stories first, new before old."""
    rows = db.execute(
        """SELECT max(pages.id) FROM pages JOIN urls ON urls.id = url_id WHERE publication_id = ?
        GROUP BY url_id ORDER BY article_id IS NULL, max(pages.id) DESC""",
        (publication_id,),
    )
    return [row[0] for row in rows]


def page_at(db: Connection, url: str) -> tuple[int, int | None] | None:
    """Return (page, publication) of the newest archived page of an address, None when none was archived."""
    found: tuple[int, int | None] | None = db.execute(
        """SELECT pages.id, publication_id FROM pages JOIN urls ON urls.id = url_id WHERE urls.id = ?
        ORDER BY pages.id DESC LIMIT 1""",
        (frontier.key(url),),
    ).fetchone()
    return found


def pages_at(config: Config, urls: Sequence[str]) -> list[Page]:
    """Return the pages at these addresses: as archived, else as the servers send them now.

    Raises ScrapeError for one that cannot be had.
    """
    found = {url: page for url in urls if (page := _kept(config, url))}
    missing = [url for url in urls if url not in found]
    if missing:
        asyncio.run(visit(config, missing, lambda seen: found.update({seen.url: _sent(seen)})))
    return [found[url] for url in urls]


def _kept(config: Config, url: str) -> Page | None:
    if not config.paths.database.exists():
        return None
    with Store(config.paths.database, read_only=True) as store:
        known = page_at(store.conn, url)
        return archived_page(store.conn, config.paths.archive, known[0]) if known else None


def _sent(seen: Visit) -> Page:
    if seen.fetched is None:
        raise ScrapeError(str(seen.result))
    return seen.fetched.page()


def _short(value: Any) -> str:
    plain = getattr(value, "value", value)
    text = "; ".join(map(str, plain)) if isinstance(plain, tuple) else "" if plain is None else str(plain)
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
