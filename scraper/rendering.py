"""One fetched page → archived, rendered where that is wanted, extracted."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from extractors import MOST_PAGES, Article, Kind
from scraper.archive import Archive, Pointer
from scraper.browser import Browser
from scraper.config import Config, Publication
from scraper.credentials import headers_for
from scraper.errors import FetchError, Transient
from scraper.fetch import RESOURCE, Fetched, Fetcher
from scraper.outcome import is_story
from scraper.politeness import Politeness
from scraper.workers import NOTHING, Extracted, Known, Workers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """What was extracted from what, and where that lies in the archive if it was archived.

    ``more`` are the pages on which the story goes on, each with its place.
    """

    result: Extracted | FetchError
    fetched: Fetched
    pointer: Pointer | None
    more: tuple["Part", ...] = ()


Part = tuple[Fetched, Pointer | None]


class Reader:
    """Reads pages: archive before extraction, and a browser where the settings ask for it."""

    def __init__(
        self,
        config: Config,
        fetcher: Fetcher,
        politeness: Politeness,
        workers: Workers,
        archive: Archive | None,
    ) -> None:
        self._shells = config.browser.shells
        self._politeness, self._workers, self._archive = politeness, workers, archive
        self._browser = Browser(
            config.browser, user_agent=fetcher.user_agent, max_bytes=config.fetching.max_body_bytes
        )

    async def close(self) -> None:
        """End the browser, if it was needed."""
        await self._browser.close()

    async def read(self, fetched: Fetched, publication: Publication | None, known: Known = NOTHING) -> Read:
        """Archive the page and extract it with the pages on which its story goes on.

        What a browser makes of it is read for publications that say ``render``, and for empty shells where
        ``browser.shells`` allows it. ``known`` is what is known of the publication.
        """
        return await self._whole(await self._first(fetched, publication, known), publication, known)

    async def _whole(self, read: Read, publication: Publication | None, known: Known) -> Read:
        """Return the story with its further pages.

        A page that may come later (Transient) makes the whole visit one to be repeated: half a story is none.
        One that is refused or gone ends the story.
        """
        page = read.fetched.page()
        while isinstance(read.result, Article) and is_story(read.result) and len(read.more) < MOST_PAGES - 1:
            url = read.result.next_page
            if url is None or url in read.result.pages:
                break
            try:
                fetched = await self._politeness.get(
                    url, headers=headers_for(url, publication) if publication else ()
                )
            except Transient as error:
                return replace(read, result=error)
            except FetchError as error:
                log.warning("%s ends with its page %s: %s", page.url, len(read.more) + 1, error)
                break
            part = fetched, await self._write(fetched)
            page = replace(page, more=(*page.more, fetched.page()))
            longer = await self._workers.attempt(page, known)
            if not isinstance(longer, Article) or len(longer.pages) <= len(page.more):
                break
            read = replace(read, result=longer, more=(*read.more, part))
        return read

    async def _first(self, fetched: Fetched, publication: Publication | None, known: Known) -> Read:
        pointer = await self._write(fetched)
        if publication is not None and publication.render:
            rendered = await self._rendered(fetched, publication, known)
            return rendered or await self._raw(fetched, pointer, known)
        raw = await self._raw(fetched, pointer, known)
        if self._shells and isinstance(raw.result, Article) and raw.result.kind is Kind.SHELL:
            return await self._rendered(fetched, publication, known) or raw
        return raw

    async def _raw(self, fetched: Fetched, pointer: Pointer | None, known: Known) -> Read:
        return Read(await self._workers.attempt(fetched.page(), known), fetched, pointer)

    async def _rendered(self, fetched: Fetched, publication: Publication | None, known: Known) -> Read | None:
        async def get(url: str) -> Fetched:
            headers: Iterable[tuple[str, str]] = headers_for(url, publication) if publication else ()
            return await self._politeness.get(url, headers=headers, wanted=RESOURCE)

        rendered = await self._browser.render(fetched, get)
        if rendered is None:
            return None
        pointer = None
        if self._archive is not None:
            pointer = await asyncio.to_thread(self._archive.write_rendered, rendered)
        return Read(await self._workers.attempt(rendered.page(), known), rendered, pointer)

    async def keep_beginning(self, error: FetchError) -> Pointer | None:
        """Archive what came of a page before it was cut off, if anything did. It is never extracted."""
        return None if error.beginning is None else await self._write(error.beginning)

    async def _write(self, fetched: Fetched) -> Pointer | None:
        return None if self._archive is None else await asyncio.to_thread(self._archive.write, fetched)
