"""SQLite on the event loop's own thread: a statement of a turn takes 10 to 50 µs, a hop to a thread and back more."""

import sqlite3
from collections import deque
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from bot.store.codec import JSON
from bot.store.compiled import Call, DirectConnection, Done


class InlineCursor(sqlite3.Cursor):
    """Fetches with the execution, so that no half-read statement stands in the way of a commit."""

    _left: deque[Any]

    def execute(self, sql: str, parameters: Any = ()) -> "InlineCursor":
        """Execute one statement and fetch all that it gives."""
        super().execute(sql, parameters)
        self._left = deque(super().fetchall() if self.description else ())
        return self

    def executemany(self, sql: str, parameters: Iterable[Any]) -> "InlineCursor":
        """Execute one statement for each set of parameters."""
        super().executemany(sql, parameters)
        self._left = deque()
        return self

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._left.popleft() if self._left else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        count = min(self.arraysize if size is None else size, len(self._left))
        return [self._left.popleft() for _ in range(count)]

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        left = list(self._left)
        self._left.clear()
        return left


class InlineDriver(sqlite3.Connection):
    """A connection as SQLAlchemy's asynchronous dialect takes it, although nothing in it ever waits."""

    def cursor(self, factory: Any = InlineCursor) -> Any:
        """A new cursor."""
        return super().cursor(factory)

    def terminate(self) -> None:
        """Close without ceremony."""
        self.close()

    @property
    def _connection(self) -> "InlineDriver":
        return self


class InlineConnection(DirectConnection):
    """SQLAlchemy's connection, executing on the spot. driver: the same without SQLAlchemy."""

    driver: InlineDriver

    compiles_for: sa.Dialect

    async def ask(self, *calls: Call) -> list[Done]:
        """Execute these statements."""
        return [self._done(one) for one in calls]

    async def later(self, call: Call) -> int:
        """Execute it: nobody has to wait."""
        return self._done(call).count

    async def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """Execute a statement; its result is in memory."""
        return self._proxied.execute(statement, parameters, execution_options=execution_options)

    async def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> Any:
        """Execute SQL as it stands."""
        return self._proxied.exec_driver_sql(statement, parameters, execution_options)

    def _done(self, call: Call) -> Done:
        statement = call.statement
        given = statement.given(call.values)
        try:
            cursor = self.driver.execute(statement.sql, given)
        except sqlite3.Error as error:
            # Errors carry no values: they hold what people wrote, and errors are logged.
            raise sa.exc.DBAPIError.instance(
                statement.sql, None, error, sqlite3.Error, hide_parameters=True
            ) from error
        return Done(cursor.fetchall(), cursor.rowcount)


async def inline_connection(driver: InlineDriver) -> InlineConnection:
    """SQLAlchemy's view of a connection that is kept for good; transactions are the caller's."""
    engine: AsyncEngine = create_async_engine(
        "sqlite+aiosqlite://", creator=lambda: driver, poolclass=StaticPool, **JSON
    )
    connection = InlineConnection(engine)
    await connection.start()
    connection.driver, connection.compiles_for = driver, connection.dialect
    return connection
