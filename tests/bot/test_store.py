"""The store: moments have a zone, keys hold, writers wait for each other, and the schema is what the code says."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from adapters.base import Destination
from bot.store import deliveries, events, locks, rows, runs, sending
from bot.store import tables as t
from bot.store.database import Database
from bot.store.deliveries import Delivery
from bot.store.migrate import migrate
from dialogs.activity import Activity, Kind, Place, Platform
from dialogs.outcome import Given
from tests.bot.outboxes import NOW, card


async def pragma(database: Database, name: str) -> object:
    async with database.transaction() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_every_connection_is_set_up_to_survive_a_power_cut(database: Database) -> None:
    """Would have caught: answers that an acknowledged commit left in the page cache only."""
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    assert {name: await pragma(database, name) for name in wanted} == wanted
    timeout = await pragma(database, "busy_timeout")
    assert isinstance(timeout, int)
    assert 1000 <= timeout < 3000, "less than the three seconds that Slack waits"


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    """Would have caught: a local time stored as if it were UTC."""
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        async with database.transaction() as connection:
            await events.audit(connection, "main", None, "x", "y", naive)


async def test_a_moment_comes_back_as_the_same_instant_in_utc(database: Database) -> None:
    """Would have caught: an hour lost between Paris and the database."""
    paris = datetime(2027, 3, 28, 3, 30, tzinfo=timezone(timedelta(hours=2)))
    async with database.transaction() as connection:
        await events.audit(connection, "main", None, "x", "y", paris)
        (row,) = await rows.rows(connection, t.audit_event.select())
    assert row["at"] == paris
    assert row["at"].tzinfo is UTC


async def test_an_event_counts_once(database: Database) -> None:
    """Would have caught: Slack's second delivery of a click."""
    event = Activity(Platform.SLACK, "T1", "U1", Kind.MESSAGE, "Ev1", Place("D1"), NOW)
    async with database.transaction() as connection:
        assert await events.record(connection, event, NOW)
        assert not await events.record(connection, event, NOW)


async def test_a_delivery_key_counts_once_and_is_claimed_once(database: Database) -> None:
    """Would have caught: a nudge written by two ticks or sent by two senders."""
    one = Delivery("k1", "slack", Destination("T1", "U1"), card("x"), NOW)
    async with database.transaction() as connection:
        assert await deliveries.add(connection, "main", one, NOW)
        assert not await deliveries.add(connection, "main", one, NOW)
        mine = (await sending.claim(connection, "main", [1], ["slack"], "one", NOW, NOW))[1]
        assert mine is not None
        assert not await sending.claim(connection, "main", [mine["number"]], ["slack"], "two", NOW, NOW)


async def test_two_turns_cannot_write_the_same_answer_row(database: Database) -> None:
    """Would have caught: two clicks at once that both believe to be the third answer."""
    async with database.transaction() as connection:
        run = await runs.start(connection, "main", "dialog", "impact", "ana", NOW, {})
        await runs.append(connection, "main", run, [Given("I0", 0, "start")], NOW)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.transaction() as connection:
            await runs.append(connection, "main", run, [Given("I0", 0, "later")], NOW)


async def test_answers_come_back_as_they_were_given(database: Database) -> None:
    """Would have caught: picks that come back as a list, 3 as "3", and a withdrawal as an answer."""
    given = tuple(
        Given("S", n, value) for n, value in enumerate(("a", 3, 2.5, ("x", "y"), None, "🙂 {x} **y**"))
    )
    async with database.transaction() as connection:
        run = await runs.start(connection, "main", "dialog", "impact", "ana", NOW, {})
        await runs.append(connection, "main", run, given, NOW)
        found = await runs.run(connection, "main", run.id)
        other = await runs.run(connection, "elsewhere", run.id)
    assert found is not None
    assert found.given == given
    assert other is None, "another tenant sees nothing"


async def test_a_block_that_fails_leaves_nothing_behind(database: Database) -> None:
    """Would have caught: half a turn."""
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what is tried
        async with database.transaction() as connection:
            await events.audit(connection, "main", None, "x", "y", NOW)
            raise RuntimeError
    async with database.transaction() as connection:
        assert await rows.rows(connection, t.audit_event.select()) == []


async def test_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    """Would have caught: "database is locked" at once, because a transaction that has read cannot turn writer."""

    async def counts_up() -> None:
        async with database.transaction() as connection:
            await locks.hold(connection, "the counter")
            found = await rows.row(connection, t.setting.select())
            await asyncio.sleep(0.005)
            value = {"is": found["value"]["is"] + 1 if found else 1}
            await rows.put(connection, t.setting, tenant="main", name="n", value=value)

    await asyncio.gather(*(counts_up() for _ in range(12)))
    async with database.transaction() as connection:
        (row,) = await rows.rows(connection, t.setting.select())
    assert row["value"] == {"is": 12}


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    """Would have caught: a restart that runs a migration again."""
    async with database.transaction() as connection:
        await events.audit(connection, "main", None, "x", "y", NOW)
    await migrate(database)
    async with database.transaction() as connection:
        assert len(await rows.rows(connection, t.audit_event.select())) == 1
