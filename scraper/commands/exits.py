"""How a command ends: its exit code, and what it says on stderr."""

from dataclasses import dataclass

from scraper.logs import SAID
from scraper.outcome import TookTooLong

DONE, ERROR, USAGE, PARTLY = 0, 1, 2, 3


@dataclass(slots=True)
class Tally:
    """Counts what went well and what did not, and says so on stderr."""

    done: int = 0
    failed: int = 0

    def fail(self, problem: object) -> None:
        """Count a failure and print it."""
        self.failed += 1
        complain(problem)

    def exit(self) -> None:
        """Leave with the code that fits the counts."""
        if self.failed:
            raise SystemExit(PARTLY if self.done else ERROR)


def say(text: str) -> None:
    """Print one line on stderr."""
    SAID.info("%s", text)


def complain(problem: object) -> None:
    """Print what went wrong on stderr."""
    SAID.error("%s", f"Error: {problem}")


def problem(result: object) -> str:
    """Return why there is no article, as a sentence."""
    return f"{result.url}: {result.detail}" if isinstance(result, TookTooLong) else str(result)
