"""``scrape status``: what is stored, and what became of every address."""

from typing import IO

import click

from scraper import rows, terminal
from scraper.commands.options import output_option, pass_settings, print_rows
from scraper.config import Config
from scraper.store import Store


@click.command()
@click.option("-t", "--table", "tables", is_flag=True, help="Print tables for people instead of JSON.")
@output_option
@pass_settings
def status(settings: Config, tables: bool, output: IO[str]) -> None:
    """Print what is stored, how the last crawl ended, and what became of every address.

    \b
    Examples:
      scrape status
      scrape status --table
    """
    with Store(settings.paths.database, read_only=True) as store:
        found = store.status()
    if not tables:
        rows.write_one(found, output)
        return
    ledger = found.pop("ledger")
    terminal.table(("", ""), [(name, _told(value)) for name, value in found.items()], out=output)
    print_rows(ledger, "table", output)


def _told(value: object) -> object:
    return ", ".join(f"{k} {v}" for k, v in value.items() if v) if isinstance(value, dict) else value
