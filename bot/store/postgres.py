"""PostgreSQL through psycopg: for companies that outgrow one machine, with a pool that heals itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.codec import JSON
from bot.store.patience import PING_AFTER_SECONDS, PING_SECONDS, SECONDS, PatientConnection, Trouble
from bot.store.writers import WRITERS, Writers, driver_of

POOL = {
    "pool_size": 5,
    "max_overflow": WRITERS,
    "pool_timeout": 2.0,
    "pool_use_lifo": True,
    "pool_recycle": 1800,
}
"""Five for long looks and the operator's questions, beside those that write."""
LOCK_MILLISECONDS = 2000
STATEMENT_MILLISECONDS = 8000
READING_SECONDS = 60.0
LONG_SECONDS = 3600.0
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": LOCK_MILLISECONDS,
    "statement_timeout": STATEMENT_MILLISECONDS,
    "idle_in_transaction_session_timeout": 20_000,  # a frozen replica gives its locks back
    "client_connection_check_interval": 1000,  # so does one that has gone in the middle of a statement
    "default_transaction_isolation": "read\\ committed",
}
CONNECT: dict[str, Any] = {
    "connect_timeout": 2,
    "application_name": "embarque",
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
"""What the address may say otherwise. Seconds, but for tcp_user_timeout, which is in milliseconds."""


class PostgresDatabase:
    """An engine, the connections that write, and transactions on them."""

    at_once = WRITERS - 2
    """Two connections are left to what is being sent."""

    def __init__(self, engine: AsyncEngine, writers: Writers) -> None:
        self.engine = engine
        self._writers = writers

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, rolled back on any error.

        A COMMIT without an answer is an error like any other: it may have been done, so whoever tries again must
        be able to tell, as turns can by the event's id. Cancelling the task ends it at once, however quiet the
        server is.
        """
        async with self._writers.one() as connection:
            try:
                yield connection
                await connection.finish()
            except asyncio.CancelledError:
                connection.driver.give_up()
                raise
            except BaseException:
                with suppress(sa.exc.SQLAlchemyError, psycopg.Error):  # the server rolls back what is lost
                    await connection.undo()
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One look for long queries: it sees one moment, writes nothing and keeps no writer waiting."""
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            driver = driver_of(connection)
            driver.patience = READING_SECONDS + 5
            try:
                await connection.execute(sa.text(f"SET LOCAL statement_timeout = '{READING_SECONDS:.0f}s'"))
                await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '300s'"))
                yield connection
            except asyncio.CancelledError:
                driver.give_up()
                raise

    async def close(self) -> None:
        """Give back all connections."""
        await self._writers.close()
        await self.engine.dispose()


def open_postgres(url: sa.URL) -> PostgresDatabase:
    """Open `postgresql+psycopg://user:password@host/name`; nothing is connected yet.

    Parameters of libpq in the address, such as sslmode and connect_timeout, hold before ours.
    """
    trouble = Trouble()

    async def connect(*given: Any, **named: Any) -> PatientConnection:
        made = await PatientConnection.connect(*given, **named)
        made.trouble = trouble
        return made

    ours = {name: value for name, value in CONNECT.items() if name not in url.query}
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    theirs = url.query.get("options", "")
    options = f"{session} {theirs if isinstance(theirs, str) else ' '.join(theirs)}".strip()
    engine = create_async_engine(
        url.difference_update_query(["options"]),
        connect_args={**ours, "options": options, "async_creator_fn": connect},
        use_native_hstore=False,
        hide_parameters=True,  # an error must not quote what somebody wrote
        **POOL,
        **JSON,
    )
    _heal(engine, trouble)
    return PostgresDatabase(engine, Writers(engine, trouble))


def be_patient(connection: AsyncConnection) -> None:
    """Let statements of this connection take as long as they take, until it is given back."""
    driver_of(connection).patience = LONG_SECONDS


def _heal(engine: AsyncEngine, trouble: Trouble) -> None:
    """Give out only connections that work, without a question to the server where none is needed.

    Of the engine's own; those that write are looked after in `bot.store.writers`.
    """
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    @sa.event.listens_for(pool, "checkin")
    def returned(connection: Any, record: Any) -> None:
        del connection
        record.info["returned"] = time.monotonic()

    @sa.event.listens_for(pool, "checkout")
    def taken(connection: Any, record: Any, proxy: object) -> None:
        del proxy
        driver: PatientConnection = connection.driver_connection
        driver.patience = SECONDS
        if driver.gone():
            raise sa.exc.InvalidatePoolError
        returned_at = record.info.get("returned")
        if returned_at is None:  # just made
            return
        if returned_at < trouble.at or time.monotonic() - returned_at > PING_AFTER_SECONDS:
            driver.patience = PING_SECONDS
            try:
                dialect.do_ping(connection)
            except psycopg.Error as error:
                raise sa.exc.InvalidatePoolError from error
            finally:
                driver.patience = SECONDS
