"""Each publication is crawled at its own interval, whatever happens to the clock or to the program."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scraper import schedule
from scraper.clock import Clock
from scraper.config import Config, Schedule
from scraper.schedule import Round, keep
from tests.scraper.gazette import Gazette, served

MINUTE = timedelta(minutes=1)


class Enough(Exception):
    """The test has seen what it wanted."""


class Turned:
    """A clock that sleeping turns. ``wall`` can be set, and then the two hands differ."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 2, 12, tzinfo=UTC)
        self.ticks = 0.0
        self.clock = Clock(lambda: self.wall, lambda: self.ticks, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds
        await asyncio.sleep(0)


@pytest.fixture
def gazette() -> Iterator[Gazette]:
    with served() as gazette:
        gazette.publish(1)
        yield gazette


def two(gazette: Gazette, folder: Path) -> Config:
    often = gazette.publication(key="often", every_minutes=10.0)
    seldom = gazette.publication(key="seldom", every_minutes=60.0, feeds=(f"{gazette.origin}/other.xml",))
    gazette.put("/other.xml", "<rss version='2.0'><channel></channel></rss>", kind="application/rss+xml")
    return replace(gazette.config(folder), publications=(often, seldom))


def rounds(config: Config, turned: Turned, count: int) -> list[tuple[float, tuple[str, ...]]]:
    """Return minute and publications of the first rounds."""
    told: list[tuple[float, tuple[str, ...]]] = []
    begin = turned.ticks

    def tell(done: Round) -> None:
        told.append((round((turned.ticks - begin) / 60, 1), done.publications))
        if len(told) == count:
            raise Enough

    async def run() -> None:
        with pytest.raises(Enough):
            await keep(config, config.publications, tell=tell, clock=turned.clock, chance=random.Random(7))

    asyncio.run(run())
    return told


def test_each_keeps_its_own_interval(gazette: Gazette, tmp_path: Path) -> None:
    told = rounds(two(gazette, tmp_path), Turned(), 9)
    assert told[0] == (0.0, ("often", "seldom"))
    often = [minute for minute, keys in told if "often" in keys]
    seldom = [minute for minute, keys in told if "seldom" in keys]
    assert all(8 <= later - sooner <= 12 for sooner, later in pairwise(often))
    assert len(seldom) == 2
    assert 54 <= seldom[1] <= 68, "an hour, give or take the jitter and one look"


def test_a_restart_neither_repeats_nor_forgets(gazette: Gazette, tmp_path: Path) -> None:
    config, turned = two(gazette, tmp_path), Turned()
    rounds(config, turned, 1)
    turned.wall += 5 * MINUTE
    assert rounds(config, turned, 1)[0][0] >= 3, "not due yet"
    turned.wall += 300 * MINUTE
    assert rounds(config, turned, 1) == [(0.0, ("often", "seldom"))], "what was missed is done once"


def test_a_clock_that_is_set_neither_stalls_nor_doubles(gazette: Gazette, tmp_path: Path) -> None:
    config, turned = two(gazette, tmp_path), Turned()
    rounds(config, turned, 1)
    turned.wall -= 24 * 60 * MINUTE
    assert rounds(config, turned, 1)[0][0] <= 12, "set back by a day: no longer than the interval"
    turned.wall += 48 * 60 * MINUTE
    told = rounds(config, turned, 2)
    assert told[0] == (0.0, ("often", "seldom"))
    assert told[1][0] >= 8, "set ahead by two days: once"


def test_quiet_hours_are_waited_for(gazette: Gazette, tmp_path: Path) -> None:
    publication = gazette.publication(quiet_hours=("11:00-14:00",))
    config = replace(gazette.config(tmp_path), publications=(publication,), schedule=Schedule(10.0))
    assert rounds(config, Turned(), 1) == [(120.0, ("gazette",))]


def test_units_are_ready_to_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my news 100%"
    folder.mkdir()
    monkeypatch.chdir(folder)
    config = Config(file=Path("config.toml"))
    unit = schedule.systemd(config)
    assert f'WorkingDirectory="{tmp_path}/my news 100%%"' in unit
    assert (
        f'-m scraper --config "{folder.as_posix().replace("%", "%%")}/config.toml" --log json schedule'
        in unit
    )
    line = schedule.cron(config).splitlines()[-1]
    minutes, _, command = line.partition(" * * * * ")
    assert len(minutes.split(",")) == 12
    (folder / "config.toml").write_text("[schedule]\n")
    ran = subprocess.run(
        command.replace("\\%", "%").replace("schedule --once", "config --nl"),
        shell=True, capture_output=True, text=True, check=True, cwd="/",
        env={"PYTHONPATH": str(Path(schedule.__file__).parents[1])},
    )  # fmt: skip
    assert "schedule.every_minutes" in ran.stdout
    assert sys.executable in command
