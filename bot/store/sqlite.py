"""SQLite set up for durability: a log written ahead, one writer at a time, on disk before it is acknowledged."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.codec import JSON
from bot.store.group_commit import MOST_TOGETHER, Writer
from bot.store.inline import InlineDriver
from bot.store.one_hop import connect
from bot.store.sqlite_clock import clock_functions

BUSY_MILLISECONDS = 2500
"""How long a writer waits for another: less than the three seconds that Slack waits for us."""
READERS = 4
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MILLISECONDS}",
    "secure_delete=ON",
)


class SqliteDatabase:
    """One writer that commits in groups, readers beside it, and an engine for migrations and health checks."""

    at_once = MOST_TOGETHER

    def __init__(self, file: str, engine: AsyncEngine, readers: AsyncEngine) -> None:
        self.engine = engine
        self._readers = readers
        self._writer = Writer(partial(_writing, file))

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction: on disk when the block has ended, without a trace on any error in it."""
        return self._writer.transaction()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look that writes nothing, on a thread of its own: no writer waits for it, nor it for one."""
        async with self._readers.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Let what is under way end, and give back all connections."""
        await self._writer.close()
        await self._readers.dispose()
        await self.engine.dispose()


def open_sqlite(url: sa.URL) -> SqliteDatabase:
    """Open `sqlite+aiosqlite:///file.db`. Creates the folder of the file when it is missing."""
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: what is in memory only is lost with the process")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # what people answered is read by nobody else on the machine
        os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    # A transaction that reads first and writes later would be refused at once when another writes: whoever may
    # write takes the lock at the start and waits for it.
    engine = _engine(url, READERS, PRAGMAS, "BEGIN IMMEDIATE")
    readers = _engine(url, READERS, (*PRAGMAS, "query_only=ON"), "BEGIN")
    return SqliteDatabase(url.database, engine, readers)


def _writing(file: str) -> InlineDriver:
    driver = sqlite3.connect(file, factory=InlineDriver, check_same_thread=False, cached_statements=512)
    clock_functions(driver)
    _set_up(driver, PRAGMAS)
    return driver


def _engine(url: sa.URL, size: int, pragmas: tuple[str, ...], begin: str) -> AsyncEngine:
    creator: Callable[[], Any] = partial(connect, url.database or "")
    engine = create_async_engine(url, pool_size=size, max_overflow=size, async_creator=creator, **JSON)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        del record
        _set_up(connection, pragmas)

    @sa.event.listens_for(engine.sync_engine, "begin")
    def began(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_up(connection: Any, pragmas: tuple[str, ...]) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
