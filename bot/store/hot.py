"""Statements of the hot path: built and compiled once, since building one takes ten times as long as running it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.compiled import Call, Compiled, DirectConnection, Row, compiled


class Hot:
    """A statement with named parameters (`sa.bindparam`) and no IN, which is kept for the life of the process.

    On the connections that write it goes to the driver without SQLAlchemy in between; elsewhere SQLAlchemy runs it.
    """

    def __init__(self, statement: sa.Executable, names: Sequence[str] | None = None) -> None:
        """names: the columns of an INSERT that values are given for."""
        self.statement = statement
        self._counted = statement.execution_options(preserve_rowcount=True)
        self._names = names
        self._compiled: dict[str, Compiled] = {}

    async def rows(self, connection: AsyncConnection, **values: Any) -> list[Row]:
        """All rows, as mappings."""
        return (await self._done(connection, values)).rows()

    async def row(self, connection: AsyncConnection, **values: Any) -> Row | None:
        """The first row; None when there is none."""
        return next(iter(await self.rows(connection, **values)), None)

    async def run(self, connection: AsyncConnection, **values: Any) -> int:
        """Write; how many rows were written."""
        return (await self._done(connection, values)).count

    async def later(self, connection: AsyncConnection, **values: Any) -> int | None:
        """Write, without waiting for it where that costs a round trip; how many rows, None where nobody knows yet.

        What is asked next, or the commit, finds it done or raises its error.
        """
        if isinstance(connection, DirectConnection):
            return await connection.later(Call(self.on(connection), values))
        return await self.run(connection, **values)

    def on(self, connection: DirectConnection) -> Compiled:
        """The statement as the driver of this connection takes it."""
        dialect = connection.compiles_for
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = compiled(self.statement, dialect, self._names)
        return found

    async def _done(self, connection: AsyncConnection, values: Mapping[str, Any]) -> "Answer":
        return (await together(connection, (self, values)))[0]

    async def through_sqlalchemy(self, connection: AsyncConnection, values: Mapping[str, Any]) -> "Answer":
        """Run it on a connection that has no other way."""
        found = await connection.execute(self._counted, values)
        rows: list[Row] = [dict(row) for row in found.mappings().all()] if found.returns_rows else []
        return Answer(None, [tuple(one.values()) for one in rows], found.rowcount, rows)


@dataclass(slots=True)
class Answer:
    """What came of a statement. raw: its rows as the driver has them, to be compared with earlier ones.

    count: how many rows it wrote.
    """

    compiled: Compiled | None
    raw: list[Any]
    count: int
    _rows: list[Row] | None = None

    def rows(self) -> list[Row]:
        """Its rows as mappings, with values as the columns' types have them."""
        if self._rows is None and self.compiled is not None:
            self._rows = self.compiled.made(self.raw)
        return self._rows or []


async def together(connection: AsyncConnection, *said: tuple[Hot, Mapping[str, Any]]) -> list[Answer]:
    """Run statements that need no answer of each other, in order, on PostgreSQL in one round trip."""
    if isinstance(connection, DirectConnection):
        calls = [Call(one.on(connection), values) for one, values in said]
        done = await connection.ask(*calls)
        return [Answer(call.statement, one.rows, one.count) for call, one in zip(calls, done, strict=True)]
    return [await one.through_sqlalchemy(connection, values) for one, values in said]


def inserting(table: sa.Table, dialect: str) -> Any:
    """An INSERT that knows what to do where the row is there already."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - those who use SQLite need not wait for it
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # noqa: PLC0415
    return insert(table)


def one_of(column: "sa.Column[Any]", name: str, dialect: str) -> sa.ColumnElement[bool]:
    """Whether the column has one of the values of the list that is given under this name."""
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=sa.ARRAY(column.type)))
    listed = sa.func.json_each(sa.bindparam(name, type_=sa.JSON)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


@lru_cache(maxsize=256)
def insert(table: sa.Table, names: tuple[str, ...], dialect: str, *, once: bool = False) -> Hot:
    """INSERT of these columns. once: nothing happens where a row with the same unique key is there."""
    statement = inserting(table, dialect)
    statement = statement.values({name: sa.bindparam(name, type_=table.c[name].type) for name in names})
    return Hot(statement.on_conflict_do_nothing() if once else statement)


@lru_cache(maxsize=256)
def put(table: sa.Table, names: tuple[str, ...], dialect: str) -> Hot:
    """INSERT of these columns, or UPDATE of those that are not part of the primary key."""
    statement = inserting(table, dialect)
    statement = statement.values({name: sa.bindparam(name, type_=table.c[name].type) for name in names})
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    if not rest:
        return Hot(statement.on_conflict_do_nothing())
    return Hot(statement.on_conflict_do_update(index_elements=keys, set_=rest))


@lru_cache(maxsize=256)
def update(table: sa.Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Hot:
    """UPDATE of these columns where the keys are equal; parameters: key_… and new_…."""
    mine = [table.c[key] == sa.bindparam(f"key_{key}", type_=table.c[key].type) for key in keys]
    new = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return Hot(table.update().where(*mine).values(new))


async def change(connection: AsyncConnection, table: sa.Table, mine: Mapping[str, Any], **values: Any) -> int:
    """Change columns of the rows whose keys are `mine`; how many rows there were."""
    statement, given = changing(table, mine, values)
    return await statement.run(connection, **given)


async def change_later(
    connection: AsyncConnection, table: sa.Table, mine: Mapping[str, Any], **values: Any
) -> None:
    """The same where nobody needs to know how many there were; see `Hot.later`."""
    statement, given = changing(table, mine, values)
    await statement.later(connection, **given)


def changing(
    table: sa.Table, mine: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Hot, dict[str, Any]]:
    """The statement that changes these columns of the rows whose keys are `mine`, with its values."""
    given = {f"key_{name}": value for name, value in mine.items()}
    new = {f"new_{name}": one for name, one in values.items()}
    return update(table, tuple(mine), tuple(values)), given | new
