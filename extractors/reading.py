"""One page being read: what every field looks at."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extractors import structured
from extractors.article import Origin, Teaser
from extractors.document import Document
from extractors.page import Page
from extractors.story import Story

if TYPE_CHECKING:
    from extractors.ruled import Use
    from extractors.rules import Rules

_NAMED = ("class", "id", "itemprop", "rel", "data-testid")
_NOT_ALNUM = re.compile(r"[\W_]+")


_ASCII_NOT_ALNUM = bytes(code for code in range(128) if not chr(code).isalnum())


def squash(text: str) -> str:
    """Return letters and digits only, lower case: what is left to compare when type-setting is ignored."""
    if text.isascii():  # the same, several times faster
        return text.lower().encode().translate(None, _ASCII_NOT_ALNUM).decode()
    return _NOT_ALNUM.sub("", text.casefold())


@dataclass
class Reading:
    """The page, its columns, and what has been found so far. Lives for one extraction."""

    page: Page
    document: Document
    data: dict[str, Any] = field(default_factory=dict)  # the JSON-LD object of the story
    headline: str = ""
    heading: int = -1  # index of the piece in which the headline stands, -1 when it stands nowhere
    story: Story = field(default_factory=lambda: Story((), ()))
    headline_origin: Origin | None = None
    teasers: tuple[Teaser, ...] = ()  # what a dump's reader told apart already
    comments: frozenset[int] = frozenset()  # pieces that readers wrote
    foreign: dict[int, str] = field(default_factory=dict)  # pieces of other stories → that story's headline

    rules: "Rules | None" = None
    uses: "tuple[Use, ...]" = ()  # the rules' selectors, by their numbers in the document
    ruled: dict[int, str] = field(default_factory=dict)  # pieces that a rule cuts → which
    told: frozenset[int] = frozenset()  # pieces that a rule keeps
    refused: dict[str, str] = field(default_factory=dict)  # rules that would have taken the story → how much

    gone: dict[int, tuple[str, str]] = field(
        default_factory=dict
    )  # pieces that were cut → (stripper, reason)

    names: dict[str, str] = field(
        default_factory=dict
    )  # class, id and the like in start tags already asked for
    boxes: dict[int, tuple[str, str] | None] = field(default_factory=dict)  # what strippers know of elements

    @cached_property
    def first(self) -> int:
        """Index of the story's first piece; the number of pieces when there is no story."""
        return self.story.pieces[0] if self.story.pieces else len(self.document.pieces)

    @cached_property
    def last(self) -> int:
        """Index of the story's last piece, -1 when there is no story."""
        return self.story.pieces[-1] if self.story.pieces else -1

    def name(self, node: int) -> str:
        """Return class, id, itemprop and rel of the element, lower case, one space between."""
        head = self.document.heads[node]
        known = self.names.get(head)
        if known is None:
            attributes = self.document.attributes(node)
            known = ""
            for key in _NAMED:
                if attributes.get(key):
                    known += f"{attributes[key]} "
            known = self.names[head] = known.rstrip().lower()
        return known

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The contents of the meta tags by name."""
        return self.document.metas_by_name()

    @cached_property
    def types(self) -> frozenset[str]:
        """The types of all that the JSON-LD describes."""
        return frozenset(kind for thing in self.document.data for kind in structured.types(thing))

    @cached_property
    def host(self) -> str:
        """The host's name, squashed: what a blog's owner may have called it after."""
        from urllib.parse import urlsplit

        return squash(urlsplit(self.page.url).hostname or "")

    @cached_property
    def site_names(self) -> frozenset[str]:
        """What the publication calls itself, squashed: from its metas, JSON-LD publisher and host."""
        from urllib.parse import urlsplit

        names = set(
            self.document.metas("og:site_name", "application-name", "twitter:site", "cre", "dc.publisher")
        )
        publisher = self.data.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            names.add(publisher["name"])
        for thing in self.document.data:
            if thing.get("@type") in ("WebSite", "NewsMediaOrganization", "Organization") and isinstance(
                thing.get("name"), str
            ):
                names.add(thing["name"])
        host = urlsplit(self.page.url).hostname or ""
        labels = host.removeprefix("www.").split(".")
        names.update([host, ".".join(labels), labels[0] if labels else ""])
        return frozenset(filter(None, map(squash, names)))
