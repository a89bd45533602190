"""Pages that lie on this machine → articles, in several processes, in the order of the files."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from extractors import Page
from scraper import pages, rulebook
from scraper.archive import DamagedRecord
from scraper.config import Config
from scraper.pages import Unreadable
from scraper.workers import NOTHING, Extracted, Known, Workers, map_pages

Trouble = Callable[[DamagedRecord | Unreadable], None]


def extract_files(
    config: Config, files: Sequence[Path], trouble: Trouble, *, url: str | None = None
) -> Iterator[tuple[Page, Extracted]]:
    """Yield each page of ``files`` and what came of it; ``trouble`` is told what gave no page."""
    most = config.fetching.max_body_bytes
    found = (item for file in files for item in pages.read(file, url=url, max_bytes=most))
    for page, result, _ in extract_pages(config, _readable(found, trouble), at_most=_most_pages(files)):
        yield page, result


def extract_pages(
    config: Config,
    found: Iterator[Page],
    *,
    at_most: int | None = None,
    know: Callable[[Page], Known] = lambda _: NOTHING,
) -> Iterator[tuple[Page, Extracted, str]]:
    """Yield each page, what came of it, and the edition that made it.

    ``at_most`` pages need no more processes than that.

    ``know`` says what is known of each page's publication.
    """
    limits = config.extracting
    cores = limits.processes or len(os.sched_getaffinity(0))
    processes = min(cores, at_most or cores)
    with Workers(
        processes, limits.page_seconds, limits.page_bytes, limits.engine, rulebook.load(config)
    ) as workers:
        editions: deque[str] = deque()

        def noted(page: Page) -> Known:
            known = know(page)
            editions.append(workers.edition(page, known))
            return known

        for page, result in map_pages(found, workers, noted):
            yield page, result, editions.popleft()


def _readable(found: Iterator[pages.Found], trouble: Trouble) -> Iterator[Page]:
    for item in found:
        if isinstance(item, Page):
            yield item
        else:
            trouble(item)


def _most_pages(files: Sequence[Path]) -> int | None:
    """Return how many pages there are at most; None where a WARC file may hold any number."""
    return None if any(pages.is_warc(file) for file in files) else len(files)
