"""``scrape reextract``: today's rules on yesterday's pages."""

from typing import IO

import click

from scraper import reextract as reextracting
from scraper import terminal
from scraper.commands.exits import DONE, PARTLY, say
from scraper.commands.options import output_option, pass_settings
from scraper.config import Config
from scraper.store import Store


@click.command()
@click.option(
    "--where", metavar="SQL", help="Only articles for which this holds: a condition on their columns."
)
@click.option("--dry-run", is_flag=True, help="Only say what would change; write nothing.")
@click.option("--accept-loss", is_flag=True, help="Write also what loses over 30 % of a body.")
@click.option("--rollback", type=int, metavar="BATCH", help="Restore what this batch wrote over, and end.")
@output_option
@pass_settings
def reextract(
    settings: Config,
    where: str | None,
    dry_run: bool,
    accept_loss: bool,
    rollback: int | None,
    output: IO[str],
) -> None:
    """Extract the archived pages of stored articles anew and write what changed, as one batch.

    No server is asked. Each change is put into classes, with examples: noise removed, text lost, text
    gained, field changed, origins changed (the article says the same). What loses over 30 % of a body, or
    gives no article any more, is refused: exit code 3.

    \b
    Examples:
      scrape reextract --dry-run
      scrape reextract --where "section = 'Europe' AND published_at >= '2026-03'"
      scrape reextract --rollback 4
    """
    with Store(settings.paths.database) as store, store.claim():
        if rollback is not None:
            restored, left = reextracting.roll_back(store, rollback)
            for url in left:
                say(f"{url}: has changed since, left as it is")
            say(f"{restored} articles are as they were before batch {rollback}")
            raise SystemExit(PARTLY if left else DONE)
        with terminal.meter("reextract", beside=output) as meter:
            report = reextracting.reextract(
                store, settings, where=where, dry_run=dry_run, accept_loss=accept_loss, progress=meter
            )
    _print(report, output)
    if report.batch is not None:
        say(f"written as batch {report.batch}; `scrape reextract --rollback {report.batch}` takes it back")
    refused = report.counts[reextracting.REFUSED] + report.counts[reextracting.NO_PAGE]
    raise SystemExit(PARTLY if refused else DONE)


def _print(report: reextracting.Report, output: IO[str]) -> None:
    rows = [(name, count) for name, count in sorted(report.counts.items())]
    terminal.table(("change", "articles"), rows, title=f"{report.articles} articles", out=output)
    if report.examples:
        examples = [(one.name, one.url, one.text) for one in report.examples]
        terminal.table(("change", "article", "for example"), sorted(examples), out=output)
