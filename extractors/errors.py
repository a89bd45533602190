"""Why a page gives no article.

    ExtractError            the base: has ``url`` and ``reason``
    ├── NotAPage            the bytes are not HTML or text (a PDF, an image, an archive)
    ├── EmptyPage           nothing to read: no bytes, or markup without any text
    └── NoContent           text there is, but neither a headline nor a body could be told from it

All three are facts about the page: asking again gives the same answer. They pickle, so they travel
between processes as values.
"""


class ExtractError(Exception):
    """No article could be made of the page at ``url``; ``reason`` says why in one sentence."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


class NotAPage(ExtractError):
    """The bytes are neither HTML nor plain text."""


class EmptyPage(ExtractError):
    """There is no text on the page."""


class NoContent(ExtractError):
    """There is text, but no headline and no body in it."""
