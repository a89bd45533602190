"""One address → one response, whole and within limits, or an error that says why not.

httpx's transports do the protocol. What its client would do on top (follow redirects, keep cookies, decode
without a limit, read proxies) is done here instead, one thing after another:

    address → gate → request → status → redirect? → type → body within limits → codings undone

Foreign exceptions end here: callers see Transient, Permanent and Disallowed only.
"""

import asyncio
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx
import tenacity

from extractors import Page
from scraper import addresses, codings, httpdate
from scraper.clock import SYSTEM, Clock
from scraper.config import Fetching
from scraper.connections import Connections
from scraper.errors import Disallowed, FetchError, Permanent, Transient
from scraper.gate import BlockedAddress, Resolve, look_up

Headers = tuple[tuple[str, str], ...]
Hook = Callable[[str], Awaitable[object]]
Request = Callable[[], Awaitable["Fetched"]]
Turn = Callable[[str, Request], Awaitable["Fetched"]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller can use. ``types`` are media types, empty for any; sizes are in bytes.

    ``wire`` and ``body`` replace the limits of the settings; ``prefix`` means: no more than this is needed,
    take the beginning and leave the rest (RFC 9309 section 2.5 for robots.txt).
    """

    types: tuple[str, ...] = ()
    wire: int | None = None
    body: int | None = None
    prefix: int | None = None


PAGE = Wanted(types=("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml", "text/plain", ""))
DOCUMENT = Wanted(
    wire=50 * 1024 * 1024, body=50 * 1024 * 1024
)  # feeds and sitemaps: the limit of sitemaps.org
RESOURCE = Wanted()  # what a page's scripts ask for


@dataclass(frozen=True, slots=True)
class Fetched:
    """One response. ``body`` is without content codings, ``fetched_at`` aware UTC, ``seconds`` monotonic.

    ``wire`` counts the bytes of the body as sent.
    ``url`` is what was asked for, ``final_url`` what answered, ``redirects`` the addresses in between,
    first to last, ``final_url`` among them if there were any. ``truncated`` is set where this is the
    ``beginning`` of a FetchError, and says in one of WARC's words why the body is cut: length, time or
    disconnect.
    """

    url: str
    final_url: str
    status: int
    headers: Headers
    body: bytes
    fetched_at: datetime
    seconds: float
    redirects: tuple[str, ...] = ()
    wire: int = 0
    truncated: str | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its capitals."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def content_type(self) -> str:
        return self.header("content-type") or ""

    @property
    def etag(self) -> str | None:
        return self.header("etag")

    @property
    def last_modified(self) -> str | None:
        return self.header("last-modified")

    @property
    def not_modified(self) -> bool:
        """True if the server says that what we have is still right; the body is then empty."""
        return self.status == 304

    def page(self) -> Page:
        """Return it as the extractors take it."""
        return Page(self.final_url, self.body, self.content_type, self.fetched_at)


# Which statuses mean what. Others: 4xx is client_error and permanent, 5xx server_error and transient.

_PERMANENT = {
    401: "login",
    402: "login",
    403: "forbidden",
    404: "not_found",
    407: "login",
    410: "gone",
    451: "forbidden",
}
_TRANSIENT = {408: "timeout", 425: "rate_limited", 429: "rate_limited"}
_REDIRECTS = (301, 302, 303, 307, 308)

# Worth asking again at once; the others will not have changed in a few seconds.
_RETRIED = frozenset(
    {"timeout", "reset", "refused", "cut_short", "server_error", "rate_limited", "bad_response"}
)
_BACKOFF = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)  # seconds: 1, 2, 4 … and up to 1
_PATIENCE = 60.0  # seconds; a server that asks for a longer wait is left to the next visit


class Fetcher:
    """Fetches addresses over connections it keeps: ``async with Fetcher(settings) as fetcher``."""

    def __init__(
        self,
        config: Fetching,
        *,
        resolve: Resolve = look_up,
        clock: Clock = SYSTEM,
    ) -> None:
        self._config = config
        self._clock = clock
        self._connections = Connections(config, resolve)
        self._usual = (
            ("User-Agent", self.user_agent),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            ("Accept-Encoding", codings.ACCEPT_ENCODING),
        )
        self._limits = httpx.Timeout(config.total_timeout, connect=config.connect_timeout).as_dict()
        self._slots = asyncio.Semaphore(config.concurrency)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.aclose()

    async def fetch(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        etag: str | None = None,
        last_modified: str | None = None,
        allowed: Hook | None = None,
        in_turn: Turn | None = None,
        wanted: Wanted = PAGE,
    ) -> Fetched:
        """Return what ``url`` answers with status 2xx, or 304 if ``etag`` or ``last_modified`` still hold.

        ``allowed`` is asked for each redirect target and raises a FetchError to refuse it; ``in_turn`` makes
        each request, also of retries and redirects, when its host may be asked.
        ``headers`` go to the origin of ``url`` only. Raises Permanent and Disallowed at once, Transient after
        the last attempt. ``total_timeout`` bounds the time on the network over all attempts.
        """
        address, secret = self._checked(url)
        asked = [*headers, *_conditional(etag, last_modified)]
        if secret is not None:
            asked.append(("Authorization", "Basic " + b64encode(secret.encode()).decode()))
        budget = Budget(self._config.total_timeout)

        async def exchange(url: str, headers: Headers) -> Fetched:
            return await self._exchange(url, headers, wanted, budget)

        visit = Visit(exchange, address, tuple(asked), self._config.max_redirects, allowed, in_turn)
        try:
            return await visit.attempt()
        except FetchError as error:
            return await self._again(visit, error, budget)

    async def _again(self, visit: "Visit", failure: FetchError, budget: "Budget") -> Fetched:
        """Go on after a first attempt that failed. Most do not, and would pay for tenacity's bookkeeping."""
        failures = [failure]

        async def attempt() -> Fetched:
            if failures:
                raise failures.pop()
            return await visit.attempt()

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self._config.attempts),
            wait=_pause,
            retry=tenacity.retry_if_exception(lambda error: budget.left > 0 and _worth_asking_again(error)),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return await retrying(attempt)

    def _checked(self, url: str) -> tuple[str, str | None]:
        address = addresses.resolve(url)
        if address is None:
            raise Permanent(addresses.printable(url), "bad_address", "not an http or https address")
        return addresses.without_userinfo(address)

    async def _exchange(self, url: str, headers: Headers, wanted: Wanted, budget: "Budget") -> Fetched:
        """Ask ``url`` once, within the budget, and return whatever the server says. Raises FetchError."""
        shown = addresses.printable(url)
        came = _Came(url, wanted, self._config)
        try:
            async with self._slots, budget.spend(), self._connections.to(url) as transport:
                came.started = time.monotonic()
                came.response = await transport.handle_async_request(self._request(url, headers))
                try:
                    await _read(shown, came)
                finally:
                    await came.response.aclose()
            body = _undone(shown, came)
        except FOREIGN as error:
            failure = _translated(shown, error)
            failure.beginning = self._beginning(came, failure)
            raise failure from None
        except FetchError as error:
            error.beginning = self._beginning(came, error)
            raise
        return self._fetched(came, body)

    def _beginning(self, came: "_Came", error: FetchError) -> Fetched | None:
        """Return what came of a page that was cut off, None if that is nothing to keep."""
        why = _TRUNCATED.get(error.reason)
        if why is None or not came.wire or came.response is None:
            return None
        body = codings.beginning(bytes(came.wire), came.coded, limit=came.limit)
        return replace(self._fetched(came, body), truncated=why) if body else None

    def _fetched(self, came: "_Came", body: bytes) -> Fetched:
        assert came.response is not None
        return Fetched(
            url=came.url,
            final_url=came.url,
            status=came.response.status_code,
            headers=tuple(came.response.headers.multi_items()),
            body=body,
            fetched_at=self._clock.now(),
            seconds=time.monotonic() - came.started,
            wire=len(came.wire),
        )

    def _request(self, url: str, headers: Headers) -> httpx.Request:
        own = {name.lower() for name, _ in headers}
        usual = [pair for pair in self._usual if pair[0].lower() not in own]
        return httpx.Request("GET", url, headers=[*usual, *headers], extensions={"timeout": self._limits})

    @property
    def user_agent(self) -> str:
        """Who we say we are: product, version and, when set, how to reach us."""
        contact = self._config.contact
        return f"{self._config.user_agent} (+{contact})" if contact else self._config.user_agent


@dataclass(slots=True)
class Budget:
    """Seconds on the network that one call of ``fetch`` has for all its requests."""

    left: float

    @asynccontextmanager
    async def spend(self) -> AsyncIterator[None]:
        """Take from the budget the time that the block takes. Raises TimeoutError when it is used up."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.left):
                yield
        finally:
            self.left -= time.monotonic() - started


@dataclass(slots=True)
class Visit:
    """One call of ``fetch``: what is asked, and how."""

    exchange: Callable[[str, Headers], Awaitable[Fetched]]
    url: str
    headers: Headers
    max_redirects: int
    allowed: Hook | None
    in_turn: Turn | None

    async def attempt(self) -> Fetched:
        """Ask once and follow redirects, each of them checked. Raises FetchError for what is no answer."""
        url, headers = self.url, self.headers
        hops: tuple[str, ...] = ()
        while True:
            answer = await self._ask(url, headers, hops)
            if answer.status not in _REDIRECTS:
                return replace(answer, url=self.url, redirects=hops)
            target = _target(answer)
            if target in (self.url, *hops) or len(hops) == self.max_redirects:
                detail = f"{len(hops) + 1} redirects and no end"
                raise Permanent(self.url, "redirect_loop", detail, status=answer.status)
            if self.allowed is not None:
                await self.allowed(target)
            if addresses.origin(target) != addresses.origin(url):
                headers = ()  # what was meant for one origin is not for another: Authorization, Cookie, keys
            url, hops = target, (*hops, target)

    async def _ask(self, url: str, headers: Headers, hops: tuple[str, ...]) -> Fetched:
        """Return a success or a redirect; what its status says otherwise is raised within the host's turn."""

        async def request() -> Fetched:
            try:
                answer = await self.exchange(url, headers)
            except FetchError as error:
                error.beginning = error.beginning and replace(error.beginning, url=self.url, redirects=hops)
                raise
            if answer.status not in _REDIRECTS:
                _check_status(answer, conditional=any(name.startswith("If-") for name, _ in headers))
            return answer

        return await (request() if self.in_turn is None else self.in_turn(url, request))


def _conditional(etag: str | None, last_modified: str | None) -> list[tuple[str, str]]:
    pairs = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
    return [(name, value) for name, value in pairs if value]


def _target(answer: Fetched) -> str:
    """Return where a redirect leads, without user name and password. Raises Permanent."""
    location = answer.header("location")
    shown = addresses.printable(answer.url)
    if location is None:
        raise Permanent(
            shown, "bad_redirect", f"status {answer.status} without Location", status=answer.status
        )
    target = addresses.resolve(location, answer.url)
    if target is None:
        where = addresses.printable(location)[:200]
        raise Permanent(
            shown, "bad_redirect", f"leads to {where!r}, which is no web address", status=answer.status
        )
    return addresses.without_userinfo(target)[0]


def _check_status(answer: Fetched, *, conditional: bool) -> None:
    """Raise the error that a status stands for; return for 2xx and for a 304 that was asked for."""
    status = answer.status
    if (200 <= status < 300 and status != 206) or (status == 304 and conditional):
        return
    detail = f"the server answers {status}"
    wait = httpdate.retry_after(answer.header("retry-after"), now=answer.fetched_at)
    if status in _TRANSIENT or status >= 500:
        reason = _TRANSIENT.get(status, "server_error")
        raise Transient(answer.url, reason, detail, status=status, retry_after=wait)
    if 400 <= status < 500:
        raise Permanent(answer.url, _PERMANENT.get(status, "client_error"), detail, status=status)
    raise Transient(answer.url, "bad_response", f"{detail}, which was not asked for", status=status)


def _pause(state: tenacity.RetryCallState) -> float:
    """Return seconds until the next attempt: the back-off, or what the server asked for if that is longer."""
    error = state.outcome.exception() if state.outcome else None
    return max(_BACKOFF(state), getattr(error, "retry_after", None) or 0.0)


def _worth_asking_again(error: BaseException) -> bool:
    return (
        isinstance(error, Transient) and error.reason in _RETRIED and (error.retry_after or 0.0) <= _PATIENCE
    )


# Bodies.

_DRAINED = 16 * 1024  # bytes of a redirect or error that are read so that its connection can be used again
_BINARY = (  # WHATWG MIME sniffing, sections 6 and 7: what is certainly no page, whatever its header says
    b"%PDF-", b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"PK\x03\x04", b"Rar!\x1a",
    b"\x1f\x8b\x08", b"OggS\x00", b"ID3", b"\x1aE\xdf\xa3", b"wOFF", b"wOF2", b"BM\x00", b"\x00\x00\x01\x00",
)  # fmt: skip


_TRUNCATED = {"too_large": "length", "timeout": "time", "cut_short": "disconnect", "reset": "disconnect"}


@dataclass(slots=True)
class _Came:
    """What came of an answer so far. ``wire`` is its body as sent; ``started`` is on the monotonic clock."""

    url: str
    wanted: Wanted
    config: Fetching
    started: float = 0.0
    response: httpx.Response | None = None
    wire: bytearray = field(default_factory=bytearray)

    @property
    def coded(self) -> list[str]:
        return [] if self.response is None else self.response.headers.get_list("content-encoding")

    @property
    def limit(self) -> int:
        """Return the bytes that the body may have without its codings."""
        return self.wanted.body or self.config.max_body_bytes


async def _read(url: str, came: _Came) -> None:
    """Read the body of a success as sent, within its limits; of a redirect, error or 304 nothing is kept.

    Stops at the limit, at ``prefix``, and at once for what is no page.
    """
    response, wanted = came.response, came.wanted
    assert response is not None
    if not 200 <= response.status_code < 300:
        await _drain(response)
        return
    _check_type(url, response, wanted)
    limit = wanted.wire or came.config.max_wire_bytes
    announced = response.headers.get("content-length", "")
    enough = None if came.coded else wanted.prefix
    if announced.isdigit() and int(announced) > limit and enough is None:
        raise Permanent(url, "too_large", f"{announced} bytes announced, {limit} allowed")
    coded = bool(came.coded)
    async for chunk in _sent(response):
        if not came.wire and not coded:
            _check_content(url, chunk, wanted)
        came.wire += chunk
        if enough is not None and len(came.wire) >= enough:
            break
        if len(came.wire) > limit:
            del came.wire[limit:]
            raise Permanent(url, "too_large", f"more than {limit} bytes", status=response.status_code)


def _undone(url: str, came: _Came) -> bytes:
    """Return the body without its codings. Raises FetchError for one that is too large or not whole."""
    assert came.response is not None
    status = came.response.status_code
    try:
        body = codings.undo(bytes(came.wire), came.coded, limit=came.limit)
    except codings.TooLarge as error:
        raise Permanent(url, "too_large", f"the body decodes to {error}", status=status) from None
    except codings.CutShort as error:
        raise Transient(url, "cut_short", str(error), status=status) from None
    except codings.CodingError as error:
        raise Permanent(url, "bad_encoding", str(error), status=status) from None
    _check_content(url, body, came.wanted)
    return body if came.wanted.prefix is None else body[: came.wanted.prefix]


def _check_type(url: str, response: httpx.Response, wanted: Wanted) -> None:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if wanted.types and media_type not in wanted.types:
        raise Permanent(url, "not_html", f"it is {media_type[:80]}, not a page", status=response.status_code)


def _check_content(url: str, start: bytes, wanted: Wanted) -> None:
    if wanted.types and start.startswith(_BINARY):
        raise Permanent(url, "not_html", "it says it is a page and is a binary file")


def _sent(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the body as sent, without the bookkeeping that httpx's client does in ``aiter_raw``."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream


async def _drain(response: httpx.Response) -> None:
    """Read a little body, so that its connection can be kept; give up on one that is long, slow or broken."""
    read = 0
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(1.0):
            async for chunk in _sent(response):
                read += len(chunk)
                if read > _DRAINED:
                    return


# The border: foreign exceptions become ours. Their texts are not repeated, for they can quote headers.


FOREIGN = (httpx.HTTPError, httpx.InvalidURL, BlockedAddress, OSError, UnicodeError)


def _translated(url: str, error: BaseException) -> FetchError:
    if isinstance(error, BlockedAddress):
        return Disallowed(
            url,
            "blocked_address",
            f"{error}: not on the public network (fetching.allow_private can admit it)",
        )
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Transient(url, "timeout", "no complete answer in time")
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Transient(url, "dns", "the host name does not resolve")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Permanent(url, "tls", f"its certificate is not valid: {_certificate_fault(causes)}")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Transient(url, "tls", "no secure connection could be made")
    if isinstance(error, httpx.LocalProtocolError | httpx.InvalidURL | UnicodeError):
        return Permanent(url, "bad_address", "the address or a configured header cannot be sent over HTTP")
    if isinstance(error, httpx.RemoteProtocolError):
        return _protocol_fault(url, str(error))
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return Transient(url, "refused", "no connection could be made")
    return Transient(url, "reset", "the connection broke")


def _protocol_fault(url: str, text: str) -> Transient:
    if "disconnected without sending" in text:
        return Transient(url, "reset", "the server closed the connection without an answer")
    if "closed connection" in text:
        return Transient(url, "cut_short", "the connection closed in the middle of the answer")
    return Transient(url, "bad_response", "the answer is not valid HTTP")


def _certificate_fault(causes: Iterable[BaseException]) -> str:
    *_, found = (cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
    return getattr(found, "verify_message", "") or str(found)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
