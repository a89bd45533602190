"""Is the archive what it was? Every record of every file, and every page that the database points to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from scraper import archive
from scraper.archive import DamagedRecord, Pointer
from scraper.errors import StoreError

SUFFIXES = (".warc", ".warc.gz", ".warc.zst")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was archived. ``url`` is empty where no page says it."""

    file: str
    offset: int
    reason: str
    url: str = ""


def verify(folder: Path, db: Connection | None, look: Callable[[], object]) -> Iterator[Fault]:
    """Yield every fault; ``look`` is called for each record and each page that is looked at."""
    for file in sorted(path for path in folder.rglob("*") if path.name.endswith(SUFFIXES)):
        for found in archive.pages(file):
            look()
            if isinstance(found, DamagedRecord):
                yield Fault(file.relative_to(folder).as_posix(), found.offset, found.reason)
    if db is not None:
        yield from _pointers(folder, db, look)


def _pointers(folder: Path, db: Connection, look: Callable[[], object]) -> Iterator[Fault]:
    rows = db.execute(
        """SELECT file, offset, length, sha256, origin || path FROM pages
            JOIN urls ON urls.id = url_id JOIN hosts ON hosts.id = host_id ORDER BY file, offset"""
    )
    for *place, url in rows:
        look()
        pointer = Pointer(*place)
        try:
            archive.read(folder, pointer)
        except StoreError as error:
            yield Fault(pointer.file, pointer.offset, str(error), url)
