"""The command as a process of its own, with settings for loopback, and questions to what it left."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("TORTURE"))  # `make torture`: the sizes of the promise instead of short ones


def sized(short: int, long: int) -> int:
    """Return the size of a scenario."""
    return long if LONG else short


def settings(folder: Path, publications: dict[str, dict[str, Any]], **more: dict[str, Any]) -> None:
    """Write config.toml: loopback allowed, no delay, one attempt; ``more`` are tables that change that."""
    tables: dict[str, dict[str, Any]] = {
        "paths": {"database": "articles.db", "archive": "archive"},
        "fetching": {"allow_private": ["127.0.0.0/8"], "attempts": 1, "total_timeout": 10.0},
        "politeness": {"delay": 0},
        "extracting": {"processes": 1},
    }
    for name, values in more.items():
        tables[name] = tables.get(name, {}) | values
    tables |= {f"publications.{key}": values for key, values in publications.items()}
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in table.items())
             for name, table in tables.items()]  # fmt: skip
    (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Done:
    """How the command ended: exit code, its stderr, and its log lines as objects. Memory in bytes."""

    code: int
    stderr: str
    memory: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stderr.splitlines() if line.startswith("{")]


def start(folder: Path, *arguments: str, prelude: str = "", log: str = "stderr") -> "subprocess.Popen[str]":
    """Start ``scrape --log json …``; ``prelude`` is Python that runs first, as to set a limit.

    Its stderr goes to the file ``log``.
    """
    program = f"{prelude}\nfrom scraper.cli import main; main()"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder)}
    command = [sys.executable, "-c", program, "--config", str(folder / "config.toml"), "--log", "json"]
    with (folder / log).open("w") as out:
        return subprocess.Popen([*command, *(arguments or ("crawl",))], stderr=out, stdout=out, text=True,
                                cwd=folder, env=environment)  # fmt: skip


def finish(folder: Path, process: "subprocess.Popen[str]", log: str = "stderr") -> Done:
    """Wait for it; the memory of one that was seen to have ended is not known any more."""
    memory = 0
    if process.returncode is None:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode, memory = os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
    return Done(process.returncode, (folder / log).read_text(), memory)


def run(folder: Path, *arguments: str, prelude: str = "") -> Done:
    return finish(folder, start(folder, *arguments, prelude=prelude))


def query(folder: Path, sql: str, values: Sequence[object] = ()) -> list[Any]:
    with closing(sqlite3.connect(folder / "articles.db")) as db:
        return db.execute(sql, values).fetchall()


def outcomes(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Return state and reason by path."""
    return {
        path: (state, reason) for path, state, reason in query(folder, "SELECT path, state, reason FROM urls")
    }


def is_whole(folder: Path) -> bool:
    """Tell whether SQLite finds the file in order and no address counts as stored without its article."""
    return query(folder, "PRAGMA integrity_check") == [("ok",)] and query(
        folder, "SELECT count(*) FROM urls WHERE state IN ('saved', 'updated') AND article_id IS NULL"
    ) == [(0,)]  # fmt: skip
