"""``scrape url``: fetch pages now."""

import asyncio
import sys
from contextlib import ExitStack
from typing import IO

import click

from extractors import Article
from scraper.archive import Archive
from scraper.commands.exits import Tally, problem, say
from scraper.commands.options import article_options, pass_settings, print_article, web_address
from scraper.config import Config
from scraper.outcome import is_story
from scraper.store import Store
from scraper.visit import Visit, keep, visit


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--save", is_flag=True, help="Archive the pages and store the articles, too.")
@article_options
@pass_settings
def url(
    settings: Config, urls: tuple[str, ...], save: bool, form: str, explained: bool, output: IO[str]
) -> None:
    """Fetch web pages and print their articles.

    robots.txt is asked first. URL - reads addresses from stdin, one a line. One article is printed as
    indented JSON, several as one JSON object a line.

    \b
    Examples:
      scrape url https://example.org/story
      scrape url --format markdown https://example.org/story
      scrape url --explain https://example.org/story
      scrape url --save - < addresses.txt
    """
    wanted = [web_address(text) for text in _lines(urls)]
    tally = Tally()
    with ExitStack() as stack:
        store = stack.enter_context(Store(settings.paths.database)) if save else None
        archive = stack.enter_context(Archive(settings.paths.archive)) if save else None
        if save:
            say(f"database {settings.paths.database}, archive {settings.paths.archive}")

        def report(visited: Visit) -> None:
            outcome = keep(store, visited) if store else None
            if isinstance(visited.result, Article):
                tally.done += 1
                _note_kind(visited.result)
                print_article(visited.result, form, output, single=len(wanted) == 1, explained=explained)
            else:
                tally.fail(problem(visited.result))
            if outcome:
                say(f"{outcome.state}: {visited.url}")

        asyncio.run(visit(settings, wanted, report, archive))
    tally.exit()


def _lines(arguments: tuple[str, ...]) -> list[str]:
    """Return the arguments; those that are - give way to the lines of stdin."""
    given: list[str] = []
    for argument in arguments:
        lines = sys.stdin if argument == "-" else [argument]
        given += [line.strip() for line in lines if line.strip()]
    return given


def _note_kind(article: Article) -> None:
    if not is_story(article):
        say(f"{article.url}: no article but a page of kind {article.kind}")
