"""A publication's address → its entry for config.toml: feeds, sitemaps, and what was found in each.

Feeds are those that the home page names or links to, sitemaps those that robots.txt names; where there are
none, the usual places are tried. Each is read before it is written down, so that the entry holds only what
works, with a comment that says what it gave.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from scraper import addresses, discover
from scraper.config import Config
from scraper.directory import Known
from scraper.discover import Get, Lead
from scraper.errors import ConfigError, FetchError
from scraper.fetch import Fetched

MOST = 12  # feeds, and as many sitemaps, that are tried
USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml")
USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml")
_LOOKS_LIKE_FEED = re.compile(r"(?:/(?:feeds?|rss|atom)(?:[/.?]|$)|\.(?:rss|atom)$)", re.IGNORECASE)
_SITE_NAME = re.compile(
    rb"<meta\b[^<>]{0,200}og:site_name[^<>]{0,200}content\s*=\s*[\"']([^\"'<>]{1,100})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or sitemap, and what it gave as a sentence; empty where it was not read."""

    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written into config.toml. ``origin`` says how it was made."""

    key: str
    name: str
    url: str
    origin: str
    feeds: tuple[Source, ...] = ()
    sitemaps: tuple[Source, ...] = ()
    language: str | None = None


async def look(url: str, get: Get, config: Config, today: datetime) -> Entry:
    """Visit the home page at ``url`` and return an entry with all that it announces.

    Raises FetchError when there is no home page, ConfigError when the settings have the publication already.
    """
    key = free_key(url, config)
    home = await get(url)
    feeds = [lead.url for lead in discover.announced_feeds(home)]
    links, _ = discover.page_links(home.body, home.final_url)
    feeds += [link for link in links if _LOOKS_LIKE_FEED.search(link) and link not in feeds]
    sitemaps = await _robots_sitemaps(url, get)
    return Entry(
        key=key,
        name=_site_name(home) or key,
        url=url,
        origin=f"found on {today:%Y-%m-%d} from its home page and robots.txt",
        feeds=await _working(feeds or _usual(url, USUAL_FEEDS), get, _feed_note),
        sitemaps=await _working(sitemaps or _usual(url, USUAL_SITEMAPS), get, _sitemap_note),
    )


def from_directory(item: Known, config: Config) -> Entry:
    """Return the entry of a known publication, unchecked. Raises ConfigError when the settings have it."""
    return Entry(
        key=free_key(item.url, config),
        name=item.name,
        url=item.url,
        origin="from the directory of known publications; not checked from here, it may be out of date",
        feeds=tuple(map(Source, item.feeds)),
        sitemaps=tuple(Source(url, "news") for url in item.news_sitemaps) + tuple(map(Source, item.sitemaps)),
        language=item.language[0] if len(item.language) == 1 else None,
    )


def free_key(url: str, config: Config) -> str:
    """Return the name of the entry: the host's first word, with a number if another has that name."""
    host = addresses.host(url).removeprefix("www.")
    for item in config.publications:
        if addresses.host(item.url).removeprefix("www.") == host:
            raise ConfigError(f"{host} is in the settings already: [publications.{item.key}]")
    word = re.sub(r"[^a-z0-9-]+", "-", host.partition(":")[0].partition(".")[0]) or "publication"
    taken = {item.key for item in config.publications}
    names = [word, *(f"{word}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def toml(entry: Entry) -> str:
    """Return the entry as text for config.toml, with comments."""
    return "\n".join(_lines(entry)) + "\n"


def _lines(entry: Entry) -> Iterator[str]:
    yield f"[publications.{entry.key}]  # {entry.origin}"
    yield f"name = {json.dumps(entry.name, ensure_ascii=False)}"
    yield f"url = {json.dumps(entry.url)}"
    for what, sources in (("feeds", entry.feeds), ("sitemaps", entry.sitemaps)):
        if sources:
            yield f"{what} = ["
            yield from (f"    {json.dumps(one.url)},{one.note and f'  # {one.note}'}" for one in sources)
            yield "]"
    if not entry.feeds and not entry.sitemaps:
        yield f"sections = [{json.dumps(entry.url)}]  # no feed, no sitemap: its pages are followed"
    if entry.language:
        yield f"language = {json.dumps(entry.language)}"
    yield '# include = ["/news/"]   # regular expressions; only addresses that match one are crawled'
    yield '# exclude = ["/video/"]  # regular expressions; addresses that match one are not crawled'
    yield "# delay = 2.0            # seconds between requests, instead of politeness.delay"


async def _robots_sitemaps(url: str, get: Get) -> list[str]:
    try:
        robots_file = await get(f"{addresses.origin(url)}/robots.txt")
    except FetchError:
        return []
    return [lead.url for lead in discover.announced_sitemaps(robots_file)]


def _usual(url: str, paths: Iterable[str]) -> list[str]:
    return [f"{addresses.origin(url)}{path}" for path in paths]


async def _working(urls: Iterable[str], get: Get, describe: Callable[[Fetched], str]) -> tuple[Source, ...]:
    """Return those that can be read, once each, with what they gave."""
    found: dict[str, Source] = {}
    for url in list(dict.fromkeys(urls))[:MOST]:
        try:
            fetched = await get(url)
            found.setdefault(fetched.final_url, Source(fetched.final_url, describe(fetched)))
        except (FetchError, ValueError):
            continue
    return tuple(found.values())


def _feed_note(fetched: Fetched) -> str:
    leads = discover.feed(discover.unpacked(fetched.body), fetched.content_type, fetched.final_url)
    if not leads:
        raise ValueError("an empty feed")
    return f"{_counted(leads, 'stories')}"


def _sitemap_note(fetched: Fetched) -> str:
    body = discover.unpacked(fetched.body)
    parsed = discover.sitemap(body, fetched.content_type, fetched.final_url)
    if parsed.sitemaps:
        return _counted(parsed.sitemaps, "sitemaps")
    kind = "news, " if b"sitemap-news" in body[:4096] else ""
    return f"{kind}{_counted(parsed.pages, 'addresses')}"


def _counted(leads: Iterable[Lead], what: str) -> str:
    """Return "40 stories, newest 2026-03-02"."""
    listed = list(leads)
    newest = max((lead.published_at for lead in listed if lead.published_at), default=None)
    return f"{len(listed)} {what}" + (f", newest {newest:%Y-%m-%d}" if newest else "")


def _site_name(home: Fetched) -> str | None:
    found = _SITE_NAME.search(home.body)
    return " ".join(unescape(found[1].decode("utf-8", "replace")).split()) or None if found else None
