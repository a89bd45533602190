"""``scrape serve``: the database in a browser."""

import click

from scraper.commands.exits import say
from scraper.commands.options import pass_settings
from scraper.config import Config
from scraper.store import Store


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Who may connect: this machine only.")
@pass_settings
def serve(settings: Config, port: int, host: str) -> None:
    """Open the database in a browser: search, read, ask.

    Needs Datasette: pip install 'cleancopy[serve]'. Nothing can be written there, and a crawl may go on.

    \b
    Examples:
      scrape serve
      scrape --config demo-data/config.toml serve --port 8080
    """
    from scraper import serve as serving  # an extra: the other commands do without it

    database = settings.paths.database
    with Store(database):  # bring an old file up to date, refuse a damaged one
        pass
    say(f"{database} at http://{host}:{port}/ (Ctrl-C ends it)")
    serving.serve(database, host=host, port=port)
