"""The command: read the settings, call, print.

Results go to stdout, everything else to stderr. Exit codes: 0 done (also when there was nothing new),
1 error, 2 wrong usage or settings, 3 finished, but some pages or publications failed.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click

from extractors import Article, Page
from scraper import addresses, batch, config, pages, progress, render, rows, terminal
from scraper import crawl as crawling
from scraper.archive import Archive
from scraper.config import Config
from scraper.crawl import Event, LeadFound
from scraper.demo import tour
from scraper.errors import ConfigError, ScrapeError
from scraper.explain import explain
from scraper.outcome import TookTooLong, is_story
from scraper.store import Store
from scraper.visit import Visit, keep, visit
from scraper.workers import Extracted

DONE, ERROR, USAGE, PARTLY = 0, 1, 2, 3

EXISTING = click.Path(exists=True, allow_dash=True, path_type=Path)

SEARCH_TABLE = ("published_at", "section", "headline", "snippet", "url")  # what fits a terminal


class Commands(click.Group):
    """Commands that turn this package's errors into one line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ScrapeError as error:
            terminal.line(f"Error: {error}", style="red", out=sys.stderr)
            ctx.exit(USAGE if isinstance(error, ConfigError) else ERROR)


@dataclass(slots=True)
class Tally:
    """Counts what went well and what did not, and says so on stderr."""

    done: int = 0
    failed: int = 0

    def fail(self, problem: object) -> None:
        """Count a failure and print it."""
        self.failed += 1
        terminal.line(f"Error: {problem}", style="red", out=sys.stderr)

    def exit(self) -> None:
        """Leave with the code that fits the counts."""
        if self.failed:
            raise SystemExit(PARTLY if self.done else ERROR)


# Options that several commands share


def pass_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the settings, read now: --help works whatever the settings say."""

    @wraps(command)
    @click.pass_obj
    def with_settings(read: Callable[[], Config], /, *args: Any, **kwargs: Any) -> None:
        command(read(), *args, **kwargs)

    return with_settings


def output_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add -o."""
    return click.option(
        "-o",
        "--output",
        type=click.File("w", encoding="utf-8", lazy=True),
        default="-",
        help="Write to this file.",
    )(command)


def article_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to print articles."""
    forms = click.Choice(list(render.FORMATS))
    command = output_option(command)
    command = click.option(
        "--explain",
        "explained",
        is_flag=True,
        help="Print why each field says what it says, and what was cut.",
    )(command)
    return click.option("-f", "--format", "form", type=forms, default="json", show_default=True)(command)


def row_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to print rows."""
    command = output_option(command)
    for names, form, meaning in reversed(ROW_FORMS):
        command = click.option(*names, "form", flag_value=form, help=meaning)(command)
    return command


ROW_FORMS = (
    (("--json",), "json", "Print a JSON list (the default)."),
    (("--nl",), "nl", "Print one JSON object a line."),
    (("--csv",), "csv", "Print comma-separated values."),
    (("--tsv",), "tsv", "Print tab-separated values."),
    (("-t", "--table"), "table", "Print a table for people."),
)


def print_rows(found: Iterable[Mapping[str, object]], form: str | None, output: IO[str]) -> None:
    """Print rows in one of the forms."""
    listed = list(found)
    if form != "table":
        output.write(rows.FORMATS[form or "json"](listed))
    elif listed:
        terminal.table(tuple(listed[0]), [tuple(row.values()) for row in listed], out=output)


def print_article(article: Article, form: str, output: IO[str], *, single: bool, explained: bool) -> None:
    """Print one article; one of several as JSON takes one line."""
    if explained:
        explain(article, output)
    elif form == "json" and not single:
        output.write(render.to_json_line(article) + "\n")
    else:
        output.write(render.FORMATS[form](article) + "\n")


# The commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="cleancopy", message="%(package)s %(version)s")
@click.option(
    "--config", "file", type=click.Path(path_type=Path), help="Read this file instead of ./config.toml."
)
@click.option(
    "-s", "--set", "overrides", multiple=True, metavar="SETTING=VALUE", help="Set one setting for this run."
)
@click.option("-v", "--verbose", count=True, help="Say more on stderr; -vv says everything.")
@click.pass_context
def scrape(ctx: click.Context, file: Path | None, overrides: tuple[str, ...], verbose: int) -> None:
    """Crawl publications, strip their noise, keep clean articles.

    \b
    Examples:
      scrape url https://example.org/story
      scrape crawl
      scrape search "flood gate" --table
      scrape demo
    """
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    logging.basicConfig(
        level=levels[min(verbose, 2)], format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr
    )
    ctx.obj = lambda: config.load(file, dict(_pair(text) for text in overrides))


@scrape.command()
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
    wanted = [_web_address(text) for text in _lines(urls)]
    tally = Tally()
    with ExitStack() as stack:
        store = stack.enter_context(Store(settings.paths.database)) if save else None
        archive = stack.enter_context(Archive(settings.paths.archive)) if save else None
        if save:
            _say(f"database {settings.paths.database}, archive {settings.paths.archive}")

        def report(visited: Visit) -> None:
            outcome = keep(store, visited) if store else None
            if isinstance(visited.result, Article):
                tally.done += 1
                _note_kind(visited.result)
                print_article(visited.result, form, output, single=len(wanted) == 1, explained=explained)
            else:
                tally.fail(_problem(visited.result))
            if outcome:
                _say(f"{outcome.state}: {visited.url}")

        asyncio.run(visit(settings, wanted, report, archive))
    tally.exit()


@scrape.command()
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
                tally.fail(_problem(result))
    tally.exit()


@scrape.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--limit", type=click.IntRange(1), help="Visit at most this many addresses.")
@click.option("--dry-run", is_flag=True, help="Only discover: say how many addresses are new, write nothing.")
@click.option("--list", "listing", is_flag=True, help="Print the new addresses instead of visiting them.")
@pass_settings
def crawl(settings: Config, names: tuple[str, ...], limit: int | None, dry_run: bool, listing: bool) -> None:
    """Visit what is new and what is due of the publications, or of those with these NAMEs.

    Raw pages are archived before they are read. A crawl that was stopped, even killed, goes on when it is run
    again. Exit code 3: it finished, but some addresses or sources failed.

    \b
    Examples:
      scrape crawl
      scrape crawl gazette --limit 50
      scrape crawl --list > addresses.txt
    """
    wanted = config.chosen(settings, names)
    rehearsed = dry_run or listing
    if not rehearsed:
        _say(f"database {settings.paths.database}, archive {settings.paths.archive}")
    with terminal.meter("crawl", beside=sys.stdout if listing else None) as meter:
        receive = progress.follow(meter, _say)

        def report(event: Event) -> None:
            receive(event)
            if listing and isinstance(event, LeadFound) and event.new:
                click.echo(event.lead.url)

        summary = asyncio.run(crawling.crawl(settings, wanted, limit=limit, dry_run=rehearsed, report=report))
    for sentence in progress.sentences(summary):
        _say(sentence)
    raise SystemExit(_crawl_exit(summary))


@scrape.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="Print at most this many."
)
@row_options
@pass_settings
def search(settings: Config, words: tuple[str, ...], limit: int, form: str | None, output: IO[str]) -> None:
    """Print the stored articles in which all WORDS occur, best first.

    Words in double quotes must stand together.

    \b
    Examples:
      scrape search ferry
      scrape search --table '"flood gate" test'
    """
    with Store(settings.paths.database, read_only=True) as store:
        found = store.search(" ".join(words), limit)
    shown = found[0].keys() if found and form != "table" else SEARCH_TABLE
    print_rows([{name: row[name] for name in shown} for row in found], form, output)


@scrape.command()
@click.option("-t", "--table", "tables", is_flag=True, help="Print tables for people instead of JSON.")
@output_option
@pass_settings
def status(settings: Config, tables: bool, output: IO[str]) -> None:
    """Print what is stored, how the last crawl ended, and what became of every address.

    \b
    Examples:
      scrape status
      scrape status --table
    """
    with Store(settings.paths.database, read_only=True) as store:
        found = store.status()
    if not tables:
        output.write(rows.to_json([found]).strip()[1:-1] + "\n")
        return
    ledger = found.pop("ledger")
    terminal.table(("", ""), [(name, _told(value)) for name, value in found.items()], out=output)
    print_rows(ledger, "table", output)


@scrape.command()
@row_options
@pass_settings
def publications(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print the publications that the settings name.

    \b
    Example:
      scrape publications --table
    """
    print_rows(config.publication_rows(settings), form, output)


@scrape.command("config")
@row_options
@pass_settings
def show_config(settings: Config, form: str | None, output: IO[str]) -> None:
    """Print the settings in force, and where each came from.

    A setting comes from --set, else from the environment (SCRAPE_FETCHING_ATTEMPTS), else from config.toml,
    else from ~/.config/cleancopy/config.toml, else it has its default.

    \b
    Examples:
      scrape config --table
      scrape -s fetching.attempts=1 config
    """
    print_rows(config.rows(settings), form, output)


@scrape.command()
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
        toured = tour.tour(folder, progress.follow(meter, _say))
    tour.show(toured)


def main() -> None:
    """Run the command line."""
    scrape(prog_name="scrape")


# Small parts


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set {text}: write SETTING=VALUE, for example fetching.attempts=1")
    return name.strip(), value.strip()


def _lines(arguments: tuple[str, ...]) -> list[str]:
    """Return the arguments; those that are - give way to the lines of stdin."""
    given: list[str] = []
    for argument in arguments:
        lines = sys.stdin if argument == "-" else [argument]
        given += [line.strip() for line in lines if line.strip()]
    return given


def _web_address(text: str) -> str:
    address = addresses.resolve(text)
    if address is None:
        raise click.BadParameter(
            f"{text!r} is not a web address; it must look like https://example.org/story"
        )
    return address


def _extracted(
    settings: Config, paths: tuple[Path, ...], address: str | None, trouble: batch.Trouble
) -> Iterable[tuple[Page, Extracted]]:
    if address is not None:
        address = _web_address(address)
    if paths == (Path("-"),):
        stream, most = sys.stdin.buffer, settings.fetching.max_body_bytes
        page = pages.read_stream(stream, url=address, max_bytes=most)
        return batch.extract_pages(settings, iter([page]), at_most=1)
    files = pages.files(paths)
    if address is not None and len(files) > 1:
        raise click.BadParameter(f"--url is the address of one page, and here are {len(files)} files")
    return batch.extract_files(settings, files, trouble, url=address)


def _crawl_exit(summary: crawling.Summary) -> int:
    if summary.outcome == "interrupted" or summary.contradictions:
        return ERROR
    return PARTLY if summary.failures or summary.sources_failed else DONE


def _problem(result: object) -> str:
    return f"{result.url}: {result.detail}" if isinstance(result, TookTooLong) else str(result)


def _note_kind(article: Article) -> None:
    if not is_story(article):
        _say(f"{article.url}: no article but a page of kind {article.kind}")


def _say(text: str) -> None:
    terminal.line(text, out=sys.stderr)


def _told(value: object) -> object:
    return ", ".join(f"{k} {v}" for k, v in value.items() if v) if isinstance(value, dict) else value
