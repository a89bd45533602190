"""When may this host be asked next, and for what: robots.txt, delays, and what the host asked of us.

One request at a time to a host, whatever it is for (a page, a feed, robots.txt, the target of a redirect, a
second attempt), and from the end of one to the start of the next at least the longest of: the configured
delay, the host's Crawl-delay, its Retry-After, and a delay that grows with its errors and its slowness.
Outcomes of fetching robots.txt are those of RFC 9309 section 2.3.1. Delays are measured on the
monotonic clock, so a changed wall clock neither skips nor doubles one.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from scraper import addresses, robots
from scraper.clock import SYSTEM, Clock
from scraper.config import Config
from scraper.errors import Disallowed, FetchError, Transient
from scraper.fetch import PAGE, Fetched, Fetcher, Headers, Request, Wanted
from scraper.robots import Decision, Robots
from scraper.rulebook import NO_RULES, Rulebook

ROBOTS_FILE = Wanted(wire=2 * 1024 * 1024, body=2 * 1024 * 1024, prefix=robots.MAX_BYTES)
_UNREACHABLE_RETRY = timedelta(minutes=10)  # a robots.txt that could not be fetched is asked for again
_UNREACHABLE_KEPT = timedelta(days=30)  # RFC 9309 section 2.3.1.4: how long an old copy may stand in
_LONGEST_PARK = 3600.0  # seconds; a host that asks for more is tried again after an hour
_HOST_FAULTS = frozenset(
    {"dns", "refused", "tls", "blocked_address"}
)  # the page would fail as robots.txt did
_SLOW_DOWN = frozenset({"timeout", "reset", "refused"})  # besides 429 and 5xx: the host is not well


COUNTS = ("requests", "refusals", "received", "unchanged", "spared")  # of a host, over all runs


@dataclass(slots=True)
class Rules:
    """What is known of one origin's robots.txt. ``failure`` is why it could not be had: nothing may be asked.

    ``fetched_at`` is when the rules came, ``checked_at`` when they were last asked for, in vain or not.
    """

    robots: Robots
    fetched_at: datetime
    checked_at: datetime
    body: bytes = b""
    failure: FetchError | None = None


@dataclass(slots=True)
class Host:
    """What is known of one host. Moments are seconds on the monotonic clock."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = float("-inf")  # when the latest request ended
    parked_until: float = float("-inf")  # the host asked us to stay away
    adaptive: float = 0.0  # seconds of delay that its slowness and its errors call for
    requests: int = 0
    refusals: int = 0  # 429 and 503
    received: int = 0  # bytes of bodies, as sent
    unchanged: int = 0  # answers that said "not modified"
    spared: int = 0  # bytes that these answers did not send again


class Politeness:
    """Keeps each host's turn, delay and robots.txt. ``config`` is the whole configuration.

    ``rules`` are publications' own: the headers that they name are sent with what ``get`` asks.
    """

    def __init__(
        self,
        config: Config,
        fetcher: Fetcher,
        *,
        rules: Rulebook = NO_RULES,
        clock: Clock = SYSTEM,
    ) -> None:
        self._config = config.politeness
        self._rulebook = rules
        self._agent = config.fetching.user_agent
        self._delays = {
            addresses.host(publication.url): publication.delay
            for publication in config.publications
            if publication.delay is not None
        }
        self._fetcher = fetcher
        self._clock, self._now, self._sleep = clock.seconds, clock.now, clock.sleep
        self._hosts: dict[str, Host] = {}
        self._rules: dict[str, Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._origins: dict[str, None] = {}  # all that were asked or restored, in that order

    async def get(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        etag: str | None = None,
        last_modified: str | None = None,
        size: int = 0,
        wanted: Wanted = PAGE,
    ) -> Fetched:
        """Fetch ``url`` as politely as all this file can: robots.txt, turn, delay, and learn from it.

        ``size`` is how many bytes the body had when it was last sent. ``headers`` stand above those of a
        publication's rules. Raises what ``allowed``, ``in_turn``
        and ``Fetcher.fetch`` raise.
        """
        await self.allowed(url)
        fetched = await self._fetcher.fetch(
            url,
            headers=self._with_ruled(url, tuple(headers)),
            etag=etag,
            last_modified=last_modified,
            allowed=self.allowed,
            in_turn=self.in_turn,
            wanted=wanted,
        )
        self._count(url, fetched, size)
        return fetched

    def _with_ruled(self, url: str, headers: Headers) -> Headers:
        rules = self._rulebook.of(url)
        given = {name.lower() for name, _ in headers}
        ruled = rules.headers if rules else ()
        return (*headers, *(pair for pair in ruled if pair[0].lower() not in given))

    def _count(self, url: str, fetched: Fetched, size: int) -> None:
        host = self._host(url)
        host.received += fetched.wire
        host.unchanged += fetched.not_modified
        host.spared += size if fetched.not_modified else 0

    async def allowed(self, url: str) -> Decision:
        """Return the robots.txt decision that lets ``url`` be asked.

        Raises Disallowed naming the line that forbids it. If robots.txt cannot be fetched, that forbids
        everything too (RFC 9309 section 2.3.1.4) but only until it can: Transient, or what the page itself
        would meet at a host that is not there.
        """
        if not self._config.obey_robots or _is_robots_file(url):
            return Decision(True)
        rules = await self._rules_for(url)
        file = f"{addresses.origin(url)}/robots.txt"
        if rules.failure is not None:
            raise _forbidden_by(rules.failure, addresses.printable(url), file)
        decision = rules.robots.decide(url, self._agent)
        if not decision.allowed:
            line = f"{file} line {decision.number} says {decision.line!r}"
            raise Disallowed(addresses.printable(url), "robots", line)
        return decision

    async def in_turn(self, url: str, request: Request) -> Fetched:
        """Make one request to the host of ``url`` when it may be asked, alone, and learn from the outcome.

        A turn is one request and never more: whoever had one and follows a redirect to another host holds
        nothing while it waits there, so no two can wait for each other. Raises what ``request`` raises, and
        Transient with ``retry_after`` if the host has asked us to stay away for longer than the setting
        ``max_delay``: that is not worth a worker's wait, the address stays due.
        """
        host = self._host(url)
        async with host.turn:
            await self._until_free(url, host)
            try:
                answer = await request()
            except FetchError as error:
                self.observe(url, 0.0, error)
                raise
            finally:
                host.asked_at = self._clock()
            self.observe(url, answer.seconds, None)
            return answer

    async def _until_free(self, url: str, host: Host) -> None:
        while (wait := self._wait(url, host)) > 0:
            if host.parked_until - self._clock() > self._config.max_delay:
                detail = f"{addresses.host(url)} asked us to stay away for another {wait:.0f} s"
                raise Transient(addresses.printable(url), "rate_limited", detail, retry_after=wait)
            await self._sleep(wait)
        host.requests += 1
        self._origins[addresses.origin(url)] = None

    def _wait(self, url: str, host: Host) -> float:
        return max(host.asked_at + self.delay(url), host.parked_until) - self._clock()

    def delay(self, url: str) -> float:
        """Return the seconds from one request to the next that the host of ``url`` gets now."""
        rules = self._rules.get(addresses.origin(url))
        asked = rules.robots.crawl_delay(self._agent) if rules else None
        own = self._delays.get(addresses.host(url), self._config.delay)
        return max(own, min(max(asked or 0.0, self._host(url).adaptive), self._config.max_delay))

    def observe(self, url: str, seconds: float, error: FetchError | None) -> None:
        """Learn from one request to ``url``: the seconds of its answer, or how it failed.

        The delay doubles with each refusal or failure of the host, up to ``max_delay``; with each answer it
        comes halfway down to the time that the answer took.
        """
        host = self._host(url)
        if error is not None and error.retry_after is not None:
            asked = min(error.retry_after, _LONGEST_PARK)
            host.parked_until = max(host.parked_until, self._clock() + asked)
        if error is not None and _is_trouble(error):
            host.refusals += error.status in (429, 503)
            host.adaptive = min(max(2 * self.delay(url), 1.0), self._config.max_delay)
        else:
            host.adaptive = min((host.adaptive + seconds) / 2, self._config.max_delay)

    # What a run leaves for the next one.

    def export(self, *urls: str) -> dict[str, dict[str, Any]]:
        """Return what is known of the origins of ``urls``, or of all, as plain values ready for JSON.

        ``restore`` takes it back.
        """
        return {
            origin: self._exported(origin)
            for origin in [addresses.origin(url) for url in urls] or self._origins
        }

    def _exported(self, origin: str) -> dict[str, Any]:
        host, rules = self._host(origin), self._rules.get(origin)
        parked = host.parked_until - self._clock()
        entry = {
            "delay": self.delay(origin),
            "adaptive": host.adaptive,
            "parked_until": (self._now() + timedelta(seconds=parked)).isoformat() if parked > 0 else None,
            "counts": {name: getattr(host, name) for name in COUNTS},
        }
        if rules is not None and rules.failure is None:
            entry["robots"] = rules.body.decode("latin-1")
            entry["robots_fetched_at"] = rules.fetched_at.isoformat()
            entry["robots_checked_at"] = rules.checked_at.isoformat()
        return entry

    def restore(self, kept: dict[str, dict[str, Any]]) -> None:
        """Take up what an earlier run exported: robots.txt files, parked hosts, learned delays."""
        for origin, entry in kept.items():
            host = self._host(origin)
            host.adaptive = max(host.adaptive, entry["adaptive"])
            for name, count in entry.get("counts", {}).items():
                setattr(host, name, max(getattr(host, name), count))  # two origins can share a host
            if entry["parked_until"]:
                left = (datetime.fromisoformat(entry["parked_until"]) - self._now()).total_seconds()
                host.parked_until = max(host.parked_until, self._clock() + min(left, _LONGEST_PARK))
            if "robots" in entry:
                body = entry["robots"].encode("latin-1")
                self._rules[origin] = Rules(
                    robots.parse(body),
                    fetched_at=datetime.fromisoformat(entry["robots_fetched_at"]),
                    checked_at=datetime.fromisoformat(entry["robots_checked_at"]),
                    body=body,
                )
            self._origins[origin] = None

    # robots.txt.

    async def _rules_for(self, url: str) -> Rules:
        origin = addresses.origin(url)
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._rules.get(origin)
            if known is None or self._now() >= known.checked_at + self._valid_for(known):
                self._rules[origin] = await self._ask_for_rules(origin, known)
            return self._rules[origin]

    def _valid_for(self, rules: Rules) -> timedelta:
        stale = rules.failure is not None or rules.checked_at != rules.fetched_at
        return _UNREACHABLE_RETRY if stale else timedelta(hours=self._config.robots_hours)

    async def _ask_for_rules(self, origin: str, known: Rules | None) -> Rules:
        url = f"{origin}/robots.txt"
        try:
            fetched = await self._fetcher.fetch(url, in_turn=self.in_turn, wanted=ROBOTS_FILE)
        except FetchError as error:
            return _without_file(error, known, self._now())
        self._count(url, fetched, 0)
        now = self._now()
        return Rules(robots.parse(fetched.body), now, now, fetched.body)

    def _host(self, url: str) -> Host:
        return self._hosts.setdefault(addresses.host(url), Host())


def _without_file(error: FetchError, known: Rules | None, now: datetime) -> Rules:
    """Return what holds when robots.txt was not to be had (RFC 9309 sections 2.3.1.2 to 2.3.1.4).

    A 4xx and redirects without end mean that there are no rules; but 429 is the host's "not now", as 503
    is. While it cannot be reached, an old copy stands in.
    """
    refused = error.status is not None and 400 <= error.status < 500 and error.status not in (408, 425, 429)
    if refused or error.reason in ("redirect_loop", "bad_redirect"):
        return Rules(Robots(), now, now)
    if known is not None and known.failure is None and now < known.fetched_at + _UNREACHABLE_KEPT:
        return replace(known, checked_at=now)
    return Rules(Robots(), now, now, failure=error)


def _forbidden_by(failure: FetchError, url: str, file: str) -> FetchError:
    if failure.reason in _HOST_FAULTS:
        return type(failure)(url, failure.reason, failure.detail)
    because = failure.detail or failure.reason
    return Transient(url, "robots", f"{file} cannot be fetched ({because}), so nothing there may be asked")


def _is_trouble(error: FetchError) -> bool:
    status = error.status or 0
    return error.reason in _SLOW_DOWN or status == 429 or status >= 500


def _is_robots_file(url: str) -> bool:
    """Tell whether ``url`` is a robots.txt itself, which is always allowed (RFC 9309 section 2.2.2)."""
    return url.partition("#")[0] == f"{addresses.origin(url)}/robots.txt"
