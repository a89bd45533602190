"""A page may hang, eat memory or kill its process; the pages beside it never notice."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors import Article, Page, attempt
from scraper.workers import TookTooLong, Workers, map_pages

ROOT = Path(__file__).parents[2]
STORY = b"<html><body><article><h1>Dam %d opens</h1>" + b"<p>The dam opened today, two years late. </p>" * 9


def story(number: int) -> Page:
    return Page(f"https://gazette.example/{number}", STORY % number, "text/html")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2, 20.0, 1024**3) as workers:
        yield workers


def pids(workers: Workers) -> list[int]:
    return [worker._child.process.pid for worker in workers._workers]


def test_a_page_gives_what_extraction_gives_in_this_process(workers: Workers) -> None:
    assert asyncio.run(workers.attempt(story(1))) == attempt(story(1))


def test_an_extraction_error_comes_back_as_a_value(workers: Workers) -> None:
    result = asyncio.run(workers.attempt(Page("https://gazette.example/", b"")))
    assert type(result).__name__ == "EmptyPage"


def test_results_come_in_the_order_of_the_pages(workers: Workers) -> None:
    pages = [story(number) for number in range(40)]
    assert [page for page, _ in map_pages(iter(pages), workers)] == pages


def test_pages_are_read_only_a_little_ahead(workers: Workers) -> None:
    read = []

    def pages() -> Iterator[Page]:
        for number in range(1000):
            read.append(number)
            yield story(number)

    next(map_pages(pages(), workers))
    assert len(read) < 20


def test_the_number_of_processes_does_not_change_the_articles(workers: Workers) -> None:
    pages = [story(number) for number in range(12)]
    with Workers(1, 20.0, 1024**3) as one:
        alone = [result for _, result in map_pages(pages, one)]
    assert alone == [result for _, result in map_pages(pages, workers)]


def test_a_page_that_hangs_is_given_up_and_the_next_one_is_extracted() -> None:
    with Workers(1, 0.5, 1024**3) as workers:
        asyncio.run(workers.attempt(story(0)))
        os.kill(pids(workers)[0], signal.SIGSTOP)
        started = time.monotonic()
        hung = asyncio.run(workers.attempt(story(1)))
        assert time.monotonic() - started < 2
        assert hung == TookTooLong("https://gazette.example/1", "parse_timeout", "not done after 0.5 s")
        assert isinstance(asyncio.run(workers.attempt(story(2))), Article)


def test_a_hung_page_does_not_hold_up_the_event_loop() -> None:
    async def longest_gap(workers: Workers) -> float:
        os.kill(pids(workers)[0], signal.SIGSTOP)
        task = asyncio.ensure_future(workers.attempt(story(1)))
        gaps = []
        while not task.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)
        return max(gaps)

    with Workers(1, 0.5, 1024**3) as one:
        asyncio.run(one.attempt(story(0)))
        assert asyncio.run(longest_gap(one)) < 0.4


def test_a_worker_killed_from_outside_costs_no_page() -> None:
    with Workers(1, 20.0, 1024**3) as workers:
        asyncio.run(workers.attempt(story(0)))
        os.kill(pids(workers)[0], signal.SIGKILL)
        assert isinstance(asyncio.run(workers.attempt(story(1))), Article)


def test_a_page_that_does_not_fit_into_memory_is_given_up_and_the_next_one_is_extracted() -> None:
    with Workers(1, 20.0, 400 * 1024**2) as workers:
        huge = Page("https://gazette.example/huge", b"<p>x</p>" * 40_000_000, "text/html")
        result = asyncio.run(workers.attempt(huge))
        assert isinstance(result, TookTooLong)
        assert result.reason in ("parse_memory", "parse_crash")
        assert isinstance(asyncio.run(workers.attempt(story(1))), Article)


def test_closing_ends_every_process() -> None:
    workers = Workers(2, 20.0, 1024**3)
    asyncio.run(workers.attempt(story(0)))
    started = pids(workers)
    workers.close()
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_workers_end_when_their_parent_is_killed() -> None:
    script = """
        import asyncio, sys, time
        from tests.scraper.test_workers import pids, story
        from scraper.workers import Workers
        workers = Workers(2, 20.0, 2**30)
        asyncio.run(workers.attempt(story(0)))
        print(*pids(workers), flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    started = parent.stdout.readline().split()
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while left := [pid for pid in started if _runs(pid)]:
        assert time.monotonic() < deadline, f"{left} still run"
        time.sleep(0.05)


def _runs(pid: str) -> bool:
    """Tell whether the process is there and not merely waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
