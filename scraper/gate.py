"""The gate at the socket: which addresses of the network may be connected to.

A page can name any host, and a host can resolve to anything: to this machine, to the router, to the
cloud's metadata service. So the check is made where it cannot be got around: the name is resolved here, the
*address* is judged, and the connection goes to that very address (a second look-up could answer otherwise:
DNS rebinding). Every way to a host passes here: pages, robots.txt, feeds, redirects.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

from scraper.errors import ConfigError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# What is not the public network: IANA special-purpose registries (RFC 6890 and its updates), multicast, and
# the one public address that is a cloud's metadata service.
_NOT_PUBLIC_4 = {
    IPv4Network(network): why
    for network, why in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier-grade NAT",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "cloud metadata",  # Azure's host agent
        "169.254.0.0/16": "link-local, cloud metadata",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "protocol assignments",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "6to4 relay",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved, broadcast",
    }.items()
}
_PUBLIC_6 = IPv6Network("2000::/3")  # all that IANA has handed out as global unicast
_NOT_PUBLIC_6 = {
    IPv6Network(network): why
    for network, why in {
        "2001::/23": "protocol assignments, Teredo",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3fff::/20": "documentation",
    }.items()
}
_CARRIES_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # mapped; NAT64 (RFC 6052)


class BlockedAddress(Exception):
    """A connection was refused by the gate before a packet left. ``str()`` says which and why."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be asked although it is not public. The default admits public addresses only."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    endpoints: frozenset[tuple[str, int]] = frozenset()

    def why_blocked(self, host: str, port: int, address: str) -> str | None:
        """Return why a connection to ``address`` for ``host`` is refused, or None if it may be made."""
        ip = ip_address(address.partition("%")[0])  # an IPv6 scope does not change what it is
        if (host, port) in self.endpoints or any(ip in network for network in self.networks):
            return None
        return why_not_public(ip)


def gate(allow: Iterable[str]) -> Gate:
    """Build the gate from the setting ``fetching.allow_private``: ``host:port``, address or CIDR each.

    Raises ConfigError for an entry that is none of them.
    """
    networks, endpoints = [], set()
    for entry in allow:
        name, colon, port = entry.rpartition(":")
        if colon and port.isdigit() and not _is_network(entry):
            endpoints.add((name.strip("[]").lower(), int(port)))
        elif _is_network(entry):
            networks.append(ip_network(entry, strict=False))
        else:
            raise ConfigError(
                f"fetching.allow_private: {entry!r} is neither host:port, as 127.0.0.1:8000, "
                "nor a network, as 10.0.0.0/8"
            )
    return Gate(tuple(networks), frozenset(endpoints))


def why_not_public(ip: Address) -> str | None:
    """Return what kind of address ``ip`` is if the public network does not route it, else None."""
    if isinstance(ip, IPv4Address):
        return _first(_NOT_PUBLIC_4, ip)
    for network in _CARRIES_4:
        if ip in network:
            return why_not_public(IPv4Address(int(ip) & 0xFFFFFFFF))
    return _first(_NOT_PUBLIC_6, ip) if ip in _PUBLIC_6 else "not global unicast"


async def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` in the order the system prefers. Raises OSError (gaierror)."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GatedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, with the gate in it."""

    def __init__(self, gate: Gate, resolve: Resolve = look_up) -> None:
        self._gate = gate
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def admitted(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host`` that may be connected to.

        Raises BlockedAddress if there are addresses and none is admitted, OSError if there are none.
        """
        addresses = [host] if _is_network(host) else await self._resolve(host, port)
        verdicts = [(address, self._gate.why_blocked(host, port, address)) for address in addresses]
        admitted = [address for address, why in verdicts if why is None]
        if not admitted and verdicts:
            address, why = verdicts[0]
            raise BlockedAddress(f"{host} is {address} ({why})" if host != address else f"{address} is {why}")
        return admitted

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first admitted address of ``host`` that answers, within ``timeout`` in all.

        Each address but the last gets half of what is left, so a host with a dead first address still
        answers.
        """
        deadline = None if timeout is None else asyncio.get_running_loop().time() + timeout
        try:
            async with asyncio.timeout_at(deadline):
                addresses = await self.admitted(host.lower().rstrip("."), port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name server did not answer in time") from None
        for position, address in enumerate(addresses, start=1):
            left = None if deadline is None else max(deadline - asyncio.get_running_loop().time(), 0.01)
            try:
                return await self._network.connect_tcp(
                    address,
                    port,
                    timeout=left if left is None or position == len(addresses) else left / 2,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses):
                    raise
        raise socket.gaierror(socket.EAI_NONAME, "the name has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002  httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no address of the web leads to a socket of this machine."""
        raise BlockedAddress(f"{path} is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks this before it connects again."""
        await asyncio.sleep(seconds)


def _first(networks: dict[IPv4Network, str] | dict[IPv6Network, str], ip: Address) -> str | None:
    return next((why for network, why in networks.items() if ip in network), None)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
