"""What somebody had in hand and will not finish goes back, in doubt: it is looked up before it is sent again."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.sending import SENDING
from bot.store.standing import DEAD_AFTER

IN_DOUBT = "in doubt after a stop"
FROM_THE_FUTURE = timedelta(minutes=5)
"""A claim that much later than any limit was written before the clock was put back."""


async def release(
    connection: AsyncConnection, tenant: str, living: Collection[str], dead_before: datetime, now: datetime
) -> int:
    """Put back what replicas that are not among the living claimed before a real moment; how many.

    It is looked up before it is sent again. A claim of a version that did not write when counts from now on. One
    from the future was written before the clock was put back.
    """
    mine = t.delivery.c
    unheld = sa.or_(mine.claimed_by.is_(None), mine.claimed_by.not_in(living))
    undated = (mine.tenant == tenant, SENDING, mine.claimed_at.is_(None))
    await connection.execute(t.delivery.update().where(*undated).values(claimed_at=dead_before + DEAD_AFTER))
    return await _put_back(connection, now, mine.tenant == tenant, unheld, _old(dead_before))


async def release_all(connection: AsyncConnection, tenant: str, now: datetime) -> int:
    """Put back everything that was begun, where no other process can be at it; how many."""
    return await _put_back(connection, now, t.delivery.c.tenant == tenant)


async def release_strays(
    connection: AsyncConnection,
    tenant: str,
    replica: str,
    in_hand: Collection[int],
    before: datetime,
    now: datetime,
) -> int:
    """Put back what this replica claimed before a real moment without learning of it; how many.

    The answer to a claim can be lost with the connection. in_hand: what it knows of.
    """
    mine = t.delivery.c
    unknown = (mine.claimed_by == replica, mine.number.not_in(in_hand), _old(before))
    return await _put_back(connection, now, mine.tenant == tenant, *unknown)


def _old(before: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(t.delivery.c.claimed_at <= before, t.delivery.c.claimed_at > before + FROM_THE_FUTURE)


async def _put_back(connection: AsyncConnection, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    mine = t.delivery.c
    begun = sa.case((mine.attempts < 1, 1), else_=mine.attempts)
    values = {"status": "pending", "due_at": now, "reason": IN_DOUBT, "attempts": begun, "job_at": None}
    statement = t.delivery.update().where(SENDING, *which)
    return int((await connection.execute(statement.values(fence=mine.fence + 1, **values))).rowcount)
