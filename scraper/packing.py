"""The archive's gzip files → zstd with a dictionary for each host, at about a quarter of the space.

A crawl writes gzip, because a page must be on the disk before anyone looks at it, whatever host it is of.
Pages of one host are alike: with three of them as dictionary the others take a quarter (docs/benchmarks.md).
So what lies there is packed later, a file for each host, as WARC-Zstandard 1.0 says: a dictionary, then a
frame for each record, with its length and checksum, so that a record can still be read by its offset alone.
Records are copied byte for byte.

Killed at any moment, nothing is lost:

    *.packing       files under way: the next run removes them
    packing.json    says which files stand for which, and is written when these are whole and on the disk
    database        points to the new files or the old, in one transaction; who is not pointed to is removed
"""

import fcntl
import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from scraper import addresses, archive, warc
from scraper.archive import MAX_FILE_BYTES
from scraper.errors import Damaged
from scraper.store import Store
from scraper.warc import Damage, Member

SIBLINGS = 3  # records in a dictionary; with one instead of three a page takes half as much again
LEAST = 8  # records of a host for which a dictionary of 40 kB is worth its place
SIBLING_BYTES = 1024**2  # of one record in a dictionary; decoders need only take dictionaries of 8 MiB
LEVEL = 9  # docs/benchmarks.md
BATCH_BYTES = 2 * 1024**3  # of gzip files packed in one go, whose records' places are held in memory
JOURNAL = "packing.json"
UNDER_WAY = ".packing"

_TARGET = re.compile(rb"\r\nWARC-Target-URI: <?([^\s>]+)")
_TABLES_BYTES = 4096  # what is trained for the dictionary's tables; the siblings stand behind it
_SAMPLE_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Packed:
    """What was done. ``before`` and ``after`` are bytes; ``left`` are files left as they were, and why."""

    files: int = 0
    records: int = 0
    before: int = 0
    after: int = 0
    left: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A record in a gzip file."""

    source: Path
    offset: int


def pack(store: Store, folder: Path) -> Packed:
    """Pack every gzip file of the archive that is whole and that nobody is writing.

    Raises Locked while a crawl runs, NoSpace when the disk is full.
    """
    done = Packed()
    with store.claim():
        recover(store, folder)
        with ExitStack() as stack:
            free, left = _free(folder, stack)
            for batch in _batches(free):
                done = _sum(done, _pack(store, folder, batch, left))
    return Packed(done.files, done.records, done.before, done.after, tuple(left))


def recover(store: Store, folder: Path) -> None:
    """Finish or undo what a killed run left, by what the database points to."""
    journal = folder / JOURNAL
    if journal.exists():
        said = json.loads(journal.read_text())
        names = ", ".join("?" * len(said["sources"]))
        still = store.conn.execute(f"SELECT count(*) FROM pages WHERE file IN ({names})", said["sources"])
        for name in said["files"]:
            if (under_way := folder / (name + UNDER_WAY)).exists():
                under_way.rename(folder / name)
        for name in said["files"] if still.fetchone()[0] else said["sources"]:
            (folder / name).unlink(missing_ok=True)
        journal.unlink()
    for file in folder.glob(f"*{UNDER_WAY}"):
        file.unlink()


def _free(folder: Path, stack: ExitStack) -> tuple[list[Path], list[tuple[str, str]]]:
    """Return the gzip files that nobody writes, locked until the stack ends, and those left."""
    free, left = [], []
    for path in sorted(folder.glob("*.warc.gz")):
        file = stack.enter_context(path.open("rb"))
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            free.append(path)
        except BlockingIOError:
            left.append((path.name, "it is being written"))
    return free, left


def _batches(files: Iterable[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.stat().st_size
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _pack(store: Store, folder: Path, batch: Sequence[Path], left: list[tuple[str, str]]) -> Packed:
    by_host: dict[str, list[_Place]] = defaultdict(list)
    sources = []
    for source in batch:
        found = _places(source)
        if isinstance(found, Damage):
            left.append((source.name, f"damaged at byte {found.offset}: {found.reason}"))
            continue
        sources.append(source)
        for host, place in found:
            by_host[host].append(place)
    if not sources:
        return Packed()
    writer = _Writer(folder)
    try:
        with closing(writer):
            _write(writer, by_host)
    except OSError as error:
        raise archive.translated(error, folder) from error
    before = sum(source.stat().st_size for source in sources)
    _exchange(store, folder, sources, writer)
    after = sum((folder / name).stat().st_size for name in writer.names)
    return Packed(len(writer.names), len(writer.moved), before, after)


def _write(writer: "_Writer", by_host: Mapping[str, list[_Place]]) -> None:
    few: list[_Place] = []
    for host, places in sorted(by_host.items()):
        if host and len(places) >= LEAST:
            writer.write(places, dictionary(_plain(place) for place in places[:SIBLINGS]))
        else:
            few += places
    writer.write(few, None)


def _places(source: Path) -> list[tuple[str, _Place]] | Damage:
    """Return each record's host, empty where it has none, and place; or what is wrong with the file."""
    found = []
    with source.open("rb") as file:
        for member in warc.members(file):
            if isinstance(member, Damage):
                return member
            target = _TARGET.search(member.plain[: warc.MAX_HEADER_BYTES])
            host = addresses.host(target[1].decode("utf-8", "replace")) if target else ""
            found.append((host, _Place(source, member.offset)))
    return found


def _plain(place: _Place) -> bytes:
    with place.source.open("rb") as file:
        member = warc.member(file, place.offset)
    assert isinstance(member, Member)  # it was whole a moment ago
    return member.plain


def dictionary(siblings: Iterable[bytes]) -> zstandard.ZstdCompressionDict:
    """Return a dictionary in the format of RFC 8878 section 5, with the siblings as its content.

    Its tables are trained on them; what is trained is left in front, where the siblings do not reach.
    """
    content = [sibling[:SIBLING_BYTES] for sibling in siblings]
    samples: list[bytes | bytearray | memoryview[int]] = [
        text[at : at + _SAMPLE_BYTES] for text in content for at in range(0, len(text), _SAMPLE_BYTES)
    ]
    number = 32_768 + int.from_bytes(hashlib.sha256(b"".join(content)).digest()[:4], "big") % (2**31 - 32_768)
    try:
        trained = zstandard.train_dictionary(_TABLES_BYTES, samples, dict_id=number, k=64, d=8).as_bytes()
    except zstandard.ZstdError:  # too little to learn from
        return zstandard.ZstdCompressionDict(b"")
    return zstandard.ZstdCompressionDict(trained + b"".join(content), dict_type=zstandard.DICT_TYPE_FULLDICT)


class _Writer:
    """Writes records into new files; ``moved`` says where each came to lie: file, offset, length."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self.names: list[str] = []
        self.moved: dict[_Place, tuple[str, int, int]] = {}

    def write(self, places: Sequence[_Place], shared: zstandard.ZstdCompressionDict | None) -> None:
        """Copy the records into a file of their own, or several when it grows too large."""
        shared = shared if shared is not None and len(shared) else None
        packer = zstandard.ZstdCompressor(level=LEVEL, dict_data=shared, write_checksum=True)
        opener = zstandard.ZstdDecompressor(dict_data=shared)
        file = None
        for place in places:
            if file is None or file.tell() > MAX_FILE_BYTES:
                file = self._begin(shared)
            plain = _plain(place)
            frame = packer.compress(plain)
            if opener.decompress(frame) != plain:  # the originals are removed afterwards
                raise Damaged(f"{place.source} at byte {place.offset}: zstd does not give this record back")
            self.moved[place] = (self.names[-1], file.tell(), len(frame))
            file.write(frame)

    def _begin(self, shared: zstandard.ZstdCompressionDict | None) -> BinaryIO:
        self.close()
        taken = [path.name for path in self._folder.glob("packed-*")]
        name = f"packed-{1 + max((int(found[7:13]) for found in taken), default=0):06}.warc.zst"
        self.names.append(name)
        file = self._file = (self._folder / (name + UNDER_WAY)).open("xb")
        if shared is not None:
            content = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(shared.as_bytes())
            file.write(warc.DICTIONARY.to_bytes(4, "little") + len(content).to_bytes(4, "little") + content)
        file.write(
            zstandard.ZstdCompressor(dict_data=shared, write_checksum=True).compress(archive.warcinfo(name))
        )
        return file

    def close(self) -> None:
        """Put what was written on the disk."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def _exchange(store: Store, folder: Path, sources: Sequence[Path], writer: _Writer) -> None:
    """Let the new files take the place of the old ones."""
    names = [source.name for source in sources]
    journal = folder / JOURNAL
    with journal.open("w") as out:
        json.dump({"sources": names, "files": writer.names}, out)
        out.flush()
        os.fsync(out.fileno())
    for name in writer.names:
        (folder / (name + UNDER_WAY)).rename(folder / name)
    marks = ", ".join("?" * len(names))
    with store.transaction() as db:
        rows = db.execute(f"SELECT id, file, offset FROM pages WHERE file IN ({marks})", names).fetchall()
        known = [(writer.moved.get(_Place(folder / file, offset)), number) for number, file, offset in rows]
        db.executemany(
            "UPDATE pages SET file = ?, offset = ?, length = ? WHERE id = ?",
            [(*place, number) for place, number in known if place is not None],
        )
        if lost := sum(place is None for place, _ in known):
            raise Damaged(
                f"{folder}: {lost} pages are not where the database says. Nothing was exchanged; "
                "`scrape archive verify` names them."
            )
    for source in sources:
        source.unlink()
    journal.unlink()


def _sum(one: Packed, other: Packed) -> Packed:
    return Packed(
        one.files + other.files,
        one.records + other.records,
        one.before + other.before,
        one.after + other.after,
    )
