"""The whole way of one page: decode, parse, strip, find each field."""

from extractors.article import Article, Kind
from extractors.errors import EmptyPage, ExtractError
from extractors.page import Page


def extract(page: Page, *, engine: str = "own") -> Article:
    """Return the article on ``page``. Raises ExtractError when there is none."""
    if not page.body.strip():
        raise EmptyPage(page.url, "the page has no bytes")
    return Article(url=page.url, kind=Kind.OTHER, canonical_url=page.url)


def attempt(page: Page, *, engine: str = "own") -> Article | ExtractError:
    """Return the article on ``page``, or the error that says why there is none."""
    try:
        return extract(page, engine=engine)
    except ExtractError as error:
        return error
