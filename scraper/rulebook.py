"""The rules of publications on this machine: a project's over the user's over those of the program.

One file for each publication. A file of a higher place takes the place of a lower one for the hosts that it
names, so an upgrade never touches what somebody wrote. What is wrong with a file is a problem with a place,
never an end.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

from extractors import Problem, Rules, read_rules
from scraper import addresses
from scraper.config import Config, user_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by host, and what is wrong with the files that they came from."""

    by_host: Mapping[str, Rules] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def of(self, url: str) -> Rules | None:
        """Return the rules for an address: of its host, with any port, else of the nearest domain above."""
        host = re.sub(r":\d+$", "", addresses.host(url)).removeprefix("www.")
        while host:
            if host in self.by_host:
                return self.by_host[host]
            host = host.partition(".")[2]
        return None

    def all(self) -> list[Rules]:
        """Return the rules, each once, by their files."""
        return sorted({id(one): one for one in self.by_host.values()}.values(), key=lambda one: one.file)


NO_RULES = Rulebook()


Source = tuple[str, str]
"""Name and text of a file of rules."""


def load(config: Config) -> Rulebook:
    """Return all rules: of the project's folder, the user's, and those that come with the program.

    What is wrong with a file is logged, and listed in ``problems``.
    """
    found = read(sources(config))
    for problem in found.problems:
        log.warning("%s", problem)
    return found


def sources(config: Config) -> list[list[Source]]:
    """Return the files of each place, the one that wins first."""
    return [list(_texts(place)) for place in places(config)]


def hashes(config: Config) -> dict[str, str]:
    """Return the SHA-256 of each file of rules, by its name; of two with one name, of the one that wins."""
    found: dict[str, str] = {}
    for place in reversed(sources(config)):
        found |= {PurePath(file).name: hashlib.sha256(text.encode()).hexdigest() for file, text in place}
    return found


def read(sources: Iterable[Iterable[Source]]) -> Rulebook:
    """Return the rules in files by place, the one that wins first."""
    by_host: dict[str, Rules] = {}
    problems: list[Problem] = []
    for place in sources:
        here: dict[str, Rules] = {}
        for file, text in place:
            rules, wrong = read_rules(text, file)
            problems += wrong
            for host in rules.hosts if rules else ():
                if host in here:
                    problems.append(_claimed_twice(file, text, host, here[host].file))
                else:
                    here[host] = rules  # type: ignore[assignment]
        by_host = here | by_host
    return Rulebook(by_host, tuple(problems))


def places(config: Config) -> Sequence[Traversable]:
    """Return the folders of rules, the one that wins first."""
    return config.paths.rules, user_folder() / "rules", files("extractors.publications")


def state(config: Config) -> tuple[tuple[str, int, int], ...]:
    """Return what tells a save of a rules file: each one's path, time of change in nanoseconds, and bytes."""
    found = []
    for place in (config.paths.rules, user_folder() / "rules"):
        for file in sorted(place.glob("*.toml")):
            with suppress(FileNotFoundError):  # an editor may put a new file in the old one's place
                found.append((str(file), file.stat().st_mtime_ns, file.stat().st_size))
    return tuple(found)


def _texts(place: Traversable) -> Iterator[tuple[str, str]]:
    if not place.is_dir():
        return
    for file in sorted(place.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield str(file) if isinstance(file, Path) else file.name, file.read_text("utf-8")


def _claimed_twice(file: str, text: str, host: str, other: str) -> Problem:
    line = next((number for number, line in enumerate(text.splitlines(), 1) if host in line), None)
    return Problem(
        file, line, f"{host} has rules in {other}, too", "Take the host out of one of the two files"
    )
