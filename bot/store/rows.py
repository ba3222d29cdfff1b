"""Small statements that every part of the store uses."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import hot
from bot.store.compiled import Row as Row  # noqa: PLC0414 - for everybody who reads rows


def new_id() -> str:
    """A fresh opaque id of 128 random bits."""
    return uuid4().hex


def insert_once(connection: AsyncConnection, table: sa.Table) -> Any:
    """An insert, for one row or many, that leaves out those whose unique key is there."""
    return hot.inserting(table, connection.dialect.name).on_conflict_do_nothing()


async def add(connection: AsyncConnection, table: sa.Table, **values: Any) -> None:
    """Insert a row; where that costs a round trip, an error comes with what is asked next or with the commit."""
    await hot.insert(table, tuple(values), connection.dialect.name).later(connection, **values)


async def add_once(connection: AsyncConnection, table: sa.Table, **values: Any) -> bool:
    """Insert a row unless one with the same unique key is there; True when it was inserted."""
    if any(isinstance(one, sa.ClauseElement) for one in values.values()):
        statement = insert_once(connection, table).values(**values)
        made = await connection.execute(statement.execution_options(preserve_rowcount=True))
        return bool(made.rowcount == 1)
    kept = hot.insert(table, tuple(values), connection.dialect.name, once=True)
    return bool(await kept.run(connection, **values) == 1)


async def put(connection: AsyncConnection, table: sa.Table, **values: Any) -> None:
    """Insert a row, or replace what is not part of the primary key."""
    await hot.put(table, tuple(values), connection.dialect.name).later(connection, **values)


async def add_to(
    connection: AsyncConnection,
    table: sa.Table,
    number: str,
    tenant: str,
    names: Sequence[str],
    keyed: Sequence[tuple[Any, ...]],
) -> None:
    """Add to one number of many rows, each given as the values of `names` with the difference last."""
    statement = hot.inserting(table, connection.dialect.name)
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={number: table.c[number] + statement.excluded[number]},
    )
    columns = ("tenant", *names, number)
    await connection.execute(statement, [dict(zip(columns, (tenant, *one), strict=True)) for one in keyed])


async def rows(connection: AsyncConnection, statement: sa.Executable) -> list[Row]:
    """All rows of a query, as mappings."""
    return [dict(row) for row in (await connection.execute(statement)).mappings().all()]


async def row(connection: AsyncConnection, statement: sa.Executable) -> Row | None:
    """The first row of a query."""
    found = (await connection.execute(statement)).mappings().first()
    return None if found is None else dict(found)
