"""Files become pages with the best address that is known for them."""

import time
from pathlib import Path

import pytest

from extractors import Page
from scraper import pages
from scraper.errors import ScrapeError
from scraper.pages import Unreadable

MOST = 20 * 1024 * 1024


@pytest.mark.parametrize(
    ("html", "address"),
    [
        pytest.param(
            '<link rel="canonical" href="https://a.example/x">', "https://a.example/x", id="canonical link"
        ),
        pytest.param(
            "<LINK href=https://a.example/x rel=canonical>",
            "https://a.example/x",
            id="no quotes, other order",
        ),
        pytest.param(
            '<link rel="canonical" href="https://a.example/?a=1&amp;b=2">',
            "https://a.example/?a=1&b=2",
            id="entity",
        ),
        pytest.param(
            '<meta property="og:url" content="https://a.example/x">', "https://a.example/x", id="og:url"
        ),
        pytest.param(
            '<meta property="og:url" content="https://a.example/og"><link rel="canonical" href="https://a.example/c">',
            "https://a.example/c",
            id="the link comes first",
        ),
        pytest.param('<link rel="canonical" href="/x">', None, id="a relative one says nothing"),
        pytest.param('<link rel="canonical" href="javascript:alert(1)">', None, id="no web address"),
        pytest.param(
            '<link rel="stylesheet" href="https://a.example/canonical.css">', None, id="another link"
        ),
        pytest.param("<p>text</p>", None, id="none"),
    ],
)
def test_a_page_says_its_own_address(html: str, address: str | None) -> None:
    assert pages.own_address(html.encode()) == address


@pytest.mark.parametrize(
    "start", ["<link ", "<link rel=canonical ", "<meta og:url", '<link rel="canonical" href="']
)
def test_looking_for_the_address_is_not_slow_on_hostile_pages(start: str) -> None:
    began = time.process_time()
    pages.own_address((start * 200_000).encode())
    assert time.process_time() - began < 5


def test_a_named_address_wins(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text('<link rel="canonical" href="https://a.example/x"><p>text')
    assert [page.url for page in read(file, url="https://b.example/")] == ["https://b.example/"]
    assert [page.url for page in read(file)] == ["https://a.example/x"]


def test_a_page_without_address_has_its_files(tmp_path: Path) -> None:
    file = tmp_path / "a b.html"
    file.write_text("<p>text")
    (page,) = read(file)
    assert page.url == file.as_uri()
    assert page.content_type == "", "the page's own bytes decide how it is decoded"


def test_a_dump_is_plain_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Dam opens")
    assert [page.content_type for page in read(file)] == ["text/plain"]


def test_an_unreadable_file_is_a_value(tmp_path: Path) -> None:
    (found,) = pages.read(tmp_path / "gone.html", max_bytes=MOST)
    assert isinstance(found, Unreadable)
    assert str(found) == f"{tmp_path / 'gone.html'}: No such file or directory"


def test_folders_are_read_in_order_of_name_and_only_pages(tmp_path: Path) -> None:
    for name in ("b/z.htm", "b/a.TXT", "a.warc.gz", "c.png", "README"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [str(file.relative_to(tmp_path)) for file in pages.files([tmp_path])] == [
        "a.warc.gz",
        "b/a.TXT",
        "b/z.htm",
    ]


def test_a_path_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ScrapeError, match="there is no such file or folder"):
        pages.files([Path("nowhere")])


def read(file: Path, url: str | None = None) -> list[Page]:
    found = list(pages.read(file, url=url, max_bytes=MOST))
    assert all(isinstance(item, Page) for item in found)
    return [item for item in found if isinstance(item, Page)]
