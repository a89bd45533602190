"""Page ↔ WARC record: what a server sent, kept before anyone looks inside.

Files are standard WARC 1.1 (ISO 28500), one gzip member per record, so that a record can be read by its
offset alone and damage stays local. Three rules keep them whole:

* A file is made new by each Archive and never opened for writing again. A process killed in mid-write
  leaves half a record at the end of its own file; nothing is ever appended behind it, and nothing that was
  written is ever cut off. (Cutting the tail would mean changing an archive; a new file costs one inode.)
* A record goes to the system in one write, whole. A write that fails, as on a full disk, is taken back.
* What is read is checked: the gzip member must end, the record must be as long as it says, digests must
  agree (warc.py and payload.py).

Bodies are stored with their content codings undone, as they reached the extractor. The headers that no
longer fit are kept under ``X-Archive-Orig-…``, as web archives do.
"""

import errno
import fcntl
import hashlib
import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BufferWARCWriter

from extractors import Page
from scraper import payload, warc
from scraper.codings import inflating
from scraper.errors import Damaged, NoSpace, StoreError
from scraper.payload import Unreadable
from scraper.warc import Damage, Record

if TYPE_CHECKING:
    from scraper.fetch import Fetched

MAX_FILE_BYTES = 1024**3  # the size that ISO 28500 (annex C) recommends for one file
GZIP_LEVEL = 6  # of zlib
ISAL_LEVEL = 2  # of isal: a ninth of the time for some more bytes (docs/benchmarks.md)
CODING_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
PAGE_RECORDS = ("response", "resource", "conversion")  # conversion: the text dumps of WET files

OUT_OF_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a page lies: ``length`` bytes at ``offset`` of ``file``, a name inside the archive's folder.

    ``sha256`` is the body's, in hex.
    """

    file: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A stretch of a WARC file, from ``offset`` on, that gives no page; ``reason`` is a sentence."""

    path: Path
    offset: int
    reason: str


class Archive:
    """The WARC files of one folder, and the one that is being written.

    Raises StoreError when the folder cannot be made, NoSpace when the disk is full.
    """

    def __init__(self, folder: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.folder = Path(folder)
        self._max_file_bytes = max_file_bytes
        self._file: int | None = None
        self._name = ""
        self._size = 0
        self._lock = threading.Lock()  # a crawl writes from threads, to keep compression off its event loop
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise translated(error, self.folder) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, fetched: "Fetched") -> Pointer:
        """Append one page and return where it lies; the bytes are with the system when this returns.

        A body that is known to be cut is marked as ISO 28500 says (WARC-Truncated).
        """
        return self._keep(fetched, _record(fetched))

    def write_rendered(self, fetched: "Fetched") -> Pointer:
        """Append what a browser made of a page, as a "conversion" record, and return where it lies."""
        return self._keep(fetched, _conversion(fetched))

    def _keep(self, fetched: "Fetched", plain: bytes) -> Pointer:
        record = _gzip_member(plain)
        digest = hashlib.sha256(fetched.body).hexdigest()
        with self._lock:
            if self._file is None or self._size + len(record) > self._max_file_bytes:
                self._rotate(fetched.fetched_at)
            return Pointer(self._name, self._append(record), len(record), digest)

    def close(self) -> None:
        """Put what was written on the disk and let go of the file. Harmless when called twice."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file is None:
            return
        descriptor, self._file = self._file, None
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise translated(error, self.folder / self._name) from error
        finally:
            os.close(descriptor)

    def _rotate(self, now: datetime) -> None:
        self._close()
        self._file, self._name = _create(self.folder, now)
        self._size = 0
        self._append(_gzip_member(warcinfo(self._name)))

    def _append(self, record: bytes) -> int:
        """Return the offset at which ``record`` now lies. A write that fails half-way is undone."""
        assert self._file is not None
        offset = self._size
        try:
            _write_all(self._file, record)
        except OSError as error:
            os.ftruncate(self._file, offset)
            os.lseek(self._file, offset, os.SEEK_SET)
            raise translated(error, self.folder / self._name) from error
        self._size += len(record)
        return offset


def read(folder: Path, pointer: Pointer) -> Page:
    """Return the page at ``pointer``. Raises StoreError when it is gone, Damaged when it changed."""
    path = Path(folder) / pointer.file
    try:
        with path.open("rb") as file:
            page = next(_pages(path, warc.part(file, pointer.offset, pointer.length)), None)
    except OSError as error:
        raise StoreError(f"{path}: the archived page cannot be read: {error.strerror}") from error
    if isinstance(page, DamagedRecord):
        raise Damaged(f"{path} at byte {pointer.offset}: {page.reason}")
    if page is None or hashlib.sha256(page.body).hexdigest() != pointer.sha256:
        raise Damaged(f"{path} at byte {pointer.offset}: this is not the page that was archived there")
    return page


def pages(path: Path) -> Iterator[Page | DamagedRecord]:
    """Yield the pages of a WARC file, packed or not, in order; damage is a value and reading goes on.

    Only answers with a 2xx status are pages. Request, metadata and warcinfo records are passed over.
    """
    with Path(path).open("rb") as file:
        yield from _pages(Path(path), warc.records(file))


def _pages(path: Path, found: Iterable[Record | Damage]) -> Iterator[Page | DamagedRecord]:
    for record in found:
        if isinstance(record, Damage):
            yield DamagedRecord(path, record.offset, record.reason)
        elif record.kind in PAGE_RECORDS:
            try:
                answer = payload.answer(record)
                if answer.status is None or answer.status // 100 == 2:
                    yield payload.page(record, answer)
            except Unreadable as error:
                yield DamagedRecord(path, record.offset, str(error))


def _record(fetched: "Fetched") -> bytes:
    """Return the uncompressed response record."""
    moment = fetched.fetched_at.astimezone(UTC).replace(tzinfo=None)
    said = {"WARC-Date": moment.isoformat(timespec="microseconds") + "Z"}
    if fetched.truncated:
        said["WARC-Truncated"] = fetched.truncated
    writer = BufferWARCWriter(gzip=False, warc_version="1.1")
    writer.write_record(
        writer.create_warc_record(
            fetched.final_url,
            "response",
            payload=BytesIO(fetched.body),
            length=len(fetched.body),
            http_headers=_http_headers(fetched),
            warc_headers_dict=said,
        )
    )
    return bytes(writer.get_contents())


def _conversion(fetched: "Fetched") -> bytes:
    """Return the uncompressed record of a rendered page; the page as it was sent has a record of its own."""
    moment = fetched.fetched_at.astimezone(UTC).replace(tzinfo=None)
    writer = BufferWARCWriter(gzip=False, warc_version="1.1")
    writer.write_record(
        writer.create_warc_record(
            fetched.final_url,
            "conversion",
            payload=BytesIO(fetched.body),
            length=len(fetched.body),
            warc_content_type=fetched.content_type,
            warc_headers_dict={"WARC-Date": moment.isoformat(timespec="microseconds") + "Z"},
        )
    )
    return bytes(writer.get_contents())


def _http_headers(fetched: "Fetched") -> StatusAndHeaders:
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in CODING_HEADERS else name, _one_line(value))
        for name, value in fetched.headers
    ]
    headers.append(("Content-Length", str(len(fetched.body))))
    try:
        phrase = HTTPStatus(fetched.status).phrase
    except ValueError:
        phrase = "Unknown"
    return StatusAndHeaders(f"{fetched.status} {phrase}", headers, protocol="HTTP/1.1")


def _one_line(value: str) -> str:
    """Return a header's value without line ends, which would start a header of its own."""
    return " ".join(value.replace("\0", "").split("\n")).replace("\r", " ")


def warcinfo(name: str) -> bytes:
    """Return the record with which a file of ours begins."""
    writer = BufferWARCWriter(gzip=False, warc_version="1.1")
    about = {
        "software": "cleancopy",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    writer.write_record(writer.create_warcinfo_record(name, about))
    return bytes(writer.get_contents())


def _gzip_member(data: bytes) -> bytes:
    """Return ``data`` as one whole gzip member, without name or time: same bytes in, same bytes out."""
    level = GZIP_LEVEL if inflating is zlib else ISAL_LEVEL
    deflater = inflating.compressobj(level, inflating.DEFLATED, zlib.MAX_WBITS | 16)
    member: bytes = deflater.compress(data) + deflater.flush()
    return member


def _create(folder: Path, now: datetime) -> tuple[int, str]:
    """Return a new file and its name, which tells when it was begun and never says a page's words."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 100_000):
        name = f"{stamp}-{number:05}.warc.gz"
        try:
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # tells `scrape archive pack` to leave it
            return descriptor, name
        except FileExistsError:
            continue
        except OSError as error:
            raise translated(error, folder / name) from error
    raise StoreError(f"{folder}: no free name for a WARC file begun at {stamp}")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def translated(error: OSError, path: Path) -> StoreError:
    """Return the error for what the system says of a file of the archive."""
    if error.errno in OUT_OF_SPACE:
        return NoSpace(f"{path}: no space left for another page. Free some and run again: nothing is lost.")
    return StoreError(f"{path}: cannot be written: {error.strerror}. Choose another folder for the archive.")
