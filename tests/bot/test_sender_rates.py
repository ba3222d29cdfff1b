"""Messages to a Slack that refuses what is too fast: all arrive, once, in order, and hardly any is refused."""

import asyncio
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Literal

import pytest

from adapters.base import Destination
from adapters.slack.limits import SlackRates
from adapters.slack.outbound import SlackOutbound
from bot.clock import SystemClock
from bot.deliveries import Deliveries
from bot.store import deliveries as store
from bot.store.database import open_database
from bot.store.deliveries import Delivery
from bot.store.migrate import migrate
from tests.bot.outboxes import card
from tests.doubles.slack import SlackDouble
from tests.doubles.slack_limits import SlackLimits

CHANNELS = [f"C0TEAM{n}" for n in range(20)]
EACH = 3


def posted(slack: SlackDouble) -> list[tuple[str, str]]:
    calls = [call for call in slack.calls("chat.postMessage") if call.answer == "ok"]
    return [(call.arguments["channel"], call.arguments["metadata"]["event_payload"]["key"]) for call in calls]


async def written(url: str, *deliveries: Delivery) -> None:
    database, now = open_database(url), SystemClock().now()
    await migrate(database)
    async with database.transaction() as connection:
        await store.add_many(connection, "main", deliveries, now)
    await database.close()


def messages() -> list[Delivery]:
    now = SystemClock().now()
    return [
        Delivery(
            f"{channel}:{n}",
            "slack",
            Destination("T0TEAM", "", channel),
            card(f"m{n}"),
            now,
            feature="digest",
        )
        for n in range(EACH)
        for channel in CHANNELS
    ]


async def send_all(slack: SlackDouble, url: str, replicas: int, rates: SlackRates, storm: float) -> float:
    """The seconds until every message is there. storm: everything is refused for so long, in the middle."""
    opened = [open_database(url) for _ in range(replicas)]
    outbounds = [SlackOutbound(slack.bot_token, slack.url, rates) for _ in opened]
    senders = [
        Deliveries(database, {"slack": outbound}, SystemClock(), "main")
        for database, outbound in zip(opened, outbounds, strict=True)
    ]
    began = time.monotonic()
    for sender in senders:
        await sender.start()
    stormy = False
    async with asyncio.timeout(60):
        while len(posted(slack)) < len(CHANNELS) * EACH:
            await asyncio.sleep(0.02)
            if storm and not stormy and len(posted(slack)) > len(CHANNELS):
                stormy = True
                assert slack.limits is not None
                slack.limits.storm(storm)
    took = time.monotonic() - began
    for sender, outbound, database in zip(senders, outbounds, opened, strict=True):
        await sender.stop()
        await outbound.close()
        await database.close()
    return took


def in_order_and_once(slack: SlackDouble) -> None:
    there = posted(slack)
    assert set(Counter(there).values()) == {1}
    order = defaultdict(list)
    for channel, key in there:
        order[channel].append(key)
    assert all(keys == sorted(keys) for keys in order.values())
    assert len(order) == len(CHANNELS)


async def test_two_replicas_together_keep_the_limit_of_the_workspace(postgres_url: str) -> None:
    """Would catch each replica sending at the full rate, and Slack refusing every second message."""
    async with SlackDouble(limits=SlackLimits(workspace=40)).running() as slack:
        for channel in CHANNELS:
            slack.open_channel(channel)
        await written(postgres_url, *messages())
        took = await send_all(slack, postgres_url, 2, SlackRates(messages=25), storm=0)
        in_order_and_once(slack)
        assert took >= (len(CHANNELS) * EACH - 8) / 25, "the limit is kept, but for the first few"
        assert slack.limits is not None
        assert slack.limits.refused <= 3


@pytest.mark.parametrize("says", [pytest.param("number", marks=pytest.mark.soak), "date"])
async def test_a_storm_of_refusals_loses_doubles_and_reorders_nothing(
    tmp_path: Path, says: Literal["number", "date"]
) -> None:
    """Would catch every worker knocking at a closed door, or messages given up for being refused."""
    async with SlackDouble(limits=SlackLimits(workspace=50, says=says)).running() as slack:
        for channel in CHANNELS:
            slack.open_channel(channel)
        url = f"sqlite+aiosqlite:///{tmp_path}/embarque.db"
        await written(url, *messages())
        await send_all(slack, url, 1, SlackRates(messages=30), storm=1.5)
        in_order_and_once(slack)
        assert slack.limits is not None
        assert slack.limits.refused <= 30, "those that were on their way, and the few that found out"


async def test_a_channel_gets_its_messages_no_faster_than_slack_takes_them(tmp_path: Path) -> None:
    """Would catch the fourth message of an answer refused, and the person waiting half a minute for it."""
    async with SlackDouble(limits=SlackLimits(workspace=100, burst=3)).running() as slack:
        slack.open_channel("C0ONE")
        url, now = f"sqlite+aiosqlite:///{tmp_path}/embarque.db", SystemClock().now()
        to = Destination("T0TEAM", "", "C0ONE")
        await written(url, *(Delivery(f"C0ONE:{n}", "slack", to, card("x"), now) for n in range(5)))
        database, outbound = open_database(url), SlackOutbound(slack.bot_token, slack.url)
        sender = Deliveries(database, {"slack": outbound}, SystemClock(), "main")
        began = time.monotonic()
        assert await sender.drain() == 5
        assert time.monotonic() - began >= 1.8, "three at once, then one a second"
        assert [call.answer for call in slack.calls("chat.postMessage")] == ["ok"] * 5
        await outbound.close()
        await database.close()
