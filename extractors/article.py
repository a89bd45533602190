"""What leaves: an Article and its parts. Frozen, picklable, and one call away from JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of page it is. Only ``article`` and ``live`` are stored as articles."""

    ARTICLE = "article"
    LIVE = "live"  # a live blog: many dated entries under one headline
    VIDEO = "video"  # a player with a caption
    LISTING = "listing"  # a front, section, tag or search page: links to articles
    FORUM = "forum"  # a thread of posts by several people
    PRODUCT = "product"
    REFERENCE = "reference"  # documentation, service and company pages
    WALL = "wall"  # consent, log-in or subscription page in the article's place
    MISSING = "missing"  # says "not found" with status 200
    SHELL = "shell"  # empty until its JavaScript runs
    OTHER = "other"


class Access(StrEnum):
    """Who may read the whole text, as far as the page says."""

    FREE = "free"
    METERED = "metered"
    PAYWALLED = "paywalled"
    TRUNCATED = "truncated"  # the text stops early and the page says so
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Block:
    """One typed piece of the body, in reading order.

    ``kind`` is paragraph, heading, quote, list, table, code or embed. ``text`` is plain text: list items
    and table rows one a line, table cells separated by tabs. ``level`` is 1-6 for headings.
    """

    kind: str
    text: str
    level: int = 0
    url: str | None = None  # of an embed


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that belongs to the story. Addresses are absolute."""

    url: str
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made a picture or video. ``raw`` is the line as printed; ``text`` is it without its lead word."""

    role: str  # photo, image, video, illustration, graphic
    text: str
    person: str | None = None
    agency: str | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Teaser:
    """Another story that this page offers: a lead for the crawler, never part of the body."""

    headline: str
    url: str | None = None
    section: str | None = None
    credit: Credit | None = None


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A value that lost, and where it stood."""

    value: str
    method: str
    locator: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field's value came from. ``confidence`` is the share of such answers that were right, 0-1."""

    method: str  # e.g. "json-ld", "meta", "page", "rule", "url"
    locator: str  # e.g. "NewsArticle.headline", "meta og:title", "h1.headline"
    confidence: float
    raw: str = ""  # the value as the page writes it, when cleaning changed it
    runners_up: tuple[RunnerUp, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """A piece of the page that was cut, by which stripper and why."""

    stripper: str
    reason: str
    text: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A strip rule that was not followed on this page, because it would have taken the story."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """A page's story and where each field came from.

    ``None`` and an empty tuple mean that the page does not say. Times are aware UTC;
    ``published_zone`` is the offset that the page gave (``"+02:00"``, ``"Z"``), or None where it gave none
    and UTC was assumed. ``body`` is ``blocks`` as plain text, a blank line between.
    """

    url: str
    kind: Kind
    canonical_url: str
    publication: str | None = None
    headline: str | None = None
    dek: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    byline: str | None = None
    published_at: datetime | None = None
    published_zone: str | None = None
    modified_at: datetime | None = None
    modified_zone: str | None = None
    language: str | None = None
    body: str = ""
    blocks: tuple[Block, ...] = ()
    lead_image: Image | None = None
    images: tuple[Image, ...] = ()
    credits: tuple[Credit, ...] = ()
    tags: tuple[str, ...] = ()
    access: Access = Access.UNKNOWN
    access_evidence: str | None = None
    teasers: tuple[Teaser, ...] = ()
    links: tuple[str, ...] = ()  # absolute addresses of the page's http(s) links, each once, page order
    pages: tuple[str, ...] = ()  # addresses of the pages that the story was joined from; empty for one page
    next_page: str | None = None  # where the story goes on, as far as it was not read
    refused: tuple[Refusal, ...] = ()
    provenance: dict[str, Origin] = field(default_factory=dict)
    removals: tuple[Removal, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: ISO 8601 times, lists for tuples, strings for kinds."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
