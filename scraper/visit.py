"""Single addresses, asked for by hand: robots.txt, fetch, archive, extract, store."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scraper import rulebook
from scraper.archive import Archive, Pointer
from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch import Fetched, Fetcher
from scraper.outcome import Outcome, Result
from scraper.politeness import Politeness
from scraper.rendering import Part, Reader
from scraper.store import Store
from scraper.workers import Workers


@dataclass(frozen=True, slots=True)
class Visit:
    """What one address gave. ``fetched`` is None when nothing came, ``pointer`` when it was not archived."""

    url: str
    result: Result
    fetched: Fetched | None = None
    pointer: Pointer | None = None
    more: tuple[Part, ...] = ()
    edition: str | None = None  # what extracted it


async def visit(
    config: Config, urls: Sequence[str], report: Callable[[Visit], None], archive: Archive | None = None
) -> None:
    """Call ``report`` with what each address gave, in the order given; several hosts are asked at a time.

    A page goes into ``archive``, if there is one, before anyone looks inside.
    """
    limits = config.extracting
    processes = min(len(urls), limits.processes or len(urls), config.fetching.concurrency)
    rules = rulebook.load(config)
    with Workers(processes, limits.page_seconds, limits.page_bytes, limits.engine, rules) as workers:
        async with Fetcher(config.fetching) as fetcher:
            politeness = Politeness(config, fetcher, rules=rules)
            pages = Reader(config, fetcher, politeness, workers, archive)
            room = asyncio.Semaphore(config.fetching.concurrency)

            async def one(url: str) -> Visit:
                async with room:
                    try:
                        fetched = await politeness.get(url)
                    except FetchError as error:
                        return Visit(url, error, error.beginning, await pages.keep_beginning(error))
                    read = await pages.read(fetched, None)
                    made = workers.edition(read.fetched.page())
                    return Visit(url, read.result, read.fetched, read.pointer, read.more, made)

            try:
                async with asyncio.TaskGroup() as group:
                    for task in [group.create_task(one(url)) for url in urls]:
                        report(await task)
            finally:
                await pages.close()


def keep(store: Store, visited: Visit) -> Outcome:
    """Write what a visit came to into the database."""
    return store.save(
        visited.url,
        visited.result,
        fetched=visited.fetched,
        pointer=visited.pointer,
        more=visited.more,
        edition=visited.edition,
    )
