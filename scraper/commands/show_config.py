"""``scrape config``: the settings in force."""

from typing import IO

import click

from scraper import config
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config


@click.command("config")
@row_options
@pass_settings
def show_config(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print the settings in force, and where each came from.

    A setting comes from --set, else from the environment (SCRAPE_FETCHING_ATTEMPTS), else from config.toml,
    else from ~/.config/cleancopy/config.toml, else it has its default.

    \b
    Examples:
      scrape config --table
      scrape -s fetching.attempts=1 config
    """
    print_rows(config.rows(settings), form, output)
