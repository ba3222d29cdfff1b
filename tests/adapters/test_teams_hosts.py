"""Where the bot may send its token and its words: Microsoft's hosts, and nowhere else."""

from typing import Any

import pytest

from adapters.teams.hosts import SERVICE_HOSTS, allowed, leads_inside

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


@pytest.mark.parametrize(
    ("addresses", "inside"),
    [
        (["52.112.0.1"], False), (["52.112.0.1", "2603:1030::1"], False), (["10.0.0.5"], True),
        (["127.0.0.1"], True), (["169.254.169.254"], True), (["52.112.0.1", "192.168.1.1"], True),
        (["::1"], True), (["fe80::1%eth0"], True), (["::ffff:127.0.0.1"], True), ([], True),
    ],
)  # fmt: skip
def test_a_listed_name_must_not_lead_into_our_own_network(
    addresses: list[str], inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a name server that points a listed name at an internal address."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def resolve(*_: object, **__: object) -> list[Any]:
        return [(2, 1, 6, "", (one, 443)) for one in addresses]

    assert leads_inside(SERVICE, resolve) is inside
