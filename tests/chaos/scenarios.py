"""Bad days without kills, short or long: a database that is away, a frozen replica, a storm of refusals."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.base import Destination
from bot.store import deliveries
from bot.store.database import open_database
from bot.store.deliveries import Delivery
from dialogs.card import Card, Span, Text
from tests.chaos.measures import Summary, summary
from tests.chaos.stage import Stage, chaos
from tests.company import slack_id
from tests.doubles.proxy import Mode, Proxy

HASTY: dict[str, Any] = {
    "bot.replicas.BEAT_SECONDS": 0.3,
    "bot.replicas.STEADY_SECONDS": 0.6,
    "bot.replicas.GAP_SECONDS": 1,
    "bot.replicas.DEAD_AFTER": 1.5,
    "bot.store.replicas.DEAD_AFTER": 1.5,
    "bot.replicas.STRAY_AFTER": 3,
}
"""Settings with which replicas beat and give each other up within a second or two, not half a minute."""


async def frozen(
    url: str, folder: Path, seconds: float, seed: int = 1, *, settings: dict[str, Any] | None = None
) -> Summary:
    """Two replicas; one is stopped in the middle of its work for longer than the other waits, then goes on."""
    async with chaos(
        url, folder, replicas=2, seed=seed, settings=HASTY if settings is None else settings
    ) as stage:
        await stage.opens()
        await asyncio.sleep(1)
        stage.replicas[0].signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        stage.replicas[0].signal(signal.SIGCONT)
        await asyncio.sleep(1)
        await stage.rests(300)
        return summary(stage.history, stage.faults())


async def outage(
    url: str, folder: Path, script: Sequence[tuple[Mode, float]], seed: int = 1,
    *, settings: dict[str, Any] | None = None,
) -> Summary:  # fmt: skip
    """Two replicas whose way to PostgreSQL is cut as the script says, with traffic all the time."""
    async with _through_proxy(url, folder, seed, settings) as (stage, proxy):
        await asyncio.sleep(1)
        await proxy.play(script)
        await asyncio.sleep(1)
        await stage.rests(300)
        return summary(stage.history, stage.faults())


async def lost_commits(
    url: str, folder: Path, times: int, seed: int = 1, *, settings: dict[str, Any] | None = None
) -> tuple[Summary, int]:
    """Two replicas to which the answers to so many COMMITs never come; also how many were really lost."""
    async with _through_proxy(url, folder, seed, settings) as (stage, proxy):
        for _ in range(times):
            await asyncio.sleep(stage.random.uniform(0.02, 0.2))
            proxy.swallow_commits()
        await stage.rests(300)
        return summary(stage.history, stage.faults()), proxy.lost


@asynccontextmanager
async def _through_proxy(
    url: str, folder: Path, seed: int, settings: dict[str, Any] | None
) -> AsyncIterator[tuple[Stage, Proxy]]:
    """Two replicas that reach PostgreSQL through a proxy, with people talking to them."""
    place = sa.make_url(url)
    async with Proxy((place.host or "127.0.0.1", place.port or 5432)).running() as proxy:
        through = place.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with chaos(
            url,
            folder,
            replicas=2,
            through=through,
            seed=seed,
            settings=HASTY if settings is None else settings,
        ) as stage:
            await stage.opens()
            yield stage, proxy


async def storm(
    url: str, folder: Path, channels: int, each: int, *, rate: float, storms: Sequence[tuple[float, float]],
    lost: float, kill_after: float, seed: int = 1, settings: dict[str, Any] | None = None,
) -> tuple[Summary, float]:  # fmt: skip
    """Two replicas send `each` messages to so many people at the workspace's rate, through storms, with losses.

    storms: (seconds after the start, seconds long). kill_after: when one of the replicas dies for good. The second
    result is the share of the allowed time that it took: 1 is the fastest that the rate lets anybody be.
    """
    async with chaos(
        url, folder, replicas=2, people=channels, seed=seed,
        rates={"messages": rate, "tier_3": rate, "tier_3_burst": 20}, settings=HASTY if settings is None else settings,
        workspace=rate, channel=1, lost=lost,
    ) as stage:  # fmt: skip
        await asyncio.gather(*(one.start() for one in stage.replicas))
        begun = time.time()
        await write(url, [f"p{number:04d}" for number in range(channels)], each)

        async def blow() -> None:
            for after, seconds in storms:
                await asyncio.sleep(max(begun + after - time.time(), 0))
                await stage.slack.weather(storm=seconds)

        async def die() -> None:
            await asyncio.sleep(kill_after)
            stage.replicas[0].kill()

        allowed = channels * each / rate + sum(seconds for _, seconds in storms)
        await asyncio.gather(blow(), die(), stage.settled(allowed * 3 + 60))
        last = max(line["at"] for line in stage.history.lines() if line["by"] == "slack")
        return summary(stage.history, stage.faults()), (last - begun) / allowed


async def write(url: str, people: Sequence[str], each: int, first: int = 0) -> None:
    """Write messages for these people, all due now, as the clockwork would. first: the number of the first."""
    database = open_database(url)
    now = datetime.now(UTC)
    try:
        for number in range(first, first + each):
            async with database.transaction() as connection:
                for who in people:
                    to = Destination("T0TEAM", slack_id(who), f"D{slack_id(who)[1:]}")
                    card = Card(f"Message {number}", (Text((Span(f"Pour {who}"),)),), "fr-CA")
                    made = Delivery(f"chaos.{number}:{who}", "slack", to, card, now, person=who)
                    await deliveries.add(connection, "main", made, now)
    finally:
        await database.close()
