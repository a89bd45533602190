"""Web archives to test with: whole pages under many addresses, among the other records of a crawl."""

import gzip
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BufferWARCWriter

KILLER = b"this page ends its process"  # what `deadly` makes true
HANGER = b"this page takes for ever"

FURNITURE = "<p>The tower at the harbour has kept the time of the town since the flood.</p>"


def page(number: int, *, body: str = "", host: str = "gazette.example") -> tuple[str, bytes]:
    """Return address and HTML of a story that no other number has."""
    sentences = "".join(
        f"<p>{_named(number * 7 + line)} sluice of the dam was opened at {line + 1} o'clock, "
        f"and the boats of {_named(number)} waited below it for the water to settle.</p>"
        for line in range(6)
    )
    html = (
        f"<!doctype html><html lang='en'><head><title>Dam {number} opens</title>"
        "<meta property='og:type' content='article'>"
        "<meta property='article:published_time' content='2024-05-01T08:00:00Z'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Dam '
        f'{number} opens", "author": {{"@type": "Person", "name": "Ana Roe"}}}}</script></head><body>'
        f"<article><h1>Dam {number} opens</h1><p class='byline'>By Ana Roe</p>{sentences}{body}</article>"
        "</body></html>"
    )
    return f"https://{host}/2024/05/dam-{number}", html.encode()


def _named(number: int) -> str:
    """Return the number in words of its own: what recurs but for its digits is no story's own."""
    return " ".join(NAMES[int(digit)] for digit in str(number)).capitalize()


NAMES = ("amber", "birch", "copper", "dusk", "ember", "fern", "granite", "hazel", "iris", "juniper")


def record(
    url: str,
    body: bytes = b"",
    *,
    kind: str = "response",
    status: str = "200 OK",
    content_type: str = "text/html; charset=utf-8",
    date: str = "2024-05-01T12:00:00Z",
    **fields: str,
) -> bytes:
    """Return one record as gzip member, as warcio writes it; ``fields`` are WARC fields, _ for -."""
    writer = BufferWARCWriter(gzip=False)
    http = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
    if kind == "request":
        http = StatusAndHeaders("GET / HTTP/1.1", [("Host", "gazette.example")], is_http_request=True)
    given: dict[str, Any] = {"WARC-Date": date}
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    writer.write_record(
        writer.create_warc_record(
            url, kind, payload=BytesIO(body), http_headers=http, warc_headers_dict=given
        )
    )
    return gzip.compress(bytes(writer.get_contents()))


def write(file: Path, records: Iterable[bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(records))
    return file


def stories(folder: Path, files: int, pages: int) -> list[Path]:
    """Write so many WARC files with so many stories each."""
    return [
        write(folder / f"crawl-{one}.warc.gz", (record(*page(one * pages + nth)) for nth in range(pages)))
        for one in range(files)
    ]


DEADLY = """
import os, signal, time
import extractors
_attempt = extractors.attempt
def attempt(page, **given):
    if {killer!r} in page.body:
        os.kill(os.getpid(), signal.SIGSEGV)
    if {hanger!r} in page.body:
        time.sleep(60)
    return _attempt(page, **given)
extractors.attempt = attempt
"""


def deadly(folder: Path) -> Path:
    """Return a folder which makes pages with KILLER and HANGER deadly to a Python that has it on its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(DEADLY.format(killer=KILLER, hanger=HANGER))
    return folder
