"""A fresh interpreter that can be killed, and the pipe to it.

A child stands in a session of its own: Ctrl-C in the terminal reaches the command alone. It ends when its
pipe closes, thus with its parent however that ends. It is a new interpreter, not a fork: a fork would inherit
the database's lock and the parent's threads.
"""

import contextlib
import os
import resource
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from scraper.errors import ScrapeError

START_SECONDS = 60  # a new process imports the extractors in 0.3 s; a loaded machine may need far more


class Child:
    """A process that runs ``function(pipe, *arguments)`` of a module, and says first that it is ready."""

    def __init__(self, module: str, function: str, *arguments: object) -> None:
        self.pipe, theirs = Pipe()
        call = f"serve(Connection({theirs.fileno()}), *{arguments!r})"
        code = (
            f"from multiprocessing.connection import Connection; from {module} import {function} as serve; "
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code + call],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},
        )
        theirs.close()
        self._ready = self._killed = False

    def wait_until_ready(self) -> None:
        """Return when it has said so, or was killed. Raises ScrapeError when it does not start."""
        if self._ready:
            return
        with contextlib.suppress(EOFError):
            self._ready = self.pipe.poll(START_SECONDS) and bool(self.pipe.recv())
        if not self._ready and not self._killed:
            raise ScrapeError(
                "an extraction process does not start; what it said stands above. "
                "Reinstall cleancopy, or free some memory."
            )

    def kill(self) -> int:
        """Kill it, unless it is dead, and return its exit code: minus the signal that ended it.

        Another thread may be waiting for its answer; that one finds the pipe at its end.
        """
        self._killed = True
        self.process.kill()
        return self.process.wait()

    def end(self) -> int:
        """Kill it as ``kill`` does, and let go of the pipe, on which nobody else must be waiting."""
        code = self.kill()
        self.pipe.close()
        return code


def ready(pipe: Connection, memory: int) -> None:
    """Say that this child is ready; from now on it has no more than ``memory`` bytes."""
    limit_memory(memory)
    pipe.send(True)


def limit_memory(memory: int | None) -> None:
    """Let this process have no more than that many bytes; None is as many as the system allows.

    What its libraries have reserved and do not use does not count: some reserve a gigabyte.
    """
    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and refuses to set it
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most if memory is None else memory + _reserved(), most))


def _reserved() -> int:
    """Return the bytes of addresses that this process has and no memory stands behind (Linux: proc(5))."""
    try:
        size, resident = Path("/proc/self/statm").read_text().split()[:2]
    except OSError:
        return 0
    return (int(size) - int(resident)) * resource.getpagesize()
