"""The command: read the settings, call, print. Each command has a file in commands/.

Results go to stdout, everything else to stderr. Exit codes: 0 done (also when there was nothing new),
1 error, 2 wrong usage or settings, 3 finished, but some pages or publications failed.
"""

from pathlib import Path
from typing import Any

import click

from scraper import config, logs
from scraper.commands.archive import archive
from scraper.commands.crawl import crawl
from scraper.commands.demo import demo
from scraper.commands.exits import ERROR, USAGE, complain
from scraper.commands.export import export
from scraper.commands.extract import extract
from scraper.commands.health import health
from scraper.commands.merge import merge
from scraper.commands.noise import noise
from scraper.commands.politeness import politeness
from scraper.commands.publications import publications
from scraper.commands.reextract import reextract
from scraper.commands.report import report
from scraper.commands.revisions import revisions
from scraper.commands.rules import rules
from scraper.commands.schedule import schedule
from scraper.commands.search import search
from scraper.commands.serve import serve
from scraper.commands.show_config import show_config
from scraper.commands.status import status
from scraper.commands.url import url
from scraper.commands.verify import verify
from scraper.commands.warc import warc
from scraper.commands.why import why
from scraper.errors import ConfigError, ScrapeError


class Commands(click.Group):
    """Commands that turn this package's errors into one line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ScrapeError as error:
            complain(error)
            ctx.exit(USAGE if isinstance(error, ConfigError) else ERROR)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="cleancopy", message="%(package)s %(version)s")
@click.option(
    "--config", "file", type=click.Path(path_type=Path), help="Read this file instead of ./config.toml."
)
@click.option(
    "-s", "--set", "overrides", multiple=True, metavar="SETTING=VALUE", help="Set one setting for this run."
)
@click.option("-v", "--verbose", count=True, help="Say more on stderr; -vv says everything.")
@click.option(
    "--log",
    "log_form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to say it: lines for people, or one JSON object a line.",
)
@click.pass_context
def scrape(
    ctx: click.Context, file: Path | None, overrides: tuple[str, ...], verbose: int, log_form: str
) -> None:
    """Crawl publications, strip their noise, keep clean articles.

    \b
    Examples:
      scrape url https://example.org/story
      scrape crawl
      scrape search "flood gate" --table
      scrape demo
    """
    logs.configure(verbose, log_form)
    ctx.obj = lambda: config.load(file, dict(_pair(text) for text in overrides))


scrape.add_command(url)
scrape.add_command(extract)
scrape.add_command(warc)
scrape.add_command(crawl)
scrape.add_command(schedule)
scrape.add_command(search)
scrape.add_command(revisions)
scrape.add_command(export)
scrape.add_command(verify)
scrape.add_command(reextract)
scrape.add_command(merge)
scrape.add_command(status)
scrape.add_command(health)
scrape.add_command(serve)
scrape.add_command(report)
scrape.add_command(why)
scrape.add_command(archive)
scrape.add_command(politeness)
scrape.add_command(noise)
scrape.add_command(rules)
scrape.add_command(publications)
scrape.add_command(show_config)
scrape.add_command(demo)


def main() -> None:
    """Run the command line."""
    scrape(prog_name="scrape")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set {text}: write SETTING=VALUE, for example fetching.attempts=1")
    return name.strip(), value.strip()
