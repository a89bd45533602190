"""``scrape publications``: whom the settings name, whom the directory knows, and how to add one."""

import asyncio
import dataclasses
from pathlib import Path
from typing import IO

import click

from scraper import adding, addresses, config, directory
from scraper.clock import SYSTEM
from scraper.commands.exits import say
from scraper.commands.options import pass_settings, print_rows, row_options, web_address
from scraper.config import Config
from scraper.errors import ConfigError
from scraper.fetch import DOCUMENT, Fetched, Fetcher
from scraper.politeness import Politeness


@click.group(invoke_without_command=True)
@row_options
@click.pass_context
def publications(ctx: click.Context, form: str | None, output: IO[str]) -> None:
    """Print the publications that the settings name; add one; search the directory of known ones.

    \b
    Examples:
      scrape publications --table
      scrape publications known --table rhein
      scrape publications add https://gazette.example/
    """
    if ctx.invoked_subcommand is None:
        print_rows(config.publication_rows(ctx.obj()), form, output)


@publications.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@row_options
def known(words: tuple[str, ...], form: str | None, output: IO[str]) -> None:
    """Print the known publications whose name, address or country (as "de") has every WORD.

    The directory holds facts that the Fundus project gathered. They were not checked since.

    \b
    Examples:
      scrape publications known --table de
      scrape publications known --table guardian
    """
    found = [dataclasses.asdict(item) for item in directory.search(" ".join(words))]
    if form == "table":
        lists = ("feeds", "sitemaps", "news_sitemaps")
        found = [row | {"language": " ".join(row["language"])} | {one: len(row[one]) for one in lists}
                 for row in found]  # fmt: skip
    print_rows(found, form, output)


@publications.command()
@click.argument("which", metavar="URL|NAME")
@click.option("--dry-run", is_flag=True, help="Print the entry instead of writing it.")
@pass_settings
def add(settings: Config, which: str, dry_run: bool) -> None:
    """Find where a publication announces its stories and add its entry to config.toml.

    URL is its home page: feeds and sitemaps are looked for there and in robots.txt, and each is read before
    it is written down. NAME is taken from the directory of known publications, as it stands there.

    \b
    Examples:
      scrape publications add https://gazette.example/
      scrape publications add --dry-run "Der Standard"
    """
    if addresses.resolve(which) is None:
        entry = adding.from_directory(_only_one(which), settings)
    else:
        entry = asyncio.run(_look(settings, web_address(which)))
    text = adding.toml(entry)
    if dry_run:
        click.echo(text, nl=False)
        return
    _append(settings.file, text)
    say(
        f"[publications.{entry.key}] was added to {settings.file}: read it, then run scrape crawl {entry.key}"
    )


def _only_one(name: str) -> directory.Known:
    found = directory.named(name)
    if len(found) != 1:
        several = ", ".join(f"{item.name!r}" for item in found[:8])
        hint = f"that could be {several}" if found else "give its address instead"
        raise ConfigError(f"{name!r} is not the name of one known publication: {hint}")
    return found[0]


async def _look(settings: Config, url: str) -> adding.Entry:
    async with Fetcher(settings.fetching) as fetcher:
        politeness = Politeness(settings, fetcher)

        async def get(where: str) -> Fetched:
            return await politeness.get(where, wanted=DOCUMENT)

        return await adding.look(url, get, settings, SYSTEM.now())


def _append(file: Path, text: str) -> None:
    """Put the entry at the end of the file, which is made if need be."""
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        with file.open("a", encoding="utf-8") as out:
            out.write(gap + text)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from error
