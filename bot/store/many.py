"""Rows by the hundred, written with one statement: a tenth of what they cost one by one."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.hot import Hot, inserting, one_of
from bot.store.inline import InlineConnection

Known = Literal["refused", "left", "replaced"]
"""What becomes of a row whose key is there: IntegrityError, it stays, or it gets the other values."""
Values = Mapping[str, Any]
"""Column to value; JSON as data or, already written, as orjson.Fragment."""

SIDE_BY_SIDE = 400


async def write(
    connection: AsyncConnection,
    table: sa.Table,
    same: Values,
    rows: Sequence[Values],
    known: Known = "refused",
) -> None:
    """Insert rows. same: what all have in common. rows: the rest, the same columns in each and no key twice."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        statement = _of_document(table, tuple(same), tuple(rows[0]), known, None)
        await statement.run(connection, **same, rows=orjson.dumps(rows).decode())
    else:
        await _one_by_one(connection, table, same, rows, known)


async def write_new(
    connection: AsyncConnection, table: sa.Table, key: str, same: Values, rows: Sequence[Values]
) -> frozenset[str]:
    """Insert those whose key is not there so far; their keys. same: the tenant, and more that all have in common."""
    if not rows:
        return frozenset()
    if connection.dialect.name == "postgresql":
        statement = _of_document(table, tuple(same), tuple(rows[0]), "left", key)
        written = await statement.rows(connection, **same, rows=orjson.dumps(rows).decode())
        return frozenset(one[key] for one in written)
    # SQLite has one writer: what is not there now nobody else will write before us.
    keys = [one[key] for one in rows]
    found = _there(table, key)
    there = frozenset((await connection.scalars(found, {"of_tenant": same["tenant"], "keys": keys})).all())
    await _one_by_one(connection, table, same, [one for one in rows if one[key] not in there], "left")
    return frozenset(keys) - there


def new_ids() -> Iterator[str]:
    """Fresh opaque ids like those of `rows.new_id`, without end; some hundreds in a row begin with the same half.

    They come to stand side by side: hundreds of pages of an index need not be written for some hundreds of rows.
    """
    while True:
        same, rest = os.urandom(8).hex(), os.urandom(8 * SIDE_BY_SIDE).hex()
        for place in range(0, len(rest), 16):
            yield same + rest[place : place + 16]


@lru_cache(maxsize=64)
def _of_document(
    table: sa.Table, same: tuple[str, ...], each: tuple[str, ...], known: Known, key: str | None
) -> Hot:
    """All rows come as one JSON document: PostgreSQL reads it faster than SQLAlchemy writes so many parameters."""
    document = sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON)
    columns = [sa.column(name, table.c[name].type) for name in each]
    given = (
        sa.func.json_to_recordset(document).table_valued(*columns).render_derived("given", with_types=True)
    )
    fixed = [sa.bindparam(name, type_=table.c[name].type) for name in same]
    chosen = sa.select(*fixed, *(given.c[name] for name in each))
    insert = inserting(table, "postgresql").from_select([*same, *each], chosen, include_defaults=False)
    insert = _settled(insert, table, (*same, *each), known)
    return Hot(insert if key is None else insert.returning(table.c[key]))


@lru_cache(maxsize=64)
def _there(table: sa.Table, key: str) -> sa.Select[Any]:
    return sa.select(table.c[key]).where(
        table.c.tenant == sa.bindparam("of_tenant"), one_of(table.c[key], "keys", "sqlite")
    )


async def _one_by_one(
    connection: AsyncConnection, table: sa.Table, same: Values, rows: Sequence[Values], known: Known
) -> None:
    if not rows:
        return
    sql, changes = _of_names(connection.dialect, table, (*same, *rows[0]), known)
    # What all have in common is changed into the driver's value once.
    fixed = {name: changes[name](value) if name in changes else value for name, value in same.items()}
    left = [(name, change) for name, change in changes.items() if name not in fixed]
    given: list[dict[str, Any]] = [{**fixed, **one} for one in rows]
    for one in given:
        for name, change in left:
            one[name] = change(one[name])
    if not isinstance(connection, InlineConnection):
        await connection.exec_driver_sql(sql, given)
        return
    try:
        connection.driver.executemany(sql, given)
    except sqlite3.Error as error:  # without values: they hold names, and errors are logged
        raise sa.exc.DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error


@lru_cache(maxsize=64)
def _of_names(
    dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...], known: Known
) -> tuple[str, dict[str, Callable[[Any], Any]]]:
    """The statement for one row with the columns' names as its places, and what makes values the driver's."""
    values = {name: sa.bindparam(name, type_=table.c[name].type) for name in names}
    insert = _settled(inserting(table, "sqlite").values(values), table, names, known)
    changes = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    needed: dict[str, Any] = {name: change for name, change in changes.items() if change is not None}
    kind: Any = type(dialect)
    return str(insert.compile(dialect=kind(paramstyle="named"))), needed


def _settled(insert: Any, table: sa.Table, names: Sequence[str], known: Known) -> Any:
    match known:
        case "refused":
            return insert
        case "left":
            return insert.on_conflict_do_nothing()
        case "replaced":
            keys = [column.name for column in table.primary_key]
            rest = {name: insert.excluded[name] for name in names if name not in keys}
            return insert.on_conflict_do_update(index_elements=keys, set_=rest)
