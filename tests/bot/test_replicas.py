"""Replicas: who lives, who is taken over, and who must not be."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import FixedClock, SystemClock
from bot.replicas import Replicas
from bot.store import replicas as store
from bot.store import tables as t
from tests.bot.outboxes import Office, Postbox, office
from tests.doubles.engine import EngineDouble


@pytest.fixture
async def room(tmp_path: Path, postgres_url: str) -> AsyncIterator[Office]:
    made = await office(tmp_path, Postbox(), postgres_url)
    yield made
    await made.close()


def heart(room: Office) -> Replicas:
    """A heartbeat that has been steady for a while."""
    made = Replicas(room.database, room.sender.sender, room.clock, SystemClock(), "main")
    made._steady_since = time.monotonic() - 60
    return made


async def old(room: Office, replica: str, seconds: float) -> None:
    """Let a replica's last heartbeat, and its claims, lie so far back."""
    then = SystemClock().now() - timedelta(seconds=seconds)
    async with room.database.transaction() as connection:
        await store.beat(connection, replica, then)
        await connection.execute(t.replica.update().where(t.replica.c.id == replica).values(beat_at=then))
        mine = t.delivery.c.claimed_by == replica
        await connection.execute(t.delivery.update().where(mine).values(claimed_at=then))


async def claimed_by_another(room: Office, url: str) -> Office:
    await room.writes("first", "second")
    other = room.colleague(url)
    number = (await room.rows())["first"]["number"]
    assert await other.sender.sender.claims.take(number) is not None
    return other


async def test_what_a_dead_replica_had_in_hand_goes_out_from_another(room: Office, postgres_url: str) -> None:
    """Would catch a conversation that is silent for ever because its sender died in the middle of a message."""
    other = await claimed_by_another(room, postgres_url)
    await old(room, other.sender.replica, 40)
    assert await heart(room).beat() == 1
    await room.sender.drain()
    assert room.order() == ["first", "second"]
    await other.close()


async def test_what_a_living_replica_has_in_hand_is_left_to_it(room: Office, postgres_url: str) -> None:
    """Would catch a message sent twice because a post took a few seconds."""
    other = await claimed_by_another(room, postgres_url)
    await old(room, other.sender.replica, 20)
    assert await heart(room).beat() == 0
    await room.sender.drain()
    assert room.order() == []
    await other.close()


async def test_after_an_absence_of_its_own_a_replica_judges_nobody_at_once(
    room: Office, postgres_url: str
) -> None:
    """Would catch the first replica that finds the database back taking everybody else for dead."""
    other = await claimed_by_another(room, postgres_url)
    await old(room, other.sender.replica, 100)
    fresh = Replicas(room.database, room.sender.sender, room.clock, SystemClock(), "main")
    assert await fresh.beat() == 0
    fresh._steady_since -= 60
    assert await fresh.beat() == 1
    fresh._last -= 60
    await old(room, other.sender.replica, 100)
    assert await fresh.beat() == 0
    await other.close()


async def test_the_engine_hears_who_lives_at_every_beat(room: Office) -> None:
    """Would catch jobs of the dead taken over once, after a start, and never again."""
    mine, engine = heart(room), EngineDouble()
    mine.engine = engine
    await old(room, "living", 5)
    await old(room, "dead", 31)
    await mine.beat()
    await mine.beat()
    assert engine.taken_over == [frozenset({room.sender.replica, "living"})] * 2


async def test_a_claim_whose_answer_was_lost_is_given_back_by_the_replica_itself(room: Office) -> None:
    """Would catch a message stuck for minutes because the connection broke at the commit of its claim."""
    await room.writes("first")
    assert await room.sender.sender.claims.take((await room.rows())["first"]["number"]) is not None
    assert await heart(room).beat() == 0, "it may be at it this very moment"
    await old(room, room.sender.replica, 11)
    assert await heart(room).beat() == 1
    await room.sender.drain()
    assert room.order() == ["first"]


async def test_a_polite_stop_leaves_no_heartbeat_behind(room: Office) -> None:
    """Would catch a stopped replica that the others wait half a minute for."""
    mine = Replicas(room.database, room.sender.sender, room.clock, FixedClock(room.clock.now()), "main")
    await mine.start()
    async with room.database.transaction() as connection:
        assert await store.living(connection, SystemClock().now()) == {room.sender.replica}
    await mine.stop()
    await asyncio.sleep(0)
    async with room.database.transaction() as connection:
        assert await store.living(connection, SystemClock().now()) == frozenset()
