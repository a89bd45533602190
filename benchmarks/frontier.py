"""The frontier at a million addresses: bytes an address, time to look one up and to choose what is due.

    python -m benchmarks.frontier [--addresses 1000000] [--hosts 200]

Addresses are invented, as long as those of news are (about 90 characters). A twentieth is due; of the
others, which were visited, half are to be asked again later, half never, as in a crawl that is months old.
Each figure is taken at several sizes in one run, so that what grows with the number of addresses shows.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper import frontier
from scraper.config import Publication
from scraper.outcome import Outcome, State
from scraper.store import Store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BATCH = 5_000  # addresses entered in a transaction, as a large sitemap gives them
ASKED = 2_000  # look-ups that a time is the median of
WORDS = ("harbour", "council", "ferry", "mill", "budget", "school", "bridge", "market", "river", "library")


@dataclass(frozen=True, slots=True)
class Lead:
    url: str
    source: str
    published_at: datetime | None


def leads(start: int, count: int, hosts: int) -> Iterator[Lead]:
    """Yield invented addresses from number ``start`` on."""
    for number in range(start, start + count):
        chance = random.Random(number)
        words = "-".join(chance.choices(WORDS, k=6))
        day = NOW - timedelta(minutes=number % 500_000)
        host = number % hosts
        url = f"https://www.paper{host}.example/{day:%Y/%m/%d}/{words}-{number}.html"
        yield Lead(url, f"sitemap of paper {host}", day)


def fill(store: Store, start: int, count: int, hosts: int, publications: list[int]) -> float:
    """Enter addresses and settle nineteen of twenty; return the CPU seconds of entering."""
    spent = 0.0
    for begin in range(start, start + count, BATCH):
        found = list(leads(begin, min(BATCH, start + count - begin), hosts))
        started = time.process_time()
        with store.transaction() as db:
            for host, publication in enumerate(publications):
                frontier.add(db, found[host :: len(publications)], publication_id=publication, now=NOW)
        spent += time.process_time() - started
        with store.transaction() as db:
            for lead in found:
                number = frontier.key(lead.url)
                if number % 20:
                    later = NOW + timedelta(days=9) if number % 2 else None
                    frontier.settle(db, number, Outcome(State.SKIPPED, "listing"), run=None, next_visit=later)
    return spent


def timed(work: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in microseconds, of ``work`` for so many numbers."""
    times = []
    for number in range(ASKED):
        started = time.perf_counter()
        work(number)
        times.append(1e6 * (time.perf_counter() - started))
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def rows(folder: Path, total: int, hosts: int) -> Iterator[str]:
    yield (
        "| addresses | bytes each | entered, CPU µs | known? µs | 99 % | new? µs | next of a host, µs "
        "| hosts due, ms | memory MB |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    with Store(folder / "frontier.db") as store:
        publications = [
            store.publication_id(Publication(f"p{n}", f"Paper {n}", f"https://www.paper{n}.example/"))
            for n in range(hosts)
        ]
        before, done = size(store), 0
        for target in sorted({total // 10, total // 2, total}):
            seconds = fill(store, done, target - done, hosts, publications)
            entered, done = target - done, target
            yield figures(store, done, 1e6 * seconds / entered, size(store) - before, publications)


def figures(store: Store, count: int, entered: float, stored: int, publications: list[int]) -> str:
    db = store.conn
    chance = random.Random(7)
    known = [next(leads(chance.randrange(count), 1, len(publications))).url for _ in range(ASKED)]
    new = [f"https://www.paper{n % len(publications)}.example/new/{n}" for n in range(ASKED)]
    host_ids = [row[0] for row in db.execute("SELECT id FROM hosts")]

    def due(number: int) -> object:
        host = host_ids[number % len(host_ids)]
        return list(frontier.due(db, host, publications, run=1, now=NOW, limit=20))

    old, late = timed(lambda number: frontier.known(db, known[number]))
    fresh, _ = timed(lambda number: frontier.known(db, new[number]))
    chosen, _ = timed(due)
    started = time.perf_counter()
    frontier.hosts_due(db, publications, NOW)
    hosts_due = 1e3 * (time.perf_counter() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"| {count:,} | {stored / count:.0f} | {entered:.0f} | {old:.0f} | {late:.0f} | {fresh:.0f} "
        f"| {chosen:.0f} | {hosts_due:.1f} | {memory:.0f} |"
    )


def size(store: Store) -> int:
    """Return the bytes of the file once the log is written back."""
    store.checkpoint()
    return store.path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=200)
    said = parser.parse_args()
    length = statistics.mean(len(lead.url) for lead in leads(0, 1000, said.hosts))
    print(f"addresses of {length:.0f} characters on {said.hosts} hosts", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder), said.addresses, said.hosts):
            print(row, flush=True)


if __name__ == "__main__":
    main()
