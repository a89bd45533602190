"""What a WARC record carries: an HTTP answer taken apart, its codings undone, its digests checked.

Writers differ. Some keep an answer as it came over the wire; some undo chunks and content codings and leave
the headers as they were. Some take the payload's digest before that, some after. So a coding that the bytes
plainly do not have is not undone, and a payload's digest may agree with any of its forms; that of the block
is of the bytes in the file and must agree.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from extractors import Page
from scraper import codings
from scraper.codings import CodingError, Corrupt
from scraper.warc import MAX_RECORD_BYTES, Record

CUT = "its HTTP body ends in the middle of a chunk"


class Unreadable(Exception):
    """A record that is no whole answer, and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, ``body`` as in the file; ``status`` is None where no HTTP header was kept."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes


def answer(record: Record) -> Answer:
    """Return the answer in a record, nothing undone. Raises Unreadable."""
    block = record.block
    if block is None:
        raise Unreadable(f"it is larger than {MAX_RECORD_BYTES // 1024**2} MiB")
    if not record.fields.get("content-type", "").lower().startswith("application/http"):
        return Answer(None, {"content-type": record.fields.get("content-type", "")}, block)
    head, _, body = _parted(block)
    line, *lines = head.decode("latin-1").splitlines() or [""]
    status = re.match(r"HTTP/\d(?:\.\d)?\s+(\d{3})\b", line)
    if status is None:
        raise Unreadable("its HTTP header cannot be read")
    return Answer(int(status[1]), _headers(lines), body)


def page(record: Record, answer: Answer) -> Page:
    """Return the page that a record holds, with its codings undone and its digests checked.

    Raises Unreadable. Where the record says that it was truncated, a body that stops early is taken as it is.
    """
    _check_block(record)
    truncated = bool(record.fields.get("warc-truncated"))
    forms = list(_forms(answer, truncated=truncated))
    said = record.fields.get("warc-payload-digest", "")
    if said and not any(_agrees(said, form) for form in forms):
        raise Unreadable("its digest does not agree with its bytes")
    return Page(
        url=record.fields.get("warc-target-uri", "").strip(
            "<>"
        ),  # angle brackets: an old reading of WARC 1.0
        body=forms[-1],
        content_type=answer.headers.get("content-type", ""),
        fetched_at=moment(record.fields.get("warc-date")),
    )


def moment(text: str | None) -> datetime | None:
    """Return a WARC-Date as aware UTC, None for what is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _parted(block: bytes) -> tuple[bytes, bytes, bytes]:
    """Return header, end of header, body: where the first empty line stands."""
    found = re.search(rb"\r?\n\r?\n", block)
    return (block[: found.start()], found[0], block[found.end() :]) if found else (block, b"", b"")


def _headers(lines: list[str]) -> dict[str, str]:
    """Return the headers by name in lower case; one that stands twice is joined by a comma (RFC 9110 5.3)."""
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        first = name == "content-type" or name not in headers
        headers[name] = headers.get(name, value) if first else f"{headers[name]}, {value}"
    return headers


def _forms(answer: Answer, *, truncated: bool) -> Iterator[bytes]:
    """Yield the body as it is in the file, without chunks, and without content codings."""
    yield answer.body
    body = answer.body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = _unchunked(body, truncated=truncated)
        yield body
    coding = answer.headers.get("content-encoding", "")
    if coding:
        yield _decoded(body, coding)


def _unchunked(body: bytes, *, truncated: bool) -> bytes:
    """Return the body without its chunks (RFC 9112 section 7.1), or itself where it has none."""
    parts: list[bytes] = []
    at = 0
    while True:
        size = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n").match(body, at)
        if size is None:
            if not parts:
                return body  # undone before it was written, and the header left
            if truncated:
                return b"".join(parts)
            raise Unreadable(CUT)
        length = int(size[1], 16)
        if not length:
            return b"".join(parts)
        part = body[size.end() : size.end() + length]
        if len(part) < length and not truncated:
            raise Unreadable(CUT)
        parts.append(part)
        at = size.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1


def _decoded(body: bytes, coding: str) -> bytes:
    try:
        return codings.undo(body, [coding], limit=MAX_RECORD_BYTES)
    except Corrupt as error:
        if b"<" in body[:1024]:  # markup: undone before it was written, and the header left
            return body
        raise Unreadable(f"its content coding cannot be undone: {error}") from None
    except CodingError as error:
        raise Unreadable(f"its content coding cannot be undone: {error}") from None


def _check_block(record: Record) -> None:
    said = record.fields.get("warc-block-digest", "")
    if said and not _agrees(said, record.block or b""):
        raise Unreadable("its digest does not agree with its bytes")


def _agrees(said: str, data: bytes) -> bool:
    """Tell whether a digest, ``sha1:`` and base 32 or hex, is that of the data. What is unknown agrees."""
    name, _, value = said.partition(":")
    name = name.strip().lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha512"):
        return True
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    return value.strip().rstrip("=").lower() in (
        digest.hex(),
        base64.b32encode(digest).decode().rstrip("=").lower(),
    )
