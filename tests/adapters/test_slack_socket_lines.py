"""The lines of Socket Mode: opened, watched, renewed without a gap, and told of when Slack refuses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from adapters.base import RefusedForGoodError
from adapters.slack.socket_line import Times
from adapters.slack.socket_mode import SlackSocket
from adapters.slack.socket_opening import address
from tests.adapters.socket_company import Company, company_with_sockets, until
from tests.company import SHORT
from tests.doubles.slack import Fault
from tests.doubles.slack_socket import MOST


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with company_with_sockets() as made:
        yield made


async def test_a_refresh_leaves_no_gap_and_loses_nothing(company: Company) -> None:
    """Would catch the SDK's order: hang up, then connect, and nobody is heard in between."""
    await company.listens()
    company.pushes.watch()
    for round_ in range(3):
        old = company.pushes.usable
        greeted = until(lambda: len(company.pushes.usable) == 4)
        leaving = asyncio.create_task(company.pushes.disconnect("warning", first=greeted))
        for n in range(5):
            assert await company.pushes.deliver("events_api", company.event(f"Ev{round_}-{n}")) == {}
        await leaving
        await until(
            lambda old=old: len(company.pushes.usable) == 2 and not set(old) & set(company.pushes.usable)
        )
    assert company.pushes.least_open == 2
    assert company.pushes.most_open == 4
    assert len(company.heard) == 15
    assert {one.attempt for one in company.pushes.pushes} == {0}


async def test_what_was_under_way_on_a_line_that_is_refreshed_is_still_acknowledged_there(
    company: Company,
) -> None:
    """Would catch a second delivery of all that was in work whenever Slack renews a connection."""
    await company.listens()
    company.goes_on.clear()
    working = asyncio.create_task(company.pushes.deliver("events_api", company.event()))
    await until(lambda: len(company.heard) == 1)
    [push] = company.pushes.pushes
    parting = company.pushes.disconnect("refresh_requested", push.connection, first=asyncio.shield(working))
    leaving = asyncio.create_task(parting)
    await until(lambda: company.pushes.opened == 3)
    company.goes_on.set()
    assert await working == {}
    await leaving
    assert len(company.pushes.pushes) == 1


async def test_lines_that_went_deaf_are_replaced_and_what_they_swallowed_comes_again(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch the bot that is connected, says nothing and hears nothing until somebody starts it again."""
    company.pushes.resend = 0.4
    await company.listens()
    deaf = company.pushes.usable
    for one in deaf:
        one.is_deaf = True
    assert await company.pushes.deliver("events_api", company.event()) == {}
    await until(lambda: not set(deaf) & set(company.pushes.usable) and len(company.pushes.usable) == 2)
    assert {one.event_id for one in company.heard} == {"Ev1"}
    assert "went silent" in caplog.text


async def test_a_quiet_line_is_kept_and_an_old_one_is_renewed_before_it_ends(company: Company) -> None:
    """Would catch a watchdog that takes a quiet night for a deaf line."""
    await company.listens()
    quiet = company.pushes.usable
    await until(lambda: all(one.pings > 8 for one in quiet))
    assert company.pushes.usable == quiet
    await company.socket.stop()

    short = Times(ping=0.05, misses=50, renew=0.5, linger=0.1, steady=0.1)
    company.socket = SlackSocket(company.edge, company.pushes.app_token, short, lines=1)
    before = company.pushes.opened
    await company.socket.start(company.turn)
    await until(lambda: company.pushes.opened == before + 1 and len(company.pushes.usable) == 1)
    company.pushes.watch()
    await until(lambda: company.pushes.opened >= before + 3)
    await company.socket.stop()
    assert company.pushes.most_open == 2


@pytest.mark.parametrize(
    ("wrong", "token", "advice"),
    [
        ("invalid_auth", "xapp-1-A0APP-revoked", "wrong or was revoked"),
        ("not_allowed_token_type", "xoxb-canari", "not an app-level token"),
        ("missing_scope", "", "lacks the scope connections:write"),
        ("socket_mode_not_enabled", "", "check that Socket Mode is on"),
        ("foreign_host", "", "not one of Slack's"),
    ],
)
async def test_what_slack_refuses_is_told_with_what_to_do_and_tried_again_until_it_is_mended(
    company: Company, wrong: str, token: str, advice: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a bot that hears nobody and whose log says "invalid_auth", or gives the token away."""
    right, given = company.pushes.app_token, token or company.pushes.app_token
    company.socket = SlackSocket(company.edge, given, SHORT)
    company.pushes.scopes = frozenset() if wrong == "missing_scope" else company.pushes.scopes
    company.pushes.is_enabled = wrong != "socket_mode_not_enabled"
    company.pushes.host = "slack.com.example.org" if wrong == "foreign_host" else ""
    await company.socket.start(company.turn)
    await until(lambda: sum(advice in one.getMessage() for one in caplog.records) >= 2)
    assert f"({wrong})" in caplog.text
    assert given not in caplog.text
    assert right not in caplog.text
    assert company.pushes.opened == 0
    if token.startswith("xoxb-"):
        await company.socket.stop()
        return
    company.pushes.app_token, company.pushes.host, company.pushes.is_enabled = given, "", True
    company.pushes.scopes = frozenset({"connections:write"})
    await until(lambda: len(company.pushes.usable) == 2)
    await company.socket.stop()


@pytest.mark.parametrize("reason", ["link_disabled", "too_many_websockets"])
async def test_a_line_that_slack_ends_for_good_is_told_and_comes_back_when_it_may(
    company: Company, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a bot that hammers Slack, or that needs a restart after Socket Mode was switched off and on."""
    await company.listens()
    await company.pushes.disconnect(reason)
    wanted = {"link_disabled": "was switched off", "too_many_websockets": "has 10 connections already"}
    await until(lambda: wanted[reason] in caplog.text)
    company.pushes.is_enabled = True
    await until(lambda: len(company.pushes.usable) == 2)
    await company.marie.says("Bonjour")
    assert len(company.heard) == 1


async def test_a_network_that_breaks_is_tried_again_until_it_holds(company: Company) -> None:
    """Would catch a bot that gives up at night, and one that waits for a greeting that never comes."""
    for fault in (
        Fault("status", status=502),
        Fault("html"),
        Fault("not json"),
        Fault("half body"),
        Fault("ratelimited", "1"),
        Fault("error", "internal_error"),
    ):
        company.slack.fail("apps.connections.open", fault)
    company.pushes.greets = False
    company.socket = SlackSocket(company.edge, company.pushes.app_token, Times(connect=0.5, first_pause=0.01))
    await company.socket.start(company.turn)
    await until(lambda: company.pushes.opened >= 1)
    company.pushes.greets = True
    await until(lambda: len(company.pushes.usable) == 2)
    await company.marie.says("Bonjour")
    await company.socket.stop()
    assert len(company.heard) == 1


async def test_where_slack_has_room_for_one_line_only_that_one_works_and_the_other_is_told(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a sixth replica that makes the others deaf, or that says nothing of why it hears nobody."""
    company.pushes.most = 1
    await company.socket.start(company.turn)
    await until(lambda: "(too_many_websockets)" in caplog.text)
    assert len(company.pushes.usable) == 1
    await company.marie.says("Bonjour")
    assert len(company.heard) == 1
    company.pushes.most = MOST
    await until(lambda: len(company.pushes.usable) == 2)


async def test_lines_that_end_as_soon_as_they_are_greeted_are_not_opened_in_a_hurry(company: Company) -> None:
    """Would catch hundreds of calls a second to a Slack that is unwell, for which it shuts the app out."""
    company.pushes.drops = True
    await company.socket.start(company.turn)
    await asyncio.sleep(1.5)
    assert 2 <= company.pushes.opened < 60
    company.pushes.drops = False
    await until(lambda: len(company.pushes.usable) == 2)
    await company.marie.says("Bonjour")
    assert len(company.heard) == 1


@pytest.mark.parametrize(
    "foreign",
    [
        None,
        "",
        "wss://",
        "ws://wss-primary.slack.com/link",
        "https://wss-primary.slack.com/link",
        "wss://slack.com.example.org/link",
        "wss://evilslack.com/link",
        "wss://user@wss-primary.slack.com/link",
        "wss://wss-primary.slack.com:8443/link",
        "wss://[::1/link",
        "ws://127.0.0.1:80/link",
    ],
)
def test_only_slacks_own_hosts_are_connected_to(foreign: object) -> None:
    """Would catch everything that people say being sent to whoever answers for Slack once."""
    with pytest.raises(RefusedForGoodError):
        address(foreign, is_local=False)


def test_slacks_hosts_and_in_tests_this_machine_are_accepted() -> None:
    """Would catch a check that is stricter than Slack."""
    for one in ("wss://wss-primary.slack.com/link/?ticket=1&app_id=2", "wss://slack.com:443/link"):
        assert address(one, is_local=False) == one
    assert address("ws://127.0.0.1:99/link", is_local=True)
    with pytest.raises(RefusedForGoodError):
        address("ws://10.0.0.1:99/link", is_local=True)


async def test_the_double_opens_an_address_once_and_ten_sockets_at_most(company: Company) -> None:
    """Would catch a double that allows what Slack refuses, so that the tests above prove nothing."""
    slack, pushes = company.slack, company.pushes
    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        for n in range(MOST + 1):
            url = pushes.opening(f"Bearer {pushes.app_token}", slack.url)["url"]
            socket = await stack.enter_async_context(http.ws_connect(url))
            hello = await socket.receive_json()
            assert hello["type"] == ("hello" if n < MOST else "disconnect")
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(url)
