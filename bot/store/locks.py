"""One after the other: what two turns on two replicas must not do at the same time."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

_HOLD = sa.text("SELECT pg_advisory_xact_lock(one) FROM unnest(:numbers) AS one").bindparams(
    sa.bindparam("numbers", type_=ARRAY(sa.BigInteger))
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
    await connection.execute(_HOLD, {"numbers": numbers})


async def hold_at_once(connection: AsyncConnection, name: str) -> bool:
    """The same without waiting: False when somebody else has it."""
    if connection.dialect.name == "sqlite":
        return True
    number = sa.literal(_number(name), sa.BigInteger)
    return bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
