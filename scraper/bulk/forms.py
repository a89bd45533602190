"""The forms of a data set: how an article becomes a line of a part in the making, and the part a file.

A part is made as lines, so that a process that dies in the middle loses only what it had not written; its
end makes the file that people read of them.

    parquet     the lines as JSON, then typed columns, zstd; needs ``pip install cleancopy[parquet]``
    jsonl       one JSON object a line
    sqlite      the same lines, which the run stores in the database, one part after another
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from extractors import Article
from scraper import stories
from scraper.bulk.captures import Capture
from scraper.frontier import utc

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Form:
    """How a part's file is called and written: ``finish`` makes it of the lines, ``count`` tells its rows."""

    suffix: str
    line: Callable[[Capture, Article, str], bytes]
    finish: Callable[[Path], None]
    count: Callable[[BinaryIO], int]


def row(capture: Capture, article: Article, edition: str) -> dict[str, Any]:
    """Return what is stored of an article as JSON values, where in the archive it was found, what read it.

    ``edition`` is a name of ``scraper.edition``. ``next_page`` is where the story goes on: pages of one story
    are not joined here.
    """
    said = stories.said_by(article)
    for name in ("published_at", "modified_at"):
        said[name] = stories.stored_time(said[name])
    return said | {
        "next_page": stories.cleaned(article.next_page),
        "captured_at": capture.captured_at and utc(capture.captured_at),
        "file": capture.file,
        "offset": capture.offset,
        "record_id": capture.record_id or None,
        "sha256": capture.sha256(),
        "truncated": capture.truncated or None,
        "edition": edition,
    }


def _line(capture: Capture, article: Article, edition: str) -> bytes:
    return (_json(row(capture, article, edition)) + "\n").encode()


def _flat_line(capture: Capture, article: Article, edition: str) -> bytes:
    """Return the line with its origins as a list, each with its field's name: columns have no free keys."""
    said = row(capture, article, edition)
    said["provenance"] = [{"field": name, **origin} for name, origin in sorted(said["provenance"].items())]
    return (_json(said) + "\n").encode()


def _nothing(_: Path) -> None:
    """Leave the lines as they are."""


def _count_lines(file: BinaryIO) -> int:
    return sum(1 for _ in file)


def _count_rows(file: BinaryIO) -> int:
    from scraper import parquet

    return parquet.count(file)


def _columns(lines: Path) -> None:
    from scraper import parquet

    parquet.from_lines(lines)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "parquet": Form(".parquet", _flat_line, _columns, _count_rows),
        "jsonl": Form(".jsonl", _line, _nothing, _count_lines),
        "sqlite": Form(".jsonl", _line, _nothing, _count_lines),
    }
)
