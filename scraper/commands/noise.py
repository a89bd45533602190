"""``scrape noise``: the lines that a publication's pages have in common, and what a person says of them."""

import dataclasses
from typing import IO

import click

from scraper import config, learned, terminal
from scraper.commands.exits import say
from scraper.commands.options import pass_settings, print_rows, row_options
from scraper.config import Config
from scraper.reextract import Report, reextract
from scraper.relearning import relearn
from scraper.store import Store


@click.group()
def noise() -> None:
    """Show, overrule and recount what was learned of each publication's boilerplate.

    A line that stands on two other pages of a publication is cut from its stories, unless it is a long
    sentence in the middle, a heading with text under it, or part of a copy.
    """


@noise.command("list")
@click.argument("publication")
@click.option(
    "--seen",
    default=3,
    show_default=True,
    type=click.IntRange(2),
    help="Print lines on at least so many pages.",
)
@row_options
@pass_settings
def list_lines(settings: Config, publication: str, seen: int, form: str | None, output: IO[str]) -> None:
    """Print the lines that recur in PUBLICATION: id, pages, verdict, line, and articles that it concerns.

    \b
    Examples:
      scrape noise list gazette --table
      scrape noise list gazette --seen 10 --csv
    """
    config.chosen(settings, (publication,))
    with Store(settings.paths.database, read_only=True) as store:
        publication_id = store.find_publication(publication)
        found = [dataclasses.asdict(line) for line in learned.listed(store.conn, publication_id, fewest=seen)]
    print_rows(found, form, output)


@noise.command()
@click.argument("publication")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@pass_settings
def keep(settings: Config, publication: str, ids: tuple[str, ...]) -> None:
    """Never cut the lines with these IDs from stories of PUBLICATION.

    \b
    Example:
      scrape noise keep gazette 3f9a12bc
    """
    _judge(settings, publication, ids, "keep")


@noise.command()
@click.argument("publication")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@pass_settings
def drop(settings: Config, publication: str, ids: tuple[str, ...]) -> None:
    """Always cut the lines with these IDs from stories of PUBLICATION.

    \b
    Example:
      scrape noise drop gazette 3f9a12bc
    """
    _judge(settings, publication, ids, "drop")


@noise.command()
@click.argument("names", nargs=-1, metavar="[PUBLICATION]...")
@pass_settings
def learn(settings: Config, names: tuple[str, ...]) -> None:
    """Count the lines of all archived stories anew, of all publications or of these. Verdicts stay.

    Stored articles that this changes are extracted anew, as a batch that `scrape reextract` can take back.

    \b
    Example:
      scrape noise learn gazette
    """
    for publication in config.chosen(settings, names):
        with Store(settings.paths.database) as store, store.claim(), terminal.meter("learn") as meter:
            publication_id = store.find_publication(publication.key)
            found = relearn(store, settings, publication_id, meter)
            recurring = sum(1 for _ in learned.listed(store.conn, publication_id))
        say(f"{publication.key}: {found.articles} articles, {recurring} lines that recur")
        if found.without_page:
            say(f"{found.without_page} of them have no archived page and count as they are stored")
        if found.report:
            _tell(found.report)


def _judge(settings: Config, publication: str, ids: tuple[str, ...], verdict: str) -> None:
    config.chosen(settings, (publication,))
    with Store(settings.paths.database) as store:
        publication_id = store.find_publication(publication)
        with store.transaction() as db:
            lines = [learned.judge(db, publication_id, mark, verdict) for mark in ids]
        touched = sorted(
            {one for line in lines for one in learned.holding(store.conn, publication_id, line.text)}
        )
        if touched:
            _reextract(store, settings, touched)
    for line in lines:
        told = f"on {line.seen} pages, in {line.articles} stored articles"
        say(f"{verdict} {line.id}, {told}: “{line.text[:60]}”")


def _reextract(store: Store, settings: Config, ids: list[int]) -> None:
    """Extract the articles that a verdict concerns anew from their archived pages, as one batch."""
    with store.claim():
        report = reextract(store, settings, where=f"id IN ({', '.join(map(str, ids))})", accept_loss=True)
    _tell(report)


def _tell(report: Report) -> None:
    say(f"extracted {report.articles} articles anew, as batch {report.batch} of `scrape reextract`")
