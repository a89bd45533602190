"""``scrape search``: stored articles by their words."""

from typing import IO

import click

from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config
from scraper.store import Store

SEARCH_TABLE = ("published_at", "section", "headline", "snippet", "url")  # what fits a terminal


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="Print at most this many."
)
@row_options
@pass_settings
def search(settings: Config, words: tuple[str, ...], limit: int, form: str | None, output: IO[str]) -> None:
    """Print the stored articles in which all WORDS occur, best first.

    Words in double quotes must stand together.

    \b
    Examples:
      scrape search ferry
      scrape search --table '"flood gate" test'
    """
    with Store(settings.paths.database, read_only=True) as store:
        found = store.search(" ".join(words), limit)
    shown = found[0].keys() if found and form != "table" else SEARCH_TABLE
    print_rows([{name: row[name] for name in shown} for row in found], form, output)
