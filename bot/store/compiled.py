"""A statement as a driver takes it: compiled once, its values changed into the driver's and back without SQLAlchemy."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import visitors

from bot.store.columns import Instant

Row = Mapping[str, Any]
Change = Callable[[Any], Any] | None
"""What turns a value into the driver's, or back; None where it stays as it is."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL with places for values. binds: name, change and fixed value (for constants) of each place, in order.

    keys: the columns that come back. results: places among them whose values must be changed.
    """

    sql: str
    binds: tuple[tuple[str | None, Change, Any], ...]
    keys: tuple[str, ...]
    results: tuple[tuple[int, Callable[[Any], Any]], ...]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of their places. Raises SQLAlchemy's StatementError, which quotes none of them."""
        try:
            return [
                fixed if name is None else values[name] if change is None else change(values[name])
                for name, change, fixed in self.binds
            ]
        except (ValueError, TypeError) as error:
            raise sa.exc.StatementError(str(error), self.sql, None, error, hide_parameters=True) from error

    def made(self, found: Iterable[Sequence[Any]]) -> list[Row]:
        """Rows of the driver as mappings, with values as the columns' types have them."""
        made: list[Row] = []
        for one in found:
            row = dict(zip(self.keys, one, strict=True))
            for place, change in self.results:
                key = self.keys[place]
                row[key] = change(row[key])
            made.append(row)
        return made


@dataclass(frozen=True, slots=True)
class Call:
    """A statement with its values, by name."""

    statement: Compiled
    values: Mapping[str, Any]


@dataclass(slots=True)
class Done:
    """What came of a statement: its rows as the driver has them, and how many it wrote or found."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    count: int = 0


class DirectConnection(AsyncConnection):
    """SQLAlchemy's connection with a way beside it that goes straight to the driver, within the same transaction."""

    compiles_for: sa.Dialect
    """The dialect that statements for this way are compiled with."""

    @abstractmethod
    async def ask(self, *calls: Call) -> list[Done]:
        """Say all this; what came of each. Raises SQLAlchemy's errors, which quote no values."""

    @abstractmethod
    async def later(self, call: Call) -> int | None:
        """Say this before whatever comes next, without waiting for its answer where that takes long.

        How many rows it wrote; None where nobody knows yet. Its errors come with what is asked next, or the commit.
        """


def compiled(statement: sa.Executable, dialect: sa.Dialect, names: Sequence[str] | None = None) -> Compiled:
    """Compile a statement with named parameters and no IN. names: the columns of an INSERT that have values.

    Its constants stand in the SQL itself: a plan that may use an index of only some rows is made anew at each run
    where one of the values that decide it is a parameter.
    """

    def constant(element: Any, **_: Any) -> Any:
        return _spelt_out(element, dialect) if isinstance(element, sa.BindParameter) else None

    spelt = cast("sa.ClauseElement", visitors.replacement_traverse(cast("Any", statement), {}, constant))
    done = cast("Any", spelt.compile(dialect=dialect, column_keys=names))
    binds: list[tuple[str | None, Change, Any]] = []
    for name in done.positiontup or ():
        parameter = done.binds[name]
        to_driver = _to_driver(parameter.type, dialect)
        if parameter.required:
            binds.append((name, to_driver, None))
        else:
            constant = parameter.effective_value
            binds.append((None, None, to_driver(constant) if to_driver else constant))
    columns = list(getattr(statement, "exported_columns", ()))  # of a SELECT, or what RETURNING names
    changes = [_from_driver(one.type, dialect) for one in columns]
    return Compiled(
        str(done),
        tuple(binds),
        tuple(str(one.key) for one in columns),
        tuple((place, change) for place, change in enumerate(changes) if change is not None),
    )


def _spelt_out(parameter: "sa.BindParameter[Any]", dialect: sa.Dialect) -> "sa.ColumnElement[Any] | None":
    """A constant of the program as it is written in SQL; None for what is given at each run, and for other kinds."""
    plain = isinstance(parameter.type, sa.String | sa.Integer | sa.Boolean)
    if parameter.required or not plain or not isinstance(parameter.value, bool | int | str):
        return None
    spell = parameter.type.dialect_impl(dialect).literal_processor(dialect)
    return None if spell is None else sa.literal_column(spell(parameter.value), parameter.type)


def _to_driver(kind: "sa.types.TypeEngine[Any]", dialect: sa.Dialect) -> Change:
    if isinstance(kind, Instant):
        return _text if dialect.name == "sqlite" else _moment
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: "sa.types.TypeEngine[Any]", dialect: sa.Dialect) -> Change:
    if isinstance(kind, Instant):
        return _from_text if dialect.name == "sqlite" else _utc
    if isinstance(kind, sa.JSON) and dialect.name == "sqlite":
        return _from_json
    if isinstance(kind, sa.Float) and dialect.name == "postgresql":
        return _number  # SQLAlchemy would ask which of the server's types it is
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=64)
def _text(moment: datetime | None) -> str | None:
    """A moment as SQLAlchemy writes it on SQLite; a turn stores the same one in a dozen places."""
    moment = _moment(moment)
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _from_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
