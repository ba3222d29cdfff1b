"""SQLite on its thread with one hop a statement: aiosqlite alone takes four, which were most of a turn's time."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import aiosqlite

from bot.store.sqlite_clock import clock_functions


class OneHopCursor(aiosqlite.Cursor):
    """Executes and fetches on the database's thread in one go; what follows is answered from memory."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._conn = connection
        self._cursor: sqlite3.Cursor
        self._fetched: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "OneHopCursor":
        """Execute one statement and fetch all that it gives."""
        await self._hop(self._run, sql, tuple(parameters or ()))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "OneHopCursor":
        """Execute one statement for each set of parameters."""
        await self._hop(self._run_many, sql, list(parameters))
        return self

    async def fetchall(self) -> list[Any]:
        """All rows of the statement."""
        fetched, self._fetched = self._fetched, []
        return fetched

    async def close(self) -> None:
        """Nothing is left open: the statement ended when its rows were fetched."""

    async def _hop(self, work: Callable[..., None], *given: object) -> None:
        await self._conn._execute(work, *given)  # type: ignore[no-untyped-call]  # noqa: SLF001 - the thread's queue

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self._cursor = self._conn._conn.execute(sql, parameters)  # noqa: SLF001
        self._fetched = self._cursor.fetchall() if self._cursor.description else []

    def _run_many(self, sql: str, parameters: list[Any]) -> None:
        self._cursor = self._conn._conn.executemany(sql, parameters)  # noqa: SLF001


class OneHopConnection(aiosqlite.Connection):
    """A connection of such cursors."""

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """A new cursor, made without a hop; SQLAlchemy enters it as a context."""
        return OneHopCursor(self)


async def connect(file: str) -> OneHopConnection:
    """Open the database file."""
    connection = OneHopConnection(lambda: _opened(file), 64)
    connection._thread.daemon = True  # noqa: SLF001 - a program that ends does not wait for it
    await connection
    return connection


def _opened(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    clock_functions(connection)
    return connection
