"""The connection to the database: one transaction a unit of work, SQLite set up for durability."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.one_hop import connect

BUSY_MILLISECONDS = 2500
"""How long a writer waits for another: less than the three seconds that Slack waits for us."""


class Database:
    """An engine, and transactions on it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # SQLite has one writer at a time and lets those who wait try again at random: here they queue, first come
        # first served, and only another process is waited for with the busy timeout.
        self._turn: contextlib.AbstractAsyncContextManager[None] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, rolled back on any error."""
        async with self._turn, self.engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


def open_database(url: str) -> Database:
    """Open `sqlite+aiosqlite:///file.db`. Creates the folder of the file when it is missing."""
    parsed = sa.make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    more: dict[str, Any] = {}
    if sqlite and parsed.database and parsed.database != ":memory:":
        more = {"pool_size": 4, "max_overflow": 4, "async_creator": partial(connect, parsed.database)}
    engine = create_async_engine(
        parsed,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **more,
    )
    if sqlite:
        _set_up_sqlite(engine)
    return Database(engine)


def _set_up_sqlite(engine: AsyncEngine) -> None:
    @sa.event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def began(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later would be refused at once when another writes: take the
        # write lock at the start and wait for it.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
