"""Rates that every replica keeps, whatever its own clock says."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.base import Budget
from bot.store import gates
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.postgres import store_url

CHANNEL = Budget("channel", 1.0, burst=3)
WORKSPACE = Budget("workspace", 5.0, burst=1)


@pytest.fixture(params=["sqlite", "postgresql"])
async def databases(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Database]]:
    """The same database as two replicas hold it; SQLite has one."""
    with store_url(request.param, tmp_path) as url:
        opened = [open_database(url) for _ in range(1 if request.param == "sqlite" else 2)]
        await migrate(opened[0])
        yield opened
        for one in opened:
            await one.close()


async def ask(database: Database, *budgets: Budget, most: float = 60) -> float:
    async with database.transaction() as connection:
        return await gates.reserve(connection, budgets, most)


@dataclass(frozen=True, slots=True)
class Slot:
    """When one may go, in real time, as near as can be seen from here: a busy machine takes its time to answer."""

    wait: float
    asked: float
    answered: float

    @property
    def earliest(self) -> float:
        return self.asked + self.wait

    @property
    def latest(self) -> float:
        return self.answered + self.wait


async def slot(database: Database, *budgets: Budget, most: float = 60) -> Slot:
    asked = time.time()
    wait = await ask(database, *budgets, most=most)
    return Slot(wait, asked, time.time())


async def test_a_few_go_at_once_and_the_rest_one_a_second(databases: list[Database]) -> None:
    """Would catch a limit that is kept on average and broken every minute, or a burst that is never given."""
    given = [await slot(databases[0], CHANNEL) for _ in range(6)]
    assert [one.wait for one in given[:3]] == [0, 0, 0]
    for number, one in enumerate(given[3:], 1):
        assert one.latest > given[0].earliest + number - 0.01
        assert one.earliest < max(given[0].latest + number, one.answered) + 0.01


async def test_the_slowest_of_several_gates_decides_and_all_of_them_count_it(
    databases: list[Database],
) -> None:
    """Would catch a workspace whose limit forgets the messages that had to wait for their channel."""
    first, *_ = [await slot(databases[0], CHANNEL, WORKSPACE) for _ in range(4)]
    other = await slot(databases[0], Budget("channel 2", 1.0, burst=3), WORKSPACE)
    assert other.latest > first.earliest + 0.8, "after the one that waits about a second for its channel"


async def test_a_slot_that_is_too_far_away_is_not_taken(databases: list[Database]) -> None:
    """Would catch a thousand messages that reserve the next quarter of an hour and then go back to the queue."""
    first, *_ = [await slot(databases[0], CHANNEL) for _ in range(5)]
    far = [await slot(databases[0], CHANNEL, most=0) for _ in range(20)]
    assert all(first.earliest + 2.99 < one.latest for one in far)
    assert all(one.earliest < first.latest + 3.01 for one in far), (
        "all are told of one slot, which nobody took"
    )


async def test_two_replicas_that_ask_at_once_share_one_rate(databases: list[Database]) -> None:
    """Would catch each replica keeping the limit by itself, so that two together break it."""

    async def slot(database: Database) -> float:
        # The moment of asking is before the answer, so that what lies between two slots is at least what we see.
        return await ask(database, Budget("tenant", 10.0)) + time.time()

    slots = sorted(await asyncio.gather(*(slot(databases[n % len(databases)]) for n in range(40))))
    assert slots[-1] - slots[0] >= 3.5, "forty at ten a second"


async def test_a_closed_gate_lets_nobody_through_and_a_shorter_closing_opens_nothing(
    databases: list[Database],
) -> None:
    """Would catch a Retry-After that only the message obeys which was refused."""
    async with databases[-1].transaction() as connection:
        await gates.close(connection, "workspace", 30)
        await gates.close(connection, "workspace", 1)
    assert 29 < await ask(databases[0], CHANNEL, WORKSPACE) <= 30
    async with databases[0].transaction() as connection:
        assert await gates.closed(connection, [CHANNEL, WORKSPACE])
        assert not await gates.closed(connection, [CHANNEL])


async def test_gates_that_nobody_asks_any_more_are_forgotten(databases: list[Database]) -> None:
    """Would catch a table that grows by a row for everybody who ever wrote."""
    await ask(databases[0], CHANNEL)
    async with databases[0].transaction() as connection:
        await gates.close(connection, "workspace", 60)
        assert await gates.forget(connection, -30) == 1
    assert await ask(databases[0], WORKSPACE) > 50
