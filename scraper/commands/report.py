"""``scrape report``: what was collected and how well, as one page to look at."""

from datetime import UTC, datetime
from pathlib import Path

import click

from scraper import report as reporting
from scraper.commands.exits import say
from scraper.commands.options import pass_settings
from scraper.config import Config
from scraper.store import Store


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("report.html"),
    show_default=True, help="Write to this file.",
)  # fmt: skip
@pass_settings
def report(settings: Config, output: Path) -> None:
    """Write one HTML page with charts: articles, field quality, sections, edits, failures, politeness.

    The page is whole by itself: no script, no other file, nothing from the network.

    \b
    Example:
      scrape report -o report.html
    """
    with Store(settings.paths.database, read_only=True) as store, store.reading() as db:
        page = reporting.page(db, now=datetime.now(UTC))
    output.write_text(page, encoding="utf-8")
    say(f"{output} written")
