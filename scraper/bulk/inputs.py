"""What a run is to read → inputs, each of which becomes one part of its data set.

A WARC file is an input. Saved pages are taken by folder, PAGES_TOGETHER of them to an input, so that a folder
with many is shared out, too.
"""

import glob
import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

from scraper import pages
from scraper.bulk import places
from scraper.bulk.places import Stamp
from scraper.errors import ScrapeError

PAGES_TOGETHER = 1000  # about as many as a WARC file of a crawl holds
NAME = 60  # characters of an input's name in that of its part


@dataclass(frozen=True, slots=True)
class Input:
    """One WARC file, or some saved pages of one folder. ``name`` tells it from all others, in every run."""

    name: str
    files: tuple[str, ...]
    source: str  # the WARC file or the folder

    @property
    def is_warc(self) -> bool:
        return pages.is_warc(Path(self.files[0]))

    @property
    def part(self) -> str:
        """Return the name of its part, without an ending: readable, and no other input's."""
        words = re.sub(r"[^\w.-]+", "-", PurePosixPath(self.name).name)[-NAME:].strip("-.")
        return f"{words}-{hashlib.sha256(self.name.encode()).hexdigest()[:8]}"

    def stamp(self) -> list[int] | None:
        """Return what changes when one of its files does; None if that cannot be told from here."""
        found = [places.stamp(file) for file in self.files]
        if None in found:
            return None
        stamps = [one for one in found if isinstance(one, Stamp)]
        names = int.from_bytes(hashlib.sha256("\n".join(self.files).encode()).digest()[:6], "big")
        return [sum(one.size for one in stamps), max(one.changed for one in stamps), names]


def find(asked: Iterable[str], lists: Iterable[Path] = ()) -> list[Input]:
    """Return the inputs behind paths, wildcards, folders and addresses, and behind those that lists name.

    Each once, in order of name. Raises ScrapeError for a path where nothing is.
    """
    named = [place for one in lists for place in listed(one)]
    found = {file for place in (*asked, *named) for file in _files(place)}
    inputs = [Input(file, (file,), file) for file in found if pages.is_warc(Path(file))]
    saved = sorted(
        (file for file in found if not pages.is_warc(Path(file))), key=lambda file: (_folder(file), file)
    )
    for folder, files in groupby(saved, key=_folder):
        inputs += _together(folder, list(files))
    return sorted(inputs, key=lambda one: one.name)


def listed(file: Path) -> Iterator[str]:
    """Yield the places that a file names, one a line, gzipped or not; paths start from the file's folder."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ScrapeError(f"{file}: cannot be read: {error.strerror}") from error
    text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8", "replace")
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            yield line if places.is_address(line) else str(file.parent / line)


def _files(place: str) -> Sequence[str]:
    if places.is_address(place):
        found = [one for one in places.matching(place) if _is_read(one) or one == place]
    elif Path(place).is_dir():
        found = [str(file) for file in Path(place).rglob("*") if _is_read(file.name) and file.is_file()]
    elif Path(place).exists():
        found = [place]
    else:
        found = [one for one in glob.glob(place, recursive=True) if Path(one).is_file()]  # noqa: PTH207  # any path
    if not found:
        raise ScrapeError(f"{place}: there is no WARC file and no saved page")
    return found


def _is_read(name: str) -> bool:
    return name.lower().endswith(pages.WARC + pages.HTML)


def _folder(file: str) -> str:
    return file.rpartition("/")[0] or "."


def _together(folder: str, files: list[str]) -> Iterator[Input]:
    for start in range(0, len(files), PAGES_TOGETHER):
        some = tuple(files[start : start + PAGES_TOGETHER])
        yield Input(f"{folder}/pages-{start // PAGES_TOGETHER + 1:05}", some, folder)
