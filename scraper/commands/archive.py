"""``scrape archive``: the raw pages."""

import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from scraper import packing, warc
from scraper import verify as verifying
from scraper.commands.exits import ERROR, say
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config
from scraper.errors import StoreError
from scraper.store import Store


@click.group()
def archive() -> None:
    """Look after the raw pages, which are standard WARC files."""


@archive.command()
@row_options
@pass_settings
def verify(settings: Config, form: str | None, output: IO[str]) -> None:
    """Read every archived page and print those that are not what they were. Exit code 1 if there are any.

    Each record must be whole and agree with its digest; each page that the database points to must be there.

    \b
    Example:
      scrape archive verify --table
    """
    folder = settings.paths.archive
    if not folder.is_dir():
        raise StoreError(f"{folder}: there is no archive yet. `scrape crawl` makes one.")
    looked = 0

    def look() -> None:
        nonlocal looked
        looked += 1

    with ExitStack() as stack:
        there = settings.paths.database.exists()
        store = stack.enter_context(Store(settings.paths.database, read_only=True)) if there else None
        faults = [asdict(fault) for fault in verifying.verify(folder, store.conn if store else None, look)]
    print_rows(faults, form, output)
    say(f"{looked} records and pages were read, {len(faults)} are damaged")
    if faults:
        raise SystemExit(ERROR)


@archive.command()
@pass_settings
def pack(settings: Config) -> None:
    """Pack the files of earlier crawls: a quarter of the space, and every page still read by its offset.

    Pages of one host go into one file, by zstd with some of them as its dictionary (.warc.zst). Nothing that
    was archived is lost, also when this is killed: the old files go when the new ones are in their place.

    \b
    Example:
      scrape archive pack
    """
    folder = settings.paths.archive
    if not folder.is_dir():
        raise StoreError(f"{folder}: there is no archive yet. `scrape crawl` makes one.")
    with Store(settings.paths.database) as store:
        done = packing.pack(store, folder)
    for name, reason in done.left:
        say(f"{name} was left as it is: {reason}")
    say(
        f"{done.records} records in {done.files} files: {done.before / 1e6:.1f} MB before, "
        f"{done.after / 1e6:.1f} MB now"
    )


@archive.command("cat")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def cat(file: Path) -> None:
    """Write the records of FILE to standard output, unpacked, for tools that do not read .warc.zst.

    \b
    Example:
      scrape archive cat data/archive/packed-000001.warc.zst | gzip > pages.warc.gz
    """
    with file.open("rb") as packed:
        try:
            for piece in warc.plain(packed):
                sys.stdout.buffer.write(piece)
        except ValueError as error:
            raise StoreError(f"{file}: {error}") from error
