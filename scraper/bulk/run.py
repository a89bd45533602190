"""Many inputs → a data set: plans, hands out, writes the manifest, and goes on where another run stopped.

A data set is a folder: one file an input, and ``_manifest.jsonl``. What the program itself needs lies in
``_run``: the job that the workers read, what was learned, and parts that are being made.
"""

import fcntl
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from scraper.bulk import forms, job, keeper, manifest, places, sampling
from scraper.bulk.engines import ENGINES, Engine
from scraper.bulk.filters import Filters
from scraper.bulk.inputs import Input
from scraper.bulk.job import Job
from scraper.bulk.manifest import Line
from scraper.bulk.part import SAMPLE, Failed, Made, Task
from scraper.config import Config
from scraper.errors import Locked, ScrapeError
from scraper.frontier import utc

WORK = "_run"
AHEAD = 2  # parts for each that can be made at a time: none waits for its next one
TRIES = 3  # times that a part is handed out when the engine itself loses it

Report = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What to make, and who is to make it. ``workers`` 0 is one a core; ``learn`` asks for two passes."""

    inputs: Sequence[Input]
    folder: Path
    form: str = "parquet"
    filters: Filters = field(default_factory=Filters)
    learn: bool = False
    engine: str = "local"
    workers: int = 0
    scheduler: str | None = None


@dataclass(slots=True)
class Summary:
    """What there is now: of all inputs asked for, also those that an earlier run dealt with."""

    parts: int = 0
    earlier: int = 0
    records: int = 0
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Line] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0

    def add(self, line: Line) -> None:
        """Count a part."""
        self.parts += 1
        self.records += line["records"]
        self.rows += line["rows"]
        self.counts.update(line["counts"])
        self.problems += line["problems"]
        self.peak = max(self.peak, line["peak_bytes"])


class Sink(Protocol):
    """Where finished parts go."""

    def has(self, line: Line) -> bool:
        """Tell whether the part that a line of the manifest tells of has arrived there."""

    def take(self, line: Line) -> None:
        """Take the part; they come in the order of their inputs."""

    def drop(self, line: Line) -> None:
        """Let go of a part whose pages belong to others now."""


class Files:
    """Parts stay where they were made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, line: Line) -> bool:
        """Tell whether the part's file is there, with the size that it had."""
        try:
            return bool((self._folder / line["part"]).stat().st_size == line["bytes"])
        except OSError:
            return False

    def take(self, line: Line) -> None:
        """Leave it there."""

    def drop(self, line: Line) -> None:
        """Delete the part's file."""
        (self._folder / line["part"]).unlink(missing_ok=True)


class Away:
    """Parts go to an address, one after another, and are deleted here; the manifest follows them."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._address = folder, address

    def has(self, line: Line) -> bool:
        """Tell whether the part's file is there, with the size that it had here."""
        return bool(places.size(f"{self._address}/{line['part']}") == line["bytes"])

    def take(self, line: Line) -> None:
        """Copy the part there."""
        places.put(self._folder / line["part"], f"{self._address}/{line['part']}")
        (self._folder / line["part"]).unlink()

    def drop(self, line: Line) -> None:
        """Delete the part's file there."""
        places.remove(f"{self._address}/{line['part']}")

    def close(self) -> None:
        """Put the manifest beside the parts."""
        if (self._folder / manifest.NAME).exists():
            places.put(self._folder / manifest.NAME, f"{self._address}/{manifest.NAME}")


def run(
    config: Config,
    asked: Asked,
    sink: Sink | None = None,
    report: Report = lambda *_: None,
    say: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Make the parts that are still to be made, and return what there is.

    Raises ScrapeError when the folder holds parts of another job, Locked when another run is at it.
    """
    with _held(asked.folder), ENGINES[asked.engine](asked.workers, asked.scheduler) as engine:
        if engine.dashboard:
            say(f"dashboard: {engine.dashboard}")
        made = job.of(config, asked.form, asked.filters, learn=asked.learn)
        if asked.learn:
            made = replace(made, noise=_learned(made, asked, engine, report, say))
        return _pass(made, asked, asked.folder, engine, sink or Files(asked.folder), report)


def _learned(
    made: Job, asked: Asked, engine: Engine, report: Report, say: Callable[[str], None]
) -> dict[str, str]:
    """Make the first of two passes, and return the hash of what was learned of each publication."""
    folder = asked.folder / WORK / "samples"
    summary = _pass(replace(made, form=SAMPLE), asked, folder, engine, Files(folder), report)
    parts = manifest.parts(manifest.read(folder))
    found = sampling.learn(folder / parts[one.name]["part"] for one in asked.inputs if one.name in parts)
    work = asked.folder / WORK
    noise = {name: job.write_noise(work, name, learned) for name, learned in found.items() if learned.counts}
    say(f"first pass: {summary.rows} pages of {len(found)} publications in {summary.seconds:.0f} s")
    return noise


def _pass(made: Job, asked: Asked, folder: Path, engine: Engine, sink: Sink, report: Report) -> Summary:
    started = time.monotonic()
    work = folder / WORK
    work.mkdir(parents=True, exist_ok=True)
    for left in work.glob("*.partial*"):
        left.unlink(missing_ok=True)
    lines = manifest.read(folder)
    _refuse_another_job(made, work, lines)
    digest = job.write(made, work)
    known = _without_dropped(folder, asked.inputs, manifest.parts(lines), sink)
    manifest.append(folder, _header(made, digest, asked))
    summary = Summary()
    arriving = _Arriving(asked.inputs, sink, summary)
    todo: list[Input] = []
    for source in asked.inputs:
        line = known.get(source.name)
        if line is None or not _is_same(source, line):
            todo.append(source)
        elif sink.has(line) or Files(folder).has(line):
            summary.earlier += 1
            arriving.put(source, line)
        else:
            todo.append(source)

    def tell() -> None:
        records = summary.records + engine.in_the_making()
        report(summary.parts + len(summary.failed), len(asked.inputs), f"{made.form}: {records} records")

    for source, result in _handed_out(made, digest, todo, folder, engine, tell):
        arriving.put(source, _noted(folder, made, source, result))
        tell()
    summary.problems.sort(key=lambda one: (one["file"], one["offset"]))
    summary.seconds = time.monotonic() - started
    manifest.append(folder, _footer(summary))
    return summary


class _Arriving:
    """Hands parts to the sink in the order of their inputs, whatever the order in which they are made."""

    def __init__(self, inputs: Sequence[Input], sink: Sink, summary: Summary) -> None:
        self._order = [one.name for one in inputs]
        self._next = 0
        self._waiting: dict[str, Line] = {}
        self._sink, self._summary = sink, summary

    def put(self, source: Input, line: Line) -> None:
        """Take what became of an input, and pass on all that stands next."""
        self._waiting[source.name] = line
        if "part" in line:
            self._summary.add(line)
        else:
            self._summary.failed.append((source.name, line["reason"]))
        while self._next < len(self._order) and self._order[self._next] in self._waiting:
            ready = self._waiting.pop(self._order[self._next])
            self._next += 1
            if "part" in ready and not self._sink.has(ready):
                self._sink.take(ready)


def _handed_out(
    made: Job, digest: str, todo: Sequence[Input], folder: Path, engine: Engine, tell: Callable[[], None]
) -> Iterator[tuple[Input, Made | Failed]]:
    """Yield what becomes of each input, as it comes; ``tell`` is called each second in between."""
    coming = iter(todo)
    waiting: dict[Future[Made | Failed], tuple[Input, int]] = {}

    def submit(source: Input, tries: int) -> None:
        target = folder / f"{source.part}{_suffix(made)}"
        task = Task(source, folder / WORK, digest, target, made.page_seconds, made.page_bytes)
        waiting[engine.executor.submit(keeper.keep, task)] = (source, tries)

    while True:
        while len(waiting) < AHEAD * max(1, engine.slots()) and (source := next(coming, None)) is not None:
            submit(source, 1)
        if not waiting:
            return
        tell()
        for future in wait(waiting, timeout=1, return_when=FIRST_COMPLETED).done:
            source, tries = waiting.pop(future)
            lost = future.exception()
            if lost is None:
                yield source, future.result()
            elif tries < TRIES:
                submit(source, tries + 1)
            else:
                yield source, Failed(f"the engine lost it {TRIES} times: {type(lost).__name__}: {lost}")


def _suffix(made: Job) -> str:
    return ".jsonl" if made.form == SAMPLE else forms.FORMS[made.form].suffix


# What stands in the manifest


def _header(made: Job, digest: str, asked: Asked) -> Line:
    return {
        "archives": 1,
        "started_at": utc(datetime.now(UTC)),
        "job": digest,
        "form": made.form,
        "edition": made.edition,
        "extracting": made.engine,
        "filters": made.filters.to_dict(),
        "rules": made.rule_hashes(),
        "learned": dict(made.noise),
        "inputs": len(asked.inputs),
        "engine": asked.engine,
    }


def _noted(folder: Path, made: Job, source: Input, result: Made | Failed) -> Line:
    """Write a line about an input and return it."""
    if isinstance(result, Failed):
        line: Line = {"failed": source.name, "reason": result.reason}
    else:
        tally = result.tally
        line = {
            "part": f"{source.part}{_suffix(made)}",
            "sha256": result.sha256,
            "bytes": result.size,
            "input": source.name,
            "source": source.source,
            "files": list(source.files),
            "stamp": source.stamp(),
            "input_sha256": list(result.digests),
            "records": tally.records,
            "rows": tally.rows,
            "counts": dict(sorted(tally.counts.items())),
            "problems": tally.problems,
            "cpu_seconds": round(result.cpu, 3),
            "peak_bytes": result.peak,
        }
    manifest.append(folder, line)
    return line


def _footer(summary: Summary) -> Line:
    return {
        "ended_at": utc(datetime.now(UTC)),
        "seconds": round(summary.seconds, 1),
        "parts": summary.parts,
        "failed_inputs": len(summary.failed),
        "records": summary.records,
        "rows": summary.rows,
        "counts": dict(sorted(summary.counts.items())),
    }


# What an earlier run left


def _is_same(source: Input, line: Line) -> bool:
    """Tell whether an input is what it was; what lies behind an address is believed to be."""
    return line["stamp"] is None or line["stamp"] == source.stamp()


def _without_dropped(
    folder: Path, inputs: Sequence[Input], known: dict[str, Line], sink: Sink
) -> dict[str, Line]:
    """Return the parts without those whose pages belong to another part now; their files are deleted."""
    names, sources = {one.name for one in inputs}, {one.source for one in inputs}
    for name, line in known.items():
        if line["source"] in sources and name not in names:
            Files(folder).drop(line)
            sink.drop(line)
            manifest.append(folder, {"dropped": name, "part_file": line["part"]})
    return {name: line for name, line in known.items() if line["source"] not in sources or name in names}


def _refuse_another_job(made: Job, work: Path, lines: list[Line]) -> None:
    """Raise ScrapeError when the parts that are there were made by another job."""
    before = manifest.job_of(lines)
    if before is None or not manifest.parts(lines):
        return
    file = job.file(work, before)
    old = json.loads(file.read_bytes()) if file.exists() else {}
    new = json.loads(json.dumps(made.to_dict()))
    if old != new:
        other = ", ".join(name for name in new if old.get(name) != new[name])
        raise ScrapeError(
            f"{work.parent}: holds parts that were made otherwise ({other}); mixed, nobody could tell them "
            "apart. Choose another folder, or delete this one."
        )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Be the only run on this folder. Raises Locked, or ScrapeError when it cannot be made."""
    try:
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        file = (folder / WORK / "lock").open("w")
    except OSError as error:
        raise ScrapeError(f"{folder}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"{folder}: another run is writing into it. Wait for it or stop it.") from None
        yield
