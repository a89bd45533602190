"""Paths and addresses → open files. The home of fsspec, which is an extra and only asked for addresses.

A file behind an address is copied to this machine before it is read: one request for all of it, in order, is
what object stores and web servers serve best, and a record that has to be read again costs no second one.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from scraper.errors import ScrapeError

COPIED_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells cheaply whether a file is still the same: bytes, and time of change in nanoseconds."""

    size: int
    changed: int


def is_address(place: str) -> bool:
    """Tell whether a place is an address such as s3://bucket/key and no path."""
    return "://" in place


@contextmanager
def opened(place: str) -> Iterator[BinaryIO]:
    """Give the file, open to read and able to seek. Raises ScrapeError when it cannot be had."""
    try:
        if not is_address(place):
            with Path(place).open("rb") as file:
                yield file
            return
        with tempfile.TemporaryFile() as copy:
            _copy(place, copy)
            yield copy
    except FileNotFoundError:
        raise ScrapeError(f"{place}: there is no such file") from None
    except OSError as error:
        raise ScrapeError(f"{place}: cannot be read: {error.strerror or error}") from error


def _copy(place: str, copy: BinaryIO) -> None:
    try:
        with _filesystem(place).open(place, "rb") as there:
            while block := there.read(COPIED_AT_ONCE):
                copy.write(block)
    except OSError:
        raise
    except Exception as error:  # each of its backends has errors of its own
        raise ScrapeError(f"{place}: cannot be read: {type(error).__name__}: {error}") from error
    copy.seek(0)


def digest(file: BinaryIO) -> str:
    """Return the SHA-256 of an open file, in hex, and leave it at its beginning."""
    total = hashlib.sha256()
    file.seek(0)
    while block := file.read(COPIED_AT_ONCE):
        total.update(block)
    file.seek(0)
    return total.hexdigest()


def stamp(place: str) -> Stamp | None:
    """Return the stamp of a file on this machine; None of one behind an address, or that is not there."""
    if is_address(place):
        return None
    try:
        said = Path(place).stat()
    except OSError:
        return None
    return Stamp(said.st_size, said.st_mtime_ns)


def matching(pattern: str) -> list[str]:
    """Return the addresses of files that fit an address with wildcards, or lie below one that is a folder."""
    there = _filesystem(pattern)
    try:
        if any(mark in pattern for mark in "*?["):
            found = there.glob(pattern)
        else:
            found = there.find(pattern) if there.isdir(pattern) else [pattern]
    except Exception as error:  # as above
        raise ScrapeError(f"{pattern}: cannot be listed: {type(error).__name__}: {error}") from error
    return [one if is_address(one) else str(there.unstrip_protocol(one)) for one in sorted(found)]


def _filesystem(address: str) -> Any:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ScrapeError(f"{address}: addresses need fsspec: pip install 'cleancopy[remote]'") from error
    try:
        return url_to_fs(address)[0]
    except (ImportError, ValueError) as error:  # its backend is a package of its own, which it names
        raise ScrapeError(f"{address}: {error}") from error
