"""Sees to it that a part is made, whatever its pages do to the process that makes it.

A process that dies is followed by another, which goes on behind what the first had written. The page that was
in its hand gets one more try: what killed the process may have been something else. A page that kills twice
is given up, listed, and the rest goes on; so is at once a page on which the clock ran out, as in a crawl.

Processes are kept for the next part: a new one takes half a second to start.
"""

import signal
import threading
import uuid
from collections import Counter
from pathlib import Path

from scraper.bulk.part import Failed, InHand, Made, Tally, Task
from scraper.child import Child
from scraper.errors import ScrapeError
from scraper.outcome import TookTooLong

DEATHS = 2  # after which a page is given up
DEATHS_BETWEEN_PAGES = 4  # after which an input is: there is no page to blame

_done: dict[Path, int] = {}  # records that are dealt with, of parts in the making
_idle: dict[int, list[Child]] = {}  # by the memory that they may have
_busy: set[Child] = set()
_lock = threading.Lock()


def keep(task: Task) -> Made | Failed:
    """Make a part and return what came of it. An engine calls this, many at a time, in any process."""
    done = Tally()
    given_up: dict[int, TookTooLong] = {}
    deaths: Counter[int | None] = Counter()
    spool = task.folder / f"{task.target.name}.{uuid.uuid4().hex[:8]}.partial"
    try:
        while True:
            at = done.records
            child = _take(task.page_bytes)
            ended, done, in_hand = _watch(child, (task, spool, done, given_up), done, spool)
            if ended is not None:
                _put(task.page_bytes, child)
                return ended
            code = _bury(child)
            if done.records > at:
                deaths[None] = 0
            if (failed := _blame(task, code, in_hand, deaths, given_up)) is not None:
                return failed
    finally:
        _done.pop(spool, None)
        spool.unlink(missing_ok=True)


def in_the_making() -> int:
    """Return how many records are dealt with of the parts that this process has in the making."""
    return sum(list(_done.values()))


def _watch(
    child: Child, asked: object, done: Tally, spool: Path
) -> tuple[Made | Failed | None, Tally, InHand | None]:
    """Return how it ended (None: it died), how far it came, and which page it had in hand."""
    in_hand: InHand | None = None
    try:
        child.wait_until_ready()
        child.pipe.send(asked)
        while True:
            told = child.pipe.recv()
            if isinstance(told, Made | Failed):
                return told, done, None
            if isinstance(told, Tally):
                done = told
                _done[spool] = done.records
            else:
                in_hand = told
    except (EOFError, OSError, ScrapeError):  # it died, perhaps before it was ready
        return None, done, in_hand


def _blame(
    task: Task,
    code: int,
    in_hand: InHand | None,
    deaths: Counter[int | None],
    given_up: dict[int, TookTooLong],
) -> Failed | None:
    """Note who is to blame for a death; return why the whole part fails, if it does."""
    number = in_hand.number if in_hand else None
    deaths[number] += 1
    if in_hand is None:
        if deaths[None] < DEATHS_BETWEEN_PAGES:
            return None
        return Failed(f"the process that reads it was ended {deaths[None]} times, the last time by {code}")
    if code == -signal.SIGALRM:
        given_up[in_hand.number] = TookTooLong(
            in_hand.url, "parse_timeout", f"not done after {task.page_seconds:g} s"
        )
    elif deaths[number] >= DEATHS:
        given_up[in_hand.number] = TookTooLong(
            in_hand.url, "parse_crash", f"the page ended the extraction process, twice ({code})"
        )
    return None


# The processes


def _take(page_bytes: int) -> Child:
    with _lock:
        waiting = _idle.setdefault(page_bytes, [])
        child = waiting.pop() if waiting else Child("scraper.bulk.part", "serve", page_bytes)
        _busy.add(child)
        return child


def _put(page_bytes: int, child: Child) -> None:
    with _lock:
        _busy.discard(child)
        _idle.setdefault(page_bytes, []).append(child)


def _bury(child: Child) -> int:
    with _lock:
        _busy.discard(child)
    return child.end()


def close() -> None:
    """End all processes of this one, also those that are at work, whose parts then fail."""
    with _lock:
        for child in [*_busy, *(one for waiting in _idle.values() for one in waiting)]:
            child.kill()
        _idle.clear()
