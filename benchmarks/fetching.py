"""What fetching costs, and the whole way to SQLite, beside Scrapy and httpx on one server in one run.

    python -m benchmarks.fetching --corpus DIR                 # the tables of docs/benchmarks.md
    python -m benchmarks.fetching --hosts 20 --connections 64  # one row
    python -m benchmarks.fetching --whole                      # fetch, archive, extract, store

Each client runs in a process of its own against the server of ``benchmarks.loopback``, in turn. The figure
that holds on a busy machine is CPU time a page of the client with all its processes; pages a second tell
about this machine at this moment. Needs scrapy: ``pip install scrapy``. Without it its rows say so.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from benchmarks import corpus
from benchmarks.loopback import KINDS, bodies, serving
from scraper.config import Config, Fetching, Paths, Politeness, Publication
from scraper.crawl import crawl
from scraper.fetch import Fetcher

HOSTS = (1, 20, 200)
CONNECTIONS = (1, 16, 64, 256)
PAGES = 2000  # of one measurement
WARM_UP = 200  # pages before the clock starts


@dataclass(frozen=True, slots=True)
class Load:
    """What a client is given to do."""

    port: int
    pages: int
    hosts: int
    connections: int

    def urls(self, skip: int = 0) -> Iterator[str]:
        for number in range(skip, skip + self.pages):
            yield f"http://127.0.0.{number % self.hosts + 1}:{self.port}/p/{number}"


def fetching(load: Load, core: str) -> Fetching:
    return Fetching(allow_private=("127.0.0.0/8",), concurrency=load.connections, attempts=1, transport=core)


# Fetching alone. Each returns the number of pages that came.


async def _side_by_side(load: Load, get: Callable[[str], Awaitable[object]]) -> None:
    """Ask every page, ``connections`` at a time."""
    waiting = load.urls()

    async def worker() -> None:
        for url in waiting:
            await get(url)

    await asyncio.gather(*(worker() for _ in range(load.connections)))


async def _ours(load: Load, core: str) -> tuple[float, float]:
    async with Fetcher(fetching(load, core)) as fetcher:
        await _side_by_side(replace(load, pages=WARM_UP), fetcher.fetch)
        return await _timed(_side_by_side(load, fetcher.fetch))


async def _httpx(load: Load) -> tuple[float, float]:
    import httpx

    async with httpx.AsyncClient(timeout=None) as client:  # its pool is too slow for its own time limit
        await _side_by_side(replace(load, pages=WARM_UP), client.get)
        return await _timed(_side_by_side(load, client.get))


async def _timed(work: Awaitable[object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), _cpu()
    await work
    return time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


SCRAPY = {
    "ROBOTSTXT_OBEY": False, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False,
    "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "COOKIES_ENABLED": False,
}  # fmt: skip


def _scrapy(load: Load, keep: Callable[[str, str], None] | None = None) -> tuple[float, float]:
    """Crawl with Scrapy; the clock runs from its first page after the warm-up to its last."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    marks: list[tuple[float, float]] = []
    arrived = count(1)
    warm_up = 0 if keep else WARM_UP
    if not warm_up:
        marks.append((time.perf_counter(), _cpu()))

    class Spider(scrapy.Spider):  # type: ignore[misc]
        name = "bench"

        async def start(self):  # type: ignore[no-untyped-def]
            for url in replace(load, pages=load.pages + warm_up).urls():
                yield scrapy.Request(url, callback=self.parse, dont_filter=True)

        def parse(self, response):  # type: ignore[no-untyped-def]
            if keep is not None:
                keep(response.url, response.text)
            if next(arrived) in (warm_up, warm_up + load.pages):
                marks.append((time.perf_counter(), _cpu()))

    limits = {"CONCURRENT_REQUESTS": load.connections, "CONCURRENT_REQUESTS_PER_DOMAIN": load.connections}
    process = CrawlerProcess(settings=SCRAPY | limits)
    process.crawl(Spider)
    process.start()
    (wall, cpu), (wall_end, cpu_end) = marks[0], marks[-1]
    return wall_end - wall, cpu_end - cpu


# The whole way.


def _whole_ours(load: Load, core: str) -> tuple[float, float]:
    """Crawl as ``scrape crawl`` does: sitemap, robots.txt, archive, extraction, SQLite with full text."""
    with tempfile.TemporaryDirectory() as folder:
        publications = tuple(
            Publication(f"host{number}", f"Host {number}", f"http://127.0.0.{number}:{load.port}/",
                        sitemaps=(f"http://127.0.0.{number}:{load.port}/sitemap.xml",))
            for number in range(1, load.hosts + 1)
        )  # fmt: skip
        config = Config(
            paths=Paths(Path(folder) / "articles.db", Path(folder) / "archive"),
            fetching=fetching(load, core),
            politeness=Politeness(delay=0),
            publications=publications,
        )
        wall, cpu = time.perf_counter(), _cpu()
        summary = asyncio.run(crawl(config, publications))
        wall, cpu = time.perf_counter() - wall, _cpu() - cpu
        assert sum(summary.counts.values()) == load.pages, summary
        return wall, cpu


def _whole_scrapy(load: Load) -> tuple[float, float]:
    """What a user would build: trafilatura with metadata in the callback, a row per page, full text."""
    import sqlite_utils
    import trafilatura

    with tempfile.TemporaryDirectory() as folder:
        db = sqlite_utils.Database(Path(folder) / "articles.db")
        table = db.table("articles")
        table.create({"url": str, "title": str, "author": str, "date": str, "text": str}, pk="url")
        table.enable_fts(["title", "text"], create_triggers=True)

        def keep(url: str, text: str) -> None:
            found = trafilatura.bare_extraction(text, url=url, with_metadata=True)
            row = {name: getattr(found, name, None) for name in ("title", "author", "date", "text")}
            table.upsert({"url": url, **row}, pk="url")

        return _scrapy(load, keep)


CLIENTS: Mapping[str, Callable[[Load], tuple[float, float]]] = {
    "ours": lambda load: asyncio.run(_ours(load, "httpx")),
    "ours, aiohttp core": lambda load: asyncio.run(_ours(load, "aiohttp")),
    "httpx": lambda load: asyncio.run(_httpx(load)),
    "scrapy": _scrapy,
}
WHOLE: Mapping[str, Callable[[Load], tuple[float, float]]] = {
    "ours": lambda load: _whole_ours(load, "httpx"),
    "ours, aiohttp core": lambda load: _whole_ours(load, "aiohttp"),
    "scrapy, trafilatura": _whole_scrapy,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one client under one load: seconds, CPU seconds, and the most memory in bytes."""

    seconds: float
    cpu: float
    memory: int


def measure(client: str, load: Load, *, whole: bool) -> Figures | None:
    """Run a client in a process of its own; None if it cannot run here."""
    command = [sys.executable, "-m", "benchmarks.fetching", "--client", client, "--port", str(load.port),
               "--pages", str(load.pages), "--hosts", str(load.hosts), "--connections", str(load.connections),
               *(["--whole"] if whole else [])]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{client}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def _run_client(client: str, load: Load, *, whole: bool) -> None:
    """Do the work of one measurement and print it as JSON."""
    seconds, cpu = (WHOLE if whole else CLIENTS)[client](load)
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = 1024 * (own.ru_maxrss + children.ru_maxrss)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory}))


def table(said: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the table, each row as soon as it is measured."""
    clients = WHOLE if said.whole else CLIENTS
    yield "| hosts | connections | client | CPU ms a page | pages a second | memory MB |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for hosts in said.hosts or HOSTS:
        with serving(said.corpus, said.pages, hosts) as port:
            for connections in said.connections or CONNECTIONS:
                load = Load(port, said.pages, hosts, connections)
                for client in clients:
                    found = measure(client, load, whole=said.whole)
                    figures = "| not here | | |" if found is None else (
                        f"| {1000 * found.cpu / load.pages:.3f} | {load.pages / found.seconds:.0f} "
                        f"| {found.memory / 1e6:.0f} |"
                    )  # fmt: skip
                    yield f"| {hosts} | {connections} | {client} {figures}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    parser.add_argument("--pages", type=int, help=f"of one measurement ({PAGES}; {KINDS} for the whole way)")
    parser.add_argument("--hosts", type=int, nargs="*", help=f"{HOSTS}")
    parser.add_argument("--connections", type=int, nargs="*", help=f"{CONNECTIONS}")
    parser.add_argument("--whole", action="store_true", help="the whole way instead of fetching alone")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.client:
        load = Load(said.port, said.pages, said.hosts[0], said.connections[0])
        _run_client(said.client, load, whole=said.whole)
        return
    said.pages = said.pages or (len(bodies(said.corpus)) if said.whole else PAGES)
    print(f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes waiting at the start", flush=True)
    for line in table(said):
        print(line, flush=True)


if __name__ == "__main__":
    main()
