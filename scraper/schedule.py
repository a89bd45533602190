"""Crawl each publication at its own interval, for as long as the program runs.

When a publication is due next is kept in the database, by the wall clock, so that a restart neither forgets
nor repeats. A clock that is set back cannot put a crawl off for longer than the interval; one that is set
ahead makes everything due once. Crawls never overlap: there is one at a time, of all publications that are
due. It ends when another publication becomes due; what is left of it goes on in the next round.
"""

import asyncio
import hashlib
import random
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from scraper import frontier
from scraper.clock import SYSTEM, Clock
from scraper.config import Config, Publication
from scraper.crawl import crawl
from scraper.errors import Locked
from scraper.events import Report, Summary, nobody
from scraper.quiet import quiet_until
from scraper.signals import on_signal
from scraper.store import Store

JITTER = 0.1  # of the interval, either way: so that many publications do not keep falling due together
LOOK = 60.0  # seconds; the wall clock is looked at this often, for it may be set
SHORTEST_ROUND = 60.0  # seconds that a crawl is given, however soon the next publication is due


@dataclass(frozen=True, slots=True)
class Round:
    """One crawl of a schedule: whose, and how it went."""

    publications: tuple[str, ...]
    summary: Summary


async def keep(
    config: Config,
    publications: Sequence[Publication],
    *,
    once: bool = False,
    report: Report = nobody,
    tell: Callable[[Round], object] = lambda _: None,
    clock: Clock = SYSTEM,
    chance: random.Random | None = None,
) -> None:
    """Crawl what is due whenever it is, until a signal comes; with ``once`` only what is due now.

    ``tell`` is told of each round. Raises StoreError when the database cannot be used.
    """
    timetable = _Timetable(config, publications, chance or random.Random())
    stopped = asyncio.Event()
    while not stopped.is_set():
        due, wait = timetable.due(clock.now())
        if due:
            ended = await _round(config, timetable, due, report, tell, clock)
            if ended and (once or ended.outcome == "interrupted"):
                return
            wait = 0.0 if ended else LOOK
        elif once:
            return
        if wait:
            await _sleep(min(wait, LOOK), clock, stopped)


async def _round(
    config: Config,
    timetable: "_Timetable",
    due: Sequence[Publication],
    report: Report,
    tell: Callable[[Round], object],
    clock: Clock,
) -> Summary | None:
    """Crawl those that are due; None if another program is crawling into the database."""
    now = clock.now()
    seconds = max(timetable.until_another(due, now), SHORTEST_ROUND)
    try:
        summary = await crawl(config, due, seconds=seconds, report=report, clock=clock)
    except Locked:
        return None
    if summary.outcome == "finished":
        timetable.done(due, now, unfinished_at=clock.now() if summary.cut_short else None)
    tell(Round(tuple(item.key for item in due), summary))
    return summary


async def _sleep(seconds: float, clock: Clock, stopped: asyncio.Event) -> None:
    """Wait, but not past a signal."""
    with on_signal(stopped.set):
        waits = [asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(stopped.wait())]
        _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


class _Timetable:
    """When each publication is due, kept in the database."""

    def __init__(self, config: Config, publications: Sequence[Publication], chance: random.Random) -> None:
        self._database = config.paths.database
        self._quiet_hours = config.politeness.quiet_hours
        self._publications, self._chance = publications, chance
        self._plans = self._read()
        self._every = {
            item.key: timedelta(minutes=item.every_minutes or config.schedule.every_minutes)
            for item in publications
        }

    def due(self, now: datetime) -> tuple[list[Publication], float]:
        """Return the publications that are due, and the seconds until the next one is if none is."""
        waits = self._waits(now)
        due = [item for item in self._publications if waits[item.key] <= 0]
        return due, max(min(waits.values(), default=LOOK), 0.0)

    def until_another(self, due: Sequence[Publication], now: datetime) -> float:
        """Return the seconds until one that is not in ``due`` becomes due."""
        mine = {item.key for item in due}
        others = (wait for key, wait in self._waits(now).items() if key not in mine)
        return min(others, default=float("inf"))

    def done(
        self, crawled: Sequence[Publication], started: datetime, *, unfinished_at: datetime | None
    ) -> None:
        """Plan the next crawls. Of a round that ended too soon, those with something left stay due."""
        with Store(self._database) as store:
            ids = {item: store.publication_id(item) for item in crawled}
            with store.transaction() as db:
                for item, number in ids.items():
                    if unfinished_at is None or not frontier.hosts_due(db, [number], unfinished_at):
                        factor = self._chance.uniform(1 - JITTER, 1 + JITTER)
                        self._plans[item.key] = started + self._every[item.key] * factor
                        _plan(db, number, self._plans[item.key])

    def _waits(self, now: datetime) -> dict[str, float]:
        """Return by publication the seconds until it is due.

        None is longer than its interval, except that quiet hours are waited for to their end.
        """
        waits = {}
        for item in self._publications:
            longest = now + self._every[item.key] * (1 + JITTER)
            when = min(self._plans.get(item.key, now), longest)
            if when == longest:
                self._plans[item.key] = when  # the clock was set back, or the interval made shorter
            awake = quiet_until((*self._quiet_hours, *item.quiet_hours), now)
            waits[item.key] = (max(when, awake or when) - now).total_seconds()
        return waits

    def _read(self) -> dict[str, datetime]:
        if not self._database.exists():
            return {}
        with Store(self._database, read_only=True) as store:
            return dict(_plans(store.conn))


def _plan(db: Connection, publication_id: int, when: datetime) -> None:
    db.execute("UPDATE publications SET next_crawl_at = ? WHERE id = ?", (frontier.utc(when), publication_id))


def _plans(db: Connection) -> Iterator[tuple[str, datetime]]:
    for key, when in db.execute(
        "SELECT key, next_crawl_at FROM publications WHERE next_crawl_at IS NOT NULL"
    ):
        yield key, datetime.fromisoformat(when)


# Units for programs that start programs.


def systemd(config: Config) -> str:
    """Return a user unit that keeps ``scrape schedule`` running."""
    return f"""# ~/.config/systemd/user/scrape.service
# systemctl --user daemon-reload && systemctl --user enable --now scrape.service
# loginctl enable-linger    # so that it also runs while you are not logged in
[Unit]
Description=Crawl publications at their own intervals
After=network-online.target

[Service]
Type=exec
WorkingDirectory={_unit_path(Path.cwd())}
ExecStart={" ".join(map(_unit_path, _command(config)))} --log json schedule
Restart=on-failure
RestartSec=60
TimeoutStopSec=30
KillMode=mixed
NoNewPrivileges=true

[Install]
WantedBy=default.target
"""


def cron(config: Config) -> str:
    """Return a crontab line that crawls what is due, every five minutes at a minute of its own."""
    folder = Path.cwd()
    start = int(hashlib.sha256(str(folder).encode()).hexdigest(), 16) % 5
    minutes = ",".join(str(minute) for minute in range(start, 60, 5))
    command = " ".join(_shell_quoted(str(part)) for part in _command(config))
    return (
        "# crontab -e; a crawl that is still running is not started again\n"
        f"{minutes} * * * * cd {_shell_quoted(str(folder))} && {command} --log json schedule --once "
        "2>> crawl.log\n"
    )


def _command(config: Config) -> list[Path | str]:
    return [Path(sys.executable), "-m", "scraper", "--config", config.file.resolve()]


def _unit_path(part: Path | str) -> str:
    """Quote for systemd, which reads % and $ and splits at spaces."""
    text = str(part).replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{text}"' if " " in text else text


def _shell_quoted(text: str) -> str:
    """Quote for sh in a crontab, where % ends the line."""
    return shlex.quote(text).replace("%", "\\%")
