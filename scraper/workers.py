"""Extraction in processes that can be killed, because a hostile page can hold a parser for minutes in C.

A worker has one page at a time, so what kills it is known: that page, and no other, is given up. Time is
watched from outside; memory is limited by the system (RLIMIT_AS). A worker that dies without a word may have
been hit by something else (the system's own memory killer takes whom it likes), so its page gets one more
try in a new process.

Workers are children (child.py), so they end when their pipe closes; an alarm ends one whose parent died while
the page still held it.
"""

import asyncio
import contextlib
import math
import os
import queue
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from extractors import Article, ExtractError, Noise, Page, Rules, attempt
from scraper import child, edition
from scraper.child import Child
from scraper.outcome import TookTooLong
from scraper.rulebook import NO_RULES, Rulebook

__all__ = ["NOTHING", "Known", "TookTooLong", "Workers", "map_pages", "tried"]

Extracted = Article | ExtractError | TookTooLong

ALARM_MARGIN = 5  # seconds; the parent kills first, the alarm is for when there is none
AHEAD = 4  # pages per process that are waiting or done ahead of the one to be yielded


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page's publication before the page is read."""

    noise: Noise | None = None
    rules: Rules | None = None
    demoted: frozenset[str] = frozenset()  # strip rules that are not tried any more


NOTHING = Known()


class Workers:
    """A set of processes that extract: ``with Workers(2, 10.0, 2**30, "own") as workers``.

    ``processes`` 0 means one per core. ``page_seconds`` and ``page_bytes`` are for one page.
    """

    def __init__(
        self,
        processes: int,
        page_seconds: float,
        page_bytes: int,
        engine: str = "own",
        rules: Rulebook = NO_RULES,
    ) -> None:
        self._rules, self._engine = rules, engine
        self._ruled: dict[tuple[int, int], Known] = {}  # what is known, with a publication's rules
        self.processes = processes or len(os.sched_getaffinity(0))
        self._workers = [_Worker(page_seconds, page_bytes, engine) for _ in range(self.processes)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(self.processes, thread_name_prefix="extract")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def attempt(self, page: Page, known: Known = NOTHING) -> Extracted:
        """Return the page's article, or why there is none. Raises nothing that the page could cause."""
        return await asyncio.wrap_future(self.submit(page, known))

    def submit(self, page: Page, known: Known = NOTHING) -> "Future[Extracted]":
        """Return a future of what ``attempt`` returns, for callers without an event loop."""
        return self._threads.submit(self._extract, page, self._with_rules(page, known))

    def edition(self, page: Page, known: Known = NOTHING) -> str:
        """Return the name of what reads the page: code, rules, learned noise."""
        ruled = self._with_rules(page, known)
        return edition.of(ruled.rules, ruled.noise, self._engine)

    def _with_rules(self, page: Page, known: Known) -> Known:
        """Return what is known with the rules for the page's host: the same object for the same of both."""
        rules = self._rules.of(page.url)
        if rules is None:
            return known
        key = id(known), id(rules)
        if key not in self._ruled:
            self._ruled[key] = Known(known.noise, rules.without(known.demoted))
        return self._ruled[key]

    def close(self) -> None:
        """End the processes, also those in the middle of a page, whose result is then parse_crash."""
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _extract(self, page: Page, known: Known) -> Extracted:
        worker = self._idle.get()
        try:
            return worker.extract(page, known)
        finally:
            self._idle.put(worker)


def map_pages(
    pages: Iterable[Page], workers: Workers, know: Callable[[Page], Known] = lambda _: NOTHING
) -> Iterator[tuple[Page, Extracted]]:
    """Yield each page and what came of it, in the order of ``pages``, whatever the number of processes.

    Reads only a few pages ahead, so ``pages`` may be of any length. ``know`` says what is known of each page.
    """
    waiting: deque[tuple[Page, Future[Extracted]]] = deque()
    for page in pages:
        waiting.append((page, workers.submit(page, know(page))))
        if len(waiting) > AHEAD * workers.processes:
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


class _Worker:
    """One process at a time, and the pipe to it."""

    def __init__(self, seconds: float, memory: int, engine: str) -> None:
        self._seconds, self._memory, self._engine = seconds, memory, engine
        self._closed = False
        self._start()

    def extract(self, page: Page, known: Known) -> Extracted:
        result = self._ask(page, known)
        if result is None and not self._closed:
            result = self._ask(page, known)
        return result or TookTooLong(page.url, "parse_crash", "the page ended the extraction process, twice")

    def close(self) -> None:
        self._closed = True
        self._child.kill()

    def _start(self) -> None:
        self._child = Child("scraper.workers", "_serve", self._seconds, self._memory, self._engine)
        self._told: Known = NOTHING  # what the process knows

    def _restart(self) -> None:
        self._child.end()
        if not self._closed:
            self._start()

    def _ask(self, page: Page, known: Known) -> Extracted | None:
        """Return what the process makes of the page, or None if it died of something."""
        try:
            self._child.wait_until_ready()
            self._child.pipe.send((page, known if known is not self._told else None))
            self._told = known
            if self._child.pipe.poll(self._seconds):
                return self._answer()
        except (EOFError, OSError):
            self._restart()
            return None
        self._restart()
        return TookTooLong(page.url, "parse_timeout", f"not done after {self._seconds:g} s")

    def _answer(self) -> Extracted:
        result: Extracted = self._child.pipe.recv()
        if isinstance(result, TookTooLong) and result.reason == "parse_memory":
            self._restart()  # what is left of its memory may be in pieces
        return result


def _serve(pipe: Connection, seconds: float, memory: int, engine: str) -> None:
    """Extract the pages that come through the pipe until it closes: what a worker process runs."""
    with contextlib.suppress(EOFError, OSError, MemoryError):  # the parent has gone; the page does not fit
        child.ready(pipe, memory)
        known = NOTHING
        while True:
            page, told = pipe.recv()
            known = told or known  # what is known of a publication is sent once in a row
            signal.alarm(math.ceil(seconds) + ALARM_MARGIN)
            result = tried(page, engine, known)
            signal.alarm(0)
            pipe.send(result)


def tried(page: Page, engine: str, known: Known) -> Extracted:
    """Return the article or why there is none. A fault of ours in one page must not cost the others."""
    try:
        return attempt(page, engine=engine, rules=known.rules, noise=known.noise)
    except MemoryError:
        return TookTooLong(page.url, "parse_memory", "more memory than extracting.page_bytes allows")
    except Exception as error:  # noqa: BLE001  # what it may be is not known; it is reported as a crash
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return TookTooLong(page.url, "parse_crash", f"{type(error).__name__} at {where}: {error}")
