"""Whole archives by ``scrape warc``: engines beside each other, deaths, memory, and what it costs.

    python -m benchmarks.archives --corpus DIR           # 20,000 pages in 20 WARC files; 37 minutes
    python -m benchmarks.archives --corpus DIR --pages 50 --files 6

The labelled pages, each under as many addresses as it takes; without them those of the demo and the tests.
Every run is the command itself, started as a process of its own, its start counted. Memory is sampled over
the command and all that it started. Deaths are real: SIGKILL, and three pages that end what extracts them.
"""

import argparse
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

import pyarrow.dataset

from benchmarks import corpus, speed
from extractors import Article, Page
from scraper import edition
from scraper.bulk import captures, forms, manifest
from scraper.bulk.filters import Filters
from scraper.bulk.inputs import Input
from scraper.config import Config
from scraper.outcome import is_story
from scraper.workers import NOTHING, tried
from tests.scraper import archives

ROOT = Path(__file__).parents[1]
SAMPLED_EVERY = 0.25  # seconds
LARGEST = 1_000_000  # bytes: Common Crawl cuts pages at one MiB
RESPONSES = 2000  # of the sample with all kinds of pages
RECKONED = {  # a month of CC-NEWS: 1.35 billion articles from August 2016 to early 2026 (arXiv:2605.18337)
    "a million": 10**6,
    "a month of CC-NEWS": 12 * 10**6,
    "a hundred million": 10**8,
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the command: seconds on the wall, most bytes of memory of one worker and of all together.

    ``cpu`` are the seconds that the workers' processors were busy; ``load`` is what else was waiting for a
    processor when it began.
    """

    seconds: float
    worker: int
    together: int
    cpu: float
    load: float
    folder: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--pages", type=int, default=1000, help="in each file (1000)")
    said = parser.parse_args()
    pages = labelled(said.corpus) if corpus.is_there(said.corpus) else [page for page, _ in speed.committed()]
    with tempfile.TemporaryDirectory(prefix="archives-") as name:
        folder = Path(name)
        os.environ["PYTHONPATH"] = str(archives.deadly(folder / "deadly"))
        write(folder / "in", pages, said.files, said.pages)
        for line in report(folder, said.files, said.pages, said.corpus):
            print(line, flush=True)


def labelled(folder: Path) -> list[Page]:
    """Return the labelled pages up to LARGEST, in an order of chance that is always the same."""
    score = corpus.scorer(folder)
    cases = score.load(str(folder), "dev").values()
    chosen = sorted(cases, key=lambda case: hashlib.sha256(case["id"].encode()).digest())
    texts = ((case["url"], score.page_html(str(folder), case)) for case in chosen)
    pages = [Page(url, text.encode("utf-8", "replace")) for url, text in texts]
    return [page for page in pages if len(page.body) < LARGEST]


def write(folder: Path, pages: Sequence[Page], files: int, each: int) -> None:
    """Write the WARC files; three of their records kill what extracts them, where that is made possible."""
    numbered = enumerate(islice(cycle(pages), files * each))
    deadly = {files * each * share // 8 for share in (1, 4, 7)}
    for number in range(files):
        some = (_record(page, nth, deadly) for nth, page in islice(numbered, each))
        archives.write(folder / f"crawl-{number:03}.warc.gz", some)


def _record(page: Page, number: int, deadly: set[int]) -> bytes:
    mark = "&" if "?" in page.url else "?"
    body = page.body + b"<!-- %s -->" % (archives.KILLER if number in deadly else b"")
    return archives.record(f"{page.url}{mark}copy={number}", body)


# Runs


def scrape(folder: Path, *paths: Path, **given: object) -> list[str]:
    options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "scraper", "warc", *map(str, paths), "-o", str(folder), *options]


def ran(folder: Path, *paths: Path, meanwhile: Callable[[int], None] | None = None, **given: object) -> Ran:
    """Run the command to its end. ``meanwhile`` is called in a thread, with the number of the process."""
    load = os.getloadavg()[0]
    started = time.monotonic()
    errors = folder.with_suffix(".stderr")
    with errors.open("w") as out:
        process = subprocess.Popen(scrape(folder, *paths, **given), cwd=ROOT, stderr=out)
        disturbing = threading.Thread(target=meanwhile or (lambda _: None), args=(process.pid,))
        disturbing.start()
        most = 0
        while process.poll() is None:
            most = max(most, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(SAMPLED_EVERY)
        seconds = time.monotonic() - started
        disturbing.join()
    if process.returncode not in (0, 3):
        raise SystemExit(errors.read_text())
    lines = manifest.parts(manifest.read(folder)).values()
    worker, cpu = max(line["peak_bytes"] for line in lines), sum(line["cpu_seconds"] for line in lines)
    return Ran(seconds, worker, most, cpu, load, folder)


def bare(files: Sequence[Path], folder: Path) -> float:
    """Return the seconds that reading, extracting and writing take in this process, without any engine."""
    config = Config()
    form = forms.FORMS["parquet"]
    folder.mkdir()
    started = time.monotonic()
    for file in files:
        lines = folder / f"{file.name}.parquet"
        with lines.open("wb") as out:
            source = Input(str(file), (str(file),), str(file))
            for capture in captures.read(source, Filters(), config.fetching.max_body_bytes, []):
                if capture.page is not None:
                    result = tried(capture.page, config.extracting.engine, NOTHING)
                    if isinstance(result, Article) and is_story(result):
                        out.write(form.line(capture, result, edition.current()))
        form.finish(lines)
    return time.monotonic() - started


def kill_a_worker(pid: int) -> None:
    """Kill a process that extracts, three times; of Dask's the one that keeps it, too."""
    for _ in range(3):
        time.sleep(6)
        for worker in [one for one in _family(pid) if b"scraper.bulk.part" in _command(one)][:1]:
            keeper = _parent(worker)
            os.kill(worker if keeper == pid else keeper, signal.SIGKILL)


def kill_it_all(folder: Path, *paths: Path, parts: int, **given: object) -> None:
    """Start the command, and kill it when it has made so many parts."""
    process = subprocess.Popen(scrape(folder, *paths, **given), cwd=ROOT, stderr=subprocess.DEVNULL)
    while len(list(folder.glob("crawl-*"))) < parts:
        time.sleep(SAMPLED_EVERY)
    process.kill()
    process.wait()


def content(folder: Path) -> tuple[int, str]:
    """Return how many rows a data set has, and a digest of all that is in them, in order of their places."""
    total, rows = hashlib.sha256(), 0
    for part in sorted(folder.glob("*.parquet")):
        table = pyarrow.dataset.dataset(part).to_table()
        table = table.sort_by([("file", "ascending"), ("offset", "ascending")])
        rows += table.num_rows
        total.update(json.dumps(table.to_pylist(), default=str, sort_keys=True).encode())
    return rows, total.hexdigest()


# Processes, as Linux tells of them


def _family(pid: int) -> list[int]:
    """Return a process and all that it started, and they."""
    parents = {int(one.name): _parent(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdigit()}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _parent(pid: int) -> int:
    return int((_said(pid, "stat").rpartition(b")")[2].split() or [b"0", b"0"])[1])


def _resident(pid: int) -> int:
    return int((_said(pid, "statm").split() or [b"0", b"0"])[1]) * os.sysconf("SC_PAGESIZE")


def _command(pid: int) -> bytes:
    return _said(pid, "cmdline")


def _said(pid: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return b""


# The report


def report(folder: Path, files: int, each: int, kinds: Path | None) -> Iterator[str]:
    source, total = folder / "in", files * each
    size = sum(file.stat().st_size for file in source.iterdir())
    yield f"{total} pages in {files} WARC files, {size / total / 1000:.1f} kB a page as packed; " + (
        f"pyarrow {version('pyarrow')}, distributed {version('distributed')}"
    )
    yield from _overhead(folder, sorted(source.iterdir()), each)
    one = ran(folder / "one", source, workers=1)
    two = ran(folder / "two", source, workers=2)
    dask = ran(folder / "dask", source, engine="dask", workers=2)
    yield "\n| run | seconds | pages/s | of the pool | CPU ms a page | MB a worker | MB in all | load |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, run in (("local, one worker", one), ("local, two workers", two), ("dask, two workers", dask)):
        yield (
            f"| {name} | {run.seconds:.1f} | {total / run.seconds:.0f} | {two.seconds / run.seconds:.2f} "
            f"| {1000 * run.cpu / total:.1f} | {run.worker / 1e6:.0f} | {run.together / 1e6:.0f} "
            f"| {run.load:.1f} |"
        )
    yield f"\ntwo workers: {one.seconds / two.seconds:.2f} times one (aim: 1.85); dask (aim: 0.7 of the pool)"
    yield from _deaths(folder, two, files)
    yield from _costs(two, one, total, size)
    yield from _kinds(folder, kinds)


def _overhead(folder: Path, files: Sequence[Path], each: int) -> Iterator[str]:
    """Compare the engine with the bare function, in turns, without the time that Python takes to start."""
    alone, engine = [], []
    living = [file for file in files if archives.KILLER not in gzip.decompress(file.read_bytes())]
    living = living[: max(1, len(files) // 10)]
    bare(living[:1], folder / "warm-up")
    for turn in range(3):
        alone.append(bare(living, folder / f"bare-{turn}"))
        ran(out := folder / f"engine-{turn}", *living, workers=1)
        engine.append(next(line["seconds"] for line in manifest.read(out) if "seconds" in line))
    pages = len(living) * each
    yield (
        f"bare function {pages / min(alone):.1f} pages a second, local engine with one worker "
        f"{pages / min(engine):.1f}: {min(engine) / min(alone) - 1:+.1%} (aim: at most +15 %), {pages} pages"
    )


def _deaths(folder: Path, two: Ran, files: int) -> Iterator[str]:
    source = folder / "in"
    expected = content(two.folder)
    yield "\n| what happened | engine | rows | given up | same content |"
    yield "| --- | --- | --- | --- | --- |"
    yield _death("nothing but three deadly pages", "local", two.folder, expected)
    yield _death("the same", "dask", folder / "dask", expected)
    for engine in ("local", "dask"):
        killed = ran(folder / f"killed-{engine}", source, meanwhile=kill_a_worker, engine=engine, workers=2)
        yield _death("workers killed in the middle", engine, killed.folder, expected)
        again = folder / f"again-{engine}"
        kill_it_all(again, source, parts=max(1, files // 4), engine=engine, workers=2)
        ran(again, source, engine=engine, workers=2)
        yield _death("all of it killed, and started again", engine, again, expected)


def _death(what: str, engine: str, folder: Path, expected: tuple[int, str]) -> str:
    rows, digest = found = content(folder)
    lines = manifest.parts(manifest.read(folder)).values()
    given_up = sum(line["counts"].get("parse_crash", 0) for line in lines)
    return f"| {what} | {engine} | {rows} | {given_up} | {'yes' if found == expected else digest[:8]} |"


def _costs(two: Ran, one: Ran, pages: int, size: int) -> Iterator[str]:
    out = sum(file.stat().st_size for file in two.folder.glob("*.parquet"))
    rows, _ = content(two.folder)
    cpu = one.cpu / pages
    yield f"\n| pages like these | {' | '.join(RECKONED)} |"
    yield "| --- | --- | --- | --- |"
    for what, form, each in (
        ("core hours", "{:,.0f}", cpu / 3600),
        ("hours on 2 cores", "{:,.1f}", cpu / 3600 / 2),
        ("hours on 128 cores", "{:,.2f}", cpu / 3600 / 128),
        ("GB read", "{:,.0f}", size / pages / 1e9),
        ("GB of Parquet", "{:,.1f}", out / pages / 1e9),
    ):
        yield f"| {what} | {' | '.join(form.format(each * many) for many in RECKONED.values())} |"
    yield f"\n{out / rows / 1000:.1f} kB of Parquet an article, {1000 * cpu:.1f} ms of a core a page"


def _kinds(folder: Path, place: Path | None) -> Iterator[str]:
    """Yield what becomes of a sample of answers with other kinds of pages mixed in, as a news crawl has."""
    if place is None or not corpus.is_there(place):
        return
    cases = [json.loads(line) for line in (place / "kinds.jsonl").open(encoding="utf-8")]
    pages = [Page(case["url"], (place / "html" / f"{case['id']}.html").read_bytes()) for case in cases]
    robots = "https://news.example/robots.txt"
    records = [archives.record(robots, b"User-agent: *", content_type="text/plain")]
    for number, page in enumerate(islice(cycle(pages), RESPONSES - 200)):
        records.append(archives.record(page.url, kind="request"))
        records.append(archives.record(page.url, page.body))
        if number % 12 == 0:
            records.append(archives.record(page.url, status="301 Moved Permanently"))
        if number % 36 == 0:
            records.append(archives.record(page.url, b"<h1>Not found</h1>", status="404 Not Found"))
        if number % 50 == 0:
            records.append(archives.record(page.url, kind="revisit"))
    archives.write(folder / "kinds" / "CC-NEWS.warc.gz", records)
    run = ran(folder / "kinds-out", folder / "kinds", workers=2)
    (line,) = manifest.parts(manifest.read(run.folder)).values()
    counts: Counter[str] = Counter(line["counts"])
    added = "add up to" if sum(counts.values()) == line["records"] == len(records) else "do not add up to"
    yield f"\n{len(records)} records, {RESPONSES - 200} of them pages of seven kinds; outcomes {added} all:"
    yield ", ".join(f"{name} {count}" for name, count in counts.most_common())


if __name__ == "__main__":
    main()
