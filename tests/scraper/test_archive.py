"""What was fetched can be read back, byte for byte, whatever happens to the process or the file."""

import gzip
import hashlib
import os
import resource
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from extractors import Page
from scraper.archive import Archive, DamagedRecord, Pointer, pages, read
from scraper.errors import Damaged, StoreError

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def fetched(url: str = "https://gazette.example/a", body: bytes = b"<p>Dam opens", **changes: Any) -> Any:
    """What fetch hands over, as far as the archive looks."""
    given = {
        "url": url,
        "final_url": url,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
        "body": body,
        "fetched_at": NOON,
        "truncated": None,
    }
    return SimpleNamespace(**(given | changes))


def bodies(path: Path) -> list[bytes | str]:
    return [item.body if isinstance(item, Page) else item.reason for item in pages(path)]


def test_a_page_comes_back_from_its_pointer_as_it_was(tmp_path: Path) -> None:
    body = bytes(range(256)) * 40
    with Archive(tmp_path / "archive") as archive:
        archive.write(fetched(body=b"another page before it"))
        pointer = archive.write(fetched(body=body))
    assert pointer.sha256 == hashlib.sha256(body).hexdigest()
    assert read(tmp_path / "archive", pointer) == Page(
        "https://gazette.example/a", body, "text/html; charset=utf-8", NOON
    )


def test_an_empty_body_is_a_page_too(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(body=b""))
    assert read(tmp_path, pointer).body == b""


def test_warcio_reads_the_file_and_finds_every_digest_right(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(truncated="length"))
    with (tmp_path / pointer.file).open("rb") as file:
        seen = []
        for record in ArchiveIterator(file, check_digests=True):
            record.content_stream().read()
            seen.append((record.rec_type, record.digest_checker.passed))
            truncated = record.rec_headers.get_header("WARC-Truncated")
    assert seen == [("warcinfo", True), ("response", True)]
    assert truncated == "length"


def test_coding_headers_are_kept_under_another_name_since_the_body_is_decoded(tmp_path: Path) -> None:
    headers = (("Content-Encoding", "br"), ("Content-Length", "7"), ("Transfer-Encoding", "chunked"))
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(headers=headers, body=b"plain text"))
    with (tmp_path / pointer.file).open("rb") as file:
        response = next(it.http_headers.headers for it in ArchiveIterator(file) if it.http_headers)
    assert ("X-Archive-Orig-Content-Encoding", "br") in response
    assert ("Content-Length", "10") in response
    assert read(tmp_path, pointer).body == b"plain text"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a\r\nSet-Cookie: b", id="line end"),
        pytest.param("caf\xe9", id="latin-1"),
        pytest.param("\u65b0\u805e", id="beyond latin-1"),
        pytest.param("a\0b", id="NUL"),
    ],
)
def test_an_odd_header_neither_stops_the_write_nor_becomes_two(tmp_path: Path, value: str) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(headers=(("Content-Type", "text/html"), ("X-Odd", value))))
    assert read(tmp_path, pointer).body == b"<p>Dam opens"
    with (tmp_path / pointer.file).open("rb") as file:
        response = next(it.http_headers for it in ArchiveIterator(file) if it.http_headers)
    assert [name for name, _ in response.headers] == ["Content-Type", "X-Odd", "Content-Length"]


def test_files_are_rotated_by_size(tmp_path: Path) -> None:
    with Archive(tmp_path, max_file_bytes=5000) as archive:
        pointers = [archive.write(fetched(body=os.urandom(1500))) for _ in range(6)]
    assert len({pointer.file for pointer in pointers}) == 3
    assert all((tmp_path / pointer.file).stat().st_size <= 5000 for pointer in pointers)
    assert len([page for pointer in pointers if (page := read(tmp_path, pointer))]) == 6


def test_two_archives_in_one_folder_never_share_a_file(tmp_path: Path) -> None:
    with Archive(tmp_path) as one, Archive(tmp_path) as two:
        assert one.write(fetched()).file != two.write(fetched()).file


def test_a_file_name_says_nothing_that_the_page_says(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        archive.write(fetched(url="https://gazette.example/../../etc/passwd%00"))
    assert [path.name for path in tmp_path.iterdir()] == ["20260301T120000Z-00001.warc.gz"]


def test_half_a_record_at_the_end_harms_only_itself_and_the_next_run_is_readable(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = archive.write(fetched(body=b"one"))
        torn = archive.write(fetched(body=os.urandom(5000)))
    os.truncate(tmp_path / torn.file, torn.offset + torn.length // 2)
    assert bodies(tmp_path / first.file) == [b"one", "the file ends in the middle of this record"]
    with pytest.raises(Damaged, match="middle of this record"):
        read(tmp_path, torn)
    with Archive(tmp_path) as archive:
        later = archive.write(fetched(body=b"two"))
    assert later.file != torn.file
    assert read(tmp_path, later).body == b"two"


def test_damage_in_the_middle_is_named_and_what_lies_behind_it_still_comes_out(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointers = [archive.write(fetched(body=os.urandom(4000))) for _ in range(3)]
    path = tmp_path / pointers[0].file
    data = bytearray(path.read_bytes())
    data[pointers[1].offset + 1000 : pointers[1].offset + 1040] = b"\xff" * 40
    path.write_bytes(data)
    found = list(pages(path))
    assert [type(item) for item in found] == [Page, DamagedRecord, Page]
    assert isinstance(found[1], DamagedRecord)
    assert found[1].offset == pointers[1].offset


def test_a_pointer_to_other_bytes_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched())
    wrong = Pointer(pointer.file, pointer.offset, pointer.length, "0" * 64)
    with pytest.raises(Damaged, match="not the page"):
        read(tmp_path, wrong)
    with pytest.raises(StoreError, match="cannot be read"):
        read(tmp_path, Pointer("gone.warc.gz", 0, 1, ""))


def test_an_uncompressed_file_is_read_too_and_a_short_record_is_noticed(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(body=b"the whole of the story"))
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress((tmp_path / pointer.file).read_bytes()))
    assert bodies(plain) == [b"the whole of the story"]
    os.truncate(plain, plain.stat().st_size - 12)
    assert bodies(plain) == ["it is shorter than it says"]


def test_answers_that_are_not_2xx_are_no_pages(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        pointer = archive.write(fetched(status=404, body=b"not here"))
        archive.write(fetched(status=203, body=b"here"))
    assert bodies(tmp_path / pointer.file) == [b"here"]


@pytest.mark.parametrize("data", [b"", b"no archive at all", b"\x1f\x8b\x08 not gzip", b"WARC/1.0\r\n"])
def test_a_file_that_is_no_archive_gives_no_page_and_no_traceback(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(data)
    assert not [item for item in pages(path) if isinstance(item, Page)]


def test_a_full_disk_is_named_and_leaves_no_half_record(tmp_path: Path) -> None:
    script = """
        import os, sys
        from pathlib import Path
        from tests.scraper.test_archive import fetched
        from scraper.archive import Archive
        from scraper.errors import NoSpace
        archive = Archive(Path(sys.argv[1]))
        pointer = archive.write(fetched(body=b"kept"))
        try:
            archive.write(fetched(body=os.urandom(100_000)))
        except NoSpace as error:
            print(error)
        archive.write(fetched(body=b"kept too"))
        archive.close()
    """

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "no space left" in done.stdout
    (path,) = tmp_path.iterdir()
    assert bodies(path) == [b"kept", b"kept too"]


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="another folder"):
        Archive(tmp_path / "file" / "archive")
