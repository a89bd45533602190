"""Paths and addresses → open files. The home of fsspec, which is an extra and only asked for addresses.

A file behind an address is copied to this machine before it is read: one request for all of it, in order, is
what object stores and web servers serve best, and a record that has to be read again costs no second one.
A file that goes to an address has a temporary name there until it is whole.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    with _reached(place, "read") as (there, path), there.open(path, "rb") as source:
        while block := source.read(COPIED_AT_ONCE):
            copy.write(block)
    copy.seek(0)


def put(file: Path, address: str) -> None:
    """Copy a file to an address, where its name appears when it is whole. Raises ScrapeError."""
    with _reached(address, "written") as (there, path):
        folder, _, name = path.rpartition("/")
        partial = f"{folder}/_{name}.partial"
        there.makedirs(folder, exist_ok=True)
        there.put_file(str(file), partial)
        there.mv(partial, path)


def remove(address: str) -> None:
    """Delete the file at an address, if there is one. Raises ScrapeError."""
    with _reached(address, "deleted") as (there, path), suppress(FileNotFoundError):
        there.rm_file(path)


def size(address: str) -> int | None:
    """Return the bytes of the file at an address, None if there is none. Raises ScrapeError."""
    with _reached(address, "looked at") as (there, path):
        try:
            return int(there.size(path))
        except FileNotFoundError:
            return None


def names(folder: str) -> list[str]:
    """Return the names of what lies in a folder, or below an address that is one. Raises ScrapeError."""
    if not is_address(folder):
        return sorted(file.name for file in Path(folder).iterdir())
    with _reached(folder, "listed") as (there, path):
        found = there.ls(path, detail=False)
    return sorted(one.rstrip("/").rpartition("/")[2] for one in found)


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
    with _reached(pattern, "listed") as (there, _):
        if any(mark in pattern for mark in "*?["):
            found = there.glob(pattern)
        else:
            found = there.find(pattern) if there.isdir(pattern) else [pattern]
    return [one if is_address(one) else str(there.unstrip_protocol(one)) for one in sorted(found)]


@contextmanager
def _reached(address: str, done: str) -> Iterator[tuple[Any, str]]:
    """Give the file system of an address, and its path there; what it raises says what could not be done."""
    try:
        yield _filesystem(address)
    except ScrapeError:
        raise
    except FileNotFoundError:
        raise ScrapeError(f"{address}: there is no such file") from None
    except Exception as error:  # each of its backends has errors of its own
        raise ScrapeError(f"{address}: cannot be {done}: {type(error).__name__}: {error}") from error


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ScrapeError(f"{address}: addresses need fsspec: pip install 'cleancopy[remote]'") from error
    try:
        there, path = url_to_fs(address)
        return there, str(path)
    except (ImportError, ValueError) as error:  # its backend is a package of its own, which it names
        raise ScrapeError(f"{address}: {error}") from error
