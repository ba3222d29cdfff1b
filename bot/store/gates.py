"""Rates that all replicas keep together: each gate knows when the next message would be on time.

The generic cell rate algorithm: `next_at` moves on by one interval for each message, and a message may be as early
as the burst allows. Seconds are PostgreSQL's own, so that replicas whose clocks differ agree; SQLite has one process
and takes the machine's. Never the company's clock, which the demo moves.
"""

import time
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.base import Budget
from bot.store import tables as t
from bot.store.hot import Hot, inserting, one_of

_KEY = t.rate_gate.c.key
FURTHEST_SECONDS = 10.0
"""No moment further ahead than that is ever reserved."""
LONGEST_CLOSED_SECONDS = 3600.0
"""However long a platform asks us to wait: after that we ask again."""


async def reserve(connection: AsyncConnection, budgets: Sequence[Budget], most: float) -> float:
    """Take the first moment at which all these gates let one message through; the seconds until then.

    When that is more than `most` seconds away nothing is taken.
    """
    (wait,) = await reserve_all(connection, [budgets], most)
    return wait


async def reserve_all(
    connection: AsyncConnection, messages: Sequence[Sequence[Budget]], most: float
) -> list[float]:
    """The same for several messages, in order, each with the gates that it must pass."""
    keys = sorted({one.key for budgets in messages for one in budgets})
    if not keys:
        return [0.0] * len(messages)
    now, stand = await _standing(connection, keys)
    before = dict(stand)
    waits = [_slot(stand, budgets, now, most) for budgets in messages]
    if moved := {key: stand[key][0] for key in keys if stand[key] != before[key]}:
        await _moving(connection.dialect.name).later(connection, moved=moved)
    return waits


def _slot(stand: dict[str, tuple[float, float]], budgets: Sequence[Budget], now: float, most: float) -> float:
    """The seconds until these gates let one message through, which moves them on, unless that is too far away."""
    if not budgets:
        return 0.0
    next_at, slot = {}, now
    for one in budgets:
        expected, closed_until = stand[one.key]
        early = (one.burst - 1) / one.per_second
        # What lies further ahead than anybody reserves was written before the clock was put back.
        if expected > now + FURTHEST_SECONDS + early + 2 / one.per_second:
            expected = now + early
        if closed_until > now + LONGEST_CLOSED_SECONDS:
            closed_until = 0.0
        next_at[one.key] = expected
        slot = max(slot, expected - early, closed_until)
    if slot - now <= most:
        for one in budgets:
            stand[one.key] = (max(next_at[one.key], slot) + 1 / one.per_second, stand[one.key][1])
    return slot - now


async def closed(connection: AsyncConnection, budgets: Sequence[Budget]) -> bool:
    """Whether one of these gates has been closed meanwhile."""
    if not budgets:
        return False
    keys, now = [one.key for one in budgets], await _now(connection)
    until = t.rate_gate.c.closed_until
    shut = (_KEY.in_(keys), until > now, until <= now + LONGEST_CLOSED_SECONDS)
    return await connection.scalar(sa.select(_KEY).where(*shut).limit(1)) is not None


async def close(connection: AsyncConnection, key: str, seconds: float) -> None:
    """Let nothing through a gate for so long, on any replica: the platform has asked for it."""
    now = await _now(connection)
    until = now + min(seconds, LONGEST_CLOSED_SECONDS)
    made = inserting(t.rate_gate, connection.dialect.name).values(key=key, next_at=0.0, closed_until=until)
    before, new = t.rate_gate.c.closed_until, made.excluded.closed_until
    later = sa.case((sa.and_(before > new, before <= now + LONGEST_CLOSED_SECONDS), before), else_=new)
    await connection.execute(made.on_conflict_do_update(index_elements=["key"], set_={"closed_until": later}))


async def forget(connection: AsyncConnection, seconds: float) -> int:
    """Drop gates that nobody has asked for so long; how many."""
    old = await _now(connection) - seconds
    unused = (t.rate_gate.c.next_at < old, t.rate_gate.c.closed_until < old)
    result = await connection.execute(t.rate_gate.delete().where(*unused))
    return int(result.rowcount)


async def _standing(
    connection: AsyncConnection, keys: Sequence[str]
) -> tuple[float, dict[str, tuple[float, float]]]:
    """The present second and how the gates stand, each locked until the end of the transaction, in one order."""
    found = await _locked(connection, keys)
    if len(found) < len(keys):
        missing = [{"key": key, "next_at": 0.0} for key in keys if key not in found]
        await connection.execute(
            inserting(t.rate_gate, connection.dialect.name).on_conflict_do_nothing(), missing
        )
        found = await _locked(connection, keys)
    return max(now for _, _, now in found.values()), {key: one[:2] for key, one in found.items()}


async def _locked(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    on_postgres = connection.dialect.name == "postgresql"
    now = {} if on_postgres else {"now": time.time()}
    found = await _looking(connection.dialect.name).rows(connection, keys=list(keys), **now)
    return {one["key"]: (one["next_at"], one["closed_until"], float(one["now"])) for one in found}


@cache
def _looking(dialect: str) -> Hot:
    """Every message that is sent asks its gates: built and compiled once."""
    on_postgres = dialect == "postgresql"
    clock = _clock() if on_postgres else sa.bindparam("now", type_=sa.Float)
    columns = (_KEY, t.rate_gate.c.next_at, t.rate_gate.c.closed_until, clock.label("now"))
    statement = sa.select(*columns).where(one_of(_KEY, "keys", dialect)).order_by(_KEY)
    # Whoever writes to SQLite writes alone.
    return Hot(statement.with_for_update() if on_postgres else statement)


@cache
def _moving(dialect: str) -> Hot:
    """moved: for each key the second that it moves to."""
    each = sa.func.json_each_text if dialect == "postgresql" else sa.func.json_each
    moved = each(sa.bindparam("moved", type_=sa.JSON)).table_valued("key", "value").alias("moved")
    second = sa.cast(moved.c.value, sa.Float(53))
    return Hot(t.rate_gate.update().where(moved.c.key == _KEY).values(next_at=second))


async def _now(connection: AsyncConnection) -> float:
    if connection.dialect.name == "postgresql":
        return float(await connection.scalar(sa.select(_clock())) or 0)
    return time.time()


def _clock() -> sa.ColumnElement[float]:
    return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float(53))
