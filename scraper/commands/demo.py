"""``scrape demo``: a small publication on this machine."""

from pathlib import Path

import click

from scraper import progress, terminal
from scraper.commands.exits import say
from scraper.demo import tour


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default="demo-data", show_default=True
)
def demo(folder: Path) -> None:
    """Crawl a small publication that is served on this machine, and show what came out.

    Everything lands in --folder: database, raw pages and settings, to play with.

    \b
    Example:
      scrape demo
    """
    with terminal.meter("crawl") as meter:
        toured = tour.tour(folder, progress.follow(meter, say))
    tour.show(toured)
