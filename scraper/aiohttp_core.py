"""aiohttp's connections under httpx's API: the extra ``cleancopy[fast]``.

httpx's own core costs most of what fetching costs (docs/benchmarks.md). aiohttp's reads answers in C. It
follows no redirect here, keeps no cookie and decodes nothing; what it raises is told in httpx's words, so
that nobody behind this file has to know which core is in use. HTTP/1.1 only, no proxies: those are left to
httpx's core. Where its parser is the more lenient one, what httpx's would refuse is refused here.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError
from yarl import URL

from scraper.gate import BlockedAddress, GatedNetwork

MAX_HEADER = 64 * 1024  # bytes of one header line or of the status line
MAX_HEAD = 100 * 1024  # bytes of all headers, as h11 allows


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A pool of at most so many ``connections``, closed after ``idle`` seconds without use."""

    def __init__(self, network: GatedNetwork, tls: ssl.SSLContext, *, connections: int, idle: float) -> None:
        self._network = network
        self._connector = aiohttp.TCPConnector(
            limit=connections,
            resolver=_GatedResolver(network),
            use_dns_cache=False,  # the gate judges every connection anew
            keepalive_timeout=idle,
            ssl=tls,
        )
        if not hasattr(self._connector, "_factory"):
            raise RuntimeError("this version of aiohttp has no place for a protocol: install aiohttp 3")
        self._connector._factory = partial(_protocol, loop=asyncio.get_running_loop())
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        self._admitted: set[tuple[str, int | None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask once. Raises what httpx's own transport would."""
        timeout = request.extensions.get("timeout", {})
        url = str(request.url)
        try:
            await self._admit(request.url)
            answer = await self._session.request(
                request.method,
                URL(url, encoded=True),
                headers=[
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
                ],
                data=request.content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=timeout.get("connect"), sock_read=timeout.get("read")
                ),
            )
        except BlockedAddress:
            raise
        except Exception as error:
            raise _as_httpx(error) from error
        if trouble := _trouble(answer.raw_headers):
            answer.close()
            raise httpx.RemoteProtocolError(trouble)
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def _admit(self, url: httpx.URL) -> None:
        """Ask the gate about a host that is written as an address: aiohttp looks up names only.

        Once for each, for an address stays what it is; a name is judged for every connection.
        """
        host, port = url.host, url.port
        if (host[:1].isdigit() or ":" in host) and (host, port) not in self._admitted:
            await self._network.admitted(host, port or (443 if url.scheme == "https" else 80))
            self._admitted.add((host, port))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()


class _Protocol(ResponseHandler):
    """aiohttp's own, and it refuses a NUL in the trailer of a chunked body, which its parser lets through."""

    _end = b""  # of what came last, long enough for every trailer that is let through
    _chunked = False

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take the head of an answer."""
        self._chunked = data[0].chunked
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Take what came, and look at the trailer when the body is whole."""
        super().data_received(data)
        if not self._chunked:
            return
        self._end = (data if len(data) >= MAX_HEADER else self._end + data)[-MAX_HEADER:]
        if self._payload is not None and self._payload.is_eof():
            last_chunk = self._end.rfind(b"\n0\r\n")  # behind it stands nothing but the trailer
            if last_chunk >= 0 and b"\0" in self._end[last_chunk:]:
                self._payload.set_exception(HttpProcessingError(message="NUL in a trailer"))
            self._end = b""


def _protocol(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return _Protocol(loop)


class _GatedResolver(AbstractResolver):
    """Gives aiohttp only the addresses that the gate admits; it connects to these and no others."""

    def __init__(self, network: GatedNetwork) -> None:
        self._network = network

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  aiohttp's signature
    ) -> list[ResolveResult]:
        admitted = await self._network.admitted(host.lower().rstrip("."), port)
        if not admitted:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        return [_result(host, address, port) for address in admitted]

    async def close(self) -> None:
        """Nothing is open."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )


class _Body(httpx.AsyncByteStream):
    """The body as it was sent, piece by piece."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.content.iter_any():
                yield piece
        except Exception as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        """Let go of the connection; it is kept if the body was read to its end."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


def _trouble(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return what makes an answer invalid that aiohttp lets pass, as httpx's core would say, else nothing."""
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        return "Receive buffer too long"
    codings = [value.strip().lower() for name, value in headers if name.lower() == b"transfer-encoding"]
    return "Only Transfer-Encoding: chunked is supported" if codings not in ([], [b"chunked"]) else ""


def _as_httpx(error: Exception) -> Exception:
    """Return the error that httpx's own transport raises for the same trouble."""
    for kinds, translated in _TRANSLATIONS:
        if isinstance(error, kinds):
            found: Exception = translated(str(error))
            return found
    return error


def _disconnected(_: str) -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError("Server disconnected without sending a response.")


def _cut_short(_: str) -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError("peer closed connection without sending complete message body")


_TRANSLATIONS: tuple[tuple[Any, Any], ...] = (  # the first that fits
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    ((aiohttp.ServerTimeoutError, TimeoutError), httpx.ReadTimeout),
    ((aiohttp.ClientConnectorError, ssl.SSLError), httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, _disconnected),
    (aiohttp.ClientPayloadError, _cut_short),
    ((aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError), httpx.RemoteProtocolError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    ((aiohttp.InvalidURL, ValueError), httpx.LocalProtocolError),
)
