"""The archived page that a stored article was taken from."""

from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from extractors import Page
from scraper import archive
from scraper.archive import Pointer


def page_of(db: Connection, page_id: int | None) -> dict[str, Any] | None:
    """Return where the page that an article was taken from is archived; under ``more``, its further pages."""
    if page_id is None:
        return None
    found = db.execute(PAGE_OF, (page_id,)).fetchone()
    url, final_url, file, offset, length, sha256, content_type = found
    return {
        "url": final_url or url,
        "file": file,
        "offset": offset,
        "length": length,
        "sha256": sha256,
        "content_type": content_type,
        "more": [_part(*row) for row in db.execute(PARTS_OF, (page_id,))],
    }


# Fetches are found by their address: nothing indexes them by page, and there are as many as pages.
PAGE_OF = """SELECT hosts.origin || urls.path, final_url, file, offset, length, pages.sha256, content_type
    FROM pages JOIN urls ON urls.id = pages.url_id JOIN hosts ON hosts.id = host_id
        LEFT JOIN fetches ON fetches.url_id = pages.url_id AND fetches.page_id = pages.id
    WHERE pages.id = ?"""
PARTS_OF = """SELECT file, offset, length, sha256, content_type FROM parts JOIN pages ON pages.id = part_id
    WHERE page_id = ? ORDER BY position"""


def _part(*place: Any) -> dict[str, Any]:
    return dict(zip(("file", "offset", "length", "sha256", "content_type"), place, strict=True))


def outdated(db: Connection, article_id: int, edition: str) -> dict[str, Any] | None:
    """Return where the page of an article lies that another edition extracted; None if this one did."""
    row = db.execute("SELECT page_id, edition FROM articles WHERE id = ?", (article_id,)).fetchone()
    return page_of(db, row[0]) if row and row[1] != edition else None


def read_page(folder: Path, known: dict[str, Any]) -> Page:
    """Return the archived page that ``page_of`` describes, with its further ones, as the crawl saw it."""
    page = _read(folder, known)
    more = tuple(_read(folder, part) for part in known.get("more", ()))
    return replace(page, url=known["url"], more=more)


def _read(folder: Path, known: dict[str, Any]) -> Page:
    pointer = Pointer(known["file"], known["offset"], known["length"], known["sha256"])
    page = archive.read(folder, pointer)
    return replace(page, content_type=known["content_type"] or page.content_type)
