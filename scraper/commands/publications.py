"""``scrape publications``: whom the settings name."""

from typing import IO

import click

from scraper import config
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config


@click.command()
@row_options
@pass_settings
def publications(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print the publications that the settings name.

    \b
    Example:
      scrape publications --table
    """
    print_rows(config.publication_rows(settings), form, output)
