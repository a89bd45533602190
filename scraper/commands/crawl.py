"""``scrape crawl``: the publications of the settings."""

import asyncio
import sys
from datetime import datetime

import click

from scraper import crawl as crawling
from scraper import progress, terminal
from scraper.commands.exits import DONE, ERROR, PARTLY, say
from scraper.commands.options import MOMENT, own_of, pass_settings, window_of
from scraper.config import Config
from scraper.events import Event, LeadFound, Summary
from scraper.health import ALARM


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--limit", type=click.IntRange(1), help="Visit at most this many addresses.")
@click.option("--dry-run", is_flag=True, help="Only discover: say how many addresses are new, write nothing.")
@click.option("--since", type=MOMENT, help="Only what was published then or later: 2024-05-31 (UTC).")
@click.option("--until", type=MOMENT, help="Only what was published up to the end of that day (UTC).")
@click.option("--list", "listing", is_flag=True, help="Print the new addresses instead of visiting them.")
@pass_settings
def crawl(
    settings: Config,
    names: tuple[str, ...],
    limit: int | None,
    dry_run: bool,
    since: datetime | None,
    until: datetime | None,
    listing: bool,
) -> None:
    """Visit what is new and what is due of the publications, or of those with these NAMEs.

    Raw pages are archived before they are read. A crawl that was stopped, even killed, goes on when it is run
    again. Exit code 3: it finished, but some addresses or sources failed, or a publication is read worse than
    it used to be (see `scrape health`).

    With --since or --until it is a backfill: sitemaps are read whole, and what they or the addresses
    themselves date into that time is visited, the newest first.

    \b
    Examples:
      scrape crawl
      scrape crawl gazette --limit 50
      scrape crawl --list > addresses.txt
      scrape crawl gazette --since 2024-01-01 --until 2024-03-31
    """
    wanted = own_of(settings, names)
    rehearsed = dry_run or listing
    if not rehearsed:
        say(f"database {settings.paths.database}, archive {settings.paths.archive}")
    with terminal.meter("crawl", beside=sys.stdout if listing else None) as meter:
        receive = progress.follow(meter, say)

        def report(event: Event) -> None:
            receive(event)
            if listing and isinstance(event, LeadFound) and event.new:
                click.echo(event.lead.url)

        summary = asyncio.run(
            crawling.crawl(
                settings,
                wanted,
                limit=limit,
                dry_run=rehearsed,
                window=window_of(since, until),
                report=report,
            )
        )
    for sentence in progress.sentences(summary):
        say(sentence)
    raise SystemExit(_crawl_exit(summary))


def _crawl_exit(summary: Summary) -> int:
    if summary.outcome == "interrupted" or summary.contradictions:
        return ERROR
    alarmed = any(alarm.level == ALARM for alarm in summary.alarms)
    return PARTLY if summary.failures or summary.sources_failed or alarmed else DONE
