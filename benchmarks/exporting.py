"""A whole database exported in each form: articles a second and peak memory. Figures for docs/benchmarks.md.

    python -m benchmarks.exporting                     # makes 200,000 articles first, some 4 GB
    python -m benchmarks.exporting --articles 10000    # a look
    python -m benchmarks.exporting --file /tmp/a.db    # of a file that benchmarks.database made

Each form is written by a `scrape export` of its own: of one publication of fifty, then of everything. Memory
is bounded when the second needs no more than the first. The peak is that of the process, as the system counts
it, Python and all libraries included.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.database import Filler, stored_in
from benchmarks.synthetic import Writer
from scraper.store import Store

FORMS = ("csv", "tsv", "nl", "jsonld", "parquet", "markdown")
SAVED = 2000  # articles stored as a crawl does, of which the others are made
FILLING = 3600.0  # seconds at most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument(
        "--file", type=Path, help="a database, made if it is not there (default: a temporary one)"
    )
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = given.file or Path(name) / "a.db"
        if not path.exists():
            filling = multiprocessing.get_context("spawn").Process(target=fill, args=(path, given.articles))
            filling.start()
            filling.join()
        with Store(path, read_only=True) as store:
            print(f"{stored_in(store):,} articles, {path.stat().st_size / 1e9:.2f} GB")
        print("form       seconds   MB peak   MB written      of one publication: seconds   MB peak")
        for form in given.forms:
            part = export(path, form, Path(name), "--publication", "p7")
            whole = export(path, form, Path(name))
            print(
                f"{form:9} {whole[0]:8.0f} {whole[1]:9.0f} {whole[2]:12,.0f} {part[0]:34.0f} {part[1]:9.0f}",
                flush=True,
            )


def fill(path: Path, count: int) -> None:
    """Make a database of so many articles.

    Call it in a process of its own: what a process is started by counts as its peak of memory.
    """
    with Store(path) as store:
        writer = Writer()
        filler = Filler(store, writer)
        filler.save_at_once(list(writer.articles(min(SAVED, count))))
        store.find_copies()
        filler.fill(count - SAVED, FILLING)


def export(path: Path, form: str, folder: Path, *wanted: str) -> tuple[float, float, float]:
    """Return wall seconds, peak of the process's memory in MB, and MB written, which are deleted again."""
    target = folder / "out"
    target.mkdir()
    settings = ("-m", "scraper", "-s", f"paths.database={path}", "export", "--format", form)
    began = time.perf_counter()
    command = [sys.executable, *settings, *wanted, "-o", str(target / "all")]
    silent = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=silent)
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"scrape export --format {form} ended with {os.waitstatus_to_exitcode(status)}")
    written = _emptied(target)
    return seconds, used.ru_maxrss / 1024, written / 1e6


def _emptied(folder: Path) -> int:
    """Delete a folder and return how many bytes were in it."""
    size = 0
    for file in sorted(folder.rglob("*"), reverse=True):
        if file.is_dir():
            file.rmdir()
        else:
            size += file.stat().st_size
            file.unlink()
    folder.rmdir()
    return size


if __name__ == "__main__":
    main()
