"""Page ↔ WARC record: what a server sent, kept before anyone looks inside.

Files are standard WARC 1.1 (ISO 28500), one gzip member per record, so that a record can be read by its
offset alone and damage stays local. Three rules keep them whole:

* A file is made new by each Archive and never opened for writing again. A process killed in mid-write
  leaves half a record at the end of its own file; nothing is ever appended behind it, and nothing that was
  written is ever cut off. (Cutting the tail would mean changing an archive; a new file costs one inode.)
* A record goes to the system in one write, whole. A write that fails, as on a full disk, is taken back.
* What is read is checked: the gzip member must end, the record must be as long as it says, digests must
  agree. warcio checks none of the first two: it prints a note and returns the part that it has.

Bodies are stored with their content codings undone, as they reached the extractor. The headers that no
longer fit are kept under ``X-Archive-Orig-…``, as web archives do.
"""

import errno
import hashlib
import os
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import BufferWARCWriter

from extractors import Page
from scraper.codings import inflating
from scraper.errors import Damaged, NoSpace, StoreError

if TYPE_CHECKING:
    from scraper.fetch import Fetched

MAX_FILE_BYTES = 1024**3  # the size that ISO 28500 (annex C) recommends for one file
MAX_RECORD_BYTES = 64 * 1024**2  # three times the largest body that fetch lets through (20 MiB)
GZIP_LEVEL = 6  # of zlib
ISAL_LEVEL = 2  # of isal: a ninth of the time for some more bytes (docs/benchmarks.md)
READ_BYTES = 256 * 1024

GZIP_START = b"\x1f\x8b\x08"
CODING_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
TRUNCATIONS = ("length", "time", "disconnect", "unspecified")  # ISO 28500, WARC-Truncated
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
            raise _translated(error, self.folder) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, fetched: "Fetched", *, truncated: str | None = None) -> Pointer:
        """Append one page and return where it lies; the bytes are with the system when this returns.

        ``truncated`` is one of TRUNCATIONS when the body is known to be cut.
        """
        return self._keep(fetched, _record(fetched, truncated))

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
            raise _translated(error, self.folder / self._name) from error
        finally:
            os.close(descriptor)

    def _rotate(self, now: datetime) -> None:
        self._close()
        self._file, self._name = _create(self.folder, now)
        self._size = 0
        self._append(_gzip_member(_warcinfo(self._name)))

    def _append(self, record: bytes) -> int:
        """Return the offset at which ``record`` now lies. A write that fails half-way is undone."""
        assert self._file is not None
        offset = self._size
        try:
            _write_all(self._file, record)
        except OSError as error:
            os.ftruncate(self._file, offset)
            os.lseek(self._file, offset, os.SEEK_SET)
            raise _translated(error, self.folder / self._name) from error
        self._size += len(record)
        return offset


def read(folder: Path, pointer: Pointer) -> Page:
    """Return the page at ``pointer``. Raises StoreError when it is gone, Damaged when it changed."""
    path = Path(folder) / pointer.file
    try:
        with path.open("rb") as file:
            file.seek(pointer.offset)
            member = file.read(pointer.length)
    except OSError as error:
        raise StoreError(f"{path}: the archived page cannot be read: {error.strerror}") from error
    page = next(_member_pages(path, pointer.offset, member), None)
    if isinstance(page, DamagedRecord):
        raise Damaged(f"{path} at byte {pointer.offset}: {page.reason}")
    if page is None or hashlib.sha256(page.body).hexdigest() != pointer.sha256:
        raise Damaged(f"{path} at byte {pointer.offset}: this is not the page that was archived there")
    return page


def pages(path: Path) -> Iterator[Page | DamagedRecord]:
    """Yield the pages of a WARC file, gzipped or not, in order; damage is a value and reading goes on.

    Only answers with a 2xx status are pages. Request, metadata and warcinfo records are passed over.
    """
    with Path(path).open("rb") as file:
        gzipped = file.read(len(GZIP_START)) == GZIP_START
        file.seek(0)
        if gzipped:
            yield from _gzipped_pages(Path(path), file)
        else:
            yield from _record_pages(Path(path), 0, file)


def _gzipped_pages(path: Path, file: BinaryIO) -> Iterator[Page | DamagedRecord]:
    size = os.fstat(file.fileno()).st_size
    offset = 0
    while offset < size:
        member, end, reason = _next_member(file, offset)
        if reason:
            yield DamagedRecord(path, offset, reason)
            offset = _next_start(file, offset + 1)
        else:
            yield from _record_pages(path, offset, BytesIO(member))
            offset = end


def _member_pages(path: Path, offset: int, member: bytes) -> Iterator[Page | DamagedRecord]:
    body, _, reason = _next_member(BytesIO(member), 0)
    if reason:
        yield DamagedRecord(path, offset, reason)
    else:
        yield from _record_pages(path, offset, BytesIO(body))


def _next_member(file: BinaryIO, offset: int) -> tuple[bytes, int, str]:
    """Return the member's bytes, the offset behind it, and why it is damaged ("" when it is whole)."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts: list[bytes] = []
    room = MAX_RECORD_BYTES
    file.seek(offset)
    while not inflater.eof:
        compressed = inflater.unconsumed_tail or file.read(READ_BYTES)
        if not compressed:
            return b"", 0, "the file ends in the middle of this record"
        try:
            parts.append(inflater.decompress(compressed, room + 1))
        except zlib.error as error:
            return b"", 0, f"not a gzip member: {error}"
        room -= len(parts[-1])
        if room < 0:
            return b"", 0, f"this record is larger than {MAX_RECORD_BYTES // 1024**2} MiB"
    return b"".join(parts), file.tell() - len(inflater.unused_data), ""


def _next_start(file: BinaryIO, offset: int) -> int:
    """Return the next offset at which a gzipped WARC record begins, or the file's end."""
    file.seek(offset)
    rest = b""
    while block := file.read(READ_BYTES):
        rest += block
        at = rest.find(GZIP_START)
        while at >= 0:
            if _starts_record(rest[at : at + 1024]):
                return offset + at
            at = rest.find(GZIP_START, at + 1)
        kept = rest[-1024:]
        offset += len(rest) - len(kept)
        rest = kept if len(block) == READ_BYTES else b""
    return file.tell()


def _starts_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, 5) == b"WARC/"
    except zlib.error:
        return False


def _record_pages(path: Path, offset: int, file: BinaryIO) -> Iterator[Page | DamagedRecord]:
    """Yield the pages of uncompressed records; the first that does not parse ends it."""
    try:
        for record in ArchiveIterator(file, check_digests=True):
            found = _page(path, offset, record)
            if found is not None:
                yield found
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError) as error:
        yield DamagedRecord(path, offset, f"not a WARC record: {error}")


def _page(path: Path, offset: int, record: Any) -> Page | DamagedRecord | None:
    """Return the record's page, None when it holds none, or what is wrong with it."""
    if record.rec_type not in PAGE_RECORDS or not _is_success(record):
        return None
    body = record.content_stream().read(MAX_RECORD_BYTES)
    if record.raw_stream.read(1):
        return DamagedRecord(path, offset, f"its body is larger than {MAX_RECORD_BYTES // 1024**2} MiB")
    if getattr(record.raw_stream, "limit", 0) > 0:
        return DamagedRecord(path, offset, "it is shorter than it says")
    if record.digest_checker.passed is False:
        return DamagedRecord(path, offset, "its digest does not agree with its bytes")
    return Page(
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        body=body,
        content_type=_content_type(record),
        fetched_at=_time(record.rec_headers.get_header("WARC-Date")),
    )


def _is_success(record: Any) -> bool:
    return record.http_headers is None or str(record.http_headers.get_statuscode()).startswith("2")


def _content_type(record: Any) -> str:
    headers = record.http_headers or record.rec_headers
    return str(headers.get_header("Content-Type") or "")


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _record(fetched: "Fetched", truncated: str | None) -> bytes:
    """Return the uncompressed response record."""
    if truncated is not None and truncated not in TRUNCATIONS:
        raise ValueError(f"truncated is {truncated!r}; WARC knows {', '.join(TRUNCATIONS)}")
    moment = fetched.fetched_at.astimezone(UTC).replace(tzinfo=None)
    said = {"WARC-Date": moment.isoformat(timespec="microseconds") + "Z"}
    if truncated:
        said["WARC-Truncated"] = truncated
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


def _warcinfo(name: str) -> bytes:
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
            return os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), name
        except FileExistsError:
            continue
        except OSError as error:
            raise _translated(error, folder / name) from error
    raise StoreError(f"{folder}: no free name for a WARC file begun at {stamp}")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _translated(error: OSError, path: Path) -> StoreError:
    if error.errno in OUT_OF_SPACE:
        return NoSpace(f"{path}: no space left for another page. Free some and run again: nothing is lost.")
    return StoreError(f"{path}: cannot be written: {error.strerror}. Choose another folder for the archive.")
