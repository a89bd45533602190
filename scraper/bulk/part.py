"""One input → one part of a data set, in a process of its own that a hostile page may kill.

It says over its pipe which page it has in hand, and what it has written, so that whoever keeps it
(keeper.py) can have another go on from there. A clock of the system ends it when a page takes too long.
"""

import hashlib
import os
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO

from extractors import Article
from scraper import child, edition
from scraper.bulk import captures, forms, job, sampling
from scraper.bulk.captures import Capture
from scraper.bulk.inputs import Input
from scraper.bulk.job import Job, Knowledge
from scraper.errors import ScrapeError
from scraper.outcome import TookTooLong, is_story, without_story
from scraper.workers import Extracted, Known, tried

WRITTEN_AT_ONCE = 50  # pages that are extracted again when the process dies
LISTED = 1000  # records of a part that are named one by one; all are counted
NAMED = ("damaged", "parse_timeout", "parse_memory", "parse_crash")
SAMPLE = "sample"  # the form of the first of two passes


@dataclass(frozen=True, slots=True)
class Task:
    """What to make: the part of ``source``, as ``target``, by the job in ``folder``."""

    source: Input
    folder: Path
    job: str
    target: Path
    page_seconds: float
    page_bytes: int


@dataclass(slots=True)
class Tally:
    """How far a part is: ``records`` of the input are dealt with, ``length`` bytes of lines are written."""

    records: int = 0
    length: int = 0
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def note(self, capture: Capture, outcome: str, detail: str) -> None:
        """Count a record."""
        self.records = capture.number + 1
        self.counts[outcome] += 1
        if outcome in NAMED and len(self.problems) < LISTED:
            place = {"file": capture.file, "offset": capture.offset, "url": capture.url}
            self.problems.append(place | {"outcome": outcome, "detail": detail})


@dataclass(frozen=True, slots=True)
class InHand:
    """The page that is being extracted; the process may not survive it."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Made:
    """A part that is whole. ``digests`` are those of the input's files, ``sha256`` and ``size`` the part's.

    ``cpu`` are seconds, ``peak`` bytes of memory at most, of the process that ended it.
    """

    tally: Tally
    digests: tuple[str, ...]
    sha256: str
    size: int
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that cannot be made, and why."""

    reason: str


Told = InHand | Tally | Made | Failed | None
Tell = Callable[[Told], None]


def serve(pipe: Connection, page_bytes: int) -> None:
    """Make the parts that are asked for through the pipe until it closes: what a process runs."""
    with suppress(EOFError, OSError):
        child.ready(pipe, page_bytes)
        while True:
            task, spool, done, given_up = pipe.recv()
            child.limit_memory(page_bytes)
            try:
                pipe.send(make(task, spool, done, given_up, pipe.send))
            except ScrapeError as error:
                pipe.send(Failed(str(error)))
            except OSError as error:
                pipe.send(Failed(f"{error.filename or spool}: {error.strerror}"))
            except Exception as error:  # noqa: BLE001  # a fault of ours in one part must not cost the others
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(place.filename).name}:{place.lineno}"
                pipe.send(Failed(f"{type(error).__name__} at {where}: {error}"))


@lru_cache(maxsize=1)
def _known(folder: Path, digest: str) -> tuple[Job, Knowledge]:
    found = job.load(folder, digest)
    return found, Knowledge(folder, found)


def make(task: Task, spool: Path, done: Tally, given_up: Mapping[int, TookTooLong], tell: Tell) -> Made:
    """Make a part, going on behind what is ``done``; pages that were ``given_up`` are not tried again.

    ``tell`` is told of each page before it is extracted, and of each batch of lines that was written. Raises
    ScrapeError when the input cannot be read.
    """
    started = time.process_time()
    made, knowledge = _known(task.folder, task.job)
    digests: list[str] = []
    chosen = sampling.choose(task.source, made) if made.form == SAMPLE else None
    with spool.open("r+b" if spool.exists() else "w+b") as lines:
        lines.truncate(done.length)
        lines.seek(done.length)
        waiting = 0
        for capture in captures.read(task.source, made.filters, made.max_body_bytes, digests):
            if capture.number < done.records:
                continue
            if capture.page is None or (chosen is not None and capture.number not in chosen):
                done.note(capture, capture.passed or "not_sampled", capture.detail)
                continue
            known = knowledge.of(capture.page)
            result = given_up.get(capture.number) or _extracted(capture, made, known, tell)
            _keep(lines, done, capture, result, made, known)
            waiting += 1
            if waiting == WRITTEN_AT_ONCE:
                _written(lines, done, tell)
                waiting = 0
        _written(lines, done, tell)
    child.limit_memory(None)  # the libraries that write columns reserve more than they use
    sha256, size = _finish(spool, task.target, made.form)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Made(done, tuple(digests), sha256, size, time.process_time() - started, peak)


def _extracted(capture: Capture, made: Job, known: Known, tell: Tell) -> Extracted:
    assert capture.page is not None
    tell(InHand(capture.number, capture.url))
    signal.setitimer(signal.ITIMER_REAL, made.page_seconds)
    result = tried(capture.page, made.engine, known)
    signal.setitimer(signal.ITIMER_REAL, 0)
    tell(None)
    return result


def _keep(lines: BinaryIO, done: Tally, capture: Capture, result: Extracted, made: Job, known: Known) -> None:
    line = _line(capture, result, made, known)
    if line is not None:
        lines.write(line)
        done.length += len(line)
        done.rows += 1
    done.note(capture, *_outcome(result))


def _line(capture: Capture, result: Extracted, made: Job, known: Known) -> bytes | None:
    """Return what the part says of a page, None if nothing."""
    if made.form == SAMPLE:
        return sampling.line(capture, result, made)
    if isinstance(result, Article) and is_story(result):
        read_by = edition.of(known.rules, known.noise, made.engine)
        return forms.FORMS[made.form].line(capture, result, read_by)
    return None


def _outcome(result: Extracted) -> tuple[str, str]:
    """Return what became of a page, in one word, and the rest of the sentence."""
    if isinstance(result, Article) and is_story(result):
        return result.kind.value, ""
    outcome = without_story(result)
    return outcome.reason or outcome.state.value, outcome.detail


def _written(lines: BinaryIO, done: Tally, tell: Tell) -> None:
    lines.flush()
    tell(done)


def _finish(spool: Path, target: Path, form: str) -> tuple[str, int]:
    """Make the file of the lines, in its place at last, and return its digest and size."""
    if form != SAMPLE:
        forms.FORMS[form].finish(spool)
    with spool.open("rb") as file:
        sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size
        os.fsync(file.fileno())
    spool.replace(target)
    return sha256, size
