"""One input → what each of its records holds: a page, or the reason why it is none.

Every record comes to one of these, so that counts add up to the number of records:

    a page                      an HTML answer with status 200 that the filters want
    warcinfo, request, revisit, metadata, continuation, other_record
                                no page by its WARC-Type. A revisit repeats what an earlier record holds,
                                which is read where it stands.
    status_404 …                another answer
    not_html                    a picture, a script, a feed
    filtered                    not wanted
    too_large                   a body beyond fetching.max_body_bytes
    damaged                     not as it was written; ``detail`` says how

A truncated record (WARC-Truncated) is a page of which the end is missing; it is read and marked. So are pages
without an HTTP header, as a browser or a person saved them: "resource" records, and the "conversion" records
of this project's own archive.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extractors import Page
from scraper import pages, payload, warc
from scraper.bulk import places
from scraper.bulk.filters import Filters
from scraper.bulk.inputs import Input
from scraper.payload import Answer, Unreadable
from scraper.warc import Damage, Record

HTML_TYPES = ("text/html", "application/xhtml+xml")
NO_PAGES = ("warcinfo", "request", "revisit", "metadata", "continuation")
PAGES = ("response", "resource", "conversion")
MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml")
BEGINNING = 1024  # bytes in which a page that nobody calls HTML shows that it is


@dataclass(frozen=True, slots=True)
class Capture:
    """A record of an input, the ``number``-th from 0, at ``offset`` of ``file``.

    ``page`` is None where it holds none to read; ``passed`` is then the reason in one word.
    """

    number: int
    file: str
    offset: int
    page: Page | None = None
    passed: str = ""
    detail: str = ""
    url: str = ""
    captured_at: datetime | None = None
    record_id: str = ""
    truncated: str = ""

    def sha256(self) -> str:
        """Return the digest of the page's body, in hex."""
        return hashlib.sha256(self.page.body).hexdigest() if self.page else ""


def read(
    source: Input, filters: Filters, max_bytes: int, digests: list[str] | None = None
) -> Iterator[Capture]:
    """Yield what the input holds, in order. Raises ScrapeError when it cannot be read.

    The SHA-256 of each of its files is appended to ``digests``, if that is given.
    """
    number = 0
    for file in source.files:
        with places.opened(file) as opened:
            if digests is not None:
                digests.append(places.digest(opened))
            if source.is_warc:
                for record in warc.records(opened):
                    yield _of_record(number, file, record, filters, max_bytes)
                    number += 1
            else:
                yield _of_file(number, file, opened.read(max_bytes + 1), filters, max_bytes)
                number += 1


def _of_record(number: int, file: str, record: Record | Damage, filters: Filters, most: int) -> Capture:
    if isinstance(record, Damage):
        return Capture(number, file, record.offset, passed="damaged", detail=record.reason)
    page: Page | None = None
    passed, detail = _passed(record, filters), ""
    if not passed:
        try:
            answer = payload.answer(record)
            passed = _no_page(answer)
            if not passed:
                page = payload.page(record, answer)
                passed = "too_large" if len(page.body) > most else ""
        except Unreadable as error:
            passed, detail = "damaged", str(error)
    fields = record.fields
    return Capture(
        number,
        file,
        record.offset,
        None if passed else page,
        passed,
        detail,
        url=fields.get("warc-target-uri", "").strip("<>"),
        captured_at=payload.moment(fields.get("warc-date")),
        record_id=fields.get("warc-record-id", "").strip("<>"),
        truncated=fields.get("warc-truncated", ""),
    )


def _passed(record: Record, filters: Filters) -> str:
    """Return why a record is not looked into, "" if it is."""
    if record.kind not in PAGES:
        return record.kind if record.kind in NO_PAGES else "other_record"
    url = record.fields.get("warc-target-uri", "").strip("<>")
    if not url.lower().startswith(("http://", "https://")):
        return "other_record"  # dns: and whois: answers, screenshots as urn:
    return "" if filters.want(url, payload.moment(record.fields.get("warc-date"))) else "filtered"


def _no_page(answer: Answer) -> str:
    """Return why an answer is no page, "" if it is one."""
    if answer.status not in (None, 200):
        return f"status_{answer.status}"
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type:
        return "" if content_type in HTML_TYPES else "not_html"
    return "" if answer.body[:BEGINNING].lstrip().lower().startswith(MARKUP) else "not_html"


def _of_file(number: int, file: str, body: bytes, filters: Filters, most: int) -> Capture:
    address = file if places.is_address(file) else Path(file).resolve().as_uri()
    page = pages.saved(body, url=None, fallback=address, content_type="")
    passed = "too_large" if len(body) > most else "" if filters.want(page.url, None) else "filtered"
    return Capture(number, file, 0, None if passed else page, passed, url=page.url)
