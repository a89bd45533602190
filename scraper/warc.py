"""A WARC file → its records (ISO 28500), as they come; damage is a value, and reading goes on behind it.

Three ways in which files are packed:

    plain       one record behind the other
    gzip        a member for each record (annex D of the standard), or one for the whole file
    zstd        a frame for each record, after a frame with their dictionary if there is one (WARC-Zstandard
                1.0: a skippable frame 0x184D2A5D, whose content may be packed itself)

A damaged record costs itself alone. In a packed file the next member that begins with "WARC/" follows. In
plain bytes it is the next line that begins a record, looked for behind the damaged one's header: a length
that lies would otherwise take its neighbours along.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, BinaryIO

import zstandard

from scraper.codings import inflating

MAX_RECORD_BYTES = 64 * 1024**2  # three times the largest body that fetch lets through (20 MiB)
MAX_HEADER_BYTES = 64 * 1024  # the longest that were met are addresses of 8 KiB
READ_BYTES = 256 * 1024
WINDOW_BYTES = 128 * 1024**2  # zstd's own limit for long mode without further ado (--long=27)
REWINDS = 100  # lengths that lie, in one stretch, for which reading goes back: no file makes it quadratic

START = re.compile(rb"WARC/\d\.\d+\r?\n(?=[A-Za-z][\w-]*:)")
START_INSIDE = re.compile(rb"WARC/\d\.\d+\r?\n$")
VERSION = re.compile(rb"WARC/\d\.\d+\s*")
DICTIONARY = 0x184D2A5D
SKIPPABLE = range(0x184D2A50, 0x184D2A60)  # RFC 8878 section 3.1.2


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it lies, its named fields with their names in lower case, its block.

    ``offset`` is that of the record, or of the member that holds it. ``block`` is None where it is larger
    than MAX_RECORD_BYTES.
    """

    offset: int
    fields: Mapping[str, str]
    block: bytes | None

    @property
    def kind(self) -> str:
        """Return the WARC-Type: response, request, revisit …"""
        return self.fields.get("warc-type", "").lower()


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file, from ``offset`` on, that is no record; ``reason`` is a sentence."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Packing:
    """How the members of a file are undone. A step of ``step`` bytes gives at most 32 MiB."""

    name: str
    magic: bytes
    step: int
    undoing: Callable[[], Any]  # an object like zlib's decompressobj
    error: type[Exception]


class _Broken(Exception):
    """A member cannot be undone, and why."""


def records(file: BinaryIO) -> Iterator[Record | Damage]:
    """Yield what an open WARC file holds, in order. It must be able to seek."""
    size = file.seek(0, 2)
    start = _at(file, 0, 8)
    if not size:
        yield Damage(0, "the file is empty")
    elif start.startswith(GZIP.magic):
        yield from _members(file, GZIP, 0, size)
    elif _skippable(start) or start.startswith(ZSTD_MAGIC):
        packing, offset = _zstd(file)
        yield from _members(file, packing, offset, size)
    else:
        yield from _stretch(_Plain(lambda position: _pieces(file, position)), None)


def part(file: BinaryIO, offset: int, length: int) -> Iterator[Record | Damage]:
    """Yield the records of a stretch of a packed file, undone as the file's beginning says."""
    start = _at(file, 0, 8)
    packed_by_zstd = _skippable(start) or start.startswith(ZSTD_MAGIC)
    packing = _zstd(file)[0] if packed_by_zstd else GZIP
    for found in _members(BytesIO(_at(file, offset, length)), packing, 0, length):
        yield replace(found, offset=offset + found.offset)


@dataclass(frozen=True, slots=True)
class Member:
    """What one gzip member holds, and where it lies."""

    offset: int
    length: int
    plain: bytes


def members(file: BinaryIO) -> Iterator[Member | Damage]:
    """Yield the members of a gzip file in order; what is damaged is the last."""
    offset, size = 0, file.seek(0, 2)
    while offset < size:
        found = member(file, offset)
        yield found
        if isinstance(found, Damage):
            return
        offset += found.length


def member(file: BinaryIO, offset: int) -> Member | Damage:
    """Return the gzip member that begins at ``offset``."""
    packed = _Member(file, offset, GZIP)
    try:
        plain = b"".join(packed.pieces(0))
    except _Broken as broken:
        return Damage(offset, str(broken))
    return Member(offset, packed.end - offset, plain)


def plain(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's bytes as they are unpacked. Raises ValueError where it is damaged."""
    start = _at(file, 0, 8)
    if start.startswith(GZIP.magic):
        packing, offset = GZIP, 0
    elif _skippable(start) or start.startswith(ZSTD_MAGIC):
        packing, offset = _zstd(file)
    else:
        yield from _pieces(file, 0)
        return
    size = file.seek(0, 2)
    while offset < size:
        if passed := _skippable(_at(file, offset, 8)):
            offset += passed
            continue
        member = _Member(file, offset, packing)
        try:
            yield from member.pieces(0)
        except _Broken as broken:
            raise ValueError(f"damaged at byte {offset}: {broken}") from None
        offset = member.end


# Packed files


GZIP = Packing(
    "gzip member", b"\x1f\x8b\x08", 16 * 1024, lambda: inflating.decompressobj(wbits=31), zlib.error
)
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def _members(file: BinaryIO, packing: Packing, offset: int, size: int) -> Iterator[Record | Damage]:
    while offset < size:
        if passed := _skippable(_at(file, offset, 8)):
            offset += passed
            continue
        member = _Member(file, offset, packing)
        try:
            yield from _stretch(_Plain(member.pieces), offset)
            offset = member.end
        except _Broken as broken:
            yield Damage(offset, str(broken))
            offset = _next_member(file, packing, offset + 1)


class _Member:
    """One packed stretch of a file, and where it ends once it was undone to its end."""

    def __init__(self, file: BinaryIO, offset: int, packing: Packing) -> None:
        self._file, self._offset, self._packing = file, offset, packing
        self.end = offset

    def pieces(self, position: int) -> Iterator[bytes]:
        """Yield the plain bytes from ``position`` on. Raises _Broken."""
        undoing = self._packing.undoing()
        at, waiting = self._offset, b""
        while not undoing.eof:
            packed, waiting = waiting[: self._packing.step], waiting[self._packing.step :]
            if not packed:
                waiting = _at(self._file, at, READ_BYTES)
                if not waiting:
                    raise _Broken("the file ends in the middle of this record")
                continue
            at += len(packed)
            piece = self._undone(undoing, packed)
            position, piece = max(0, position - len(piece)), piece[position:]
            if piece:
                yield piece
        self.end = at - len(undoing.unused_data)

    def _undone(self, undoing: Any, packed: bytes) -> bytes:
        try:
            plain: bytes = undoing.decompress(packed)
        except (self._packing.error, inflating.error) as error:
            raise _Broken(f"not a {self._packing.name}: {error}") from None
        return plain


def _next_member(file: BinaryIO, packing: Packing, offset: int) -> int:
    """Return the next offset at which a member with a record begins, or the file's end."""
    kept = 1024  # enough of a member to see how it begins
    while block := _at(file, offset, READ_BYTES + kept):
        at = block.find(packing.magic)
        while 0 <= at < READ_BYTES:
            if _begins_record(packing, block[at : at + kept]):
                return offset + at
            at = block.find(packing.magic, at + 1)
        offset += READ_BYTES
    return file.seek(0, 2)


def _begins_record(packing: Packing, packed: bytes) -> bool:
    try:
        begin: bytes = packing.undoing().decompress(packed)
    except (packing.error, inflating.error):
        return False
    return begin.startswith(b"WARC/")


def _skippable(start: bytes) -> int:
    """Return the length of the skippable frame that begins here, 0 if none does."""
    if len(start) < 8 or int.from_bytes(start[:4], "little") not in SKIPPABLE:
        return 0
    return 8 + int.from_bytes(start[4:8], "little")


def _zstd(file: BinaryIO) -> tuple[Packing, int]:
    """Return how the file's frames are undone, and where the first of them begins."""
    start = _at(file, 0, 8)
    length = _skippable(start)
    if int.from_bytes(start[:4], "little") != DICTIONARY or length > MAX_RECORD_BYTES:
        return _frames(None), length
    content = _at(file, 8, length - 8)
    if content.startswith(ZSTD_MAGIC):
        with zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).stream_reader(content) as packed:
            content = packed.read(MAX_RECORD_BYTES)
    return _frames(zstandard.ZstdCompressionDict(content)), length


def _frames(dictionary: zstandard.ZstdCompressionDict | None) -> Packing:
    undoing = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=WINDOW_BYTES)
    return Packing("zstd frame", ZSTD_MAGIC, 1024, undoing.decompressobj, zstandard.ZstdError)


# Plain bytes


def _pieces(file: BinaryIO, position: int) -> Iterator[bytes]:
    while piece := _at(file, position, READ_BYTES):
        position += len(piece)
        yield piece


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


class _Plain:
    """Plain bytes that are read forward, with a way back."""

    def __init__(self, source: Callable[[int], Iterator[bytes]]) -> None:
        self._source = source
        self._rewinds = 0
        self._begin(0)

    def _begin(self, position: int) -> None:
        self._pieces = self._source(position)
        self._buffer, self._at, self._before = b"", 0, position

    @property
    def position(self) -> int:
        return self._before + self._at

    def peek(self, size: int = 1) -> bytes:
        """Return the next bytes, fewer than ``size`` only at the end."""
        while len(self._buffer) - self._at < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._before += self._at
            self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return self._buffer[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """Return that many bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size and self.peek():
            part = self._buffer[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over that many bytes and return how many there were."""
        passed = 0
        while passed < size and (part := self.read(min(READ_BYTES, size - passed))):
            passed += len(part)
        return passed

    def line(self) -> bytes:
        """Return the next line with its end, cut off at MAX_HEADER_BYTES."""
        size = 1024
        while b"\n" not in (seen := self.peek(size)) and len(seen) == size < MAX_HEADER_BYTES:
            size *= 2
        return self.read(seen.find(b"\n") + 1 or len(seen))

    def back(self, position: int) -> None:
        """Go back, unless that was done too often."""
        self._rewinds += 1
        if self._rewinds <= REWINDS:
            self._begin(position)

    def to_next_start(self) -> None:
        """Pass over everything before the next record."""
        while seen := self.peek(READ_BYTES):
            if found := START.search(seen):
                self.read(found.start())
                return
            self.read(max(1, len(seen) - 64) if len(seen) == READ_BYTES else len(seen))


def _stretch(plain: _Plain, member: int | None) -> Iterator[Record | Damage]:
    """Yield the records of a stretch of plain bytes; ``member`` is the offset of what it was packed in."""
    if member is not None and not plain.peek():
        yield Damage(member, "there is nothing in it")
    held: Record | Damage | None = None  # until what is behind it is sound: then its member's end is its own
    while True:
        while plain.peek() in (b"\r", b"\n"):
            plain.read(1)
        at_end = not plain.peek()
        if held is not None and (at_end or _begins(plain)):
            yield held
            held = None
        if at_end:
            return
        start = plain.position
        found = _record(plain, start if member is None else member)
        if held is not None:
            yield held
        held = found


def _begins(plain: _Plain) -> bool:
    """Tell whether a record begins here."""
    return VERSION.fullmatch(plain.peek(16).partition(b"\n")[0]) is not None


def _record(plain: _Plain, offset: int) -> Record | Damage:
    """Return the record that begins here; behind damage the stretch stands at the next one."""
    if not _begins(plain):
        plain.to_next_start()
        return Damage(offset, "not a WARC record: garbage between records")
    plain.line()
    behind = plain.position
    fields = _fields(plain)
    length = (fields or {}).get("content-length", "")
    if fields is None or not re.fullmatch(r"\d{1,18}", length):
        plain.back(behind)
        plain.to_next_start()
        return Damage(offset, "not a WARC record: its header is cut or does not tell its length")
    behind = plain.position
    kept = int(length) <= MAX_RECORD_BYTES
    block = plain.read(int(length)) if kept else None
    came = plain.skip(int(length)) if block is None else len(block)
    end = plain.peek(5)  # one byte more than its end has: a member that is not whole fails before it counts
    if came == int(length) and (not end or end.startswith((b"\r\n\r\n", b"\n\n"))):
        return Record(offset, fields, block)
    plain.back(behind)
    plain.to_next_start()
    return Damage(
        offset, "it is shorter than it says" if came < int(length) else "its length is not what it says"
    )


def _fields(plain: _Plain) -> dict[str, str] | None:
    """Return the named fields up to the empty line; None if they do not end or are no fields."""
    fields: dict[str, str] = {}
    name = ""
    size = 0
    while (line := plain.line()).strip():
        size += len(line)
        if START_INSIDE.search(line):
            return None  # cut, and the next record begins in this line
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if line[:1] in b" \t" and name:  # a folded line, which WARC 1.0 allows
            fields[name] = f"{fields[name]} {text.strip()}".strip()
            continue
        name, colon, value = text.partition(":")
        name = name.strip().lower()
        if not colon or size > MAX_HEADER_BYTES:
            return None
        fields[name] = value.strip()
    return fields if line else None
