"""What a data set was made of, line by line, as it is made: the journal by which a run goes on.

    {"archives": 1, "job": …}          a run begins: what decides what comes out, and who ran it
    {"part": …, "input": …}            a part is whole: digests, records by outcome, what was given up
    {"failed": …, "reason": …}         an input gave no part
    {"dropped": …}                     a part was deleted: its pages belong to others now
    {"ended_at": …}                    a run ended: sums over all parts

A line is on the disk before the next part is counted. The last line about a part is the one that counts.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scraper.errors import ScrapeError

NAME = "_manifest.jsonl"  # readers of data sets pass over names that begin so

Line = dict[str, Any]


def append(folder: Path, line: Line) -> None:
    """Write a line and see it to the disk. What a killed run left of one is ended first."""
    file = folder / NAME
    with file.open("ab+") as out:
        if out.tell():
            out.seek(-1, os.SEEK_END)
            if out.read(1) != b"\n":
                out.write(b"\n")
        out.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
        out.flush()
        os.fsync(out.fileno())


def read(folder: Path) -> list[Line]:
    """Return the lines, without one that was cut; none where there is no manifest.

    Raises ScrapeError for a file that is none.
    """
    file = folder / NAME
    return parsed(file.read_bytes(), str(file)) if file.exists() else []


def parsed(data: bytes, place: str) -> list[Line]:
    """Return the lines of a manifest that lies at ``place``. Raises ScrapeError for what is none."""
    found = list(_lines(data.decode("utf-8", "replace")))
    if not found or found[0].get("archives") != 1:
        raise ScrapeError(f"{place}: is no manifest of `scrape warc`")
    return found


def parts(lines: list[Line]) -> dict[str, Line]:
    """Return the parts that are there by their input's name."""
    found: dict[str, Line] = {}
    for line in lines:
        if "part" in line:
            found[line["input"]] = line
        elif "dropped" in line:
            found.pop(line["dropped"], None)
    return found


def job_of(lines: list[Line]) -> str | None:
    """Return the digest of the job that made the parts."""
    return next((str(line["job"]) for line in reversed(lines) if "archives" in line), None)


def _lines(text: str) -> Iterator[Line]:
    for line in text.split("\n"):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found
