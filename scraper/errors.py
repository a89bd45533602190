"""What can go wrong outside a page, grouped by what the caller does next.

ScrapeError                 every error of this package; str() is a sentence for a person
├── ConfigError             a setting is wrong: name, value, nearest valid name → fix the file, exit 2
├── StoreError              the database or archive cannot be used
│   ├── NewerSchema         written by a later version → upgrade this program
│   ├── Damaged             SQLite says it is malformed → restore a copy; nothing was written
│   ├── Locked              another crawl is writing → wait for it
│   └── NoSpace             the disk is full → free some; what was acknowledged is safe
└── FetchError              one address gave no page; has ``url`` and a short ``reason`` for the ledger
    ├── Transient           may work later: time-outs, resets, 5xx, 429 → retry, then leave it due
    ├── Permanent           will not: 404, 410, not HTML, too large, bad address → record, do not ask again
    └── Disallowed          must not be asked: robots.txt, blocked address → record which rule said so
"""

from typing import Any


class ScrapeError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(ScrapeError):
    """A setting is unknown, of the wrong type or out of range."""


class StoreError(ScrapeError):
    """The database or the archive cannot be used."""


class NewerSchema(StoreError):
    """The database was written by a later version of this program."""


class Damaged(StoreError):
    """SQLite reports that the file is malformed. Nothing was written to it."""


class Locked(StoreError):
    """Another process is crawling into the same database."""


class NoSpace(StoreError):
    """The disk is full."""


class FetchError(ScrapeError):
    """One address gave no page.

    ``reason`` is one of a small set of words for the ledger (``not_found``, ``timeout``,
    ``too_large`` …); ``detail`` is the rest of the sentence; ``status`` the HTTP status, if any;
    ``retry_after`` seconds that the server asked us to wait, if it did; ``beginning`` what came of a page
    before it was cut off (scraper.fetch.Fetched), if anything did.
    """

    beginning: Any = None

    def __init__(
        self,
        url: str,
        reason: str,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(url, reason, detail)
        self.url = url
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.url}: {self.detail or self.reason}"


class Transient(FetchError):
    """It may work later."""


class Permanent(FetchError):
    """It will not work later either."""


class Disallowed(FetchError):
    """It must not be asked."""
