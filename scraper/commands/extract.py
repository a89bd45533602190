"""``scrape extract``: pages that are on this machine."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import click

from extractors import Article, Page
from scraper import batch, pages, terminal
from scraper.commands.exits import Tally, problem
from scraper.commands.options import article_options, pass_settings, print_article, web_address
from scraper.config import Config
from scraper.workers import Extracted

EXISTING = click.Path(exists=True, allow_dash=True, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=EXISTING)
@click.option("--url", "address", help="The address of the page, when it is a single saved one.")
@article_options
@pass_settings
def extract(
    settings: Config,
    paths: tuple[Path, ...],
    address: str | None,
    form: str,
    explained: bool,
    output: IO[str],
) -> None:
    """Print the articles of pages that are on this machine, one JSON object a line.

    PATH is a saved page (.html), a plain-text dump of one (.txt), a WARC file, a folder of these, or - for a
    page on stdin. A saved page has the address that --url says, else that of its canonical link, else that of
    its file.

    \b
    Examples:
      scrape extract story.html
      scrape extract data/archive -o articles.jsonl
      curl -s https://example.org/story | scrape extract - --url https://example.org/story
    """
    tally = Tally()
    with terminal.meter("extract", beside=output) as meter:
        for page, result in _extracted(settings, paths, address, tally.fail):
            meter(tally.done + tally.failed, None, page.url)
            if isinstance(result, Article):
                tally.done += 1
                print_article(result, form, output, single=False, explained=explained)
            else:
                tally.fail(problem(result))
    tally.exit()


def _extracted(
    settings: Config, paths: tuple[Path, ...], address: str | None, trouble: batch.Trouble
) -> Iterable[tuple[Page, Extracted]]:
    if address is not None:
        address = web_address(address)
    if paths == (Path("-"),):
        stream, most = sys.stdin.buffer, settings.fetching.max_body_bytes
        page = pages.read_stream(stream, url=address, max_bytes=most)
        return ((page, found) for page, found, _ in batch.extract_pages(settings, iter([page]), at_most=1))
    files = pages.files(paths)
    if address is not None and len(files) > 1:
        raise click.BadParameter(f"--url is the address of one page, and here are {len(files)} files")
    return batch.extract_files(settings, files, trouble, url=address)
