"""``scrape politeness``: how each host was treated."""

from typing import IO

import click

from scraper import hosts
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config
from scraper.store import Store


@click.command()
@row_options
@pass_settings
def politeness(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print for each host what its robots.txt says, the delay it gets, its refusals, and bytes saved.

    Refusals are answers 429 and 503. Bytes are saved where a host says that what we have has not changed.

    \b
    Example:
      scrape politeness --table
    """
    with Store(settings.paths.database, read_only=True) as store:
        print_rows(hosts.rows(store.conn, settings), form, output)
