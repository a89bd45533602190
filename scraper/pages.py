"""Files of this machine → pages: saved HTML, plain-text dumps, WARC files, folders of them, standard input.

A saved page does not know its own address. It gets the one that the caller names, else the page's canonical
link or og:url, else the address of the file (file:///…), so that relative links still resolve to something.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from extractors import Page
from scraper import archive, warc
from scraper.archive import DamagedRecord
from scraper.errors import ScrapeError

WARC = (".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz")
TEXT = (".txt", ".text")
HTML = (".html", ".htm", ".xhtml")
HEAD_BYTES = 1024 * 1024  # in 1049 saved pages 99.9 % of the canonical links stood in the first 621 KiB


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that gave no page, and why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Found = Page | DamagedRecord | Unreadable


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read: those named, and in folders all that look like pages, in order of name.

    Raises ScrapeError for a path that does not exist and for a folder without pages.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ScrapeError(f"{path}: there is no such file or folder")
        found += _inside(path) if path.is_dir() else [path]
    return found


def _inside(folder: Path) -> list[Path]:
    inside = sorted(
        file for file in folder.rglob("*") if file.is_file() and _suffixed(file, HTML + TEXT + WARC)
    )
    if not inside:
        raise ScrapeError(f"{folder}: no pages in this folder; looked for {', '.join(HTML + TEXT + WARC)}")
    return inside


def read(file: Path, *, url: str | None = None, max_bytes: int) -> Iterator[Found]:
    """Yield the pages of one file; ``url`` is the address of a saved page. Trouble is a value."""
    try:
        if is_warc(file):
            yield from archive.pages(file)
        elif file.stat().st_size > max_bytes:
            size = file.stat().st_size
            yield Unreadable(file, f"has {size} bytes; fetching.max_body_bytes allows {max_bytes}")
        else:
            content_type = "text/plain" if _suffixed(file, TEXT) else ""
            yield saved(
                file.read_bytes(), url=url, fallback=file.resolve().as_uri(), content_type=content_type
            )
    except OSError as error:
        yield Unreadable(file, error.strerror or str(error))


def read_stream(stream: BinaryIO, *, url: str | None = None, max_bytes: int) -> Page:
    """Return the one page on a stream; without any tag it is a plain-text dump. Raises ScrapeError."""
    body = stream.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise ScrapeError(
            f"standard input: more than {max_bytes} bytes, which fetching.max_body_bytes allows"
        )
    if body.startswith((b"WARC/", warc.GZIP.magic, warc.ZSTD_MAGIC)):
        raise ScrapeError("standard input: this is a WARC or packed file; give its path instead of -")
    content_type = (
        "" if re.search(rb"<[!/a-zA-Z]", body[:1024]) else "text/plain"
    )  # a tag, comment or doctype
    return saved(body, url=url, fallback="file:///dev/stdin", content_type=content_type)


def saved(body: bytes, *, url: str | None, fallback: str, content_type: str) -> Page:
    """Return a page that somebody kept, with the best address that is known for it."""
    return Page(url or own_address(body) or fallback, body, content_type)


def own_address(body: bytes) -> str | None:
    """Return the absolute address that the page gives as its own: link rel=canonical, else meta og:url."""
    head = body[:HEAD_BYTES].decode("latin-1")  # the names looked for, and addresses, are ASCII
    for tag, mark, attribute in (
        ("link", r"rel\s*=\s*[\"']?canonical\b", "href"),
        ("meta", r"og:url\b", "content"),
    ):
        for match in re.finditer(rf"<{tag}\b[^<>]{{0,4096}}>", head, re.IGNORECASE):
            address = _attribute(match[0], attribute) if re.search(mark, match[0], re.IGNORECASE) else None
            if address and re.match(r"https?://\w", address):
                return address
    return None


def _attribute(tag: str, name: str) -> str | None:
    match = re.search(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", tag, re.IGNORECASE)
    value = next((group for group in match.groups() if group is not None), None) if match else None
    return html.unescape(value).strip() if value else None


def is_warc(file: Path) -> bool:
    """Tell by its name whether a file may hold many pages."""
    return _suffixed(file, WARC)


def _suffixed(file: Path, suffixes: tuple[str, ...]) -> bool:
    return file.name.lower().endswith(suffixes)
