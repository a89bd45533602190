"""Open connections to hosts, and by which core they are made.

httpx's own pool looks at every connection for every request, which with hundreds of hosts costs more than
the requests. So each origin has a pool of its own, all share one TLS context (32 ms to make), and the ones
longest unused are closed. ``fetching.transport`` can name aiohttp's core instead (docs/benchmarks.md).

Proxies: ``fetching.proxy``, else HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. Behind a proxy it is the
proxy that looks the name up, so the gate judges the addresses this machine finds for the name and refuses as
usual; a name that only the proxy can resolve is the proxy's to judge.
"""

import importlib.util
import resource
import socket
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.request import getproxies_environment, proxy_bypass

import httpx

from scraper import addresses
from scraper.config import Fetching
from scraper.errors import ConfigError
from scraper.gate import Gate, GatedNetwork, Resolve, gate

PER_HOST = 8  # connections to one host; a polite crawl needs one
KEPT = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4  # origins, mostly of one connection each
IDLE = 30.0  # seconds that an unused connection is kept
_PORTS = {"http": 80, "https": 443}


class Connections:
    """The connections of one Fetcher. Raises ConfigError when the settings name a core that is not there."""

    def __init__(self, config: Fetching, resolve: Resolve) -> None:
        self._config = config
        self._network = GatedNetwork(gate(config.allow_private), resolve)
        self._core = chosen_core(config)
        self._tls: ssl.SSLContext | None = None
        self._pools: OrderedDict[str, _Pool] = OrderedDict()

    @asynccontextmanager
    async def to(self, url: str) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """Yield the transport that leads to ``url``. It stays open for the next one."""
        origin = addresses.origin(url)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool(await self._open(url))
        self._pools.move_to_end(origin)
        pool.users += 1
        try:
            yield pool.transport
        finally:
            pool.users -= 1
            await self._close_longest_unused()

    async def aclose(self) -> None:
        """Close every connection."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.transport.aclose()

    async def _close_longest_unused(self) -> None:
        if len(self._pools) <= KEPT:
            return
        unused = [origin for origin, pool in self._pools.items() if not pool.users]
        for origin in unused[: len(self._pools) - KEPT]:
            await self._pools.pop(origin).transport.aclose()

    async def _open(self, url: str) -> httpx.AsyncBaseTransport:
        proxy = self._proxy(url)
        if self._core == "httpx" or proxy is not None:
            return await self._httpx_core(url, proxy)
        from scraper.aiohttp_core import AiohttpTransport  # can be imported with the extra only

        return AiohttpTransport(self._network, self._context(), connections=PER_HOST, idle=IDLE)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return self._tls

    async def _httpx_core(self, url: str, proxy: httpx.Proxy | None) -> httpx.AsyncHTTPTransport:
        network = self._network if proxy is None else await self._network_behind(proxy, url)
        transport = httpx.AsyncHTTPTransport(
            verify=self._context(),
            http2=self._config.http2,
            limits=httpx.Limits(max_connections=PER_HOST, max_keepalive_connections=2, keepalive_expiry=IDLE),
            proxy=proxy,
        )
        if not hasattr(transport._pool, "_network_backend"):
            raise RuntimeError(
                "this version of httpcore has no place for the address gate: install httpcore 1.0"
            )
        transport._pool._network_backend = network
        return transport

    async def _network_behind(self, proxy: httpx.Proxy, url: str) -> GatedNetwork:
        """Judge ``url`` by what this machine resolves, and return a network that leads to ``proxy`` only."""
        target = httpx.URL(url)
        with suppress(socket.gaierror):
            await self._network.admitted(target.host, target.port or _PORTS[target.scheme])
        port = proxy.url.port or _PORTS.get(proxy.url.scheme, 1080)
        return GatedNetwork(Gate(endpoints=frozenset({(proxy.url.host, port)})))

    def _proxy(self, url: str) -> httpx.Proxy | None:
        found = self._config.proxy or _proxy_of_environment(url)
        return _as_proxy(found) if found else None


@dataclass(slots=True)
class _Pool:
    transport: httpx.AsyncBaseTransport
    users: int = 0


def chosen_core(config: Fetching) -> str:
    """Return "aiohttp" or "httpx". Raises ConfigError when what was asked for is not installed."""
    if config.http2:
        if not importlib.util.find_spec("h2"):
            raise ConfigError("fetching.http2 needs the package h2: pip install 'cleancopy[http2]'")
        return "httpx"
    if config.transport == "aiohttp" and not importlib.util.find_spec("aiohttp"):
        raise ConfigError("fetching.transport: aiohttp is not installed: pip install 'cleancopy[fast]'")
    return config.transport


def _proxy_of_environment(url: str) -> str | None:
    proxies = getproxies_environment()
    if not proxies:
        return None
    found = proxies.get(url.partition(":")[0]) or proxies.get("all")
    return None if not found or proxy_bypass(addresses.host(url)) else found


def _as_proxy(text: str) -> httpx.Proxy:
    try:
        proxy = httpx.Proxy(text if "://" in text else f"http://{text}")
    except (ValueError, httpx.InvalidURL):
        raise ConfigError("the proxy's address is none: write http://host:port") from None
    if proxy.url.scheme.startswith("socks") and not importlib.util.find_spec("socksio"):
        raise ConfigError("a SOCKS proxy needs the package socksio: pip install 'cleancopy[socks]'")
    return proxy
