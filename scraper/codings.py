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
MAX_STACKED = 2  # nothing honest stacks more; each layer multiplies what a bomb can do
_ZSTD_WINDOW = 8 * 1024 * 1024  # octets; RFC 9659: a sender for the web must not ask for more
_ZSTD_SLICE = (
    64  # octets: 16 blocks of 4 octets and 128 KiB output each (RFC 8878), so 2 MiB past the limit at most
)


class CodingError(Exception):
    """A body could not be undone."""


class TooLarge(CodingError):
    """It grows past the limit."""


class CutShort(CodingError):
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
    for name in reversed(names):
        if name not in _DECODERS:
            raise Refused(f"unknown content coding {name[:40]!r}")
        body = _DECODERS[name](body, limit) if body else body  # a HEAD-like empty body has nothing to undo
    if len(body) > limit:
        raise TooLarge(f"more than {limit} bytes")
    return body


def gunzip(body: bytes, limit: int) -> bytes:
    """Undo gzip, of several members too (RFC 1952 section 2.2); what follows the last one is ignored."""
    out = b""
    while body[:2] == b"\x1f\x8b" or not out:
        inflater = inflating.decompressobj(wbits=31)
        out += _inflate(inflater, body, limit - len(out))
        body = inflater.unused_data
        if not body:
            break
    return out


def _names(value: str) -> list[str]:
    names = [name.strip().lower() for name in value.split(",")]
    return [name for name in names if name not in ("", "identity")]


def _deflate(body: bytes, limit: int) -> bytes:
    """Undo deflate: a zlib stream by the standard, a bare one by the habit of some servers."""
    has_zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(inflating.decompressobj(15 if has_zlib_header else -15), body, limit)


def _inflate(inflater: Any, body: bytes, room: int) -> bytes:
    try:
        out: bytes = inflater.decompress(body, room + 1)
    except inflating.error as error:
        raise Corrupt(str(error)) from None
    if len(out) > room:
        raise TooLarge(f"more than {room} bytes")
    if not inflater.eof:
        raise CutShort("the compressed body ends in the middle")
    return out


def _unbrotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray()
    try:
        out += decoder.process(body, output_buffer_limit=limit + 1)
        while len(out) <= limit and not decoder.can_accept_more_data():
            out += decoder.process(b"", output_buffer_limit=limit + 1 - len(out))
    except brotli.error as error:
        raise Corrupt(str(error)) from None
    if len(out) > limit:
        raise TooLarge(f"more than {limit} bytes")
    if not decoder.is_finished():
        raise CutShort("the compressed body ends in the middle")
    return bytes(out)


def _unzstd(body: bytes, limit: int) -> bytes:
    """Undo zstd in slices: its decoder has no output limit, but a slice can only hold so many blocks."""
    out = bytearray()
    decoder = None
    for start in range(0, len(body), _ZSTD_SLICE):
        rest = body[start : start + _ZSTD_SLICE]
        while rest:
            if decoder is None or decoder.eof:  # the first frame, or one after another (RFC 8878 section 3)
                decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
            try:
                out += decoder.decompress(rest)
            except zstandard.ZstdError as error:
                raise Corrupt(str(error)) from None
            if len(out) > limit:
                raise TooLarge(f"more than {limit} bytes")
            rest = decoder.unused_data if decoder.eof else b""
    if decoder is None or not decoder.eof:
        raise CutShort("the compressed body ends in the middle")
    return bytes(out)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
