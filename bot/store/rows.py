"""Small statements that every part of the store uses."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]


def new_id() -> str:
    """A fresh opaque id of 128 random bits."""
    return uuid4().hex


def _insert(connection: AsyncConnection, table: sa.Table) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


async def add_once(connection: AsyncConnection, table: sa.Table, **values: Any) -> bool:
    """Insert a row unless one with the same unique key is there; True when it was inserted."""
    result = await connection.execute(_insert(connection, table).values(**values).on_conflict_do_nothing())
    return bool(result.rowcount == 1)


async def put(connection: AsyncConnection, table: sa.Table, **values: Any) -> None:
    """Insert a row, or replace what is not part of the primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    statement = _insert(connection, table).values(**values)
    if rest:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing()
    await connection.execute(statement)


async def rows(connection: AsyncConnection, statement: sa.Executable) -> list[Row]:
    """All rows of a query, as mappings."""
    return [dict(row) for row in (await connection.execute(statement)).mappings().all()]


async def row(connection: AsyncConnection, statement: sa.Executable) -> Row | None:
    """The first row of a query."""
    found = (await connection.execute(statement)).mappings().first()
    return None if found is None else dict(found)
