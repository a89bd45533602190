"""Who may ask what, and which line says so."""

import time

import pytest

from scraper import robots
from scraper.robots import Decision

FILE = b"""# for everyone
User-agent: *
Disallow: /private/
Allow: /private/open/
Crawl-delay: 2.5

User-agent: cleancopy
User-agent: other-bot
Disallow: /*.pdf$
Disallow: /search

Sitemap: https://gazette.example/sitemap.xml
"""
BASE = "https://gazette.example"


@pytest.mark.parametrize(
    ("path", "agent", "decision"),
    [
        ("/private/a", "anybot", Decision(False, "Disallow: /private/", 3)),
        ("/private/open/a", "anybot", Decision(True, "Allow: /private/open/", 4)),
        ("/town/a", "anybot", Decision(True)),
        pytest.param("/private/a", "cleancopy", Decision(True), id="its own group replaces the general one"),
        ("/search?q=dam", "cleancopy", Decision(False, "Disallow: /search", 10)),
        ("/a.pdf", "cleancopy/0.1 (+mailto:x)", Decision(False, "Disallow: /*.pdf$", 9)),
        ("/a.pdf?x=1", "CleanCopy", Decision(True)),
    ],
)
def test_the_longest_line_decides_and_is_named(path: str, agent: str, decision: Decision) -> None:
    assert robots.parse(FILE).decide(BASE + path, agent) == decision


def test_delay_and_sitemaps() -> None:
    parsed = robots.parse(FILE)
    assert parsed.crawl_delay("anybot") == 2.5
    assert parsed.crawl_delay("cleancopy") is None  # its own group asks for none
    assert parsed.sitemaps == ("https://gazette.example/sitemap.xml",)


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        pytest.param(b"", True, id="empty file"),
        pytest.param(b"User-agent: *\nDisallow:", True, id="empty rule"),
        pytest.param(b"user-agent *\ndissallow /", False, id="no colons, misspelt"),
        pytest.param(b"\xef\xbb\xbfUser-agent: *\rDisallow: /", False, id="byte order mark, bare CR"),
        pytest.param("User-agent: *\nDisallow: /".encode("utf-16"), False, id="UTF-16"),
        pytest.param(b"Disallow: /", True, id="rule before any agent"),
        pytest.param(b"User-agent: *\nAllow: /a\nDisallow: /a", True, id="Allow wins a tie"),
        pytest.param(
            b"User-agent: x\nCrawl-delay: 1\nSitemap: s\nUser-agent: *\nDisallow: /", False, id="one group"
        ),
        pytest.param(b"User-agent: *\nDisallow: /\nUser-agent: cleancopy\nAllow: /", True, id="named group"),
        pytest.param(b"User-agent: *\nDisallow: /%61", True, id="escapes are compared as written"),
        pytest.param(
            b"User-agent: *\nDisallow: /\nAllow: /a/index.html", False, id="an index is not its neighbours"
        ),
    ],
)
def test_what_site_owners_write(body: bytes, allowed: bool) -> None:
    assert robots.parse(body).decide(f"{BASE}/a", "cleancopy").allowed is allowed


def test_letters_outside_ascii_match_their_escapes() -> None:
    parsed = robots.parse("User-agent: *\nDisallow: /città".encode())
    decision = parsed.decide(f"{BASE}/citt%c3%a0/a", "cleancopy")
    assert decision == Decision(False, "Disallow: /città", 2)
    assert not parsed.decide(f"{BASE}/città", "cleancopy").allowed


def test_what_lies_past_500_kib_is_not_read() -> None:
    body = b"User-agent: *\n" + b"#" * robots.MAX_BYTES + b"\nDisallow: /\n"
    assert robots.parse(body).decide(f"{BASE}/a", "cleancopy").allowed


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"User-agent: *\n" + b"Disallow: /a*b\n" * 30_000, id="many rules"),
        pytest.param(b"User-agent: *\nDisallow: /" + b"*a" * 8000 + b"$", id="many stars"),
        pytest.param(b"\0\xff" * 250_000, id="garbage"),
    ],
)
def test_a_hostile_file_is_read_and_asked_within_a_second(body: bytes) -> None:
    started = time.perf_counter()
    robots.parse(body).decide(BASE + "/" + "a" * 8000 + "c", "cleancopy")
    assert time.perf_counter() - started < 1
