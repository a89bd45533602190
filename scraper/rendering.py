"""One fetched page → archived, rendered where that is wanted, extracted."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from extractors import Article, Kind
from scraper.archive import Archive, Pointer
from scraper.browser import Browser
from scraper.config import Config, Publication
from scraper.credentials import headers_for
from scraper.fetch import RESOURCE, Fetched, Fetcher
from scraper.politeness import Politeness
from scraper.workers import NOTHING, Extracted, Known, Workers


@dataclass(frozen=True, slots=True)
class Read:
    """What was extracted from what, and where that lies in the archive if it was archived."""

    result: Extracted
    fetched: Fetched
    pointer: Pointer | None


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
        """Archive the page and extract it; where that is wanted, what a browser makes of it.

        It is for publications that say ``render``, and for empty shells where ``browser.shells`` allows it.
        ``known`` is what is known of the publication.
        """
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

    async def _write(self, fetched: Fetched) -> Pointer | None:
        return None if self._archive is None else await asyncio.to_thread(self._archive.write, fetched)
