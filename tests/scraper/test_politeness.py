"""A host is asked one request at a time, no sooner than it wants, and never for what it forbids."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from scraper import clock as clocks
from scraper import config
from scraper.errors import Disallowed, FetchError, Permanent, Transient
from scraper.fetch import Fetcher
from scraper.politeness import Politeness
from tests.scraper.wire import Request, Wire, answer, wire

RULES = b"User-agent: *\nDisallow: /secret\n"


class Clock:
    """A clock that the test turns, and that sleeping turns too."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


Scenario = Callable[[Wire, Politeness, Clock], Awaitable[None]]


def politely(scenario: Scenario, **settings: object) -> None:
    """Run ``scenario`` with a server whose robots.txt is RULES, on a clock of its own."""

    async def run() -> None:
        async with wire("0.0.0.0") as server:
            server.answers |= {"/robots.txt": answer(RULES, content_type="text/plain"), "/a": answer(b"a")}
            fetching = server.fetching(allow_private=("127.0.0.0/8",), total_timeout=1.0)
            how = config.Config(fetching=fetching, politeness=config.Politeness(**settings))  # type: ignore[arg-type]
            clock = Clock()
            turned = clocks.Clock(clock.now, clock, clock.sleep)
            async with Fetcher(fetching, clock=turned) as fetcher:
                await scenario(server, Politeness(how, fetcher, clock=turned), clock)

    asyncio.run(run())


async def outcome(polite: Politeness, url: str) -> str:
    try:
        await polite.allowed(url)
    except FetchError as error:
        return f"{type(error).__name__} {error.reason}"
    return "allowed"


def test_a_forbidden_page_is_not_asked_and_the_line_is_named() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        with pytest.raises(Disallowed, match=r"/robots.txt line 2 says 'Disallow: /secret'"):
            await polite.get(server.url("/secret/plan"))
        assert (await polite.get(server.url("/a"))).body == b"a"
        assert server.paths == ["/robots.txt", "/a"]

    politely(scenario)


def test_robots_can_be_left_aside_by_setting() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        await polite.allowed(server.url("/secret"))
        assert server.paths == []

    politely(scenario, obey_robots=False)


async def _cut(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(RULES, content_length="999"))


async def _silent(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("robots_txt", "expected"),
    [
        pytest.param(answer(status=404), "allowed", id="404: no rules"),
        pytest.param(answer(status=401), "allowed", id="401: no rules"),
        pytest.param(answer(status=403), "allowed", id="403: no rules"),
        pytest.param(
            answer(status=302, location="/robots.txt"), "allowed", id="redirects without end: no rules"
        ),
        pytest.param(answer(status=500), "Transient robots", id="500: nothing for now"),
        pytest.param(answer(status=503), "Transient robots", id="503: nothing for now"),
        pytest.param(answer(status=429), "Transient robots", id="429: nothing for now"),
        pytest.param(_cut, "Transient robots", id="cut short: rules not fully known"),
        pytest.param(_silent, "Transient robots", id="reset: nothing for now"),
        pytest.param(answer(b"\x89PNG", content_type="image/png"), "allowed", id="a picture has no rules"),
    ],
)
def test_the_outcome_of_fetching_robots_txt_decides(robots_txt: object, expected: str) -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        server.answers["/robots.txt"] = robots_txt  # type: ignore[assignment]
        assert await outcome(polite, server.url("/secret")) == expected
        assert set(server.paths) == {"/robots.txt"}

    politely(scenario)


def test_five_redirects_to_other_hosts_are_followed_and_rule_the_first() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        for hop in range(5):
            path = f"/hop{hop}" if hop else "/robots.txt"
            server.answers[path] = answer(
                status=301, location=server.url(f"/hop{hop + 1}", f"127.0.0.{hop + 2}")
            )
        server.answers["/hop5"] = answer(RULES)
        assert await outcome(polite, server.url("/secret")) == "Disallowed robots"
        assert await outcome(polite, server.url("/open")) == "allowed"

    politely(scenario)


def test_robots_txt_holds_for_a_day_and_an_old_copy_while_it_cannot_be_had() -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        await outcome(polite, server.url("/a"))
        clock.seconds += 23 * 3600
        await outcome(polite, server.url("/a"))
        assert len(server.requests) == 1
        clock.seconds += 2 * 3600
        server.answers["/robots.txt"] = answer(status=503)
        assert await outcome(polite, server.url("/a")) == "allowed"
        assert await outcome(polite, server.url("/secret")) == "Disallowed robots"
        assert len(server.requests) == 2
        clock.seconds += 31 * 86400
        assert await outcome(polite, server.url("/a")) == "Transient robots"
        server.answers["/robots.txt"] = answer(status=404)
        clock.seconds += 601
        assert await outcome(polite, server.url("/secret")) == "allowed"

    politely(scenario)


def test_a_host_that_is_not_there_fails_as_itself_and_not_as_robots() -> None:
    async def scenario(_server: Wire, polite: Politeness, _clock: Clock) -> None:
        assert await outcome(polite, "http://127.0.0.1:1/a") == "Transient refused"
        assert await outcome(polite, "http://10.0.0.1/a") == "Disallowed blocked_address"

    politely(scenario)


def test_a_redirect_to_a_forbidden_page_is_not_followed() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        server.answers |= {"/go": answer(status=302, location="/secret"), "/secret": answer(b"secret")}
        with pytest.raises(Disallowed):
            await polite.get(server.url("/go"))
        assert "/secret" not in server.paths

    politely(scenario)


def test_each_host_is_asked_one_at_a_time_and_hosts_do_not_wait_for_each_other() -> None:
    busy: dict[str, int] = {}
    most = {"one": 0, "all": 0}

    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        host = request.headers["host"]
        busy[host] = busy.get(host, 0) + 1
        most["one"] = max(most["one"], busy[host])
        most["all"] = max(most["all"], sum(busy.values()))
        await asyncio.sleep(0.02)
        busy[host] -= 1
        writer.write(answer(b"x"))

    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        server.answers |= {f"/{n}": slow for n in range(3)}
        urls = [server.url(f"/{n}", f"127.0.0.{host}") for n in range(3) for host in (1, 2, 3)]
        await asyncio.gather(*(polite.get(url) for url in urls))

    politely(scenario, delay=0.0)
    assert most["one"] == 1
    assert most["all"] > 1


def test_a_robots_txt_that_is_asked_for_again_waits_for_the_page_under_way() -> None:
    """The rules grow old while a page is being sent slowly, and another address of the host comes up."""

    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        started, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_request: Request, writer: asyncio.StreamWriter) -> None:
            started.set()
            await go_on.wait()
            writer.write(answer(b"slow"))

        server.answers["/slow"] = slow
        await polite.allowed(server.url("/slow"))
        first = asyncio.create_task(polite.get(server.url("/slow")))
        await started.wait()
        clock.seconds += 25 * 3600
        second = asyncio.create_task(polite.get(server.url("/a")))
        await _others_turns()
        assert server.paths == ["/robots.txt", "/slow"]
        ended = clock.seconds
        go_on.set()
        await asyncio.gather(first, second)
        assert server.paths == ["/robots.txt", "/slow", "/robots.txt", "/a"]
        assert clock.seconds - ended >= 2 * 5.0

    politely(scenario, delay=5.0)


def test_a_redirect_to_a_host_in_use_waits_for_its_turn() -> None:
    """Two pages redirect to each other's host at once: each waits there, and neither waits for the other."""

    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        here, there = server.url("/a"), server.url("/a", "127.0.0.2")
        both, arrived = asyncio.Event(), []

        def crossing(target: str) -> Callable[[Request, asyncio.StreamWriter], Awaitable[None]]:
            async def answered(_request: Request, writer: asyncio.StreamWriter) -> None:
                arrived.append(target)
                if len(arrived) == 2:
                    both.set()
                await both.wait()
                writer.write(answer(status=302, location=target))

            return answered

        server.answers |= {"/there": crossing(there), "/here": crossing(here)}
        for url in (here, there):
            await polite.allowed(url)
        answers = await asyncio.gather(
            polite.get(server.url("/there")), polite.get(server.url("/here", "127.0.0.2"))
        )
        assert [one.final_url for one in answers] == [there, here]

        most, busy = 0, 0

        async def counting(_request: Request, writer: asyncio.StreamWriter) -> None:
            nonlocal most, busy
            busy += 1
            most = max(most, busy)
            await _others_turns()
            busy -= 1
            writer.write(answer(b"x"))

        server.answers |= {"/a": counting, "/go": answer(status=302, location=there)}
        await asyncio.gather(polite.get(there), polite.get(server.url("/go")))
        assert most == 1

    politely(scenario, delay=0.0)


async def _others_turns() -> None:
    """Let every other task run until it waits for something that does not come by itself."""
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("rules", "settings", "delay"),
    [
        pytest.param(RULES, {"delay": 2.0}, 2.0, id="the setting"),
        pytest.param(b"User-agent: *\nCrawl-delay: 7", {"delay": 2.0}, 7.0, id="Crawl-delay is longer"),
        pytest.param(b"User-agent: *\nCrawl-delay: 1", {"delay": 2.0}, 2.0, id="the setting is longer"),
        pytest.param(
            b"User-agent: *\nCrawl-delay: 900", {"max_delay": 60.0}, 60.0, id="no longer than max_delay"
        ),
    ],
)
def test_requests_start_at_least_a_delay_apart(
    rules: bytes, settings: dict[str, float], delay: float
) -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        starts = []

        async def noting(_request: Request, writer: asyncio.StreamWriter) -> None:
            starts.append(clock.seconds)
            writer.write(answer(b"x"))

        server.answers |= {"/robots.txt": answer(rules), "/a": noting}
        for _ in range(3):
            await polite.get(server.url("/a"))
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert gaps == pytest.approx([delay, delay])

    politely(scenario, **settings)


def test_a_redirect_on_the_same_host_keeps_the_delay() -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        server.answers["/go"] = answer(status=302, location="/a")
        await polite.allowed(server.url("/a"))
        before = clock.seconds
        await polite.get(server.url("/go"))
        assert clock.seconds - before == pytest.approx(10.0)  # after robots.txt, and before the target

    politely(scenario, delay=5.0)


def test_a_host_that_asks_for_time_gets_it_and_others_go_on() -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        server.answers["/busy"] = answer(status=429, retry_after="1200")
        with pytest.raises(Transient):
            await polite.get(server.url("/busy"))
        asked = len(server.requests)
        with pytest.raises(Transient, match="stay away for another") as caught:
            await polite.get(server.url("/a"))
        assert caught.value.retry_after is not None
        assert 1190 < caught.value.retry_after <= 1200
        assert len(server.requests) == asked
        await polite.get(server.url("/a", "127.0.0.2"))
        clock.seconds += 1200
        assert (await polite.get(server.url("/a"))).status == 200

    politely(scenario)


def test_an_absurd_wait_is_an_hour() -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        polite.observe(
            server.url("/a"), 0.1, Transient(server.url("/a"), "rate_limited", status=429, retry_after=1e9)
        )
        clock.seconds += 3601
        assert (await polite.get(server.url("/a"))).status == 200

    politely(scenario)


def test_the_delay_grows_with_trouble_and_comes_down_with_answers() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        url = server.url("/a")
        delays = []
        for _ in range(8):
            polite.observe(url, 0.1, Transient(url, "server_error", status=503))
            delays.append(polite.delay(url))
        assert delays == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
        polite.observe(url, 0.1, Permanent(url, "not_found", status=404))  # an answer too
        assert polite.delay(url) == pytest.approx(30.0, abs=0.1)
        for _ in range(10):
            polite.observe(url, 0.1, None)
        assert polite.delay(url) == 1.0

    politely(scenario, delay=1.0)


def test_the_host_that_fails_behind_a_redirect_is_the_one_that_slows_down() -> None:
    async def scenario(server: Wire, polite: Politeness, _clock: Clock) -> None:
        other = server.url("/down", "127.0.0.2")
        server.answers |= {"/go": answer(status=302, location=other), "/down": answer(status=503)}
        with pytest.raises(Transient):
            await polite.get(server.url("/go"))
        assert polite.delay(other) > polite.delay(server.url("/go"))

    politely(scenario)


def test_a_publication_may_ask_for_its_own_delay() -> None:
    own = config.Publication("gazette", "Gazette", "https://gazette.example/", delay=9.0)
    polite = Politeness(config.Config(publications=(own,)), None)  # type: ignore[arg-type]
    assert polite.delay("https://gazette.example/a") == 9.0
    assert polite.delay("https://other.example/a") == config.Politeness().delay


def test_what_was_learned_outlives_the_run() -> None:
    async def scenario(server: Wire, polite: Politeness, clock: Clock) -> None:
        url = server.url("/a")
        await polite.allowed(url)
        polite.observe(url, 0.1, Transient(url, "rate_limited", status=429, retry_after=900))
        kept = polite.export()
        later = Clock()  # another process: another monotonic clock, the same calendar
        later.seconds = 5.0
        how = config.Config(fetching=server.fetching())
        async with Fetcher(how.fetching) as fetcher:
            again = Politeness(how, fetcher, clock=clocks.Clock(clock.now, later, later.sleep))
            again.restore(kept)
            assert await outcome(again, server.url("/secret")) == "Disallowed robots"
            assert again.delay(url) == polite.delay(url)
            with pytest.raises(Transient, match="stay away"):
                await again.get(url)
        assert server.paths == ["/robots.txt"]

    politely(scenario)
