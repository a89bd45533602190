"""``scrape search``: stored articles by their words."""

from typing import IO

import click

from scraper import terminal
from scraper.commands.exits import say
from scraper.commands.options import pass_settings, print_rows, row_options, wanted_options
from scraper.config import Config
from scraper.search import NO_MARKS, Wanted
from scraper.store import Store
from scraper.terminal import MARKS


@click.command()
@wanted_options
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="Print at most this many."
)
@row_options
@pass_settings
def search(settings: Config, wanted: Wanted, limit: int, form: str | None, output: IO[str]) -> None:
    """Print the stored articles in which all WORDS occur, best first.

    Words in double quotes must stand together. Without words, the newest come first.

    \b
    Examples:
      scrape search ferry
      scrape search --table '"flood gate" test'
      scrape search --section Town --since 2026-03 ferry
      scrape search --author Quill --nl
    """
    if wanted == Wanted():
        raise click.UsageError("Say WORDS, or choose by --publication, --section, --author or a time.")
    marks = MARKS if form == "table" else NO_MARKS
    with Store(settings.paths.database, read_only=True) as store:
        found = store.search(wanted, limit=limit, marks=marks)
    if form != "table":
        print_rows(found, form, output)
    elif found:
        terminal.stories(found, out=output)
    else:
        say("No stored article is like that.")
