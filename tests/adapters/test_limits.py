"""How fast the platforms take what, and which gate a refusal closes."""

from collections.abc import AsyncIterator

import pytest

from adapters.base import Destination, TryLaterError
from adapters.slack.limits import SlackRates
from adapters.slack.outbound import SlackOutbound
from adapters.teams.credentials import Credentials
from adapters.teams.limits import TeamsRates
from adapters.teams.outbound import TeamsOutbound
from dialogs.card import Card, Span, Text
from tests.doubles.slack import Fault, SlackDouble
from tests.doubles.teams import Fault as TeamsFault
from tests.doubles.teams import Teams

CARD = Card("Bonjour", (Text((Span("Bonjour"),)),), "fr-CA")
HERE, THERE = Destination("T0TEAM", "", "C0ONE"), Destination("T0TEAM", "", "C0TWO")


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with SlackDouble().running() as double:
        for one in (HERE, THERE):
            double.open_channel(one.conversation)
        yield double


@pytest.fixture
async def outbound(slack: SlackDouble) -> AsyncIterator[SlackOutbound]:
    made = SlackOutbound(slack.bot_token, slack.url, SlackRates(messages=20))
    yield made
    await made.close()


def test_a_message_counts_for_its_channel_and_for_the_workspace() -> None:
    """Would catch a limit of the workspace that is kept for each channel alone."""
    made = SlackOutbound("xoxb-1", rates=SlackRates(messages=20))
    keys = {one.key: one.per_second for one in made.budgets(HERE, "post")}
    assert keys == {"slack:T0TEAM:chat.postMessage": 20, "slack:T0TEAM:ch:C0ONE": 1}
    [update] = made.budgets(HERE, "update")
    assert (update.key, round(update.per_second * 60)) == ("slack:T0TEAM:chat.update", 50)
    person = {one.key for one in made.budgets(Destination("T0TEAM", "U1"), "find")}
    assert person == {"slack:T0TEAM:conversations.open", "slack:T0TEAM:conversations.history"}


async def refused(outbound: SlackOutbound, to: Destination) -> str:
    with pytest.raises(TryLaterError) as told:
        await outbound.send(to, CARD, "key")
    return told.value.gate


async def test_one_refused_channel_is_closed_alone_and_a_second_one_closes_the_workspace(
    slack: SlackDouble, outbound: SlackOutbound
) -> None:
    """Would catch one busy channel that silences everybody, or a full workspace that is knocked at by each."""
    slack.fail("chat.postMessage", Fault("ratelimited", "5"), times=3)
    assert await refused(outbound, HERE) == "slack:T0TEAM:ch:C0ONE"
    assert await refused(outbound, HERE) == "slack:T0TEAM:ch:C0ONE"
    assert await refused(outbound, THERE) == "slack:T0TEAM:chat.postMessage"


async def test_a_refused_look_up_closes_the_gate_of_look_ups(
    slack: SlackDouble, outbound: SlackOutbound
) -> None:
    """Would catch messages that stop because history may be read only fifty times a minute."""
    slack.fail("conversations.history", Fault("ratelimited", "5"))
    with pytest.raises(TryLaterError) as told:
        await outbound.find(HERE, "key")
    assert told.value.gate == "slack:T0TEAM:conversations.history"


def test_teams_never_takes_more_from_us_than_microsoft_allows_in_any_window() -> None:
    """Would catch a burst on top of a rate, which together are more than the limit."""
    to = Destination("tenant", "", "19:x@thread.tacv2")
    made = {one.key.rpartition(":")[2]: one for one in TeamsRates().budgets(to)}
    for name, seconds, most in (("second", 1, 7), ("half minute", 30, 60), ("hour", 3600, 1800)):
        assert made[name].burst + made[name].per_second * seconds <= most
    assert {one.key for one in TeamsRates(5).budgets(to) if one.per_second == 5} == {"teams:tenant"}


async def test_a_refusal_of_teams_closes_the_conversation() -> None:
    """Would catch one busy conversation that silences a whole company."""
    async with Teams() as teams:
        outbound = TeamsOutbound(Credentials("", "", ""), service_url=teams.service_url, dev=True)
        to = Destination("tenant", "", "a:1")
        teams.app_id = ""
        teams.faults.append(TeamsFault(429, headers={"Retry-After": "3"}))
        with pytest.raises(TryLaterError) as told:
            await outbound.send(to, CARD, "key")
        assert (told.value.gate, told.value.seconds) == ("teams:conv:a:1:second", 3)
        await outbound.close()
