"""What became of one address: a state, a reason in one word, and the rest of the sentence.

state       reasons
saved       (none) a new article
updated     (none) the article's text changed; the old values are a revision
unchanged   (none) asked again, and it says the same
skipped     rightly no article: listing, video, forum, product, reference, wall, missing, shell, other;
            robots, blocked_address; excluded, other_host; duplicate; emptier (a good article stays)
failed      no article though there might have been one: the reasons of FetchError that are permanent
            or came too often; not_a_page, empty_page, no_content; parse_timeout, parse_memory, parse_crash
due         not asked yet, or to be asked again: the reasons of Transient
"""

from dataclasses import dataclass
from enum import StrEnum

from extractors import Article, EmptyPage, ExtractError, Kind, NotAPage
from scraper.errors import Disallowed, FetchError, Transient


class State(StrEnum):
    DUE = "due"
    SAVED = "saved"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one visit came to.

    ``article_id`` is the row of the story that the address leads to, if any. ``entered`` counts addresses
    that the visit made known, as a redirect does.
    """

    state: State
    reason: str | None = None
    detail: str = ""
    article_id: int | None = None
    entered: int = 0


@dataclass(frozen=True, slots=True)
class TookTooLong:
    """Extraction was given up: the page took too much time or memory, or killed the process.

    ``reason`` is parse_timeout, parse_memory or parse_crash.
    """

    url: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server, or the page's digest, says that what we have is still right."""

    url: str


Result = Article | ExtractError | FetchError | TookTooLong | Unchanged

STORED_KINDS = (Kind.ARTICLE, Kind.LIVE)
TRIES = 4  # runs in which an address may fail in a passing way before it counts as failed


def is_story(result: Result) -> bool:
    """Tell whether ``result`` is an article with something to keep."""
    return (
        isinstance(result, Article) and result.kind in STORED_KINDS and bool(result.headline or result.body)
    )


def without_story(result: Result, *, tries: int = 0) -> Outcome:
    """Return what a visit that gave no story came to; ``tries`` counts the passing failures before it."""
    if isinstance(result, Unchanged):
        return Outcome(State.UNCHANGED)
    if isinstance(result, Article):
        return _other_page(result)
    if isinstance(result, ExtractError):
        return Outcome(State.FAILED, _extract_reason(result), result.reason)
    if isinstance(result, TookTooLong):
        return Outcome(State.FAILED, result.reason, result.detail)
    return _not_fetched(result, tries)


def _other_page(article: Article) -> Outcome:
    if article.kind in STORED_KINDS:
        return Outcome(State.FAILED, "no_content", "neither a headline nor a body was found")
    return Outcome(State.SKIPPED, article.kind.value)


def _extract_reason(error: ExtractError) -> str:
    if isinstance(error, NotAPage):
        return "not_a_page"
    return "empty_page" if isinstance(error, EmptyPage) else "no_content"


def _not_fetched(error: FetchError, tries: int) -> Outcome:
    if isinstance(error, Disallowed):
        return Outcome(State.SKIPPED, error.reason, error.detail)
    if isinstance(error, Transient) and tries + 1 < TRIES:
        return Outcome(State.DUE, error.reason, error.detail)
    return Outcome(State.FAILED, error.reason, error.detail)
