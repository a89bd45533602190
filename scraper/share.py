"""Which of several machines crawls a host: each works for itself, and no host is asked by two.

Nothing is shared but the settings. Every machine scores each host for each machine by a hash and takes those
for which its own score is the highest (rendezvous hashing, Thaler and Ravishankar 1998). All come to the same
answer, and when a machine is added it takes its part of the hosts and no other host moves.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from scraper import addresses

FORM = "2/3 for the second of three machines"


def parse(text: str) -> tuple[int, int]:
    """Return the number of this machine, from 1, and how many there are. Raises ValueError."""
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"write {FORM}")
    return int(found[1]), int(found[2])


class Placed(Protocol):
    """What has an address: a publication of the settings."""

    @property
    def url(self) -> str: ...


P = TypeVar("P", bound=Placed)


def own(text: str, wanted: Sequence[P]) -> tuple[P, ...]:
    """Return those publications that the setting politeness.share, ``text``, gives to this machine.

    Publications on one host go to one machine, so that the delay between requests to it is kept.
    """
    number, machines = parse(text)
    return tuple(one for one in wanted if machine_of(_host(one.url), machines) == number)


def machine_of(host: str, machines: int) -> int:
    """Return the number, from 1, of the machine that crawls the host."""
    return max(range(1, machines + 1), key=lambda number: _score(host, number))


def _score(host: str, number: int) -> bytes:
    return hashlib.sha256(f"{number} {host}".encode()).digest()


def _host(url: str) -> str:
    return addresses.host(url).removeprefix("www.")
