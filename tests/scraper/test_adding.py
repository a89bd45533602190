"""An entry holds what works, says what it gave, and is read back as it was meant."""

import asyncio
import tomllib
from datetime import UTC, datetime

import pytest

from scraper import adding, directory
from scraper.config import Config, Publication
from scraper.errors import ConfigError, Permanent
from scraper.fetch import Fetched

HOME = "https://www.gazette.example"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FRONT = b"""<head><meta property="og:site_name" content="The  Gazette &amp; Post">
<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate"
type="application/rss+xml" href="/broken"></head>
<a href="/town/">Town</a><a href="/feeds/sport.xml">Sport</a>"""
RSS = b"""<rss version="2.0"><channel><item><title>Dam opens</title><link>/dam</link>
<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
ROBOTS = b"User-agent: *\nSitemap: https://www.gazette.example/map.xml\n"
MAP = b"<urlset><url><loc>https://www.gazette.example/dam</loc></url></urlset>"


def look(site: dict[str, bytes], config: Config | None = None) -> adding.Entry:
    async def get(url: str) -> Fetched:
        body = site.get(url.removeprefix(HOME))
        if body is None:
            raise Permanent(url, "not_found", status=404)
        return Fetched(url, url, 200, (), body, NOW, 0.0)

    return asyncio.run(adding.look(f"{HOME}/", get, config or Config(), NOW))


def test_everything_that_works_is_found_and_said() -> None:
    site = {"/": FRONT, "/rss": RSS, "/broken": b"<html>", "/feeds/sport.xml": RSS, "/robots.txt": ROBOTS,
            "/map.xml": MAP}  # fmt: skip
    entry = look(site)
    text = adding.toml(entry)
    assert tomllib.loads(text)["publications"]["gazette"] == {
        "name": "The Gazette & Post",
        "url": f"{HOME}/",
        "feeds": [f"{HOME}/rss", f"{HOME}/feeds/sport.xml"],
        "sitemaps": [f"{HOME}/map.xml"],
    }
    assert "# found on 2026-03-02" in text
    assert "# 1 stories, newest 2026-03-02" in text
    assert "# 1 addresses" in text


def test_the_usual_places_are_tried_where_nothing_is_named() -> None:
    entry = look({"/": b"<h1>Gazette</h1>", "/feed.xml": RSS})
    assert [feed.url for feed in entry.feeds] == [f"{HOME}/feed.xml"]


def test_without_any_source_its_pages_are_followed() -> None:
    text = adding.toml(look({"/": b"<h1>Gazette</h1>"}))
    assert tomllib.loads(text)["publications"]["gazette"]["sections"] == [f"{HOME}/"]


def test_a_publication_that_is_there_is_not_added_again_and_keys_differ() -> None:
    there = Config(publications=(Publication("gazette", "G", "https://gazette.example/"),))
    with pytest.raises(ConfigError, match="gazette"):
        look({"/": FRONT}, there)
    other = Config(publications=(Publication("gazette", "G", "https://gazette.other.example/"),))
    assert look({"/": FRONT}, other).key == "gazette-2"


def test_the_directory_is_whole_and_says_that_it_was_not_checked() -> None:
    listed = directory.known()
    assert len(listed) == 178
    assert sum(len(item.feeds) + len(item.sitemaps) + len(item.news_sitemaps) for item in listed) == 544
    for item in listed:
        entry = adding.from_directory(item, Config())
        text = adding.toml(entry)
        assert "not checked from here" in text
        said = tomllib.loads(text)["publications"][entry.key]
        assert (said["name"], said["url"]) == (item.name, item.url)
        assert [*said.get("feeds", []), *said.get("sitemaps", [])] == [
            *item.feeds, *item.news_sitemaps, *item.sitemaps,
        ]  # fmt: skip


def test_the_directory_is_searched_by_words_and_country() -> None:
    at = directory.known()[0]
    assert directory.named(at.name) == [at]
    assert at in directory.search(at.country)
    assert list(directory.search("no such publication")) == []
    assert directory.at(at.url) == at
