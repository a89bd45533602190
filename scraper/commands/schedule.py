"""``scrape schedule``: publications at their own intervals."""

import asyncio
import sys

import click

from scraper import progress, terminal
from scraper import schedule as scheduling
from scraper.commands.exits import say
from scraper.commands.options import own_of, pass_settings
from scraper.config import Config


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--once", is_flag=True, help="Crawl what is due now and end: for cron.")
@click.option("--systemd", "unit", flag_value="systemd", help="Print a systemd unit that runs this.")
@click.option("--cron", "unit", flag_value="cron", help="Print a crontab line that runs this.")
@pass_settings
def schedule(settings: Config, names: tuple[str, ...], once: bool, unit: str | None) -> None:
    """Crawl each publication, or those with these NAMEs, at its own interval, until it is stopped.

    The interval is schedule.every_minutes, or every_minutes of the publication. When each is due next is kept
    in the database: a restart neither forgets nor repeats. Ctrl-C finishes the pages in hand.

    \b
    Examples:
      scrape schedule
      scrape --log json schedule gazette
      scrape schedule --systemd > ~/.config/systemd/user/scrape.service
      scrape schedule --cron
    """
    if unit is not None:
        click.echo({"systemd": scheduling.systemd, "cron": scheduling.cron}[unit](settings), nl=False)
        return
    wanted = own_of(settings, names)
    say(f"database {settings.paths.database}, archive {settings.paths.archive}")
    with terminal.meter("crawl", beside=None) as meter:
        work = scheduling.keep(settings, wanted, once=once, report=progress.follow(meter, say), tell=_tell)
        asyncio.run(work)
    sys.stderr.flush()


def _tell(done: scheduling.Round) -> None:
    for sentence in progress.sentences(done.summary):
        say(f"{', '.join(done.publications)}: {sentence}")
