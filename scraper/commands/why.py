"""``scrape why``: one address's whole story."""

from typing import IO, Any

import click

from scraper import rows, terminal
from scraper.commands.options import output_option, pass_settings, print_rows, web_address
from scraper.config import Config
from scraper.store import Store
from scraper.why import why as story_of


@click.command()
@click.argument("url")
@click.option("-t", "--table", "tables", is_flag=True, help="Print tables for people instead of JSON.")
@output_option
@pass_settings
def why(settings: Config, url: str, tables: bool, output: IO[str]) -> None:
    """Print what became of URL and why: where it was found, every visit, what the rules say of it today.

    \b
    Examples:
      scrape why https://example.org/story
      scrape why --table https://example.org/story
    """
    with Store(settings.paths.database, read_only=True) as store:
        found = story_of(store.conn, web_address(url), settings)
    if not tables:
        rows.write_one(found, output)
        return
    visits = found.pop("visits")
    article = found.pop("article") or {}
    facts = found | {f"article {name}": value for name, value in article.items()}
    terminal.table(("", ""), [(name, _told(value)) for name, value in facts.items()], out=output)
    print_rows(visits, "table", output)


def _told(value: Any) -> object:
    return "; ".join(f"{name}: {said}" for name, said in value.items()) if isinstance(value, dict) else value
