"""``scrape archive``: the raw pages."""

from contextlib import ExitStack
from dataclasses import asdict
from typing import IO

import click

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
