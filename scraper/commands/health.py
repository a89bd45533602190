"""``scrape health``: what is read worse than it used to be."""

from typing import IO

import click

from scraper import health as checking
from scraper.commands.exits import DONE, ERROR, say
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config
from scraper.store import Store


@click.command()
@row_options
@pass_settings
def health(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print what got worse at each publication, compared with its own history.

    A field is found on fewer pages, shorter, or less surely; a publication blocks us, its feeds died, or it
    fell silent. Each line has the last good and the first bad page. Exit code 1: there is an alarm.

    \b
    Examples:
      scrape health --table
      scrape health > alarms.json || mail -s "scrape health" you@example.org < alarms.json
    """
    with Store(settings.paths.database, read_only=True) as store, store.reading() as db:
        alarms = checking.check(db)
    if form == "table" and not alarms:
        say("Nothing is read worse than it used to be.")
    print_rows([alarm.row() for alarm in alarms], form, output)
    raise SystemExit(ERROR if any(alarm.level == checking.ALARM for alarm in alarms) else DONE)
