"""When may this host be asked next, and for what: robots.txt, delays, and what the host asked of us.

One request at a time to a host, and from the start of one to the start of the next at least the longest of:
the configured delay, the host's Crawl-delay, its Retry-After, and a delay that grows with its errors and
its slowness. Outcomes of fetching robots.txt are those of RFC 9309 section 2.3.1. Delays are measured on the
monotonic clock, so a changed wall clock neither skips nor doubles one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scraper import addresses, robots
from scraper.config import Config
from scraper.errors import Disallowed, FetchError, Transient
from scraper.fetch import PAGE, Fetched, Fetcher, Wanted
from scraper.robots import Decision, Robots

ROBOTS_FILE = Wanted(wire=2 * 1024 * 1024, body=2 * 1024 * 1024, prefix=robots.MAX_BYTES)
_UNREACHABLE_RETRY = timedelta(minutes=10)  # a robots.txt that could not be fetched is asked for again
_UNREACHABLE_KEPT = timedelta(days=30)  # RFC 9309 section 2.3.1.4: how long an old copy may stand in
_LONGEST_PARK = 3600.0  # seconds; a host that asks for more is tried again after an hour
_TROUBLE = frozenset({"rate_limited", "server_error", "timeout", "reset", "refused"})  # the host is not well


@dataclass(slots=True)
class Rules:
    """What is known of one origin's robots.txt. ``robots`` None: it could not be had, so nothing may be."""

    robots: Robots | None
    why: str  # "200", "404: everything is allowed", "the host name does not resolve"
    fetched_at: datetime
    checked_at: datetime
    body: bytes = b""


@dataclass(slots=True)
class Host:
    """What is known of one host. Times without a zone are seconds on the monotonic clock."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # no request may start before
    parked_until: float = 0.0  # the host asked us to stay away
    adaptive: float = 0.0  # seconds
    requests: int = 0
    refusals: int = 0  # 429 and 503
    troubles: int = 0  # failures in a row


class Politeness:
    """Keeps each host's turn, delay and robots.txt. ``config`` is the whole configuration."""

    def __init__(
        self,
        config: Config,
        fetcher: Fetcher,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config.politeness
        self._agent = config.fetching.user_agent
        self._delays = {
            addresses.host(publication.url): publication.delay
            for publication in config.publications
            if publication.delay is not None
        }
        self._fetcher = fetcher
        self._clock, self._now, self._sleep = clock, now, sleep
        self._hosts: dict[str, Host] = {}
        self._rules: dict[str, Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        etag: str | None = None,
        last_modified: str | None = None,
        wanted: Wanted = PAGE,
    ) -> Fetched:
        """Fetch ``url`` as politely as all this file can: robots.txt, turn, delay, and learn from it.

        Raises what ``allowed``, ``turn`` and ``Fetcher.fetch`` raise.
        """
        await self.allowed(url)
        async with self.turn(url):
            started = self._clock()
            try:
                fetched = await self._fetcher.fetch(
                    url,
                    headers=headers,
                    etag=etag,
                    last_modified=last_modified,
                    allowed=self.allowed,
                    pace=self.pace,
                    wanted=wanted,
                )
            except FetchError as error:
                self.observe(url, self._clock() - started, error)
                raise
            self.observe(url, fetched.seconds, None)
            return fetched

    async def allowed(self, url: str) -> Decision:
        """Return the robots.txt decision that lets ``url`` be asked.

        Raises Disallowed naming the line that forbids it, or Transient if robots.txt cannot be fetched: that
        forbids everything too (RFC 9309 section 2.3.1.4), but only until it can.
        """
        if not self._config.obey_robots or _is_robots_file(url):
            return Decision(True)
        rules = await self._rules_for(url)
        file = f"{addresses.origin(url)}/robots.txt"
        shown = addresses.printable(url)
        if rules.robots is None:
            raise Transient(
                shown, "robots", f"{file} cannot be fetched ({rules.why}), so nothing there may be"
            )
        decision = rules.robots.decide(url, self._agent)
        if not decision.allowed:
            raise Disallowed(shown, "robots", f"{file} line {decision.number} says {decision.line!r}")
        return decision

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait until the host of ``url`` may be asked, and keep it for the caller alone.

        Raises Transient, with ``retry_after``, if the host has asked us to stay away for longer than the
        setting ``max_delay``: that is not worth a worker's wait, the address stays due.
        """
        host = self._host(url)
        async with host.turn:
            wait = host.parked_until - self._clock()
            if wait > self._config.max_delay:
                raise Transient(
                    addresses.printable(url),
                    "rate_limited",
                    f"{addresses.host(url)} asked us to stay away for another {wait:.0f} s",
                    retry_after=wait,
                )
            await self.pace(url)
            yield

    async def pace(self, url: str) -> None:
        """Wait for the next moment at which a request to the host of ``url`` may start, and take it.

        Takes no turn, so whoever holds one host's turn can follow a redirect to another host.
        """
        host = self._host(url)
        delay = self.delay(url)
        while (start := max(host.free_at, host.parked_until)) > self._clock():
            await self._sleep(start - self._clock())
        host.free_at = self._clock() + delay
        host.requests += 1

    def delay(self, url: str) -> float:
        """Return the seconds from one request to the next that the host of ``url`` gets now."""
        rules = self._rules.get(addresses.origin(url))
        asked = rules.robots.crawl_delay(self._agent) if rules and rules.robots else None
        own = self._delays.get(addresses.host(url), self._config.delay)
        return max(own, min(max(asked or 0.0, self._host(url).adaptive), self._config.max_delay))

    def observe(self, url: str, seconds: float, error: FetchError | None) -> None:
        """Learn from one request to ``url``: how long it took, in seconds, and how it failed, if it did."""
        host = self._host(url)
        if error is not None and error.retry_after is not None:
            host.parked_until = max(host.parked_until, self._clock() + min(error.retry_after, _LONGEST_PARK))
        if error is not None and error.reason in _TROUBLE:
            host.troubles += 1
            host.refusals += error.status in (429, 503)
            host.adaptive = min(max(2 * self.delay(url), 1.0), self._config.max_delay)
        else:
            host.troubles = 0
            host.adaptive = min((host.adaptive + seconds) / 2, self._config.max_delay)
        host.free_at = max(host.free_at, self._clock() + self.delay(url) - seconds)

    # What a run leaves for the next one.

    def export(self) -> dict[str, dict[str, Any]]:
        """Return what is known of each origin as plain values, ready for JSON; ``restore`` takes it back."""
        now, clock = self._now(), self._clock()
        kept: dict[str, dict[str, Any]] = {}
        for origin, rules in self._rules.items():
            host = self._host(origin)
            kept[origin] = {
                "robots_txt": None if rules.robots is None else rules.body.decode("latin-1"),
                "robots_why": rules.why,
                "robots_fetched_at": rules.fetched_at.isoformat(),
                "robots_checked_at": rules.checked_at.isoformat(),
                "delay": self.delay(origin),
                "adaptive": host.adaptive,
                "parked_until": _iso(now, host.parked_until - clock),
                "requests": host.requests,
                "refusals": host.refusals,
            }
        return kept

    def restore(self, kept: dict[str, dict[str, Any]]) -> None:
        """Take up what an earlier run exported: robots.txt files, parked hosts, learned delays."""
        now, clock = self._now(), self._clock()
        for origin, entry in kept.items():
            body = (entry["robots_txt"] or "").encode("latin-1")
            self._rules[origin] = Rules(
                robots=None if entry["robots_txt"] is None else robots.parse(body),
                why=entry["robots_why"],
                fetched_at=datetime.fromisoformat(entry["robots_fetched_at"]),
                checked_at=datetime.fromisoformat(entry["robots_checked_at"]),
                body=body,
            )
            host = self._host(origin)
            host.adaptive = max(host.adaptive, entry["adaptive"])
            if entry["parked_until"]:
                left = (datetime.fromisoformat(entry["parked_until"]) - now).total_seconds()
                host.parked_until = max(host.parked_until, clock + min(left, _LONGEST_PARK))

    # robots.txt.

    async def _rules_for(self, url: str) -> Rules:
        origin = addresses.origin(url)
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._rules.get(origin)
            if known is None or self._now() >= known.checked_at + self._valid_for(known):
                self._rules[origin] = await self._ask_for_rules(origin, known)
            return self._rules[origin]

    def _valid_for(self, rules: Rules) -> timedelta:
        stale = rules.robots is None or rules.checked_at != rules.fetched_at
        return _UNREACHABLE_RETRY if stale else timedelta(hours=self._config.robots_hours)

    async def _ask_for_rules(self, origin: str, known: Rules | None) -> Rules:
        url = f"{origin}/robots.txt"
        await self.pace(url)
        now = self._now()
        try:
            fetched = await self._fetcher.fetch(url, pace=self.pace, wanted=ROBOTS_FILE)
        except FetchError as error:
            self.observe(url, 0.0, error)
            return self._without_file(error, known, now)
        return Rules(robots.parse(fetched.body), str(fetched.status), now, now, fetched.body)

    def _without_file(self, error: FetchError, known: Rules | None, now: datetime) -> Rules:
        """Return what holds when robots.txt was not to be had (RFC 9309 sections 2.3.1.3 and 2.3.1.4).

        A 4xx means that there are no rules; but 429 is the host's "not now", as 503 is.
        """
        if error.status is not None and 400 <= error.status < 500 and error.status not in (408, 425, 429):
            return Rules(Robots(), f"{error.status}: everything is allowed", now, now)
        if known is not None and known.robots is not None and now < known.fetched_at + _UNREACHABLE_KEPT:
            return Rules(known.robots, known.why, known.fetched_at, now, known.body)
        return Rules(None, error.detail or error.reason, now, now)

    def _host(self, url: str) -> Host:
        return self._hosts.setdefault(addresses.host(url), Host())


def _is_robots_file(url: str) -> bool:
    return (
        url.split("#")[0] == f"{addresses.origin(url)}/robots.txt"
    )  # allowed by itself: RFC 9309 section 2.2.2


def _iso(now: datetime, seconds: float) -> str | None:
    return (now + timedelta(seconds=seconds)).isoformat() if seconds > 0 else None
