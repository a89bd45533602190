"""``scrape revisions``: what became of one article, word by word."""

from typing import IO

import click

from scraper import frontier, rows, stories, terminal
from scraper import revisions as changes
from scraper.commands.options import output_option, pass_settings, web_address
from scraper.config import Config
from scraper.errors import ScrapeError
from scraper.revisions import Revision
from scraper.store import Store


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of marked text.")
@output_option
@pass_settings
def revisions(settings: Config, url: str, as_json: bool, output: IO[str]) -> None:
    """Print each stored change of the article at URL: whose it was, how much of one, and the words.

    Words that went stand in [- -], words that came in {+ +}.

    \b
    Examples:
      scrape revisions https://example.org/story
      scrape revisions --json https://example.org/story
    """
    address = web_address(url)
    with Store(settings.paths.database, read_only=True) as store:
        row = store.conn.execute(
            "SELECT article_id FROM urls WHERE id = ? AND article_id IS NOT NULL", (frontier.key(address),)
        ).fetchone()
        if row is None:
            raise ScrapeError(f"{address}: no article is stored under this address; scrape why tells more")
        article = stories.one(store.conn, "id = ?", row[0])
        assert article is not None
        now = stories.comparable(store.conn, article)
        found = changes.of_article(store.conn, row[0], now)
    if as_json:
        rows.write_json((_plain(revision) for revision in found), output)
        return
    terminal.line(article["headline"] or article["url"], style="bold", out=output)
    for revision in found:
        _print(revision, output)
    if not found:
        terminal.line("It has not been changed since it was stored.", out=output)


def _print(revision: Revision, output: IO[str]) -> None:
    said = f" · {revision.correction}" if revision.correction else ""
    silent = " · silent" if revision.is_silent else ""
    batch = f" · batch {revision.batch_id}" if revision.batch_id else ""
    weight = revision.weight or "weight unknown"
    head = f"{revision.replaced_at} · {revision.whose} · {weight}{silent}{batch}{said}"
    terminal.line(f"\n{head}", style="cyan", out=output)
    for name, pieces in revision.differences():
        terminal.difference(name, pieces, out=output)


def _plain(revision: Revision) -> dict[str, object]:
    names = ("id", "replaced_at", "whose", "weight", "correction", "batch_id", "old", "new")
    return {name: getattr(revision, name) for name in names}
