"""One address, one whole response, or an error that says why not; everything over real sockets."""

import asyncio
import gzip
import random
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from scraper.clock import SYSTEM
from scraper.config import Fetching
from scraper.errors import ConfigError, Disallowed, FetchError, Permanent, Transient
from scraper.fetch import DOCUMENT, Fetched, Fetcher, Wanted
from tests.scraper.wire import Request, Wire, answer, wire

TLS = Path(__file__).parents[1] / "fixtures/tls"
Scenario = Callable[[Wire], Awaitable[None]]


@pytest.fixture(autouse=True, params=["httpx", "aiohttp"])
def _core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every core keeps the same contract."""
    monkeypatch.setattr(Wire, "core", request.param)


def over_the_wire(scenario: Scenario) -> None:
    """Run ``scenario`` with a server, and see that it leaves no connection open."""

    async def run() -> None:
        async with wire() as server:
            await scenario(server)
            async with asyncio.timeout(1):  # the server sees a closed connection when it writes next
                while server.open:
                    await asyncio.sleep(0.01)

    asyncio.run(run())


async def fetch(server: Wire, path: str = "/", **how: object) -> Fetched:
    async with Fetcher(server.fetching()) as fetcher:
        return await fetcher.fetch(server.url(path), **how)  # type: ignore[arg-type]


async def failure(
    server: Wire, path: str = "/", fetching: Fetching | None = None, **how: object
) -> FetchError:
    async with Fetcher(fetching or server.fetching()) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(server.url(path), **how)  # type: ignore[arg-type]
    return caught.value


def test_a_page_arrives_whole_with_its_facts() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"<h1>Dam</h1>", content_type="text/html; charset=utf-8", etag='"7"')
        fetched = await fetch(server)
        assert (fetched.status, fetched.body, fetched.etag) == (200, b"<h1>Dam</h1>", '"7"')
        assert fetched.fetched_at.utcoffset() is not None
        page = fetched.page()
        assert (page.url, page.content_type) == (server.url(), "text/html; charset=utf-8")

    over_the_wire(scenario)


def test_we_say_who_we_are_and_how_to_reach_us() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"x")
        async with Fetcher(server.fetching(contact="mailto:ann@gazette.example")) as fetcher:
            await fetcher.fetch(server.url())
        assert server.requests[0].headers["user-agent"] == "cleancopy/0.1 (+mailto:ann@gazette.example)"

    over_the_wire(scenario)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (404, Permanent, "not_found"), (410, Permanent, "gone"), (403, Permanent, "forbidden"),
        (401, Permanent, "login"), (400, Permanent, "client_error"), (500, Transient, "server_error"),
        (503, Transient, "server_error"), (429, Transient, "rate_limited"), (408, Transient, "timeout"),
        (304, Transient, "bad_response"), (206, Transient, "bad_response"),
    ],
)  # fmt: skip
def test_a_status_has_its_reason(status: int, kind: type[FetchError], reason: str) -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"sorry" if status != 304 else b"", status=status)
        error = await failure(server)
        assert (type(error), error.reason, error.status) == (kind, reason, status)
        assert server.url() in str(error)

    over_the_wire(scenario)


# Asking again: the reason decides.


async def _attempts(server: Wire, answers: list[bytes], **settings: object) -> tuple[list[float], object]:
    """Fetch while the server gives one answer after another; return the waits asked for, and the outcome."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0) if len(answers) > 1 else answers[0])

    server.answers["/"] = script
    async with Fetcher(
        server.fetching(attempts=3, **settings), clock=replace(SYSTEM, sleep=sleep)
    ) as fetcher:
        try:
            return waits, await fetcher.fetch(server.url())
        except FetchError as error:
            return waits, error


def test_a_404_is_asked_once_and_a_503_until_it_answers() -> None:
    async def scenario(server: Wire) -> None:
        waits, outcome = await _attempts(server, [answer(status=404)])
        assert waits == []
        waits, outcome = await _attempts(server, [answer(status=503), answer(status=503), answer(b"back")])
        assert isinstance(outcome, Fetched)
        assert len(waits) == 2
        assert 1 <= waits[0] <= 2 <= waits[1] <= 3

    over_the_wire(scenario)


def test_after_the_last_attempt_the_error_is_told() -> None:
    async def scenario(server: Wire) -> None:
        waits, outcome = await _attempts(server, [answer(status=500)])
        assert isinstance(outcome, Transient)
        assert (len(waits), len(server.requests)) == (2, 3)

    over_the_wire(scenario)


def test_a_retry_comes_no_sooner_than_the_server_asks() -> None:
    async def scenario(server: Wire) -> None:
        waits, _ = await _attempts(server, [answer(status=429, retry_after="20"), answer(b"now")])
        assert waits == [20]

    over_the_wire(scenario)


def test_a_server_that_asks_for_an_hour_is_left_alone() -> None:
    async def scenario(server: Wire) -> None:
        waits, outcome = await _attempts(server, [answer(status=503, retry_after="3600")])
        assert waits == []
        assert isinstance(outcome, Transient)
        assert outcome.retry_after == 3600

    over_the_wire(scenario)


def test_each_request_is_made_in_turn() -> None:
    turns: list[str] = []

    async def in_turn(url: str, request: Callable[[], Awaitable[Fetched]]) -> Fetched:
        turns.append(url)
        return await request()

    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(status=302, location="/b")
        server.answers["/b"] = answer(status=404)
        with pytest.raises(Permanent):
            await fetch(server, in_turn=in_turn)
        assert turns == [server.url("/"), server.url("/b")]

    over_the_wire(scenario)


# Redirects, by hand.


def test_redirects_are_followed_asked_for_and_told() -> None:
    asked: list[str] = []

    async def allowed(url: str) -> None:
        asked.append(url)

    async def scenario(server: Wire) -> None:
        server.answers |= {
            "/": answer(status=301, location="b"),
            "/b": answer(status=307, location="?c=1#top"),
        }
        server.answers["/b?c=1"] = answer(b"there")
        fetched = await fetch(server, allowed=allowed)
        assert (fetched.url, fetched.final_url) == (server.url(), server.url("/b?c=1"))
        assert list(fetched.redirects) == asked == [server.url("/b"), server.url("/b?c=1")]

    over_the_wire(scenario)


def test_a_redirect_that_is_not_allowed_is_not_asked() -> None:
    async def allowed(url: str) -> None:
        raise Disallowed(url, "robots", "line 2 says 'Disallow: /b'")

    async def scenario(server: Wire) -> None:
        server.answers |= {"/": answer(status=302, location="/b"), "/b": answer(b"secret")}
        error = await failure(server, allowed=allowed)
        assert error.reason == "robots"
        assert server.paths == ["/"]

    over_the_wire(scenario)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/", "redirect_loop"), ("file:///etc/passwd", "bad_redirect"), ("ftp://x.example/", "bad_redirect"),
        ("javascript:alert(1)", "bad_redirect"), ("data:text/html,x", "bad_redirect"),
        ("http://127.0.0.1:1/", "blocked_address"), ("http://169.254.169.254/latest", "blocked_address"),
    ],
)  # fmt: skip
def test_where_a_redirect_may_not_lead(location: str, reason: str) -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(status=302, location=location)
        assert (await failure(server)).reason == reason
        assert len(server.requests) == 1

    over_the_wire(scenario)


def test_redirects_without_end_stop_at_the_limit() -> None:
    async def scenario(server: Wire) -> None:
        server.answers |= {f"/{n}": answer(status=302, location=f"/{n + 1}") for n in range(40)}
        error = await failure(server, "/0")
        assert (error.reason, len(server.requests)) == ("redirect_loop", 11)  # the first and ten hops

    over_the_wire(scenario)


def test_nothing_secret_goes_to_another_origin() -> None:
    async def scenario(server: Wire) -> None:
        async with wire() as other:
            other.answers["/"] = answer(b"x")
            server.answers |= {
                "/": answer(status=302, location="/same"),
                "/same": answer(status=302, location=other.url()),
            }
            headers = (("Cookie", "id=canary"), ("X-Key", "canary"))
            async with Fetcher(server.fetching(allow_private=("127.0.0.0/8",))) as fetcher:
                await fetcher.fetch(
                    server.url().replace("//", "//ann:canary@"), headers=headers, etag='"canary"'
                )
        assert [request.headers.get("cookie") for request in server.requests] == ["id=canary"] * 2
        assert all(request.headers["authorization"].startswith("Basic ") for request in server.requests)
        assert "canary" not in str(other.requests)
        assert {"cookie", "authorization", "x-key", "if-none-match"}.isdisjoint(other.requests[0].headers)

    over_the_wire(scenario)


def test_a_cookie_that_is_set_is_not_kept() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"x", set_cookie="track=1; Path=/")
        async with Fetcher(server.fetching()) as fetcher:
            await fetcher.fetch(server.url())
            await fetcher.fetch(server.url())
        assert "cookie" not in server.requests[1].headers

    over_the_wire(scenario)


@pytest.mark.parametrize("path", ["/missing", "/broken", "/away"])
def test_a_password_is_in_no_message_and_no_result(path: str) -> None:
    async def scenario(server: Wire) -> None:
        server.answers |= {
            "/broken": b"rubbish\r\n\r\n",
            "/away": answer(status=302, location="http://u:s3cret@x:0x/"),
        }
        url = server.url(path).replace("//", "//ann:s3cret@")
        async with Fetcher(server.fetching()) as fetcher:
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(url, headers=(("Authorization", "Bearer s3cret"),))
        assert "s3cret" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"

    over_the_wire(scenario)


# Limits.


def test_slow_answers_end_at_the_total_limit_whatever_they_send() -> None:
    async def drip(writer: asyncio.StreamWriter, start: bytes) -> None:
        writer.write(start)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def scenario(server: Wire) -> None:
        server.answers["/headers"] = lambda _request, writer: drip(writer, b"HTTP/1.1 200 OK\r\nX: ")
        server.answers["/body"] = lambda _request, writer: drip(writer, answer(b"", content_length="9999"))
        for path in ("/headers", "/body"):
            started = time.monotonic()
            error = await failure(server, path, server.fetching(total_timeout=0.4, attempts=3))
            assert (type(error), error.reason) == (Transient, "timeout")
            assert 0.3 < time.monotonic() - started < 0.9  # one budget for all three attempts

    over_the_wire(scenario)


def test_an_endless_body_is_left_soon_after_the_limit() -> None:
    sent = [0]

    async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent[0] += 65536
            await writer.drain()

    async def scenario(server: Wire) -> None:
        server.answers["/"] = endless
        error = await failure(server, fetching=server.fetching(max_wire_bytes=500_000))
        assert (type(error), error.reason) == (Permanent, "too_large")
        await asyncio.sleep(0.05)
        assert sent[0] < 500_000 + 8 * 1024 * 1024  # the rest of it is the kernel's socket buffers

    over_the_wire(scenario)


def test_a_body_announced_as_too_large_is_not_read() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"x", content_length="200000000")
        error = await failure(server)
        assert (error.reason, "200000000 bytes announced" in str(error)) == ("too_large", True)

    over_the_wire(scenario)


def test_a_bomb_is_too_large_and_half_a_gzip_cut_short() -> None:
    async def scenario(server: Wire) -> None:
        packed = gzip.compress(bytes(30_000_000))
        server.answers["/bomb"] = answer(packed, content_encoding="gzip")
        honest = gzip.compress(random.Random(1).randbytes(100_000))
        server.answers["/half"] = answer(honest[: len(honest) // 2], content_encoding="gzip")
        server.answers["/no"] = answer(b"<h1>plain</h1>", content_encoding="gzip")
        assert (await failure(server, "/bomb")).reason == "too_large"
        assert (await failure(server, "/half")).reason == "cut_short"
        assert (await failure(server, "/no")).reason == "bad_encoding"

    over_the_wire(scenario)


PROSE = b"".join(b"<p>The dam held on day %d.</p>" % day for day in range(3000))


@pytest.mark.parametrize(
    ("sent", "coding", "settings", "reason", "truncated", "least"),
    [
        pytest.param(PROSE[:50_000], "", {}, "cut_short", "disconnect", 50_000, id="the connection breaks"),
        pytest.param(PROSE[:50_000], "", {"total_timeout": 0.3}, "timeout", "time", 50_000, id="time is up"),
        pytest.param(
            PROSE, "", {"max_wire_bytes": 20_000}, "too_large", "length", 20_000, id="more than is allowed"
        ),
        pytest.param(
            gzip.compress(PROSE), "gzip", {"max_body_bytes": 20_000}, "too_large", "length", 20_000,
            id="more than is allowed once it is decoded",
        ),
        pytest.param(
            gzip.compress(PROSE)[:4000], "gzip", {}, "cut_short", "disconnect", 10_000, id="half a gzip"
        ),
        pytest.param(gzip.compress(bytes(30_000_000)), "gzip", {}, "too_large", None, 0, id="a bomb"),
    ],
)  # fmt: skip
def test_what_came_of_a_page_that_was_cut_off_is_told(
    sent: bytes, coding: str, settings: dict[str, object], reason: str, truncated: str | None, least: int
) -> None:
    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        length = f"Content-Length: {len(PROSE)}\r\n" if reason != "too_large" and not coding else ""
        coded = f"Content-Encoding: {coding}\r\n" if coding else ""
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{length}{coded}\r\n".encode() + sent)
        await writer.drain()
        if reason == "timeout":
            await asyncio.sleep(1)

    async def scenario(server: Wire) -> None:
        server.answers["/"] = script
        error = await failure(server, fetching=server.fetching(**settings))
        assert error.reason == reason
        if truncated is None:
            assert error.beginning is None
            return
        assert error.beginning.truncated == truncated
        assert PROSE.startswith(error.beginning.body)
        assert least <= len(error.beginning.body) < len(PROSE)
        assert (error.beginning.url, error.beginning.status) == (server.url("/"), 200)

    over_the_wire(scenario)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "cut_short", id="cut body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "cut_short", id="cut chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad_response", id="bad chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\nX-A: he\0llo\r\n\r\n",
            "bad_response",
            id="NUL in a trailer",
        ),
        pytest.param(b"", "reset", id="no answer"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", "bad_response", id="not HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 800_000, "bad_response", id="flood of header"),
        pytest.param(
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "bad_response", id="101"
        ),
    ],
)
def test_a_broken_answer_is_a_failure_by_name(raw: bytes, reason: str) -> None:
    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    async def scenario(server: Wire) -> None:
        server.answers["/"] = script
        assert (await failure(server, wanted=DOCUMENT)).reason == reason

    over_the_wire(scenario)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/pdf", b"%PDF-1.7"), ("image/png", b"x"), ("application/json", b"{}"),
        pytest.param("text/html", b"\x89PNG\r\n\x1a\n....", id="a picture that says it is a page"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_before_its_body(content_type: str, body: bytes) -> None:
    sent = [0]

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body, content_type=content_type, content_length="9000000"))
        while not writer.is_closing() and sent[0] < 9_000_000:
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(b"x" * 4096)
            sent[0] += 4096

    async def scenario(server: Wire) -> None:
        server.answers["/"] = script
        error = await failure(server)
        assert (type(error), error.reason) == (Permanent, "not_html")
        await asyncio.sleep(0.05)
        assert sent[0] <= 64 * 1024

    over_the_wire(scenario)


def test_a_feed_reader_may_ask_for_any_type_and_for_a_beginning() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(b"0123456789", content_type="application/rss+xml")
        assert (await fetch(server, wanted=DOCUMENT)).body == b"0123456789"
        assert (await fetch(server, wanted=Wanted(prefix=4))).body == b"0123"

    over_the_wire(scenario)


def test_only_what_changed_is_sent_again() -> None:
    async def scenario(server: Wire) -> None:
        server.answers["/"] = answer(status=304)
        fetched = await fetch(server, etag='"7"', last_modified="Sun, 06 Nov 1994 08:49:37 GMT")
        assert (fetched.not_modified, fetched.body) == (True, b"")
        assert server.requests[0].headers["if-none-match"] == '"7"'
        assert server.requests[0].headers["if-modified-since"] == "Sun, 06 Nov 1994 08:49:37 GMT"

    over_the_wire(scenario)


# The way there.


def test_connections_are_kept_and_the_longest_unused_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.connections.KEPT", 2)

    async def run() -> None:
        async with wire("0.0.0.0") as server:
            server.answers["/"] = answer(b"x")
            async with Fetcher(server.fetching(allow_private=("127.0.0.0/8",))) as fetcher:
                for host in ("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"):
                    await fetcher.fetch(server.url(host=host))
                await asyncio.sleep(0.02)
                assert (len(server.requests), server.open) == (5, 2)

    asyncio.run(run())


def test_requests_under_way_are_no_more_than_the_setting() -> None:
    at_once, most = [0], [0]

    async def slow(_request: Request, writer: asyncio.StreamWriter) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        await asyncio.sleep(0.02)
        at_once[0] -= 1
        writer.write(answer(b"x"))

    async def run() -> None:
        async with wire("0.0.0.0") as server:
            server.answers["/"] = slow
            async with Fetcher(server.fetching(allow_private=("127.0.0.0/8",), concurrency=3)) as fetcher:
                await asyncio.gather(*(fetcher.fetch(server.url(host=f"127.0.0.{n}")) for n in range(1, 10)))

    asyncio.run(run())
    assert most[0] == 3


def test_a_host_that_is_not_there() -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async def run() -> tuple[str, str]:
        async with Fetcher(Fetching(), resolve=nobody) as fetcher:
            with pytest.raises(Transient) as unknown:
                await fetcher.fetch("http://nosuch.example/")
        async with Fetcher(Fetching(allow_private=("127.0.0.1:1",), attempts=1)) as fetcher:
            with pytest.raises(Transient) as closed:
                await fetcher.fetch("http://127.0.0.1:1/")
        return unknown.value.reason, closed.value.reason

    assert asyncio.run(run()) == ("dns", "refused")


@pytest.mark.parametrize("url", ["", "not a url", "file:///etc/passwd", "javascript:alert(1)"])
def test_what_is_no_address_is_said_so_at_once(url: str) -> None:
    async def run() -> None:
        async with Fetcher(Fetching()) as fetcher:
            with pytest.raises(Permanent) as caught:
                await fetcher.fetch(url)
        assert caught.value.reason == "bad_address"

    asyncio.run(run())


def test_a_header_that_cannot_be_sent_is_an_error_of_ours() -> None:
    async def scenario(server: Wire) -> None:
        for value in ("caf\u00e9 \u2603", "a\r\nInjected: 1"):
            error = await failure(server, headers=(("X-Name", value),))
            assert (type(error), error.reason) == (Permanent, "bad_address")
        assert server.requests == []

    over_the_wire(scenario)


@pytest.mark.parametrize(
    ("certificate", "trusted", "host", "outcome"),
    [
        pytest.param("localhost", True, "localhost", "answered", id="valid and trusted"),
        pytest.param("localhost", False, "localhost", "self-signed", id="self-signed"),
        pytest.param("localhost", True, "127.0.0.1", "not valid for '127.0.0.1'", id="another host's"),
        pytest.param("expired", True, "localhost", "expired", id="expired"),
    ],
)
def test_certificates_are_verified(
    certificate: str, trusted: bool, host: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(TLS / f"{certificate}.pem"))

    async def run() -> str:
        async with wire(tls=context) as server:
            server.answers["/"] = answer(b"x")
            async with Fetcher(server.fetching(allow_private=("127.0.0.0/8",))) as fetcher:
                try:
                    await fetcher.fetch(server.url(host=host))
                except Permanent as error:
                    return f"{error.reason}: {error}"
            return "answered"

    told = asyncio.run(run())
    assert outcome in told
    assert told.startswith("tls: ") or outcome == "answered"


def test_http2_is_spoken_with_a_server_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "localhost.pem"))
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    asked.append(dict(event.headers)[b":path"].decode())
                    connection.send_headers(
                        event.stream_id, [(":status", "200"), ("content-type", "text/html")]
                    )
                    connection.send_data(event.stream_id, b"by h2", end_stream=True)
            writer.write(connection.data_to_send())
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with server:
            fetching = Fetching(allow_private=("127.0.0.0/8",), attempts=1, http2=True)
            async with Fetcher(fetching) as fetcher:
                for path in "ab":
                    fetched = await fetcher.fetch(f"https://localhost:{port}/{path}")
                    assert fetched.body == b"by h2"

    asyncio.run(run())
    assert asked == ["/a", "/b"]


def test_the_proxy_of_the_settings_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(proxy: Wire) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        proxy.answers["http://1.1.1.1/a"] = answer(b"by proxy")
        async with Fetcher(Fetching(attempts=1, proxy=proxy.endpoint)) as fetcher:
            assert (await fetcher.fetch("http://1.1.1.1/a")).body == b"by proxy"

    over_the_wire(scenario)


@pytest.mark.parametrize("installed", [True, False])
def test_a_socks_proxy_leads_to_the_page_or_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak RFC 1928 without a password, and answer for the host behind it."""
        await reader.readexactly(3)
        writer.write(b"\x05\x00")
        asked.append((await reader.readexactly(4 + 4 + 2))[4:])
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"by socks"))
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        proxy = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, Fetcher(Fetching(attempts=1, proxy=proxy)) as fetcher:
            assert (await fetcher.fetch("http://1.1.1.1/a")).body == b"by socks"
            with pytest.raises(Disallowed):
                await fetcher.fetch("http://10.0.0.1/a")

    if installed:
        asyncio.run(scenario())
        assert asked == [bytes((1, 1, 1, 1, 0, 80))]
        return
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(ConfigError, match=r"cleancopy\[socks\]"):
        asyncio.run(scenario())


def test_a_proxy_is_used_and_the_gate_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, _port: int) -> list[str]:
        return {"story.example": ["1.1.1.1"], "inside.example": ["10.0.0.1"]}.get(host, ["127.0.0.1"])

    async def scenario(proxy: Wire) -> None:
        monkeypatch.setenv("http_proxy", proxy.url().rstrip("/"))
        monkeypatch.setenv("no_proxy", "")
        proxy.answers["http://story.example/a"] = answer(b"by proxy")
        async with Fetcher(Fetching(attempts=1), resolve=resolve) as fetcher:
            assert (await fetcher.fetch("http://story.example/a")).body == b"by proxy"
            for inside in ("http://inside.example/", "http://127.0.0.1/", "http://169.254.169.254/"):
                with pytest.raises(Disallowed):
                    await fetcher.fetch(inside)
        assert proxy.paths == ["http://story.example/a"]

    over_the_wire(scenario)
