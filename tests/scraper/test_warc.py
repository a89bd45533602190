"""A WARC file gives every whole record, however packed and whatever lies between them; damage is named."""

import base64
import gzip
import hashlib
import random
import zlib
from collections.abc import Callable
from io import BytesIO

import brotli
import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BufferWARCWriter

from extractors import Page
from scraper import payload, warc
from scraper.payload import Unreadable
from scraper.warc import Damage, Record

BODY = b"<html><h1>Dam %d opens</h1><p>The dam opened today, two years late.</p></html>"


def response(number: int, *, body: bytes | None = None, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Return one uncompressed response record, as warcio writes it."""
    writer = BufferWARCWriter(gzip=False)
    given = [("Content-Type", "text/html"), *headers]
    writer.write_record(
        writer.create_warc_record(
            f"https://gazette.example/{number}",
            "response",
            payload=BytesIO(BODY % number if body is None else body),
            http_headers=StatusAndHeaders("200 OK", given, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2024-05-01T12:00:00Z"},
        )
    )
    return bytes(writer.get_contents())


def plain(records: list[bytes]) -> bytes:
    return b"".join(records)


def gzipped(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(record) for record in records)


def one_gzip_member(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def zstd(records: list[bytes]) -> bytes:
    return b"".join(zstandard.compress(record) for record in records)


def zstd_with_dictionary(records: list[bytes], *, packed: bool = False) -> bytes:
    content = b"".join(records[:2])
    dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    frame = zstandard.compress(content) if packed else content
    start = (0x184D2A5D).to_bytes(4, "little") + len(frame).to_bytes(4, "little") + frame
    packing = zstandard.ZstdCompressor(dict_data=dictionary)
    return start + b"".join(packing.compress(record) for record in records)


def zstd_with_packed_dictionary(records: list[bytes]) -> bytes:
    return zstd_with_dictionary(records, packed=True)


PACKINGS = [plain, gzipped, one_gzip_member, zstd, zstd_with_dictionary, zstd_with_packed_dictionary]
BY_RECORD = [gzipped, zstd, zstd_with_dictionary]
every_packing = pytest.mark.parametrize("pack", PACKINGS, ids=lambda pack: pack.__name__)


def read(data: bytes) -> list[Record | Damage]:
    return list(warc.records(BytesIO(data)))


def numbers(found: list[Record | Damage]) -> list[int | str]:
    """Return the number of each page's address, and "damage" for what is none."""
    return [
        "damage" if isinstance(one, Damage) else int(one.fields["warc-target-uri"].rpartition("/")[2])
        for one in found
    ]


def page(record: bytes) -> Page:
    (found,) = read(record)
    assert isinstance(found, Record)
    return payload.page(found, payload.answer(found))


@every_packing
def test_records_come_in_order_however_the_file_is_packed(pack: Callable[[list[bytes]], bytes]) -> None:
    found = read(pack([response(number) for number in range(30)]))
    assert numbers(found) == list(range(30))
    blocks = [one.block for one in found if isinstance(one, Record)]
    assert all(block and block.endswith(BODY % number) for number, block in enumerate(blocks))


@every_packing
def test_a_record_larger_than_what_is_read_at_once_is_whole(pack: Callable[[list[bytes]], bytes]) -> None:
    body = hashlib.shake_128(b"noise").digest(3 * warc.READ_BYTES)
    found = read(pack([response(0), response(1, body=body), response(2)]))
    assert numbers(found) == [0, 1, 2]
    assert isinstance(found[1], Record)
    assert found[1].block is not None
    assert found[1].block.endswith(body)


@pytest.mark.parametrize("pack", BY_RECORD, ids=lambda pack: pack.__name__)
@pytest.mark.parametrize(
    "damaging",
    [
        pytest.param(lambda member: member[: len(member) // 2], id="cut in the middle"),
        pytest.param(lambda member: member[:-3], id="its last bytes are missing"),
        pytest.param(lambda member: member[:60] + b"\xff" * 40 + member[100:], id="overwritten"),
        pytest.param(lambda _: b"\0" * 3000, id="zeros in its place"),
        pytest.param(lambda _: b"Error: disk not ready\n" * 50, id="text in its place"),
        pytest.param(lambda member: member[:1] + b"\0" + member[2:], id="its first bytes are wrong"),
    ],
)
def test_a_damaged_member_costs_itself_alone(
    pack: Callable[[list[bytes]], bytes], damaging: Callable[[bytes], bytes]
) -> None:
    records = [response(number) for number in range(5)]
    start = pack(records[:2])
    member = pack(records[:3])[len(start) :]
    behind = pack(records[:5])[len(start) + len(member) :]
    found = read(start + damaging(member) + behind)
    assert numbers(found) == [0, 1, "damage", 3, 4]
    assert isinstance(found[2], Damage)
    assert found[2].offset == len(start)
    assert found[2].reason


def test_a_member_that_is_cut_behind_its_last_byte_is_one_damage_and_no_record() -> None:
    """Of some members only the mark of the end and the checksum are cut off, and all of the record comes."""
    for seed in range(60):
        letters = bytes(random.Random(seed).choices(b"abcdefghijklmnop <>", k=600))
        packed = [gzip.compress(response(number, body=letters)) for number in range(3)]
        packed[1] = packed[1][:-9]
        assert numbers(read(b"".join(packed))) == [0, "damage", 2], seed


def wrong_length(change: int) -> Callable[[bytes], bytes]:
    def damaging(record: bytes) -> bytes:
        length = len(record.partition(b"\r\n\r\n")[2]) - 4
        return record.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + change))

    return damaging


DAMAGE_IN_PLAIN = [
    pytest.param(wrong_length(-20), "length", id="longer than it says"),
    pytest.param(wrong_length(1), "length", id="one byte shorter than it says"),
    pytest.param(wrong_length(500), "length", id="its length takes in a part of its neighbour"),
    pytest.param(wrong_length(10**12), "shorter", id="its length takes in the whole file"),
    pytest.param(
        lambda record: record.replace(b"Content-Length", b"Content-Width"), "header", id="no length"
    ),
    pytest.param(
        lambda record: record.replace(b"Content-Length: ", b"Content-Length: x"), "header", id="no number"
    ),
    pytest.param(lambda record: b"warc" + record[4:], "garbage", id="its first line is no WARC line"),
    pytest.param(lambda _: b"Error: disk not ready\n" * 5, "garbage", id="text in its place"),
    pytest.param(lambda _: b"\0" * (warc.READ_BYTES + 9), "garbage", id="many zeros in its place"),
    pytest.param(lambda record: record[:90], "header", id="cut in its header"),
    pytest.param(lambda record: record[:-60], "length", id="cut in its body"),
]


@pytest.mark.parametrize("pack", [plain, one_gzip_member], ids=lambda pack: pack.__name__)
@pytest.mark.parametrize(("damaging", "reason"), DAMAGE_IN_PLAIN)
def test_a_damaged_record_among_plain_ones_costs_itself_alone(
    pack: Callable[[list[bytes]], bytes], damaging: Callable[[bytes], bytes], reason: str
) -> None:
    records = [response(number) for number in range(5)]
    found = read(pack([*records[:2], damaging(records[2]), *records[3:]]))
    assert numbers(found) == [0, 1, "damage", 3, 4]
    assert isinstance(found[2], Damage)
    assert reason in found[2].reason


def test_garbage_between_whole_records_is_one_damage() -> None:
    found = read(response(0) + b"\n\nlost+found " * 30 + response(1))
    assert numbers(found) == [0, "damage", 1]


@every_packing
def test_a_file_cut_anywhere_gives_what_lies_before_and_never_fails(
    pack: Callable[[list[bytes]], bytes],
) -> None:
    data = pack([response(number) for number in range(4)])
    for end in range(1, len(data), 97):
        found = numbers(read(data[:end]))
        whole = [one for one in found if one != "damage"]
        assert whole == list(range(len(whole)))
        assert found.count("damage") <= 1


def test_lengths_that_lie_a_thousand_times_do_not_make_reading_quadratic() -> None:
    lies = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999999999\r\n\r\n" * 1000
    assert "damage" in numbers(read(gzip.compress(lies + response(7))))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="empty file"),
        pytest.param(b"no archive at all", "not a WARC record", id="text"),
        pytest.param(gzip.compress(b""), "nothing in it", id="empty member"),
        pytest.param(b"\x1f\x8b\x08 not gzip" * 9, "gzip", id="gzip in name only"),
        pytest.param(b"\x28\xb5\x2f\xfd not zstd", "zstd", id="zstd in name only"),
    ],
)
def test_a_file_that_is_no_archive_says_why(data: bytes, reason: str) -> None:
    (found,) = read(data)
    assert isinstance(found, Damage)
    assert reason in found.reason


def test_a_record_too_large_to_hold_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "MAX_RECORD_BYTES", 2000)
    found = read(plain([response(0), response(1, body=b"x" * 4000), response(2)]))
    assert numbers(found) == [0, 1, 2]
    assert isinstance(found[1], Record)
    assert found[1].block is None
    with pytest.raises(Unreadable, match="larger"):
        payload.answer(found[1])


def with_digest(name: str, value: str) -> bytes:
    return response(1).replace(b"Content-Length", f"{name}: {value}\r\nContent-Length".encode(), 1)


def test_a_bad_digest_is_damage_of_its_record() -> None:
    good = response(1)
    assert page(good).body == BODY % 1
    with pytest.raises(Unreadable, match="digest"):
        page(good.replace(b"two years", b"ten years"))


@pytest.mark.parametrize(
    ("value", "agrees"),
    [
        pytest.param("sha256:" + hashlib.sha256(BODY % 1).hexdigest(), True, id="hex"),
        pytest.param(
            "SHA-1:" + base64.b32encode(hashlib.sha1(BODY % 1).digest()).decode(), True, id="base32"
        ),
        pytest.param("md5:" + hashlib.md5(BODY % 1).hexdigest(), True, id="md5"),
        pytest.param("blake3:whatever", True, id="a kind that is not known"),
        pytest.param("sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", False, id="wrong"),
    ],
)
def test_digests_are_read_as_writers_write_them(value: str, agrees: bool) -> None:
    bare = response(1)
    for name in (b"WARC-Payload-Digest", b"WARC-Block-Digest"):
        start = bare.index(name)
        bare = bare[:start] + bare[bare.index(b"\n", start) + 1 :]
    record = bare.replace(b"Content-Length", f"WARC-Payload-Digest: {value}\r\nContent-Length".encode(), 1)
    if agrees:
        assert page(record).body == BODY % 1
    else:
        with pytest.raises(Unreadable, match="digest"):
            page(record)


def chunked(body: bytes) -> bytes:
    return (
        b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (body[:30], body[30:])) + b"0\r\n\r\n"
    )


def deflated(body: bytes) -> bytes:
    return zlib.compress(body)


@pytest.mark.parametrize(
    ("headers", "encode"),
    [
        pytest.param((("Transfer-Encoding", "chunked"),), chunked, id="chunked"),
        pytest.param((("Transfer-Encoding", "chunked"),), bytes, id="said to be chunked"),
        pytest.param((("Content-Encoding", "gzip"),), gzip.compress, id="gzip"),
        pytest.param((("Content-Encoding", "gzip"),), bytes, id="said to be gzip"),
        pytest.param((("Content-Encoding", "br"),), brotli.compress, id="br"),
        pytest.param((("Content-Encoding", "br"),), bytes, id="said to be br"),
        pytest.param((("Content-Encoding", "deflate"),), deflated, id="deflate"),
        pytest.param((("Content-Encoding", "zstd"),), zstandard.compress, id="zstd"),
        pytest.param(
            (("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")),
            lambda body: chunked(gzip.compress(body)),
            id="gzip in chunks",
        ),
    ],
)
def test_codings_are_undone(headers: tuple[tuple[str, str], ...], encode: Callable[[bytes], bytes]) -> None:
    assert page(response(1, body=encode(BODY % 1), headers=headers)).body == BODY % 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param((("Transfer-Encoding", "chunked"),), chunked(BODY % 1)[:60], id="in a chunk"),
        pytest.param((("Content-Encoding", "gzip"),), gzip.compress(BODY % 1)[:60], id="in gzip"),
    ],
)
def test_a_body_that_stops_early_is_damage(headers: tuple[tuple[str, str], ...], body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"middle|coding"):
        page(response(1, body=body, headers=headers))


def test_a_truncated_record_gives_the_chunks_that_came() -> None:
    cut = response(1, body=chunked(BODY % 1)[:60], headers=(("Transfer-Encoding", "chunked"),))
    marked = cut.replace(b"Content-Length", b"WARC-Truncated: length\r\nContent-Length", 1)
    assert (BODY % 1).startswith(page(marked).body)
    assert len(page(marked).body) > 30


def test_an_address_in_angle_brackets_and_a_folded_field_are_read() -> None:
    odd = response(1).replace(
        b"WARC-Target-URI: https://gazette.example/1", b"WARC-Target-URI:\r\n <https://gazette.example/1>"
    )
    assert page(odd).url == "https://gazette.example/1"


def test_an_answer_without_a_status_line_is_damage() -> None:
    (found,) = read(response(1).replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 two hundred"[:15]))
    assert isinstance(found, Record)
    with pytest.raises(Unreadable, match="HTTP header"):
        payload.answer(found)
