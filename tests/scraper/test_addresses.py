"""A link is what a browser makes of it, and one page has one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import addresses

PAGE = "https://gazette.example/town/story.html"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("../sport/match", "https://gazette.example/sport/match", id="relative"),
        pytest.param("//other.example/a", "https://other.example/a", id="without scheme"),
        pytest.param("?page=2", "https://gazette.example/town/story.html?page=2", id="only a query"),
        pytest.param("#comments", "https://gazette.example/town/story.html", id="fragment goes"),
        pytest.param("  /a\n/b\t ", "https://gazette.example/a/b", id="white space as browsers drop it"),
        pytest.param("https:\\\\evil.example\\x", "https://evil.example/x", id="backslashes are slashes"),
        pytest.param("http://0x7f.1/", "http://127.0.0.1/", id="odd IPv4 is seen through"),
        pytest.param("http://BÜCHER.example/", "http://xn--bcher-kva.example/", id="international name"),
        pytest.param("/caf\ud800e", "https://gazette.example/caf%EF%BF%BDe", id="lone surrogate replaced"),
    ],
)
def test_a_link_resolves_as_in_a_browser(link: str, expected: str) -> None:
    assert addresses.resolve(link, PAGE) == expected


@pytest.mark.parametrize(
    "link",
    [
        "javascript:void(0)", "mailto:a@b.example", "data:text/html,x", "file:///etc/passwd", "ftp://x.example/",
        "tel:+123", "about:blank", "http://", "http://exa mple/", "http://a b", "https://x:99999/",
        "/" + "a" * addresses.MAX_LENGTH,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_never_fetched(link: str) -> None:
    assert addresses.resolve(link, PAGE) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Gazette.Example:443/a", "gazette.example"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://[::1]:80/", "[::1]"),
        pytest.param("https://gazette.example./a", "gazette.example", id="a trailing dot is the same host"),
        ("nonsense", ""),
    ],
)
def test_host(url: str, expected: str) -> None:
    assert addresses.host(url) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param(
            "https://g.example/a?utm_source=x&fbclid=1&id=7", "https://g.example/a?id=7", id="tracking"
        ),
        pytest.param("https://g.example/a?b=2&a=1", "https://g.example/a?a=1&b=2", id="order"),
        pytest.param("https://g.example/a?x=1&amp;utm_medium=y", "https://g.example/a?x=1", id="escaped &"),
        pytest.param(
            "https://g.example/a;jsessionid=12AB?x=1", "https://g.example/a?x=1", id="session in path"
        ),
        pytest.param("https://g.example/a?PHPSESSID=cdc993a493e8", "https://g.example/a", id="session"),
        pytest.param("https://g.example/town/index.html", "https://g.example/town/", id="index name"),
        pytest.param("https://g.example/story/amp/", "https://g.example/story", id="AMP twin"),
        pytest.param("https://g.example/story?print=1", "https://g.example/story", id="print twin"),
        pytest.param("https://g.example//a//b", "https://g.example/a/b", id="double slashes"),
        pytest.param("https://g.example/%7Ea/%c3%a9", "https://g.example/~a/%C3%A9", id="escapes"),
        pytest.param("https://u:p@G.example:443/a#top", "https://g.example/a", id="user, port, fragment"),
        pytest.param("https://g.example/?", "https://g.example/", id="empty query"),
    ],
)
def test_spellings_of_one_page_share_a_key(url: str, key: str) -> None:
    assert addresses.canonical(url) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://g.example/a?id=1", "https://g.example/a?id=2"),
        ("https://g.example/a", "https://g.example/A"),
        ("https://g.example/a%2Fb", "https://g.example/a/b"),
        ("https://g.example/a?page=2", "https://g.example/a"),
        ("https://g.example/a?s=dam", "https://g.example/a"),
    ],
)
def test_different_pages_keep_different_keys(one: str, other: str) -> None:
    assert addresses.canonical(one) != addresses.canonical(other)


@given(st.text(alphabet="ab/.?&=%;#1ACamp2536:@()é-_", max_size=40))
def test_the_key_of_a_key_is_itself(tail: str) -> None:
    key = addresses.canonical(f"https://gazette.example/{tail}")
    assert addresses.canonical(key) == key


@pytest.mark.parametrize(
    "url", ["https://ann:s3cret@g.example/a", "http://ann:s3cret@exa mple/", "//s3cret@x/"]
)
def test_a_password_is_never_printable(url: str) -> None:
    assert "s3cret" not in addresses.printable(url)


def test_user_and_password_are_split_off_decoded() -> None:
    assert addresses.without_userinfo("https://ann:p%40ss@g.example/a") == ("https://g.example/a", "ann:p@ss")
