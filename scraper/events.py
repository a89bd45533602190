"""What a crawl tells while it runs, and how it went."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scraper.discover import Lead
from scraper.health import Alarm
from scraper.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Started:
    """The crawl has begun. ``due`` addresses were waiting from before."""

    run: int
    due: int


@dataclass(frozen=True, slots=True)
class LeadsFound:
    """A source was read: so many addresses, of which so many are new."""

    publication: str
    source: str
    leads: int
    new: int


@dataclass(frozen=True, slots=True)
class LeadFound:
    """In a dry run: an address that a crawl would ask, or knows already."""

    publication: str
    lead: Lead
    new: bool


@dataclass(frozen=True, slots=True)
class SourceTrouble:
    """A feed, sitemap or section that could not be read."""

    publication: str
    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Visited:
    """An address was asked, and this is what became of it."""

    publication: str
    url: str
    outcome: Outcome
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """A publication is in its quiet hours until that time: it is left for later."""

    publication: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Stopping:
    """A signal came: ``in_hand`` pages are being finished. A second signal does not wait for them."""

    in_hand: int


Event = Started | LeadsFound | LeadFound | SourceTrouble | Visited | Resting | Stopping


@dataclass(frozen=True, slots=True)
class Failure:
    """An address or a source (``reason`` as in outcome.py) that gave nothing though it should have."""

    publication: str
    url: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How a crawl went.

    ``counts`` are visits by (state, reason), ``publications`` visits by publication and state. ``due``
    addresses are waiting, now or later. ``outside`` counts leads that a backfill left out: their date is not
    in its window, or they have none. ``cut_short``: its time was over before its work was.
    ``contradictions`` are sentences; there should be none. ``alarms`` are
    what got worse at these publications.
    """

    run: int | None
    outcome: str  # finished or interrupted
    seconds: float
    discovered: int
    counts: dict[tuple[str, str | None], int]
    publications: dict[str, dict[str, int]]
    failures: tuple[Failure, ...]
    sources_failed: tuple[Failure, ...]
    due: int
    outside: int = 0
    cut_short: bool = False
    contradictions: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    def count(self, state: str) -> int:
        """Return how many visits came to ``state``."""
        return sum(number for (name, _), number in self.counts.items() if name == state)


Report = Callable[[Event], object]


def nobody(event: Event) -> None:
    """Report to nobody."""
