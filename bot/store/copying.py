"""All rows of one database written into another, whatever the two are: SQLite, PostgreSQL, or a backup's file."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.columns import META
from bot.store.database import Database

CHUNK = 500
PASSING = frozenset({"rate_gate", "replica"})
"""Tables that hold what is true for moments only: rates in use and heartbeats. They are never copied."""
OURS = frozenset({*META.tables, "alembic_version"})
Told = Callable[[int, int], None]
"""Hears of progress: rows done, and rows in all."""


class CopyError(Exception):
    """Nothing was written. table: where it stopped. reason: the database's words, or the two counts."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"{table}: {reason}")
        self.table = table
        self.reason = reason


def tables() -> list[sa.Table]:
    """Every table that is copied, those that others refer to first."""
    return [one for one in META.sorted_tables if one.name not in PASSING]


@asynccontextmanager
async def filling(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction for a whole copy: the limits that keep turns short do not hold in it."""
    async with database.engine.begin() as connection:
        if database.engine.dialect.name != "sqlite":
            await _patient(connection)
        yield connection


async def copy(source: AsyncConnection, target: AsyncConnection, told: Told) -> dict[str, int]:
    """Write every row of the source into the target, whose tables are empty; the number of rows by table.

    CopyError when the target refuses a row, or when the counts of a table differ afterwards: the caller's
    transaction is then to be rolled back.
    """
    wanted = await counts(source)
    done, total = 0, sum(wanted.values())
    for table in tables():
        async for chunk in chunks(source, table):
            try:
                await target.execute(table.insert(), chunk)
            except sa.exc.SQLAlchemyError as error:
                # The first line alone: the others quote the row.
                reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
                raise CopyError(table.name, reason) from None
            done += len(chunk)
            told(done, total)
    found = await counts(target)
    for name, number in wanted.items():
        if found[name] != number:
            raise CopyError(name, f"{number} != {found[name]}")
    return found


async def chunks(connection: AsyncConnection, table: sa.Table) -> AsyncIterator[list[dict[str, object]]]:
    """Every row of a table, some hundreds at a time in the order of their keys, as any database can keep them."""
    keys = list(table.primary_key)
    page = sa.select(table).order_by(*keys).limit(CHUNK)
    chunk = await r.rows(connection, page)
    while chunk:
        yield [{name: _sound(value) for name, value in one.items()} for one in chunk]
        last = (sa.bindparam(None, chunk[-1][key.name], key.type) for key in keys)
        chunk = await r.rows(connection, page.where(sa.tuple_(*keys) > sa.tuple_(*last)))


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many rows each table has."""
    found: dict[str, int] = {}
    for table in tables():
        found[table.name] = int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
    return found


@asynccontextmanager
async def still(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction in which nobody else writes: what is read in it is all there is until it ends."""
    async with filling(database) as connection:
        if connection.dialect.name != "sqlite":  # which has begun by taking the one lock for writers
            names = ", ".join(f'"{one}"' for one in META.tables)
            await connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        yield connection


async def occupied(connection: AsyncConnection) -> bool:
    """Whether a company lives in this database."""
    for table in (t.project, t.person, t.delivery):
        if await connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
            return True
    return False


async def clear(connection: AsyncConnection) -> None:
    """Delete every row, and the engine's tables: it makes them again, and its jobs from our rows.

    Old jobs must not stay: they would carry the numbers of deliveries that are other ones now.
    """
    if connection.dialect.name == "sqlite":
        for table in reversed(META.sorted_tables):
            await connection.execute(table.delete())
        await connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        found = await connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        for name in [str(one[0]) for one in found.all() if one[0] not in OURS]:
            await connection.exec_driver_sql(f'DROP TABLE "{name}"')
        return
    names = ", ".join(f'"{one}"' for one in META.tables)
    await connection.exec_driver_sql(f"TRUNCATE {names}")
    await connection.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")


async def number_on(connection: AsyncConnection) -> None:
    """Let new deliveries be numbered after the highest number that is there, or ever was."""
    if connection.dialect.name != "sqlite":
        highest = sa.select(sa.func.coalesce(sa.func.max(t.delivery.c.number), 0)).scalar_subquery()
        last = (
            sa.select(sa.literal_column("last_value"))
            .select_from(sa.text("delivery_number"))
            .scalar_subquery()
        )
        await connection.execute(
            sa.select(sa.func.setval("delivery_number", sa.func.greatest(highest, last, 1)))
        )


async def _patient(connection: AsyncConnection) -> None:
    from bot.store.postgres import be_patient  # noqa: PLC0415 - those who use SQLite need not wait for it

    be_patient(connection)
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        value = "10s" if limit == "lock_timeout" else "0"
        await connection.exec_driver_sql(f"SET LOCAL {limit} = '{value}'")


def _sound(value: object) -> object:
    # SQLite keeps a zero byte in a text, PostgreSQL refuses it.
    return value.replace("\0", "") if isinstance(value, str) else value
