"""Pages that need a browser: the extra ``cleancopy[browser]``, Playwright driving an installed Chromium.

The browser never touches the network. Whatever a page asks for is fetched by this program, with the same
robots.txt, delays, limits and address gate as any page, and handed to the browser; its own way out leads
nowhere. It gets the page that was fetched already, and runs its scripts; pictures, styles, fonts and media
are left out. What remains is the rendered document as text.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from scraper.config import Browsing
from scraper.errors import ConfigError, FetchError
from scraper.fetch import Fetched

log = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAX_REQUESTS = 50  # of one page; what comes after them is left out
QUIET = 3.0  # seconds at most that are waited for a page to stop asking
ASKED_FOR = ("script", "xhr", "fetch")
NOWHERE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-pings")

Get = Callable[[str], Awaitable[Fetched]]


class Browser:
    """A browser that is started when it is first needed. ``max_bytes`` bounds a rendered document."""

    def __init__(self, config: Browsing, *, user_agent: str, max_bytes: int) -> None:
        self._config, self._user_agent, self._max_bytes = config, user_agent, max_bytes
        self._lock = asyncio.Lock()  # one page at a time: a browser takes what memory it gets
        self._driver: Any = None
        self._browser: Any = None

    async def render(self, fetched: Fetched, get: Get) -> Fetched | None:
        """Return the page as its scripts leave it; None if it does not come to rest or is too large.

        ``get`` fetches politely what the page asks for. Raises ConfigError when there is no browser.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(self._config.seconds):
                    body = (await self._content(fetched, get)).encode()
            except TimeoutError:
                log.info("%s: not rendered within %g s", fetched.final_url, self._config.seconds)
                await self._stop()  # a script without end would go on
                return None
            except ConfigError:
                raise
            except Exception as error:  # noqa: BLE001  # Playwright's errors share no base that it exports whole
                log.info("%s: not rendered: %s", fetched.final_url, error)
                await self._stop()
                return None
        if len(body) > self._max_bytes:
            return None
        return replace(fetched, body=body, headers=(("content-type", "text/html; charset=utf-8"),))

    async def close(self) -> None:
        """End the browser."""
        async with self._lock:
            await self._stop()
            if self._driver is not None:
                await self._driver.stop()
                self._driver = None

    async def _content(self, fetched: Fetched, get: Get) -> str:
        browser = await self._started()
        context = await browser.new_context(
            user_agent=self._user_agent, accept_downloads=False, service_workers="block"
        )
        try:
            page = await context.new_page()
            await context.route("**/*", _Desk(fetched, get).answer)
            await page.goto(fetched.final_url, wait_until="load", timeout=0)
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET):
                    await page.wait_for_load_state("networkidle", timeout=0)
            content: str = await page.content()
            return content
        finally:
            with suppress(Exception):
                async with asyncio.timeout(QUIET):
                    await context.close()

    async def _started(self) -> Any:
        if self._browser is None or not self._browser.is_connected():
            if self._driver is None:
                self._driver = await _playwright().start()
            self._browser = await self._driver.chromium.launch(
                executable_path=executable(self._config),
                args=list(NOWHERE),
                chromium_sandbox=os.geteuid() != 0,  # which Chromium refuses to set up for root
            )
        return self._browser

    async def _stop(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with suppress(Exception):
                async with asyncio.timeout(QUIET):
                    await browser.close()


class _Desk:
    """Answers what one page asks for."""

    def __init__(self, fetched: Fetched, get: Get) -> None:
        self._fetched, self._get = fetched, get
        self._left = MAX_REQUESTS
        self._given = False

    async def answer(self, route: Any) -> None:
        request = route.request
        if request.is_navigation_request() and not self._given:
            self._given = True
            await route.fulfill(status=200, headers=_headers(self._fetched), body=self._fetched.body)
        elif request.method == "GET" and request.resource_type in ASKED_FOR and self._left:
            self._left -= 1
            await self._fetch(route)
        else:
            await route.abort()

    async def _fetch(self, route: Any) -> None:
        try:
            found = await self._get(route.request.url)
        except FetchError as error:
            log.debug("left out: %s", error)
            await route.abort()
            return
        await route.fulfill(status=found.status, headers=_headers(found), body=found.body)


def _headers(fetched: Fetched) -> dict[str, str]:
    """Return the headers that still fit a body whose coding is undone, and that set nothing up."""
    kept = {name.lower(): value for name, value in fetched.headers}
    for name in ("content-encoding", "transfer-encoding", "content-length", "set-cookie"):
        kept.pop(name, None)
    return kept


def executable(config: Browsing) -> str:
    """Return the path of the browser. Raises ConfigError when there is none."""
    if config.executable:
        return config.executable
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ConfigError(
            f"no browser was found ({', '.join(NAMES)}): install Chromium or set browser.executable"
        )
    return found


def _playwright() -> Any:
    try:
        from playwright.async_api import async_playwright
    except ModuleNotFoundError:
        raise ConfigError("rendering needs Playwright: pip install 'cleancopy[browser]'") from None
    return async_playwright()
