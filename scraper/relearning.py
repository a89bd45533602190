"""A publication's recurring lines counted anew from its archive; what that changes is extracted anew."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extractors import Article, Page, sightings
from scraper import archived, batch, learned, refusals
from scraper.config import Config
from scraper.errors import StoreError
from scraper.reextract import Report, reextract
from scraper.store import Store
from scraper.workers import Known


@dataclass(frozen=True, slots=True)
class Relearned:
    """How many articles were counted, how many of them by their stored lines, and what was extracted anew."""

    articles: int
    without_page: int
    report: Report | None


def relearn(
    store: Store,
    config: Config,
    publication_id: int,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Relearned:
    """Count the lines of a publication's stories as this edition reads them, and extract the touched anew.

    A story whose page cannot be read counts with the lines that are stored of it. Verdicts stay. The caller
    holds the store's claim.
    """
    before = learned.load(store.conn, publication_id)
    tally = learned.Tally()
    stories = learned.stories(store.conn, publication_id)
    lost: list[int] = []
    for done, (article_id, seen_at, found) in enumerate(_read(store, config, publication_id, stories, lost)):
        progress(done, len(stories), "")
        tally.add(found or sightings(learned.stored(store.conn, article_id)), seen_at)
    with store.transaction() as db:
        learned.replace(db, publication_id, tally)
    changed = before.changed_to(learned.load(store.conn, publication_id))
    touched = learned.touched(store.conn, publication_id, changed)
    report = None
    if touched:
        where = f"id IN ({', '.join(map(str, touched))})"
        report = reextract(store, config, where=where, accept_loss=True, progress=progress)
    return Relearned(len(stories), len(lost), report)


def _read(
    store: Store,
    config: Config,
    publication_id: int,
    stories: dict[int, tuple[int | None, str]],
    lost: list[int],
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield (article, when last seen, its lines); no lines where a page is missing, noted in ``lost``."""
    handed: deque[int] = deque()
    known = Known(demoted=refusals.demoted(store.conn, publication_id))

    def pages() -> Iterator[Page]:
        for article_id, (page_id, _) in stories.items():
            place = archived.page_of(store.conn, page_id)
            try:
                page = archived.read_page(config.paths.archive, place) if place else None
            except StoreError:
                page = None
            if page is None:
                lost.append(article_id)
            else:
                handed.append(article_id)
                yield page

    read = batch.extract_pages(config, pages(), at_most=len(stories) or 1, know=lambda _: known)
    for _, result, _ in read:
        article_id = handed.popleft()
        found = sightings(result) if isinstance(result, Article) else {}
        yield article_id, stories[article_id][1], found
    for article_id in lost:
        yield article_id, stories[article_id][1], {}
