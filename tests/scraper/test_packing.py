"""Packing makes the archive small and loses nothing, whenever it is killed."""

import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from extractors import Page
from scraper import archive, packing, warc
from scraper.archive import Archive, Pointer
from scraper.cli import scrape
from scraper.errors import StoreError
from scraper.store import Store
from scraper.verify import verify
from tests.scraper.gazette import story
from tests.scraper.test_archive import fetched
from tests.scraper.test_store import DAM, NOON

FURNITURE = "".join(
    f"<li><a href=/section/{n}>Section {n * 7919 % 1000} of the paper</a>" for n in range(800)
)
PAGES = {
    f"http://{host}.example/{number}": f"{story(number, host)}<ul>{FURNITURE}{host * 9}</ul>".encode()
    for host, count in {"gazette": 30, "herald": 20, "small": 2}.items()
    for number in range(count)
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive of 52 pages in two files, and a database that points to them."""
    urls = list(PAGES)
    with Store(tmp_path / "articles.db") as store:
        for half in (urls[::2], urls[1::2]):
            with Archive(tmp_path / "archive") as kept:
                for url in half:
                    page: Any = fetched(url, PAGES[url], wire=1, seconds=0.1, content_type="text/html",
                                        etag=None, last_modified=None)  # fmt: skip
                    store.save(url, DAM, fetched=page, pointer=kept.write(page), now=NOON)
        yield store


def read_all(store: Store, folder: Path) -> dict[str, bytes]:
    """Return every page by its address, read as the database says."""
    rows = store.conn.execute("""SELECT origin || path, file, offset, length, sha256 FROM pages
        JOIN urls ON urls.id = url_id JOIN hosts ON hosts.id = host_id""")  # fmt: skip
    return {url: archive.read(folder, Pointer(*place)).body for url, *place in rows}


def plain_records(folder: Path) -> list[tuple[str, bytes]]:
    """Return identifier and block of every page record of the archive."""
    found = []
    for path in folder.glob("*.warc.*"):
        with path.open("rb") as file:
            for record in warc.records(file):
                assert isinstance(record, warc.Record)
                if record.kind != "warcinfo":
                    found.append((record.fields["warc-record-id"], record.block or b""))
    return sorted(found)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_every_record_is_kept_read_by_its_pointer_and_smaller(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    before, records = size(folder), plain_records(folder)
    done = packing.pack(store, folder)
    assert read_all(store, folder) == PAGES
    assert plain_records(folder) == records
    assert sorted(path.suffix for path in folder.iterdir()) == [".zst"] * 3  # two hosts, and the few pages
    assert done.before == before
    assert done.after == size(folder) < before / 4
    assert list(verify(folder, store.conn, lambda: None)) == []
    assert {
        page.url for path in folder.iterdir() for page in archive.pages(path) if isinstance(page, Page)
    } == set(PAGES)
    assert packing.pack(store, folder) == packing.Packed()


def test_the_files_are_what_warc_zstandard_says(store: Store, tmp_path: Path) -> None:
    """Dictionary first; each frame is a record, with its size, its checksum and the dictionary's number."""
    packing.pack(store, tmp_path / "archive")
    largest = max((tmp_path / "archive").iterdir(), key=lambda path: path.stat().st_size)
    data = largest.read_bytes()
    assert data[:4] == bytes.fromhex("5d2a4d18")
    end = 8 + int.from_bytes(data[4:8], "little")
    content = zstandard.decompress(data[8:end])
    assert content[:4] == bytes.fromhex("37a430ec")
    shared = zstandard.ZstdCompressionDict(content)
    rows = store.conn.execute("SELECT offset, length FROM pages WHERE file = ?", (largest.name,)).fetchall()
    assert len(rows) == 30
    for offset, length in rows:
        frame = data[offset : offset + length]
        about = zstandard.get_frame_parameters(frame)
        assert about.has_checksum
        assert about.dict_id == shared.dict_id() != 0
        plain = zstandard.ZstdDecompressor(dict_data=shared).decompress(frame)
        assert about.content_size == len(plain)
        assert plain.startswith(b"WARC/1.1\r\n")


def test_unpacked_it_is_a_file_that_warcio_reads(store: Store, tmp_path: Path) -> None:
    packing.pack(store, tmp_path / "archive")
    bodies = {}
    for path in (tmp_path / "archive").iterdir():
        done = CliRunner().invoke(scrape, ["archive", "cat", str(path)])
        for record in ArchiveIterator(io.BytesIO(done.stdout_bytes), check_digests=True):
            if record.rec_type == "response":
                url = record.rec_headers.get_header("WARC-Target-URI")
                bodies[url] = record.content_stream().read()
                assert record.digest_checker.passed
    assert bodies == PAGES


def test_a_file_that_is_written_or_damaged_is_left_as_it_is(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    first, second = sorted(folder.iterdir())
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 0xFF
    first.write_bytes(data)
    with Archive(folder) as busy:
        busy.write(fetched())
        done = packing.pack(store, folder)
    assert [name for name, _ in done.left] == [
        sorted(path.name for path in folder.glob("*.gz"))[-1],
        first.name,
    ]
    assert first.read_bytes() == data
    assert not second.exists()


def test_a_changed_byte_is_found(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    packing.pack(store, folder)
    file, offset, length, sha = store.conn.execute(
        "SELECT file, offset, length, sha256 FROM pages"
    ).fetchone()
    data = bytearray((folder / file).read_bytes())
    data[offset + length // 2] ^= 0xFF
    (folder / file).write_bytes(data)
    with pytest.raises(StoreError):
        archive.read(folder, Pointer(file, offset, length, sha))
    assert {fault.offset for fault in verify(folder, store.conn, lambda: None)} == {offset}


KILLED = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from scraper import packing
    from scraper.store import Store

    left = int(sys.argv[2])

    def count(event, arguments):
        global left
        name = str(arguments[0]) if arguments else ""
        writes = event == "open" and name.endswith((".packing", ".json"))
        if sys.argv[1] in name and (writes or event in ("os.rename", "os.remove")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    with Store(Path(sys.argv[1]).parent / "articles.db") as store:
        sys.addaudithook(count)
        packing.pack(store, Path(sys.argv[1]))
""")


def test_killed_at_any_step_it_loses_nothing(store: Store, tmp_path: Path) -> None:
    """Python's audit events tell when: before each file that is made, renamed or removed."""
    folder = tmp_path / "archive"
    records, kills = plain_records(folder), 0
    for step in range(1, 40):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(step)], check=False, env=os.environ
        )
        assert read_all(store, folder) == PAGES, step
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        kills += 1
    packing.pack(store, folder)
    assert kills > 5
    assert plain_records(folder) == records, "nothing is there twice"
    assert sorted(path.suffix for path in folder.iterdir()) == [".zst"] * 3
