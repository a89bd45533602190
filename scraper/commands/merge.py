"""``scrape merge``: the databases of several crawlers as one."""

from pathlib import Path

import click

from scraper import merge as merging
from scraper.commands.exits import say
from scraper.merge import Part


@click.command()
@click.argument("parts", nargs=-1, required=True, metavar="[NAME=]DATABASE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def merge(parts: tuple[str, ...], output: Path) -> None:
    """Join the databases of several crawlers into one for analysts, made anew each time.

    Every row of every database is there once. An article that several have is kept as it was seen last; what
    the others said else becomes a revision. Pages point into NAME/ of the archive, NAME being the database's
    file name if it is not given: put, mount or link each crawler's archive there.

    \b
    Examples:
      scrape merge one.db two.db -o joined.db
      scrape merge harbour=/mnt/a/articles.db upland=/mnt/b/articles.db -o data/articles.db
    """
    merged = merging.merge([_part(text) for text in parts], output)
    say(
        f"{output}: {merged.articles} articles, {merged.addresses} addresses, {merged.pages} pages; "
        f"{merged.met_articles} articles and {merged.met_addresses} addresses were in several"
    )


def _part(text: str) -> Part:
    name, equals, path = text.partition("=")
    return Part(name, Path(path)) if equals else Part(Path(text).stem, Path(text))
