"""Clocks that are wrong: machines minutes apart, and a machine whose clock is put back or forward."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from adapters.base import Budget, Destination, Sent
from bot.clock import Clock, FixedClock, SystemClock
from bot.deliveries import Deliveries
from bot.feeder import Feeder
from bot.replicas import Replicas
from bot.store import gates
from bot.store import tables as t
from dialogs.card import Card
from tests.bot.outboxes import NOW, Office, Postbox, office
from tests.doubles.engine import EngineDouble

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Wrong:
    """A machine's clock that is wrong by so many seconds."""

    seconds: float

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.seconds)


@dataclass
class SlowBox(Postbox):
    """A platform that answers when the test lets it."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        self.asked.set()
        await self.answers.wait()
        return await super().send(to, card, key)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Office]:
    """The bot on SQLite."""
    made = await office(tmp_path, SlowBox())
    yield made
    await made.close()


@pytest.fixture
async def shared(tmp_path: Path, postgres_url: str) -> AsyncIterator[Office]:
    """One database for several replicas."""
    made = await office(tmp_path, Postbox(), postgres_url)
    yield made
    await made.close()


def replica(room: Office, real: Clock) -> Deliveries:
    """A process with a clock of its own."""
    return Deliveries(room.database, {"slack": room.postbox}, room.clock, "main", real=real)


def heart(room: Office, mine: Deliveries, real: Clock) -> Replicas:
    """Its heartbeat, which has been steady for a while."""
    made = Replicas(room.database, mine.sender, room.clock, real, "main")
    made._steady_since = time.monotonic() - 60
    return made


async def claimed(room: Office, by: Deliveries) -> int:
    """The number of a message that this replica has in hand."""
    await room.writes("first")
    number = int((await room.rows())["first"]["number"])
    assert await by.sender.claims.take(number) is not None
    return number


async def ages(room: Office, seconds: float) -> None:
    """Let all claims be so much older."""
    older = t.delivery.c.claimed_at - sa.literal(timedelta(seconds=seconds), sa.Interval)
    async with room.database.transaction() as connection:
        await connection.execute(t.delivery.update().values(claimed_at=older))


async def test_a_living_replica_keeps_its_claim_however_old_a_clock_makes_it(shared: Office) -> None:
    """Would catch a message posted twice because one machine's clock is hours ahead of the other's."""
    holder, judge = replica(shared, SystemClock()), replica(shared, Wrong(7200))
    await claimed(shared, holder)
    await ages(shared, 3 * 86_400)
    await heart(shared, holder, SystemClock()).mark()
    assert await heart(shared, judge, Wrong(7200)).beat() == 0
    await judge.drain()
    assert shared.order() == []


@pytest.mark.parametrize(("theirs", "mine"), [(0, 0), (-3600, 0), (3600, 0), (0, 3600), (0, -3600)])
async def test_on_one_database_claims_age_by_its_clock_alone(
    shared: Office, theirs: float, mine: float
) -> None:
    """Would catch a fresh claim that is taken for old, or a dead one's that is never old, between two clocks."""
    judge = replica(shared, Wrong(mine))
    await claimed(shared, replica(shared, Wrong(theirs)))
    beats = heart(shared, judge, Wrong(mine))
    assert await beats.beat() == 0, "it may have begun to live this very second"
    await ages(shared, 40)
    assert await beats.beat() == 1
    await judge.drain()
    assert shared.order() == ["first"]


async def test_a_feeder_whose_clock_is_ahead_makes_no_second_job(shared: Office) -> None:
    """Would catch two replicas that make jobs for the same rows again and again, each by its own clock."""
    engine = EngineDouble()
    await shared.writes("first")
    shared.clock.moment += timedelta(seconds=5)
    for real in (SystemClock(), Wrong(3600), Wrong(-3600), SystemClock()):
        feeder = Feeder(shared.database, shared.sender.sender, shared.clock, real, "main")
        feeder.engine = engine
        await feeder.feed()
    assert [job.hop for job in engine.made] == [1]


async def test_what_a_replica_has_in_hand_is_not_put_back_when_its_clock_jumps_forward(room: Office) -> None:
    """Would catch a message sent twice by one process because a laptop slept, or the time was set by hand."""
    assert isinstance(room.postbox, SlowBox)
    real = FixedClock(NOW)
    mine = replica(room, real)
    await room.writes("first")
    sending = asyncio.create_task(mine.sender.work((await room.rows())["first"]["number"]))
    await room.postbox.asked.wait()
    real.moment += HOUR
    assert await heart(room, mine, real).beat() == 0
    room.postbox.answers.set()
    await sending
    row = (await room.rows())["first"]
    assert (row["status"], row["attempts"], room.order()) == ("sent", 1, ["first"])


async def test_a_claim_of_before_a_crash_is_free_at_once_though_the_clock_was_put_back(room: Office) -> None:
    """Would catch a conversation that is silent for as long as the clock of the machine jumped."""
    assert isinstance(room.postbox, SlowBox)
    room.postbox.answers.set()
    await claimed(room, replica(room, FixedClock(NOW)))
    await room.writes("second")
    after = replica(room, FixedClock(NOW - HOUR))
    await after.start()
    await after.drain()
    await after.stop()
    assert room.order() == ["first", "second"]


async def test_a_claim_nobody_knows_of_is_found_though_the_clock_was_put_back(room: Office) -> None:
    """Would catch a claim whose answer was lost, and which then seems to lie an hour ahead."""
    real = FixedClock(NOW)
    mine = replica(room, real)
    await claimed(room, mine)
    real.moment -= HOUR
    assert await heart(room, mine, real).beat() == 1


async def test_a_claim_without_a_moment_counts_from_when_it_is_first_seen(room: Office) -> None:
    """Would catch what the previous release has in hand during an update, taken from it at once, or never."""
    real = FixedClock(NOW)
    mine = replica(room, real)
    await room.writes("first")
    async with room.database.transaction() as connection:
        await connection.execute(t.delivery.update().values(status="sending", attempts=1))
    beats = heart(room, mine, real)
    assert await beats.beat() == 0
    real.moment += timedelta(seconds=31)
    assert await beats.beat() == 1


async def test_gates_let_through_what_comes_after_the_clock_was_put_back(
    room: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a bot that says nothing for two hours because the clock of its machine was two hours ahead."""
    budget = Budget("workspace", 5.0, 2)
    seconds = [1_800_000_000.0]
    monkeypatch.setattr(gates, "time", SimpleNamespace(time=lambda: seconds[0]))
    async with room.database.transaction() as connection:
        assert await gates.reserve(connection, [budget], 10) == 0
        await gates.close(connection, "workspace", 30)
        assert await gates.reserve(connection, [budget], 10) == 30
        seconds[0] -= 7200
        assert not await gates.closed(connection, [budget])
        assert await gates.reserve(connection, [budget], 10) == 0
        assert round(await gates.reserve(connection, [budget], 10), 3) == 0.2, "the rate is kept all the same"
        await gates.close(connection, "workspace", 30)
        assert await gates.closed(connection, [budget])
        assert await gates.reserve(connection, [budget], 10) == 30
