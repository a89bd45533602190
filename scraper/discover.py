"""Where a publication announces its stories: feeds, sitemaps and section pages → leads.

What is configured is read; if nothing is, it is found: feeds named by the home page, sitemaps named by
robots.txt, and the home page's own links. A source that fails is reported and the others go on. Nothing here
trusts what it reads: sizes, counts and depths are bounded, XML entities stay as they are.
"""

import asyncio
import calendar
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from itertools import islice
from typing import Any, Protocol

import feedparser
from lxml import etree

from scraper import addresses, codings, robots
from scraper.config import Publication
from scraper.errors import FetchError
from scraper.fetch import Fetched
from scraper.window import date_in

MAX_BYTES = 50 * 1024 * 1024  # of one document, unpacked: the limit of sitemaps.org
MAX_URLS = 50_000  # of one document: the same
MAX_DEPTH = 5  # of sitemap indexes in indexes; the protocol allows one level
MAX_SITEMAPS = 500  # of one publication in one visit
MAX_ADDRESS_TAIL = 2 * addresses.MAX_LENGTH
MAX_PAGES = 5  # of one section, by rel=next

Get = Callable[[str], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be a story, and what its source says of it. ``published_at`` is aware UTC."""

    url: str
    source: str  # "feed https://…", "sitemap https://…", "section https://…"
    published_at: datetime | None = None
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """A source that gave nothing, and why: a word for the ledger and a sentence for a person."""

    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A document was read to its end: all of its leads came before this.

    ``fetched`` is its answer, whose body is empty if it has not changed; ``named`` are the feeds or sitemaps
    that it names.
    """

    fetched: Fetched
    named: tuple[Lead, ...] = ()


Found = Lead | SourceFailed | SourceRead


class Memory(Protocol):
    """What earlier discoveries know of a publication's documents."""

    def is_due(self, url: str, changed_at: datetime | None = None) -> bool:
        """Tell whether to ask for the document; ``changed_at`` is when it changed, if its index says so."""

    def named(self, url: str) -> tuple[Lead, ...]:
        """Return the feeds or sitemaps that the document named when it was last read."""


class NoMemory:
    """Everything is due, nothing is known."""

    def is_due(self, url: str, changed_at: datetime | None = None) -> bool:  # noqa: ARG002
        """Say yes."""
        return True

    def named(self, url: str) -> tuple[Lead, ...]:  # noqa: ARG002
        """Return nothing."""
        return ()


NO_MEMORY = NoMemory()


async def discover(publication: Publication, get: Get, memory: Memory = NO_MEMORY) -> AsyncIterator[Found]:
    """Yield the leads of a publication, source by source, in each the newest first; undated ones last.

    ``get`` fetches politely and takes any media type; it may answer 304, "as you know it". Each page is
    yielded once. A source that fails yields a SourceFailed, one that was read to its end a SourceRead.
    """
    seen: set[str] = set()
    async for found in _sources(publication, get, memory):
        if not isinstance(found, Lead):
            yield found
        elif (key := addresses.canonical(found.url)) not in seen:
            seen.add(key)
            yield found


async def _sources(publication: Publication, get: Get, memory: Memory) -> AsyncIterator[Found]:
    feeds, sitemaps, sections = publication.feeds, publication.sitemaps, publication.sections
    home: Fetched | None = None
    if not (feeds or sitemaps or sections):
        sections = (publication.url,)
        robots_url = f"{addresses.origin(publication.url)}/robots.txt"
        home = await _asked_if_due(publication.url, get, memory)
        robots_file = await _asked_if_due(robots_url, get, memory)
        feeds = _addresses(_named(publication.url, home, memory, announced_feeds))
        named = _named(robots_url, robots_file, memory, announced_sitemaps)
        sitemaps = _addresses(named)
        if robots_file:
            yield SourceRead(robots_file, named)
    for url in feeds:
        async for found in _read(f"feed {url}", url, get, memory):
            yield found
    async for found in _sitemaps(sitemaps, get, memory):
        yield found
    for url in sections:
        async for found in _section(url, get, memory, home):
            yield found


async def _fetched(source: str, url: str, get: Get) -> Fetched | SourceFailed:
    try:
        return await get(url)
    except FetchError as error:
        return SourceFailed(source, error.reason, str(error))


async def _read(source: str, url: str, get: Get, memory: Memory) -> AsyncIterator[Found]:
    """Yield the leads of a feed."""
    if not memory.is_due(url):
        return
    fetched = await _fetched(source, url, get)
    if isinstance(fetched, SourceFailed):
        yield fetched
        return
    try:
        leads = [] if fetched.not_modified else await asyncio.to_thread(_feed_of, fetched)
    except ValueError as error:
        yield SourceFailed(source, "not_understood", f"{url}: {error}")
        return
    for lead in leads:
        yield replace(lead, source=source)
    yield SourceRead(fetched)


def _feed_of(fetched: Fetched) -> list[Lead]:
    leads = feed(unpacked(fetched.body), fetched.content_type, fetched.final_url)
    return _newest_first(leads[:MAX_URLS])


def _newest_first(leads: list[Lead]) -> list[Lead]:
    return sorted(leads, key=_when, reverse=True)


def _when(lead: Lead) -> datetime:
    return dated_by_address(lead).published_at or datetime.min.replace(tzinfo=UTC)


def dated_by_address(lead: Lead) -> Lead:
    """Return the lead with the date that its address names, if it has none or one that cannot be its own.

    A sitemap says when a page last changed, its address when it was published.
    """
    span = date_in(lead.url)
    if span is None or (lead.published_at is not None and span[0] <= lead.published_at < span[1]):
        return lead
    return replace(lead, published_at=span[0])


def unpacked(body: bytes) -> bytes:
    """Return a document without the gzip it may be stored in. Raises ValueError past 50 MB or if cut."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return codings.gunzip(body, MAX_BYTES)
    except codings.CodingError as error:
        raise ValueError(f"it is gzip and cannot be unpacked: {error}") from None


# What is not given to a parser: feedparser and libxml2 both need quadratic time for some documents, 9 s for
# 200 KB with 20,000 attributes on one tag, and no thread can be stopped.

MAX_FEED = 5 * 1024 * 1024  # bytes; feedparser reads about 0.5 MB/s, and feeds of 500 entries are below 3 MB
_MOST_ATTRIBUTES = 500
_DEEPEST = 2000  # tags open at once; sloppy feeds leave a few hundred <br> and <p> open, 50,000 take 2 s
_ENTITY = re.compile(rb"<\0*!\0*E\0*N\0*T\0*I\0*T\0*Y")  # in UTF-8 and, with the zeros, UTF-16 and UTF-32
_TAG = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(/?)[A-Za-z_][^<>]*?(/?)(?:>|\Z)", re.DOTALL
)


def refuse_hostile(body: bytes) -> None:
    """Raise ValueError for XML that is made to hurt its reader: entities, endless tags or nesting.

    No feed or sitemap needs an entity of its own, and every attack by XML does.
    """
    if _ENTITY.search(body):
        raise ValueError("it declares XML entities, which no feed or sitemap needs")
    depth = 0
    for tag in _TAG.finditer(body):
        if tag[1] is None:
            continue
        if tag[0].count(b"=") > _MOST_ATTRIBUTES:
            raise ValueError(f"a tag has more than {_MOST_ATTRIBUTES} attributes")
        depth += -1 if tag[1] else not tag[2]
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} tags are open at once")


# Feeds: RSS, Atom and JSON Feed.


def feed(body: bytes, content_type: str, url: str) -> list[Lead]:
    """Return the entries of a feed that have an address. Raises ValueError if it is no feed."""
    if body.lstrip()[:1] == b"{":
        return list(_json_feed(body, url))
    if len(body) > MAX_FEED:
        raise ValueError(f"it is larger than the {MAX_FEED} bytes that a feed may have")
    refuse_hostile(body)
    parsed = parse_feed(body, content_type, url)
    if not parsed.version and not parsed.entries:
        raise ValueError("it is no feed that can be read")
    return [lead for entry in parsed.entries if (lead := _entry(entry, url)) is not None]


def parse_feed(body: bytes, content_type: str, url: str) -> Any:
    """Return a feed as feedparser reads it, told the address and media type it was served with."""
    served = {"content-location": url, "content-type": content_type or "application/xml"}
    return feedparser.parse(body, response_headers=served)


def _entry(entry: Any, base: str) -> Lead | None:
    url = addresses.resolve(entry.get("feedburner_origlink") or entry.get("link") or "", base)
    if url is None or not (entry.get("link") or entry.get("feedburner_origlink")):
        return None
    times = entry.get("published_parsed") or entry.get("updated_parsed")
    when = datetime.fromtimestamp(calendar.timegm(times), UTC) if times else None
    return Lead(url, "", when, _line(entry.get("title")))


def _json_feed(body: bytes, base: str) -> Iterator[Lead]:
    """Yield the items of a JSON Feed (jsonfeed.org, version 1.1)."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is neither a feed nor JSON") from None
    if "jsonfeed.org" not in str(document.get("version")):
        raise ValueError("it is JSON and no JSON Feed")
    for item in document.get("items") or ():
        link = item.get("url") or item.get("external_url") if isinstance(item, dict) else None
        url = addresses.resolve(link, base) if isinstance(link, str) else None
        if url is not None:
            yield Lead(url, "", _time(item.get("date_published")), _line(item.get("title")))


# Sitemaps: sitemaps.org, Google's news extension, indexes, plain text.


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A parsed sitemap: pages, or the sitemaps that an index names, each with its date if it has one."""

    pages: tuple[Lead, ...] = ()
    sitemaps: tuple[Lead, ...] = ()


async def _sitemaps(urls: Iterable[str], get: Get, memory: Memory) -> AsyncIterator[Found]:
    """Yield the pages of sitemaps and of those they name, newest first, each sitemap once."""
    waiting = [(Lead(url, ""), 0) for url in reversed(list(urls))]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_SITEMAPS:
        lead, depth = waiting.pop()
        url = lead.url
        if url in seen or depth > MAX_DEPTH:
            continue
        if not memory.is_due(url, lead.published_at):
            waiting.extend(_below(memory.named(url), depth))
            continue
        seen.add(url)
        source = f"sitemap {url}"
        fetched = await _fetched(source, url, get)
        if isinstance(fetched, SourceFailed):
            yield fetched
            continue
        seen.add(fetched.final_url)
        try:
            parsed = await asyncio.to_thread(_sitemap_of, fetched, memory.named(url))
        except ValueError as error:
            yield SourceFailed(source, "not_understood", f"{url}: {error}")
            continue
        for lead in _newest_first(list(parsed.pages)):
            yield replace(lead, source=source)
        yield SourceRead(fetched, parsed.sitemaps)
        waiting.extend(_below(parsed.sitemaps, depth))


def _below(named: Iterable[Lead], depth: int) -> Iterator[tuple[Lead, int]]:
    """Yield the sitemaps that an index names as a stack takes them: the newest last."""
    yield from ((lead, depth + 1) for lead in reversed(_newest_first(list(named))))


def _sitemap_of(fetched: Fetched, named: tuple[Lead, ...]) -> Sitemap:
    """Parse the answer; one that has not changed names what it ``named`` before."""
    if fetched.not_modified:
        return Sitemap(sitemaps=named)
    return sitemap(unpacked(fetched.body), fetched.content_type, fetched.final_url)


def sitemap(body: bytes, content_type: str, url: str) -> Sitemap:
    """Read a sitemap, index, feed or plain list of addresses. Raises ValueError if it is none of them."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<") and b"\x00" not in start:
        return _text_sitemap(body, url)
    refuse_hostile(body)
    root = _root(body)
    name = "" if root is None else _name(root)
    if root is None or name not in ("urlset", "sitemapindex"):
        if name in ("rss", "feed", "rdf"):
            return Sitemap(pages=tuple(feed(body, content_type, url)[:MAX_URLS]))
        raise ValueError("it is no sitemap that can be read")
    if name == "sitemapindex":
        return Sitemap(sitemaps=tuple(_whole(_entries(root, "sitemap", url), body)))
    return Sitemap(pages=tuple(_whole(_entries(root, "url", url), body)))


def _whole(leads: list[Lead], body: bytes) -> list[Lead]:
    """Drop the last address if the document was cut off inside it: half an address is another address."""
    return leads[:-1] if re.search(rb"<[\w:]*loc>[^<]*\Z", body[-MAX_ADDRESS_TAIL:]) else leads


_BARE_AMPERSAND = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?![#\w]+;|\0)", re.DOTALL)


def _escaped(found: re.Match[bytes]) -> bytes:
    """Escape an ampersand that begins nothing: libxml2 would make ``?a=1&b=2`` into ``?a=1=2``."""
    return b"&amp;" if found[0] == b"&" else found[0]


def _root(body: bytes) -> etree._Element | None:
    """Return the root of an XML document, broken ones mended, or None if nothing of it can be read."""
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        return etree.fromstring(_BARE_AMPERSAND.sub(_escaped, body), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _name(element: etree._Element) -> str:
    """Return an element's name without its namespace, of which sites use many."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _entries(root: etree._Element, kind: str, base: str) -> list[Lead]:
    """Return the addresses of a sitemap, at most MAX_URLS."""
    entries = (entry for entry in root.iter() if _name(entry) == kind)
    return list(islice((lead for entry in entries for lead in _locations(entry, base)), MAX_URLS))


def _locations(entry: etree._Element, base: str) -> Iterator[Lead]:
    """Yield each address of one entry with the date that follows it. Some have several, some no ``loc``."""
    lead = _location(entry.text or "", base)
    for part in entry:
        name, text = _name(part), "".join(part.itertext()).strip()
        if name == "loc":
            if lead is not None:
                yield lead
            lead = _location(text, base)
        elif lead is not None and name == "lastmod":
            lead = replace(lead, published_at=lead.published_at or _time(text))
        elif lead is not None and name == "news":
            lead = _with_news(lead, part)
    if lead is not None:
        yield lead


def _with_news(lead: Lead, news: etree._Element) -> Lead:
    said = {_name(part): "".join(part.itertext()).strip() for part in news.iter()}
    when = _time(said.get("publication_date")) or lead.published_at
    return replace(lead, published_at=when, headline=_line(said.get("title")))


def _location(text: str, base: str) -> Lead | None:
    """Return the lead at an address that stands in a sitemap: absolute by the protocol, mostly."""
    text = text.strip()
    if text.startswith("www."):
        text = f"//{text}"
    url = addresses.resolve(text, base) if text.startswith(("http:", "https:", "//", "/")) else None
    return None if url is None else Lead(url, "")


def _text_sitemap(body: bytes, base: str) -> Sitemap:
    lines = body.decode("utf-8-sig", "replace").splitlines()
    pages = [lead for line in lines[:MAX_URLS] if (lead := _location(line, base)) is not None]
    if not pages:
        raise ValueError("it is no sitemap that can be read")
    return Sitemap(pages=tuple(pages))


# Pages: links of a section, and what a home page and robots.txt announce.

_TAGS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1|\Z)|<(a|link|base)\b([^>]*)",
    re.IGNORECASE | re.DOTALL,
)  # one pass, each branch takes what it looked at: linear in any input
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    attributes: dict[str, str]


def tags(body: bytes) -> Iterator[Tag]:
    """Yield the ``a``, ``link`` and ``base`` tags of a page, in order, outside comments and scripts."""
    for match in _TAGS.finditer(body):
        if match[2]:
            raw = match[3].decode("utf-8", "replace")
            pairs = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(raw)}
            yield Tag(match[2].decode().lower(), pairs)


async def _section(url: str, get: Get, memory: Memory, home: Fetched | None) -> AsyncIterator[Found]:
    """Yield the links of a section page to its own site, and of the pages that follow it.

    ``home`` is the home page, where it was read already.
    """
    source = f"section {url}"
    site = _site(url)
    next_page: str | None = url
    for _ in range(MAX_PAGES):
        if next_page is None or not (home or memory.is_due(next_page)):
            return
        fetched = home or await _fetched(source, next_page, get)
        if isinstance(fetched, SourceFailed):
            yield fetched
            return
        links, following = page_links(fetched.body, fetched.final_url)
        for link in links:
            if _site(link) == site:
                yield Lead(link, source)
        yield SourceRead(fetched, _named(next_page, fetched, memory, announced_feeds))
        next_page = following if following and _site(following) == site else None
        home = None


def page_links(body: bytes, url: str) -> tuple[list[str], str | None]:
    """Return the addresses that a page links to, in order and each once, and its ``rel=next``."""
    base, links, following = url, dict[str, None](), None
    for tag in tags(body):
        href = tag.attributes.get("href")
        if href is None:
            continue
        if tag.name == "base":
            base = addresses.resolve(href, url) or url
            continue
        target = addresses.resolve(href, base)
        if target is None:
            continue
        if "next" in tag.attributes.get("rel", "").lower().split():
            following = target
        elif tag.name == "a":
            links[target] = None
    return list(links), following


async def _asked_if_due(url: str, get: Get, memory: Memory) -> Fetched | None:
    """Return the answer; None if the document is not due or not to be had."""
    fetched = await _fetched("", url, get) if memory.is_due(url) else None
    return fetched if isinstance(fetched, Fetched) else None


def _named(
    url: str,
    fetched: Fetched | None,
    memory: Memory,
    announced: Callable[[Fetched], tuple[Lead, ...]],
) -> tuple[Lead, ...]:
    """Return the feeds or sitemaps that a document names, now or when it was last read."""
    return memory.named(url) if fetched is None or fetched.not_modified else announced(fetched)


def announced_feeds(page: Fetched) -> tuple[Lead, ...]:
    """Return the feeds that a page names in its head."""
    found = dict[str, None]()
    for tag in tags(page.body):
        kinds = tag.attributes.get("rel", "").lower().split(), tag.attributes.get("type", "").strip().lower()
        target = addresses.resolve(tag.attributes.get("href", ""), page.final_url)
        if tag.name == "link" and "alternate" in kinds[0] and kinds[1] in _FEED_TYPES and target:
            found[target] = None
    return tuple(Lead(url, "") for url in found)


def announced_sitemaps(robots_file: Fetched) -> tuple[Lead, ...]:
    """Return the sitemaps that a robots.txt names."""
    lines = robots.parse(robots_file.body).sitemaps
    named = (addresses.resolve(line, robots_file.final_url) for line in lines)
    return tuple(Lead(url, "") for url in dict.fromkeys(target for target in named if target))


def _addresses(leads: Iterable[Lead]) -> tuple[str, ...]:
    return tuple(lead.url for lead in leads)


def _site(url: str) -> str:
    return addresses.host(url).removeprefix("www.")


def _line(text: Any) -> str | None:
    return " ".join(unescape(text).split()) or None if isinstance(text, str) else None


def _time(text: Any) -> datetime | None:
    """Return the aware UTC time of a W3C date (the profile that sitemaps and JSON Feed use), else None."""
    if not isinstance(text, str):
        return None
    found = _W3C.match(text.strip())
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        when = datetime.fromisoformat(
            f"{year:04}-{month:02}-{day:02}T{found[4] or '00:00'}:{found[5] or '00'}"
        )
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{found[6] or '+00:00'}").tzinfo
        return when.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_W3C = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})"
    r"(?:[T ]+(\d{2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
