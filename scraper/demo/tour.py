"""The demo: serve the publication, crawl it over HTTP as any other, show what came out."""

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from scraper.config import Config, load
from scraper.crawl import crawl
from scraper.demo.check import Difference, differences
from scraper.demo.server import serving
from scraper.demo.stories import NAME, stories
from scraper.errors import ScrapeError
from scraper.events import Event, Summary
from scraper.store import Store
from scraper.terminal import line, overview

SETTINGS = """# Made by `scrape demo`. The publication is on this machine, so nobody has to be waited for.

[paths]
database = "articles.db"
archive = "archive"

[fetching]
contact = "demo"
allow_private = ["127.0.0.1:{port}"]

[politeness]
delay = 0

[publications.courier]
name = "{name}"
url = "{root}/"
feeds = ["{root}/feeds/feed.rss", "{root}/magazine/feed/"]
sitemaps = ["{root}/sitemap.xml"]
sections = ["{root}/", "{root}/town/", "{root}/science/"]
"""
SHOWN = 60  # characters of a cell; the terminal cuts further where it must


@dataclass(frozen=True, slots=True)
class Toured:
    """What the demo came to."""

    config: Config
    summary: Summary
    root: str
    seconds: float


def tour(folder: Path, report: Callable[[Event], None]) -> Toured:
    """Serve the publication, crawl it into ``folder``, and return how it went.

    A second tour of a folder serves at the same port, so that its addresses are the ones already known.
    Raises ScrapeError when another program has taken that port, or when the folder is somebody else's.
    """
    settings = folder / "config.toml"
    with serving(_port(settings)) as served:
        folder.mkdir(parents=True, exist_ok=True)
        settings.write_text(SETTINGS.format(port=served.port, root=served.root, name=NAME), encoding="utf-8")
        config = load(settings)
        started = time.monotonic()
        summary = asyncio.run(crawl(config, config.publications, report=report))
        return Toured(config, summary, served.root, time.monotonic() - started)


def _port(settings: Path) -> int:
    """Return the port of the last tour of this folder, or 0 for a free one."""
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    if text and not text.startswith(SETTINGS[:20]):
        raise ScrapeError(
            f"{settings}: was not made by the demo, which would overwrite it; choose another --folder"
        )
    port = re.search(r"127\.0\.0\.1:(\d+)", text)
    return int(port[1]) if port else 0


def show(toured: Toured) -> None:
    """Print the articles, what was cut, what became of each address, and what to try next."""
    with Store(toured.config.paths.database, read_only=True) as store:
        overview(("headline", "section", "dek", "credit"), list(article_rows(store.conn)), title="Articles")
        overview(
            ("stripper", "cut", "on articles", "for example"),
            list(removal_rows(store.conn)),
            title="What was cut",
        )
        overview(
            ("state", "reason", "addresses"),
            list(ledger_rows(store.conn)),
            title="What became of each address",
        )
        wrong = list(differences(store.conn, toured.root))
    _verdict(wrong)
    _next(toured)


def article_rows(db: Connection) -> Iterator[tuple[object, ...]]:
    """Yield headline, section, dek and credits of each article, the newest first."""
    for row in db.execute(
        "SELECT headline, section, dek, credits FROM articles_flat ORDER BY published_at DESC"
    ):
        yield tuple(_short(cell) for cell in row)


def removal_rows(db: Connection) -> Iterator[tuple[object, ...]]:
    """Yield each stripper, how many pieces it cut, from how many articles, and the commonest of them."""
    for stripper, cut, articles in db.execute(
        """SELECT stripper, count(*), count(DISTINCT article_id) FROM removals
        GROUP BY stripper ORDER BY 2 DESC, 1"""
    ).fetchall():
        example = db.execute(
            "SELECT text FROM removals WHERE stripper = ? GROUP BY text ORDER BY count(*) DESC, text LIMIT 1",
            (stripper,),
        ).fetchone()
        yield (stripper, cut, articles, _short(example[0]))


def ledger_rows(db: Connection) -> Iterator[tuple[object, ...]]:
    """Yield state, reason and number of addresses."""
    yield from db.execute("SELECT state, reason, sum(addresses) FROM ledger GROUP BY 1, 2 ORDER BY 3 DESC")


def _short(cell: object) -> object:
    text = " ".join(str(cell).split()) if cell is not None else ""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _only(these: object, others: object) -> object:
    """Return what only the first has: of two lists the items that the other lacks."""
    if isinstance(these, list) and isinstance(others, list):
        return _short(" | ".join(str(item) for item in these if item not in others))
    return _short(these)


def _verdict(wrong: list[Difference]) -> None:
    total = len(stories())
    right = total - len({difference.slug for difference in wrong})
    line(
        f"{right} of {total} articles are, word for word and field by field, what the publication published."
    )
    rows = [
        (item.slug, item.field, _only(item.published, item.found), _only(item.found, item.published))
        for item in wrong
    ]
    if rows:
        overview(("story", "field", "published", "stored"), rows, title="These differ")


def _next(toured: Toured) -> None:
    paths = toured.config.paths
    settings = paths.database.parent / "config.toml"
    line()
    line(
        f"{toured.seconds:.1f} seconds for {toured.root}, from robots.txt to the full-text index.",
        style="bold",
    )
    line(f"articles  {paths.database}")
    line(f"raw pages {paths.archive}")
    line(f"settings  {settings}")
    line()
    line("Try next:", style="bold")
    if not shutil.which("scrape"):  # as after `make demo`, which runs it from .venv
        line(f"  source {os.path.relpath(sys.prefix)}/bin/activate")
    for command in (
        f"scrape --config {settings} search --table ferry",
        f"scrape --config {settings} status --table",
        f"scrape extract --format markdown {paths.archive}",
        f'sqlite-utils --table {paths.database} "SELECT section, count(*) FROM articles GROUP BY section"',
        "scrape url --explain https://example.org/story",
    ):
        line(f"  {command}")
