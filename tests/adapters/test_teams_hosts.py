"""Where the bot may send its token and its words: Microsoft's hosts, and nowhere else."""

import asyncio
import socket
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.base import Destination, RefusedForGoodError
from adapters.teams.connector import Outside
from adapters.teams.credentials import Credentials
from adapters.teams.hosts import SERVICE_HOSTS, allowed
from adapters.teams.outbound import TeamsOutbound
from dialogs.card import Card

SERVICE = "https://smba.trafficmanager.net/amer/"


@pytest.mark.parametrize(
    "url",
    [
        SERVICE, "https://smba.trafficmanager.net", "https://SMBA.trafficmanager.net:443/amer",
        "https://europe.botframework.com/x",
    ],
)  # fmt: skip
def test_service_urls_of_microsoft_are_allowed(url: str) -> None:
    assert allowed(url, SERVICE_HOSTS)


HOSTILE = [
    "", "http://smba.trafficmanager.net/", "https://evil.example/", "https://smba.trafficmanager.net@evil.example/",
    "https://smba.trafficmanager.net.evil.example/", "https://evilbotframework.com/", "https://.botframework.com/",
    "https://botframework.com/", "https://smba.trafficmanager.net:8443/", "https://smba.trafficmanager.net:x/",
    "https://smba.trafficmanager.net./", "https://evil.example\\@smba.trafficmanager.net/",
    "https://evil.example/?.botframework.com", "https://evil.example#.botframework.com",
    "https://evil%2eexample.botframework.com/", "https://ｓmba.trafficmanager.net/", "https://127.0.0.1/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/", "https://2130706433/",
    "https://[/", "https://smba.trafficmanager.net/{x}", "//smba.trafficmanager.net/",
    "https://smba.trafficmanager.net/\r\nHost: evil", "file:///etc/passwd",
    "https://smba.trafficmanager.net/" + "x" * 400,
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_every_other_service_url_is_refused(url: str) -> None:
    assert not allowed(url, SERVICE_HOSTS)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("http://127.0.0.1:3978/", True), ("http://localhost:5/", True), ("http://[::1]:5/", True),
        ("http://127.0.0.1.evil.example/", False), ("http://0.0.0.0/", False), ("http://2130706433/", False),
        ("ftp://127.0.0.1/", False), ("http://smba.trafficmanager.net/", False), (SERVICE, True),
    ],
)  # fmt: skip
def test_development_adds_this_machine_and_nothing_else(url: str, good: bool) -> None:
    assert allowed(url, SERVICE_HOSTS, dev=True) is good


class Names(AbstractResolver):
    """A name server that answers everything with the same addresses."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self._addresses
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 6, "flags": 0}
            for one in found
        ]

    async def close(self) -> None:
        """Nothing to give back."""


@pytest.mark.parametrize(
    ("addresses", "inside"),
    [
        (["52.112.0.1"], False), (["52.112.0.1", "2603:1030::1"], False), (["10.0.0.5"], True),
        (["127.0.0.1"], True), (["169.254.169.254"], True), (["52.112.0.1", "192.168.1.1"], True),
        (["::1"], True), (["fe80::1%eth0"], True), (["::ffff:127.0.0.1"], True), ([], True),
    ],
)  # fmt: skip
async def test_a_listed_name_must_not_lead_into_our_own_network(addresses: list[str], inside: bool) -> None:
    """Catches a name server that points a listed name at an internal address."""
    told = Outside(names=Names(addresses)).resolve("smba.trafficmanager.net", 443)
    if inside:
        with pytest.raises(RefusedForGoodError, match="service_url_leads_inside"):
            await told
    else:
        assert [one["host"] for one in await told] == addresses


async def test_a_proxy_and_this_machine_may_stand_in_our_own_network() -> None:
    """Would catch a bot behind a company's proxy that can send nothing."""
    outside = Outside(["proxy.example"], Names(["10.0.0.5"]))
    for host in ("proxy.example", "localhost"):
        assert [one["host"] for one in await outside.resolve(host)] == ["10.0.0.5"]


async def test_no_byte_goes_to_a_listed_host_that_stands_in_our_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a session that asks the name server past the guard: here it sends the bot to this machine."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    connected: list[str] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append((await reader.read(1)).hex())
        writer.close()

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        real = asyncio.get_running_loop().getaddrinfo

        async def hostile(_: object, __: object, **more: Any) -> Any:
            return await real("127.0.0.1", port, **more)

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hostile)
        outbound = TeamsOutbound(Credentials("", "", ""), service_url=SERVICE)
        with pytest.raises(RefusedForGoodError, match="service_url_leads_inside"):
            await outbound.send(Destination("t", conversation="a:x"), Card("x", (), "fr-CA"), "key-1")
        await outbound.close()
    assert connected == []
