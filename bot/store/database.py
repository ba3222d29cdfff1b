"""The connection to the database: one transaction a unit of work, whatever the database is."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.sqlite import open_sqlite


class Database(Protocol):
    """Transactions on one database. engine: for migrations and health checks alone."""

    @property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's engine."""
        ...

    @property
    def at_once(self) -> int:
        """So many units of work are worth beginning at the same time; more would only wait inside."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction: durable when the block has ended, rolled back on any error in it."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One consistent look for long queries: it writes nothing and keeps no writer waiting."""
        ...

    async def close(self) -> None:
        """Give back all connections."""
        ...


def open_database(url: str) -> Database:
    """Open `sqlite+aiosqlite:///file.db` or `postgresql+psycopg://user:password@host/name`.

    The folder of an SQLite file is made when it is missing.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return open_sqlite(parsed)
    from bot.store.postgres import open_postgres  # noqa: PLC0415 - its driver is not for those who use SQLite

    return open_postgres(parsed)
