"""Content codings (gzip, deflate, br, zstd) undone within a limit, and only if they are whole.

A kilobyte can hold a gigabyte, and half a gzip stream decodes without a complaint into half a page. So no
decoder here may write past the limit, and each must reach its own end mark.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

import brotli
import zstandard

inflating: Any = importlib.import_module("isal.isal_zlib" if importlib.util.find_spec("isal") else "zlib")
# isal is part of cleancopy[fast]: zlib's interface, twice as fast or more (docs/benchmarks.md)

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
BOMB_RATIO = 200  # bytes out for one in; markup packs about 5 to 1, a list of like addresses 30 to 1
BOMB_FROM = 8 * 1024 * 1024  # bytes; below this nobody is hurt
_CUT = "the compressed body ends in the middle"
_STEP = 1024 * 1024  # bytes that a decoder gives at a time
_BROTLI_SLICE = 4096
MAX_STACKED = 2  # nothing honest stacks more; each layer multiplies what a bomb can do
_ZSTD_WINDOW = 8 * 1024 * 1024  # octets; RFC 9659: a sender for the web must not ask for more
_ZSTD_SLICE = (
    64  # octets: 16 blocks of 4 octets and 128 KiB output each (RFC 8878), so 2 MiB past the limit at most
)


class CodingError(Exception):
    """A body could not be undone."""


class Unfinished(CodingError):
    """Not all of it was undone; ``given`` is the beginning that was, empty if that is still coded."""

    def __init__(self, message: str, given: bytes = b"") -> None:
        super().__init__(message)
        self.given = given


class TooLarge(Unfinished):
    """It grows past the limit."""


class CutShort(Unfinished):
    """It ends before its own end mark."""


class Corrupt(CodingError):
    """It is not what its header says."""


class Refused(CodingError):
    """Its header names a coding that we do not know, or too many."""


def undo(body: bytes, codings: Iterable[str], *, limit: int) -> bytes:
    """Return ``body`` without its content codings, at most ``limit`` bytes after each of them.

    ``codings`` are the values of Content-Encoding in the order they were applied (RFC 9110 section 8.4).
    Raises a CodingError.
    """
    names = [name for value in codings for name in _names(value)]
    if len(names) > MAX_STACKED:
        raise Refused(f"{len(names)} content codings on top of each other ({', '.join(names)[:80]})")
    if unknown := [name for name in names if name not in _DECODERS]:
        raise Refused(f"unknown content coding {unknown[-1][:40]!r}")
    for left, name in reversed(list(enumerate(names))):
        try:
            body = body and _DECODERS[name](body, limit)  # a HEAD-like empty body has nothing to undo
        except Unfinished as error:
            error.given = b"" if left else error.given
            raise
    if len(body) > limit:
        raise TooLarge(f"more than {limit} bytes", body[:limit])
    return body


def beginning(body: bytes, codings: Iterable[str], *, limit: int) -> bytes:
    """Return as much as can be undone of a body that was cut on its way; nothing of a bomb."""
    try:
        return undo(body, codings, limit=limit)
    except Unfinished as error:
        return error.given
    except CodingError:
        return b""


def gunzip(body: bytes, limit: int) -> bytes:
    """Undo gzip, of several members too (RFC 1952 section 2.2); what follows the last one is ignored."""
    members: list[bytes] = []
    room = limit
    while body[:2] == b"\x1f\x8b" or not members:
        inflater = inflating.decompressobj(wbits=31)
        try:
            members.append(_inflate(inflater, body, room))
        except Unfinished as error:
            error.given = b"".join((*members, error.given))
            raise
        room -= len(members[-1])
        body = inflater.unused_data
        if not body:
            break
    return members[0] if len(members) == 1 else b"".join(members)


def _names(value: str) -> list[str]:
    names = [name.strip().lower() for name in value.split(",")]
    return [name for name in names if name not in ("", "identity")]


def _deflate(body: bytes, limit: int) -> bytes:
    """Undo deflate: a zlib stream by the standard, a bare one by the habit of some servers."""
    has_zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(inflating.decompressobj(15 if has_zlib_header else -15), body, limit)


def _inflate(inflater: Any, body: bytes, limit: int) -> bytes:
    output = _Output(limit)
    rest = body
    while not inflater.eof:
        try:
            block: bytes = inflater.decompress(rest, _STEP)
        except inflating.error as error:
            raise Corrupt(str(error)) from None
        rest = inflater.unconsumed_tail
        output.add(block, len(body) - len(rest))
        if not block and not rest:
            raise CutShort(_CUT, output.whole())
    return output.whole()


def _unbrotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    output = _Output(limit)
    try:
        for start in range(0, len(body), _BROTLI_SLICE):
            piece = body[start : start + _BROTLI_SLICE]
            while block := decoder.process(piece, output_buffer_limit=_STEP):
                output.add(block, start + len(piece))
                piece = b""  # what it still holds back comes without more input
    except brotli.error as error:
        raise Corrupt(str(error)) from None
    if not decoder.is_finished():
        raise CutShort(_CUT, output.whole())
    return output.whole()


def _unzstd(body: bytes, limit: int) -> bytes:
    """Undo zstd in slices: its decoder has no output limit, but a slice can only hold so many blocks."""
    output = _Output(limit)
    decoder = None
    for start in range(0, len(body), _ZSTD_SLICE):
        rest = body[start : start + _ZSTD_SLICE]
        while rest:
            if decoder is None or decoder.eof:  # the first frame, or one after another (RFC 8878 section 3)
                decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
            try:
                output.add(decoder.decompress(rest), start + _ZSTD_SLICE)
            except zstandard.ZstdError as error:
                raise Corrupt(str(error)) from None
            rest = decoder.unused_data if decoder.eof else b""
    if decoder is None or not decoder.eof:
        raise CutShort(_CUT, output.whole())
    return output.whole()


class _Output:
    """What a decoder has given so far, kept within the limit and within what an honest body can hold."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._blocks: list[bytes] = []
        self._size = 0

    def add(self, block: bytes, consumed: int) -> None:
        """Take a block, made of the first ``consumed`` bytes of the body. Raises TooLarge."""
        self._blocks.append(block)
        self._size += len(block)
        if self._size > max(BOMB_FROM, BOMB_RATIO * consumed):
            raise TooLarge(f"more than {self._size} bytes, from {consumed} that were sent")
        if self._size > self._limit:
            raise TooLarge(f"more than {self._limit} bytes", self.whole()[: self._limit])

    def whole(self) -> bytes:
        return self._blocks[0] if len(self._blocks) == 1 else b"".join(self._blocks)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
