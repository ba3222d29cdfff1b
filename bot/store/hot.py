"""Statements of the hot path: built and compiled once, since building one takes ten times as long as running it."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.columns import Instant
from bot.store.inline import InlineConnection

Row = Mapping[str, Any]
Change = Callable[[Any], Any] | None
"""What turns a value into the driver's, or back; None where it stays as it is."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """SQL for SQLite's driver. binds: name, change and fixed value (for constants) of each place, in order."""

    sql: str
    binds: tuple[tuple[str | None, Change, Any], ...]
    keys: tuple[str, ...]
    results: tuple[tuple[int, Callable[[Any], Any]], ...]


class Hot:
    """A statement with named parameters (`sa.bindparam`) and no IN, which is kept for the life of the process.

    On the writer of SQLite it goes to the driver without SQLAlchemy in between; elsewhere SQLAlchemy runs it.
    """

    def __init__(self, statement: sa.Executable, names: Sequence[str] | None = None) -> None:
        """names: the columns of an INSERT that values are given for."""
        self.statement = statement
        self._counted = statement.execution_options(preserve_rowcount=True)
        self._names = names
        self._compiled: _Compiled | None = None

    async def rows(self, connection: AsyncConnection, **values: Any) -> list[Row]:
        """All rows, as mappings."""
        if not isinstance(connection, InlineConnection):
            found = await connection.execute(self.statement, values)
            return [dict(row) for row in found.mappings().all()]
        compiled = self._compiled or self._compile(connection)
        return self.made(_run(connection, compiled, values).fetchall())

    async def row(self, connection: AsyncConnection, **values: Any) -> Row | None:
        """The first row; None when there is none."""
        return next(iter(await self.rows(connection, **values)), None)

    async def run(self, connection: AsyncConnection, **values: Any) -> int:
        """Write; how many rows were written."""
        if not isinstance(connection, InlineConnection):
            return (await connection.execute(self._counted, values)).rowcount
        return int(_run(connection, self._compiled or self._compile(connection), values).rowcount)

    async def raw(self, connection: AsyncConnection, **values: Any) -> list[Any] | None:
        """All rows as the driver gives them, to be compared with earlier ones; `made` reads them.

        None on connections that go through SQLAlchemy.
        """
        if not isinstance(connection, InlineConnection):
            return None
        return _run(connection, self._compiled or self._compile(connection), values).fetchall()

    def made(self, found: list[Any]) -> list[Row]:
        """Rows of the driver as mappings, with values as the columns' types have them."""
        compiled = self._compiled
        if compiled is None:
            raise RuntimeError("there are no rows before the statement has run")
        made: list[Row] = []
        for one in found:
            row = dict(zip(compiled.keys, one, strict=True))
            for place, change in compiled.results:
                key = compiled.keys[place]
                row[key] = change(row[key])
            made.append(row)
        return made

    def _compile(self, connection: AsyncConnection) -> _Compiled:
        dialect, statement = connection.dialect, cast("sa.ClauseElement", self.statement)
        done = cast("Any", statement.compile(dialect=dialect, column_keys=self._names))
        binds: list[tuple[str | None, Change, Any]] = []
        for name in done.positiontup or ():
            parameter = done.binds[name]
            to_driver = _to_driver(parameter.type, dialect)
            constant = None if parameter.required else parameter.effective_value
            if parameter.required:
                binds.append((name, to_driver, None))
            else:
                binds.append((None, None, to_driver(constant) if to_driver else constant))
        columns = list(
            getattr(self.statement, "exported_columns", ())
        )  # of a SELECT, or what RETURNING names
        changes = [_from_driver(one.type, dialect) for one in columns]
        self._compiled = _Compiled(
            str(done),
            tuple(binds),
            tuple(str(one.key) for one in columns),
            tuple((place, change) for place, change in enumerate(changes) if change is not None),
        )
        return self._compiled


def _to_driver(kind: "sa.types.TypeEngine[Any]", dialect: sa.Dialect) -> Change:
    return _stored if isinstance(kind, Instant) else kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: "sa.types.TypeEngine[Any]", dialect: sa.Dialect) -> Change:
    if isinstance(kind, Instant):
        return _read
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=64)
def _stored(moment: datetime | None) -> str | None:
    """A moment as SQLAlchemy writes it on SQLite; a turn stores the same one in a dozen places."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _run(connection: InlineConnection, compiled: _Compiled, values: Mapping[str, Any]) -> sqlite3.Cursor:
    # Errors carry no values: they hold what people wrote, and errors are logged.
    try:
        given = [
            fixed if name is None else values[name] if change is None else change(values[name])
            for name, change, fixed in compiled.binds
        ]
    except (ValueError, TypeError) as error:
        raise sa.exc.StatementError(str(error), compiled.sql, None, error, hide_parameters=True) from error
    try:
        return connection.driver.execute(compiled.sql, given)
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(
            compiled.sql, None, error, sqlite3.Error, hide_parameters=True
        ) from error


@lru_cache(maxsize=256)
def insert(table: sa.Table, names: tuple[str, ...], dialect: str, *, once: bool = False) -> Hot:
    """INSERT of these columns. once: nothing happens where a row with the same unique key is there."""
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    statement = statement.values({name: sa.bindparam(name, type_=table.c[name].type) for name in names})
    return Hot(statement.on_conflict_do_nothing() if once else statement)


@lru_cache(maxsize=256)
def put(table: sa.Table, names: tuple[str, ...], dialect: str) -> Hot:
    """INSERT of these columns, or UPDATE of those that are not part of the primary key."""
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
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
    statement = update(table, tuple(mine), tuple(values))
    given = {f"key_{name}": value for name, value in mine.items()}
    return await statement.run(connection, **given, **{f"new_{name}": one for name, one in values.items()})
