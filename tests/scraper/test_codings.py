"""A coded body opens whole and within its limit, or not at all."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from scraper import codings

TEXT = b"The dam held. " * 5000


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", CODERS)
def test_a_whole_body_opens(coding: str) -> None:
    assert codings.undo(CODERS[coding](TEXT), [coding], limit=len(TEXT)) == TEXT


def test_deflate_without_its_header_opens_too() -> None:
    assert codings.undo(_raw_deflate(TEXT), ["deflate"], limit=10**6) == TEXT


@pytest.mark.parametrize("coding", CODERS)
def test_half_a_body_is_an_error_not_half_a_page(coding: str) -> None:
    body = CODERS[coding](TEXT)
    with pytest.raises(codings.CutShort):
        codings.undo(body[: len(body) // 2], [coding], limit=10**6)


@pytest.mark.parametrize("coding", CODERS)
def test_one_byte_over_the_limit_is_too_large(coding: str) -> None:
    with pytest.raises(codings.TooLarge):
        codings.undo(CODERS[coding](TEXT), [coding], limit=len(TEXT) - 1)


@pytest.mark.parametrize("coding", CODERS)
def test_a_bomb_is_refused_in_little_memory(coding: str) -> None:
    bomb = CODERS[coding](bytes(64 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(codings.TooLarge):
        codings.undo(bomb, [coding], limit=1024 * 1024)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_what_is_not_in_its_coding_is_an_error(coding: str) -> None:
    with pytest.raises(codings.CodingError):
        codings.undo(b"<html>plain</html>", [coding], limit=1000)


def test_two_codings_open_in_reverse_and_three_are_refused() -> None:
    twice = gzip.compress(zlib.compress(TEXT))
    assert codings.undo(twice, ["deflate, gzip"], limit=10**6) == TEXT
    assert codings.undo(twice, ["deflate", "identity, GZIP"], limit=10**6) == TEXT
    with pytest.raises(codings.Refused, match="3 content codings"):
        codings.undo(gzip.compress(twice), ["deflate, gzip, gzip"], limit=10**6)


def test_members_of_gzip_follow_each_other_and_rubbish_after_them_is_ignored() -> None:
    assert codings.gunzip(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0", 100) == b"one two"


def test_frames_of_zstd_follow_each_other() -> None:
    assert (
        codings.undo(zstandard.compress(b"one ") + zstandard.compress(b"two"), ["zstd"], limit=9)
        == b"one two"
    )


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(codings.Refused, match="'compress'"):
        codings.undo(b"x", ["compress"], limit=10)


def test_an_empty_body_needs_no_coding() -> None:
    assert codings.undo(b"", ["gzip"], limit=10) == b""


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_left_long_before_the_limit(name: str) -> None:
    """However much is allowed: nothing honest packs 200 to 1, and eight megabytes hurt nobody."""
    packers = {
        "gzip": lambda data: gzip.compress(data),
        "deflate": lambda data: zlib.compress(data),
        "br": lambda data: brotli.compress(data, quality=3),
        "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    }
    bomb = packers[name](bytes(40 * 1024**2))
    with pytest.raises(codings.TooLarge, match="that were sent"):
        codings.undo(bomb, [name], limit=10**9)
    honest = b"<p>word</p>" * 700_000
    assert codings.undo(packers[name](honest), [name], limit=10**9) == honest
