"""Rates that all replicas keep together: each gate knows when the next message would be on time.

The generic cell rate algorithm: `next_at` moves on by one interval for each message, and a message may be as early
as the burst allows. Seconds are PostgreSQL's own, so that replicas whose clocks differ agree; SQLite has one process
and takes the machine's. Never the company's clock, which the demo moves.
"""

import time
from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.base import Budget
from bot.store import tables as t
from bot.store.hot import Hot

_KEY = t.rate_gate.c.key
FURTHEST_SECONDS = 10.0
"""No moment further ahead than that is ever reserved."""
LONGEST_CLOSED_SECONDS = 3600.0
"""However long a platform asks us to wait: after that we ask again."""


async def reserve(connection: AsyncConnection, budgets: Sequence[Budget], most: float) -> float:
    """Take the first moment at which all these gates let one message through; the seconds until then.

    When that is more than `most` seconds away nothing is taken.
    """
    if not budgets:
        return 0.0
    keys = sorted({one.key for one in budgets})
    now, stand = await _standing(connection, keys)
    slot = now
    for one in budgets:
        next_at, closed_until = stand[one.key]
        early = (one.burst - 1) / one.per_second
        # What lies further ahead than anybody reserves was written before the clock was put back.
        if next_at > now + FURTHEST_SECONDS + early + 2 / one.per_second:
            next_at = now + early
        if closed_until > now + LONGEST_CLOSED_SECONDS:
            closed_until = 0.0
        stand[one.key] = (next_at, closed_until)
        slot = max(slot, next_at - early, closed_until)
    if slot - now > most:
        return slot - now
    moved = {one.key: max(stand[one.key][0], slot) + 1 / one.per_second for one in budgets}
    values = {f"moved{place}": moved[key] for place, key in enumerate(keys)}
    await _moving(len(keys)).run(connection, **_named(keys), **values)
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
    made = _insert(connection).values(key=key, next_at=0.0, closed_until=until)
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
        await connection.execute(_insert(connection).on_conflict_do_nothing(), missing)
        found = await _locked(connection, keys)
    return max(now for _, _, now in found.values()), {key: one[:2] for key, one in found.items()}


async def _locked(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    on_postgres = connection.dialect.name == "postgresql"
    now = {} if on_postgres else {"now": time.time()}
    found = await _looking(len(keys), on_postgres=on_postgres).rows(connection, **_named(keys), **now)
    return {one["key"]: (one["next_at"], one["closed_until"], float(one["now"])) for one in found}


@lru_cache(maxsize=16)
def _looking(count: int, *, on_postgres: bool) -> Hot:
    """Every message that is sent asks its gates: built and compiled once for each number of them."""
    clock = _clock() if on_postgres else sa.bindparam("now", type_=sa.Float)
    columns = (_KEY, t.rate_gate.c.next_at, t.rate_gate.c.closed_until, clock.label("now"))
    statement = sa.select(*columns).where(sa.or_(*_any_of(count))).order_by(_KEY)
    # Whoever writes to SQLite writes alone.
    return Hot(statement.with_for_update() if on_postgres else statement)


@lru_cache(maxsize=16)
def _moving(count: int) -> Hot:
    moved = [sa.bindparam(f"moved{place}", type_=sa.Float) for place in range(count)]
    each = sa.case(*zip(_any_of(count), moved, strict=True))
    return Hot(t.rate_gate.update().where(sa.or_(*_any_of(count))).values(next_at=each))


def _any_of(count: int) -> list[sa.ColumnElement[bool]]:
    return [sa.bindparam(f"key{place}", type_=_KEY.type) == _KEY for place in range(count)]


def _named(keys: Sequence[str]) -> dict[str, str]:
    return {f"key{place}": key for place, key in enumerate(keys)}


async def _now(connection: AsyncConnection) -> float:
    if connection.dialect.name == "postgresql":
        return float(await connection.scalar(sa.select(_clock())) or 0)
    return time.time()


def _clock() -> sa.ColumnElement[float]:
    return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float(53))


def _insert(connection: AsyncConnection) -> postgresql.Insert | sqlite.Insert:
    on_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(t.rate_gate) if on_postgres else sqlite.insert(t.rate_gate)
