"""Every way a publication announces its stories is read, within bounds, and none can stop the others."""

import asyncio
import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scraper import discover
from scraper.config import Publication
from scraper.discover import Lead, SourceFailed
from scraper.errors import Permanent, Transient
from scraper.fetch import Fetched

HOME = "https://gazette.example"

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>
<item><title>Old &amp; grey</title><link>/old?utm_source=rss</link>
<pubDate>Sun, 01 Mar 2026 08:00:00 +0100</pubDate></item>
<item><title>New</title><link>https://gazette.example/new</link>
<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>
<item><title>Undated</title><link>https://gazette.example/undated</link></item>
<item><title>No link</title></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title><entry><title>Dam opens</title>
<link href="https://gazette.example/dam"/><published>2026-03-02T10:00:00+02:00</published></entry></feed>"""
JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [
{"url": "/dam", "title": "Dam  opens",
 "date_published": "2026-03-02T10:00:00+02:00"}, {"id": "no address"}, 7]}"""
URLSET = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc> https://gazette.example/a </loc><lastmod>2026-03-01</lastmod></url>
<!-- a comment --><url><loc>https://gazette.example/b</loc><news:news>
<news:publication_date>2026-03-02T08:00Z</news:publication_date>
<news:title>B wins</news:title></news:news></url>
</urlset>"""
DAM = datetime(2026, 3, 2, 8, tzinfo=UTC)


def index(*urls: str) -> bytes:
    return (
        b"<sitemapindex>"
        + b"".join(f"<sitemap><loc>{url}</loc></sitemap>".encode() for url in urls)
        + b"</sitemapindex>"
    )


def found(
    site: dict[str, bytes | Exception], publication: Publication | None = None, asked: list[str] | None = None
) -> tuple[list[Lead], list[SourceFailed]]:
    """Return what is discovered on a site given as path → body, and note what was asked."""

    async def get(url: str) -> Fetched:
        if asked is not None:
            asked.append(url)
        body = site.get(url.removeprefix(HOME), Permanent(url, "not_found", status=404))
        if isinstance(body, Exception):
            raise body
        return Fetched(url, url, 200, (), body, datetime.now(UTC), 0.0)

    async def run() -> list[discover.Found]:
        of = publication or Publication("gazette", "Gazette", HOME + "/")
        return [item async for item in discover.discover(of, get)]

    items = asyncio.run(run())
    return [i for i in items if isinstance(i, Lead)], [i for i in items if isinstance(i, SourceFailed)]


def publication(**sources: tuple[str, ...]) -> Publication:
    return Publication("gazette", "Gazette", HOME + "/", **sources)  # type: ignore[arg-type]


def test_a_feed_gives_its_stories_newest_first_and_undated_last() -> None:
    leads, failed = found({"/rss": RSS}, publication(feeds=(HOME + "/rss",)))
    assert failed == []
    assert [(lead.headline, lead.published_at) for lead in leads] == [
        ("New", DAM),
        ("Old & grey", datetime(2026, 3, 1, 7, tzinfo=UTC)),
        ("Undated", None),
    ]
    assert leads[1].url == HOME + "/old?utm_source=rss"
    assert leads[0].source == f"feed {HOME}/rss"


@pytest.mark.parametrize("body", [pytest.param(ATOM, id="Atom"), pytest.param(JSON_FEED, id="JSON Feed")])
def test_the_other_feeds_say_the_same(body: bytes) -> None:
    leads, _ = found({"/feed": body}, publication(feeds=(HOME + "/feed",)))
    assert leads == [Lead(HOME + "/dam", f"feed {HOME}/feed", DAM, "Dam opens")]


@pytest.mark.parametrize("pack", [pytest.param(bytes, id="plain"), pytest.param(gzip.compress, id="gzip")])
def test_a_sitemap_gives_addresses_dates_and_headlines(pack: Callable[[bytes], bytes]) -> None:
    leads, _ = found({"/map": pack(URLSET)}, publication(sitemaps=(HOME + "/map",)))
    assert leads == [
        Lead(HOME + "/b", f"sitemap {HOME}/map", DAM, "B wins"),
        Lead(HOME + "/a", f"sitemap {HOME}/map", datetime(2026, 3, 1, tzinfo=UTC)),
    ]


def test_an_index_is_followed_each_sitemap_once_however_it_loops() -> None:
    asked: list[str] = []
    site = {"/1": index(HOME + "/2", HOME + "/1", HOME + "/3"), "/2": index(HOME + "/1"), "/3": URLSET}
    leads, failed = found(site, publication(sitemaps=(HOME + "/1", HOME + "/1")), asked)
    assert {lead.url for lead in leads} == {HOME + "/a", HOME + "/b"}
    assert sorted(asked) == [HOME + "/1", HOME + "/2", HOME + "/3"]
    assert failed == []


def test_an_index_without_end_ends() -> None:
    asked: list[str] = []
    site = {f"/{n}": index(f"{HOME}/{n + 1}") for n in range(100)}
    found(site, publication(sitemaps=(HOME + "/0",)), asked)
    assert len(asked) == discover.MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        pytest.param(b"https://gazette.example/a\nrubbish\n/b\n", ["/a", "/b"], id="plain text"),
        pytest.param(
            b"<urlset><url><loc>/a</loc></url><url><loc>https://gaz", ["/a"], id="cut in an address"
        ),
        pytest.param(
            b"<urlset><url><loc>/a?x=1&y=2&amp;z=3</loc></url></urlset>", ["/a?x=1&y=2&z=3"], id="bare &"
        ),
        pytest.param(
            b"<urlset><url><loc><![CDATA[/a?x=1&y=2]]></loc></url></urlset>", ["/a?x=1&y=2"], id="CDATA"
        ),
        pytest.param(
            b"<urlset><url><loc>www.gazette.example/a</loc></url></urlset>", ["www"], id="no scheme"
        ),
        pytest.param(b"<urlset><url><loc>javascript:x</loc></url></urlset>", [], id="no web address"),
    ],
)
def test_sitemaps_as_they_are(body: bytes, urls: list[str]) -> None:
    pages = discover.sitemap(body, "text/xml", HOME + "/map").pages
    expected = ["https://www.gazette.example/a" if url == "www" else HOME + url for url in urls]
    assert [lead.url for lead in pages] == expected


def test_no_more_addresses_are_taken_than_the_protocol_allows() -> None:
    body = b"<urlset>" + b"<url><loc>/a</loc></url>" * (discover.MAX_URLS + 10) + b"</urlset>"
    assert len(discover.sitemap(body, "text/xml", HOME + "/").pages) == discover.MAX_URLS


def test_nothing_configured_is_found_out() -> None:
    site = {
        "/robots.txt": b"User-agent: *\nDisallow:\nSitemap: https://gazette.example/map\n",
        "/map": URLSET,
        "/rss": RSS,
        "/": b"""<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head>
            <!-- <a href="/hidden">x</a> --><script>'<a href="/scripted">'</script>
            <a href="/town/story">Story</a> <a href='https://other.example/x'>Other</a>
            <a href=mailto:a@b>m</a>""",
    }
    leads, failed = found(site)
    assert failed == []
    by_source = {lead.source.split()[0] for lead in leads}
    assert by_source == {"feed", "sitemap", "section"}
    assert [lead.url for lead in leads if lead.source.startswith("section")] == [HOME + "/town/story"]


def test_what_is_configured_is_all_that_is_asked() -> None:
    asked: list[str] = []
    found({"/rss": RSS}, publication(feeds=(HOME + "/rss",)), asked)
    assert asked == [HOME + "/rss"]


def test_a_section_is_followed_to_its_next_pages_and_no_further_than_the_limit() -> None:
    asked: list[str] = []
    site = {
        f"/town/{n}": f'<a href="/story/{n}">s</a><a rel="next" href="/town/{n + 1}">more</a>'.encode()
        for n in range(99)
    }
    leads, _ = found(site, publication(sections=(HOME + "/town/0",)), asked)
    assert [lead.url for lead in leads] == [f"{HOME}/story/{n}" for n in range(discover.MAX_PAGES)]
    assert len(asked) == discover.MAX_PAGES


def test_a_base_tag_moves_the_links() -> None:
    links, _ = discover.page_links(b'<base href="/deep/"><a href="story">x</a>', HOME + "/town/")
    assert links == [HOME + "/deep/story"]


def test_a_page_is_found_once() -> None:
    body = b"".join(b"<url><loc>https://gazette.example/%s</loc></url>" % path for path in
                    (b"story/1", b"story/1?utm_source=x", b"story/2"))  # fmt: skip
    leads, _ = found({"/map": b"<urlset>" + body + b"</urlset>"}, publication(sitemaps=(HOME + "/map",)))
    assert [lead.url for lead in leads] == [HOME + "/story/1", HOME + "/story/2"]


def test_the_home_page_is_asked_once_for_its_feeds_and_its_links() -> None:
    home = (
        b'<head><link rel="alternate" type="application/rss+xml" href="/rss"></head><a href="/town/dam">x</a>'
    )
    asked: list[str] = []
    leads, _ = found({"/": home, "/rss": RSS}, asked=asked)
    assert asked.count(HOME + "/") == 1
    assert {lead.source for lead in leads} == {f"feed {HOME}/rss", f"section {HOME}/"}


def test_a_source_that_fails_is_told_and_the_others_are_read() -> None:
    site = {
        "/down": Transient(HOME + "/down", "timeout", "no answer"),
        "/page": b"<html><p>no feed</p>",
        "/rss": RSS,
    }
    feeds = tuple(HOME + path for path in ("/down", "/gone", "/page", "/rss"))
    leads, failed = found(site, publication(feeds=feeds))
    assert len(leads) == 3
    assert [(f.source, f.reason) for f in failed] == [
        (f"feed {HOME}/down", "timeout"),
        (f"feed {HOME}/gone", "not_found"),
        (f"feed {HOME}/page", "not_understood"),
    ]


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "' + b"ha" * 50 + b'">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n > 1 else b"") * 10) for n in range(1, 10)
) + b"]><urlset><url><loc>&a9;</loc></url></urlset>"  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(LAUGHS.decode().encode("utf-16"), id="hidden in UTF-16"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss>&e;</rss>', id="file"),
        pytest.param(b"<rss " + b" ".join(b'a%d="x"' % n for n in range(20_000)) + b"/>", id="attributes"),
        pytest.param(b"<rss>" + b"<a>" * 50_000, id="nesting"),
        pytest.param(b"<urlset>" + b"<!--" * 100_000, id="comments"),
        pytest.param(gzip.compress(bytes(60 * 1024 * 1024)), id="gzip bomb"),
        pytest.param(gzip.compress(URLSET)[:80], id="half a gzip"),
    ],
)  # fmt: skip
def test_a_hostile_document_fails_within_a_second(body: bytes) -> None:
    for sources in ({"feeds": (HOME + "/x",)}, {"sitemaps": (HOME + "/x",)}):
        started = time.perf_counter()
        leads, failed = found({"/x": body}, publication(**sources))
        assert time.perf_counter() - started < 1
        assert leads == []
        assert {f.reason for f in failed} <= {"not_understood"}  # or it holds nothing, as in one long comment


@pytest.mark.parametrize(
    "page",
    [
        b"<a " * 200_000,
        b"<a href=" + b"x" * 500_000,
        b"<!--" * 200_000,
        b"<script>" * 100_000,
        b"<a href='" * 100_000,
    ],
)
def test_links_of_a_hostile_page_are_read_within_a_second(page: bytes) -> None:
    started = time.perf_counter()
    discover.page_links(page, HOME)
    assert time.perf_counter() - started < 1
