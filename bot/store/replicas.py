"""Heartbeats of the processes that serve one database; their moments are the database's where it has a clock."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.standing import DEAD_AFTER


async def beat(connection: AsyncConnection, replica: str, real: datetime) -> None:
    """Say that this replica lives. real: the machine's moment, where the database has no clock of its own."""
    now = await moment(connection, real)
    mine = t.replica.c.id == replica
    if (await connection.execute(t.replica.update().where(mine).values(beat_at=now))).rowcount == 0:
        await r.put(connection, t.replica, id=replica, started_at=now, beat_at=now)


async def living(connection: AsyncConnection, real: datetime) -> frozenset[str]:
    """Every replica whose heartbeat is fresh."""
    fresh = t.replica.c.beat_at >= await moment(connection, real) - DEAD_AFTER
    return frozenset((await connection.scalars(sa.select(t.replica.c.id).where(fresh))).all())


async def gone(connection: AsyncConnection, replica: str) -> None:
    """Say that this replica has ended: others need not wait for its heartbeat to grow old."""
    await connection.execute(t.replica.delete().where(t.replica.c.id == replica))


async def forget(connection: AsyncConnection, real: datetime, age: timedelta) -> int:
    """Drop the heartbeats of replicas that have been dead for so long; how many."""
    old = t.replica.c.beat_at < await moment(connection, real) - age
    return int((await connection.execute(t.replica.delete().where(old))).rowcount)


async def moment(connection: AsyncConnection, real: datetime) -> datetime:
    """The moment by which replicas judge each other: PostgreSQL's; on SQLite, the machine's."""
    if connection.dialect.name != "postgresql":
        return real
    found = await connection.scalar(sa.select(sa.func.clock_timestamp(type_=t.replica.c.beat_at.type)))
    return found or real
