"""Headers and cookies of a publication go to its own site and nowhere else."""

from pathlib import Path

import pytest

from scraper.config import Publication
from scraper.credentials import headers_for
from scraper.errors import ConfigError

JAR = """# Netscape HTTP Cookie File
.gazette.example\tTRUE\t/\tTRUE\t0\tsession\tcanary
.gazette.example\tTRUE\t/\tTRUE\t946684800\told\texpired
.other.example\tTRUE\t/\tFALSE\t0\tsession\tforeign
"""


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    file = tmp_path / "cookies.txt"
    file.write_text(JAR)
    key = (("X-Key", "canary"),)
    return Publication("g", "G", "https://www.gazette.example/", headers=key, cookies=file)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "https://www.gazette.example/a", {"X-Key": "canary", "Cookie": "session=canary"}, id="own"
        ),
        pytest.param("https://gazette.example/a", {"X-Key": "canary", "Cookie": "session=canary"}, id="bare"),
        pytest.param("http://www.gazette.example/a", {"X-Key": "canary"}, id="a secure cookie needs https"),
        pytest.param("https://feeds.example/gazette", {}, id="another host"),
        pytest.param("https://gazette.example.evil.example/", {}, id="a name that begins alike"),
    ],
)
def test_who_gets_them(url: str, expected: dict[str, str], publication: Publication) -> None:
    assert dict(headers_for(url, publication)) == expected


def test_a_file_that_is_none_is_an_error_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    publication = Publication("g", "G", "https://gazette.example/", cookies=file)
    with pytest.raises(ConfigError, match="cannot be read"):
        headers_for("https://gazette.example/a", publication)
    file.write_text("no cookies here\n")
    other = Publication("g", "G", "https://gazette.example/", cookies=tmp_path / "." / "cookies.txt")
    with pytest.raises(ConfigError, match="Netscape"):
        headers_for("https://gazette.example/a", other)
