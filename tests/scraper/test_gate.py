"""Nothing but the public network is connected to, whatever a name resolves to."""

import asyncio

import pytest

from scraper.errors import ConfigError, Disallowed, Transient
from scraper.fetch import Fetcher
from scraper.gate import BlockedAddress, Gate, GatedNetwork, gate
from tests.scraper.wire import answer, wire


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1", "2001::1",
        "fe80::1%eth0",
    ],
)  # fmt: skip
def test_an_address_off_the_public_network_is_refused(address: str) -> None:
    assert Gate().why_blocked("x.example", 443, address)


@pytest.mark.parametrize("address", ["1.1.1.1", "144.1.1.1", "2606:4700::1111", "64:ff9b::1.1.1.1"])
def test_a_public_address_is_admitted(address: str) -> None:
    assert Gate().why_blocked("x.example", 443, address) is None


def test_the_setting_admits_an_endpoint_or_a_network_and_nothing_beside_it() -> None:
    admitting = gate(["127.0.0.1:8000", "10.2.0.0/16", "intra.example:80", "[::1]:9000"])
    assert admitting.why_blocked("127.0.0.1", 8000, "127.0.0.1") is None
    assert admitting.why_blocked("127.0.0.1", 8001, "127.0.0.1")
    assert admitting.why_blocked("other.example", 8000, "127.0.0.1")
    assert admitting.why_blocked("any.example", 443, "10.2.3.4") is None
    assert admitting.why_blocked("any.example", 443, "10.3.3.4")
    assert admitting.why_blocked("intra.example", 80, "192.168.1.1") is None
    assert admitting.why_blocked("::1", 9000, "::1") is None


def test_a_setting_that_is_neither_is_an_error_that_shows_both_forms() -> None:
    with pytest.raises(ConfigError, match=r"'home' is neither host:port.*nor a network"):
        gate(["home"])


@pytest.mark.parametrize(
    "spelling",
    ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::ffff:127.0.0.1]", "localhost", "127.0.0.1."],
)
def test_no_spelling_of_loopback_reaches_a_server(spelling: str) -> None:
    async def scenario() -> None:
        async with wire("0.0.0.0") as canary, Fetcher(canary.fetching(allow_private=())) as fetcher:
            with pytest.raises(Disallowed, match="allow_private") as caught:
                await fetcher.fetch(canary.url(host=spelling))
            assert caught.value.reason == "blocked_address"
            assert canary.requests == []

    asyncio.run(scenario())


def test_a_name_that_changes_its_address_after_the_check_gains_nothing() -> None:
    """DNS rebinding: the first answer is an admitted address, each later one the canary's."""
    answers = [["127.0.0.9"], ["127.0.0.1"], ["127.0.0.1"]]

    async def resolve(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    async def scenario() -> None:
        async with wire() as canary:
            async with Fetcher(canary.fetching(allow_private=("127.0.0.9/32",)), resolve=resolve) as fetcher:
                with pytest.raises(Transient) as first:  # connected to what was checked, where nobody listens
                    await fetcher.fetch(canary.url(host="rebind.example"))
                with pytest.raises(Disallowed) as second:
                    await fetcher.fetch(canary.url(host="rebind.example"))
            assert (first.value.reason, second.value.reason) == ("refused", "blocked_address")
            assert canary.requests == []

    asyncio.run(scenario())


def test_of_several_addresses_only_the_admitted_are_used() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1", "1.1.1.1"]

    network = GatedNetwork(Gate(), resolve)
    assert asyncio.run(network.admitted("mixed.example", 443)) == ["1.1.1.1"]


def test_a_socket_of_this_machine_is_no_address() -> None:
    with pytest.raises(BlockedAddress):
        asyncio.run(GatedNetwork(Gate()).connect_unix_socket("/run/docker.sock"))


def test_a_dead_first_address_does_not_hide_a_living_second() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]  # the server listens at the second only

    async def scenario() -> bytes:
        async with wire() as server:
            server.answers["/"] = answer(b"here")
            async with Fetcher(server.fetching(allow_private=("127.0.0.0/8",)), resolve=resolve) as fetcher:
                return (await fetcher.fetch(server.url(host="two.example"))).body

    assert asyncio.run(scenario()) == b"here"
