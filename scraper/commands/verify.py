"""``scrape verify``: an exported data set against its pages."""

from pathlib import Path

import click

from scraper import reproduce, terminal
from scraper.commands.exits import DONE, ERROR, say
from scraper.commands.options import pass_settings
from scraper.config import Config


@click.command()
@click.argument("manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_settings
def verify(settings: Config, manifest: Path) -> None:
    """Check that exported files are unchanged, and that their pages in the archive give the same texts.

    The same archive, rules and version give the same checksums on any machine. Exit code 1: something is
    not as the MANIFEST says.

    \b
    Example:
      scrape verify articles.csv.manifest.jsonl
    """
    with terminal.meter("verify") as meter:
        verdict = reproduce.verify(manifest, settings, meter)
    for sentence in verdict.notes + verdict.wrong:
        say(sentence)
    unchecked = f", {verdict.unchecked} have no archived page" if verdict.unchecked else ""
    terminal.line(f"{verdict.same} of {verdict.articles} articles follow from their pages{unchecked}")
    raise SystemExit(ERROR if verdict.wrong else DONE)
