"""One after the other: what two turns on two replicas must not do at the same time."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.hot import Hot

_HOLD = Hot(
    sa.select(sa.func.pg_advisory_xact_lock(sa.column("one", sa.BigInteger))).select_from(
        sa.func.unnest(sa.bindparam("numbers", type_=sa.ARRAY(sa.BigInteger))).alias("one")
    )
)


def person(tenant: str, person_id: str) -> str:
    """The name for everything that is done for one person: a double click, or the clockwork and their own turn."""
    return f"person:{tenant}:{person_id}"


def address(platform: str, team: str, user: str) -> str:
    """The name for meeting somebody who is not known yet."""
    return f"address:{platform}:{team}:{user}"


async def hold(connection: AsyncConnection, *names: str) -> None:
    """Keep everybody else who asks for one of these names waiting until this transaction ends.

    What is read afterwards is what the others have left. SQLite has one writer at a time anyway. Names are taken
    in one order, so that two transactions that want the same two never wait for each other: ask for all at once.
    """
    if connection.dialect.name == "sqlite" or not names:
        return
    numbers = sorted({_number(name) for name in names})
    await _HOLD.later(connection, numbers=numbers)


async def hold_at_once(connection: AsyncConnection, name: str) -> bool:
    """The same without waiting: False when somebody else has it."""
    if connection.dialect.name == "sqlite":
        return True
    number = sa.literal(_number(name), sa.BigInteger)
    return bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
