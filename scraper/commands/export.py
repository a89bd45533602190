"""``scrape export``: stored articles as files for other programs."""

import sys
from contextlib import closing
from pathlib import Path

import click

from scraper import export as exporting
from scraper.commands.exits import say
from scraper.commands.options import pass_settings, wanted_options
from scraper.config import Config
from scraper.search import Wanted
from scraper.store import Store


@click.command()
@wanted_options
@click.option(
    "-f", "--format", "form", type=click.Choice(list(exporting.FORMS)), default="nl", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file or folder.")
@click.option(
    "--raw", is_flag=True, help="CSV and TSV: leave texts that a spreadsheet would run as they are."
)
@pass_settings
def export(settings: Config, wanted: Wanted, form: str, output: Path | None, raw: bool) -> None:
    """Write the stored articles, or those in which all WORDS occur, for other programs.

    csv and tsv have a row an article, parquet the same with types; nl has one JSON object a line with all
    that is known; jsonld one schema.org NewsArticle a line; markdown makes a file of each in a folder.
    With -o a manifest is written beside the output: hashes of pages, rules and texts, and what was learned,
    which `scrape verify` checks on any machine. Run `scrape reextract` before an export that is to be
    checked: it brings articles of all ages to what is known now.

    \b
    Examples:
      scrape export --format csv -o articles.csv
      scrape export --section Town --since 2026-03 ferry > ferry.jsonl
      scrape export --format markdown -o articles/
    """
    if output is None and form not in exporting.LINES:
        raise click.UsageError(f"{form} cannot be written to the terminal: say where with -o.")
    with Store(settings.paths.database, read_only=True) as store, store.reading() as db:
        if output is None:
            with closing(exporting.items(db, wanted)) as found:
                exporting.write_lines(form, found, sys.stdout, raw=raw)
            return
        done = exporting.export(db, wanted, settings, form, output, raw=raw)
    say(f"{done.articles} articles in {done.path}, manifest {done.manifest}")
