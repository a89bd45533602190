"""How a crawl reads a publication's documents: only what is due and changed, or all of it for a backfill."""

from datetime import datetime, timedelta

from scraper import documents
from scraper.clock import Clock
from scraper.config import Publication
from scraper.credentials import headers_for
from scraper.discover import Lead, SourceRead
from scraper.fetch import DOCUMENT, Fetched
from scraper.politeness import Politeness
from scraper.store import Store
from scraper.window import Window, stretch_of


class Reader:
    """Fetches a publication's documents only when they are due and only if they changed."""

    def __init__(self, store: Store, politeness: Politeness, publication: Publication, clock: Clock) -> None:
        self._store, self._politeness, self._publication, self._clock = store, politeness, publication, clock
        self._digests: dict[str, str] = {}

    def is_due(self, url: str, changed_at: datetime | None = None) -> bool:
        """Tell whether to ask for the document now."""
        return documents.is_due(self._recall(url), self._clock.now(), changed_at)

    def named(self, url: str) -> tuple[Lead, ...]:
        """Return what the document named when it was last read."""
        return self._recall(url).named

    async def get(self, url: str) -> Fetched:
        """Fetch the document; the answer is "not modified" if it is what it was."""
        known = self._recall(url)
        fetched = await self._politeness.get(
            url,
            headers=headers_for(url, self._publication),
            etag=known.etag,
            last_modified=known.last_modified,
            size=known.wire,
            wanted=DOCUMENT,
        )
        self._digests[url] = documents.digest(fetched)
        return documents.unless_the_same(fetched, known)

    def note(self, read: SourceRead, new: int) -> None:
        """Write that a document was read to its end and how many ``new`` addresses it gave."""
        url = read.fetched.url
        known, sha256 = self._recall(url), self._digests.pop(url, "")
        with self._store.transaction() as db:
            documents.note(db, read.fetched, known, sha256=sha256, named=read.named, new=new)

    def _recall(self, url: str) -> documents.Document:
        return documents.recall(self._store.conn, url)


class WholeReader:
    """Reads every document whole, for a backfill, and remembers nothing of it.

    A sitemap whose address or date says that it is older than the window, or whose address says that it is
    newer, is left out.
    """

    def __init__(self, politeness: Politeness, publication: Publication, window: Window) -> None:
        self._politeness, self._publication, self._window = politeness, publication, window

    def is_due(self, url: str, changed_at: datetime | None = None) -> bool:
        """Tell whether the document may name pages of the window."""
        span = stretch_of(url)
        if span is not None and not self._window.touches(*span):
            return False
        since = self._window.since
        return since is None or changed_at is None or changed_at + timedelta(days=1) > since

    def named(self, url: str) -> tuple[Lead, ...]:  # noqa: ARG002
        """Return nothing: what is not read is left out."""
        return ()

    async def get(self, url: str) -> Fetched:
        """Fetch the document."""
        headers = headers_for(url, self._publication)
        return await self._politeness.get(url, headers=headers, wanted=DOCUMENT)

    def note(self, read: SourceRead, new: int) -> None:
        """Forget it: what lies outside the window is still to be found."""
