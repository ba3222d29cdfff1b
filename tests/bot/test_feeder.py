"""Giving due rows to the engine: in bounded numbers, in order, and again when a job was lost."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.base import Destination
from bot.clock import FixedClock
from bot.feeder import JOB_LASTS, WINDOW, Feeder
from bot.store import deliveries as store
from bot.store import due
from bot.store.deliveries import Delivery
from bot.store.due import PAGE, Wanted
from tests.bot.outboxes import NOW, Office, Postbox, card, office
from tests.doubles.engine import EngineDouble


@dataclass
class Table:
    room: Office
    engine: EngineDouble
    feeder: Feeder
    real: FixedClock

    async def writes(self, count: int, lanes: int, prefix: str = "m") -> None:
        now = self.room.clock.now()
        made = [
            Delivery(f"U{n % lanes}:{prefix}{n}", "slack", Destination("T1", f"U{n % lanes}"), card("x"), now)
            for n in range(count)
        ]
        async with self.room.database.transaction() as connection:
            assert len(await store.add_many(connection, "main", made, now)) == count
            assert not await store.add_many(connection, "main", made[:10], now)
        self.room.clock.moment += timedelta(seconds=5)


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    room, engine, real = await office(tmp_path, Postbox()), EngineDouble(), FixedClock(NOW)
    feeder = Feeder(room.database, room.sender.sender, room.clock, real, "main")
    await engine.launch(room.sender.sender.work)
    feeder.engine = engine
    yield Table(room, engine, feeder, real)
    await room.close()


async def test_however_many_are_due_only_a_window_of_them_are_jobs(table: Table) -> None:
    """Would catch a hundred thousand nudges of one morning turned into a hundred thousand workflows."""
    await table.writes(3000, 3000)
    for _ in range(20):
        await table.feeder.feed()
        assert len(table.engine.waiting) <= WINDOW
        await table.engine.does(50)
    assert len(table.engine.made) == WINDOW + 19 * 50
    assert len(table.room.postbox.taken) == 20 * 50


async def test_only_the_first_of_each_conversation_is_given_until_it_is_sent(table: Table) -> None:
    """Would catch jobs of one conversation that overtake each other on two replicas."""
    await table.writes(30, 10)
    await table.feeder.feed()
    assert len(table.engine.made) == 10
    for _ in range(4):
        await table.engine.does(WINDOW)
        await table.feeder.feed()
    sent = [title for _, title in table.room.postbox.taken]
    assert len(sent) == 30
    assert len({job.id for job in table.engine.made}) == len(table.engine.made) == 30


async def test_a_lost_job_is_made_again_and_the_old_one_does_nothing_when_it_turns_up(table: Table) -> None:
    """Would catch a message that waits for ever because its job was lost with a database of the engine's own."""
    await table.writes(3, 3)
    await table.feeder.feed()
    old = list(table.engine.waiting)
    table.engine.loses_everything()
    assert not await table.feeder.feed()
    table.real.moment += JOB_LASTS + timedelta(seconds=1)
    await table.feeder.feed()
    assert [job.hop for job in table.engine.waiting] == [2, 2, 2]
    await table.engine.does(3)
    table.engine.waiting.extend(old)
    await table.engine.does(3)
    assert len(table.room.postbox.taken) == 3


async def test_what_was_just_written_is_left_to_the_process_that_wrote_it(table: Table) -> None:
    """Would catch each answer of a turn turned into a job although it goes out directly a moment later."""
    await table.room.writes("reply")
    await table.feeder.feed()
    assert not table.engine.made
    table.room.clock.moment += timedelta(seconds=3)
    await table.feeder.feed()
    assert len(table.engine.made) == 1


async def test_a_conversation_with_a_long_queue_hides_nobody_behind_it(table: Table) -> None:
    """Would catch five thousand rows behind one message that waits, and everybody else never looked at."""
    await table.writes(PAGE + 500, 1)
    await table.writes(20, 20, "later")
    for _ in range(3):
        await table.feeder.feed()
    lanes = {job.lane for job in table.engine.made}
    assert len(lanes) == 20, "the first of the long queue shares its lane with one of the twenty"


async def test_pages_find_every_first_message_once(table: Table) -> None:
    """Would catch rows lost between two pages because many are due at the very same moment."""
    await table.writes(PAGE * 2 + 7, PAGE * 2 + 7)
    wanted, after, numbers = Wanted("main", ("slack",), table.room.clock.now()), None, []
    while True:
        async with table.room.database.reading() as connection:
            page = await due.heads(connection, wanted, 10_000, after)
        numbers += [one.number for one in page.heads]
        after = page.after
        if after is None:
            break
    assert len(numbers) == len(set(numbers)) == PAGE * 2 + 7


async def test_without_an_engine_the_feeder_does_the_work_itself(table: Table) -> None:
    """Would catch messages that wait for an engine which never comes up."""
    table.feeder.engine = None
    await table.writes(30, 10)
    while await table.feeder.feed():
        pass
    assert len(table.room.postbox.taken) == 30


async def test_what_a_version_without_lanes_has_written_gets_one(table: Table) -> None:
    """Would catch everything that waited during an upgrade sent one after the other, as if it were for one person."""
    await table.writes(4, 2)
    async with table.room.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE delivery SET lane = ''")
    async with table.room.database.transaction() as connection:
        assert await due.fill_lanes(connection, "main") == 4
    assert len({row["lane"] for row in (await table.room.rows()).values()}) == 2
