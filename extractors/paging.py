"""Where a story goes on: the address of its next page.

A "next" is as often another story's as this one's, so the address is believed only if it is this story's own with
the number of the page: ``/dam``, then ``/dam?page=2``, ``/dam/2`` or ``/dam-2.html``. A rule of the publication is
believed as it is.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, urlsplit

from extractors.addresses import absolute
from extractors.article import Kind
from extractors.reading import Reading

MOST_PAGES = 20
"""Pages of one story that are joined. A judgement: longer ones are galleries and indexes."""

NEAR = 40
"""Pieces below the story among which its page numbers are looked for: comments, with pages of their own, come later."""

_NAMES = r"(?:page|pg|pageno|page_?num(?:ber)?|current_?page|seite|pagina|página|strona|sida|side|part|p)"
_QUERY = re.compile(rf"{_NAMES}$", re.IGNORECASE)
_PATH = re.compile(
    rf"(?P<base>.*?[^/])(?:/{_NAMES}[/_-]?|[/_,.-]{_NAMES}?[_-]?)(?P<number>\d{{1,2}})(?P<end>\.\w{{3,5}})?/?$",
    re.IGNORECASE,
)
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|cmpid|ref|source)$")
_NEXT = frozenset(
    "next|next page|next ›|next »|next →|continue|continued|weiter|nächste seite|nächste|page suivante|suivant|suivante|"
    "siguiente|página siguiente|próxima|próxima página|seguinte|następna|następna strona|dalej|avanti|successiva|"
    "pagina successiva|volgende|volgende pagina|далее|следующая|следующая страница|下一页|下一頁|次へ|次のページ|›|»|>|→".split("|")
)  # fmt: skip
"""What links to the next page say, lower case, in the eleven languages of the strippers."""


def following(reading: Reading, first: str, number: int) -> str | None:
    """Return the address of the story's page ``number``; ``first`` is that of its first page. None when it has none."""
    ruled = _by_rule(reading)
    if ruled:
        return ruled
    owns = (first, *_canonical(reading)) if number == 2 else (first,)
    for link in _links(reading, number):
        address = absolute(link, reading.page.url)
        if address and any(continues(own, address, number) for own in owns):
            return address
    return None


def is_paged(kind: Kind, reading: Reading) -> bool:
    """May the page be one of several of a story?"""
    return kind is Kind.ARTICLE and bool(reading.story.pieces)


def _by_rule(reading: Reading) -> str | None:
    for number, use in enumerate(reading.uses):
        if use.role == "next_page":
            for said in reading.document.matched[number]:
                address = absolute(said, reading.page.url)
                if address and _host(address) == _host(reading.page.url):
                    return address
    return None


def _canonical(reading: Reading) -> Iterator[str]:
    for rel, attributes in reading.document.linked:
        if rel == "canonical" and attributes.get("href"):
            yield absolute(attributes["href"] or "", reading.page.url)


def _links(reading: Reading, number: int) -> Iterator[str]:
    """Yield the links that call themselves the next page: in the head, around the story, in a menu of numbers."""
    document = reading.document
    for rel, attributes in document.linked:
        if rel == "next" and attributes.get("href"):
            yield attributes["href"] or ""
    start = document.pieces[min(reading.first, max(reading.heading, 0))].node
    last = document.end(document.pieces[min(reading.last + NEAR, len(document.pieces) - 1)].node)
    digits = str(number), str(number - 1)
    links = document.listed["a"]
    for node in links[bisect_left(links, start) : bisect_right(links, last)]:
        head = document.heads[node]
        if digits[0] in head or digits[1] in head:
            link = document.attribute(node, "href")
            if _may_be(link, number) and (
                document.attribute(node, "rel") == "next" or _says_next(document.text_of(node), number)
            ):
                yield link
    yield from (
        link for link, text in document.menu_links if _may_be(link, number) and _says_next(text, number)
    )


def _may_be(link: str, number: int) -> bool:
    """Does the link hold the page's number, counted from 1 or from 0?"""
    return str(number) in link or str(number - 1) in link


def _says_next(text: str, number: int) -> bool:
    said = text.strip().casefold()
    if not said.endswith(str(number)):
        return said in _NEXT
    return bool(re.fullmatch(rf"\D{{0,12}}\b{number}", said))


def continues(own: str, address: str, number: int) -> bool:
    """Is ``address`` that of page ``number`` of the story at ``own``?"""
    base, first = split(own)
    other, found = split(address)
    if found not in (number, number - 1):  # some count from 0
        return False
    return (other == base and found != first and first in (None, 0, 1)) or other == _plain(urlsplit(own))


def split(url: str) -> tuple[tuple[str, ...], int | None]:
    """Return what an address says without the number of the page, and that number."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if _QUERY.match(name) and value.isdigit() and len(value) < 3:
            return _plain(parts, without=name), int(value)
    found = _PATH.match(parts.path)
    if not found:
        return _plain(parts), None
    path = found["base"] + (found["end"] or "")
    return _plain(parts._replace(path=path)), int(found["number"])


def _plain(parts: SplitResult, without: str = "") -> tuple[str, ...]:
    """Return host, path and query as they are compared."""
    asked = sorted(
        f"{name}={value}"
        for name, value in parse_qsl(parts.query)
        if name != without and not _TRACKING.match(name)
    )
    return (parts.netloc.removeprefix("www."), parts.path.rstrip("/"), *asked)


def _host(url: str) -> str:
    return urlsplit(url).netloc.removeprefix("www.")
