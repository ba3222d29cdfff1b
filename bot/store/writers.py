"""The connections that write, kept open and ready: taking one from SQLAlchemy's pool costs more than its commit."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import psycopg
import sqlalchemy as sa
from psycopg import pq
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.exchange import PostgresConnection
from bot.store.patience import PING_AFTER_SECONDS, PING_SECONDS, SECONDS, PatientConnection, Trouble

WRITERS = 10
"""A turn holds one for some milliseconds: ten serve more turns a second than one process can."""
PATIENCE_SECONDS = 2.0
OLD_SECONDS = 1800.0
"""One that is older is replaced, so that a server moved elsewhere, or with new settings, is noticed."""


class Writers:
    """Gives out connections that work, the one used last first. trouble: when the server last failed us."""

    def __init__(self, engine: AsyncEngine, trouble: Trouble) -> None:
        self._engine = engine
        self._trouble = trouble
        self._free: list[tuple[PostgresConnection, float, float]] = []
        """Each with the moments when it was made and given back, by the monotonic clock."""
        self._room = asyncio.Semaphore(WRITERS)
        self._closing = False

    @asynccontextmanager
    async def one(self) -> AsyncIterator[PostgresConnection]:
        """Have a connection for the time of the block. Raises SQLAlchemy's TimeoutError when none becomes free."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS if self._room.locked() else None):
                await self._room.acquire()
        except TimeoutError:
            raise sa.exc.TimeoutError("all connections are in use") from None
        try:
            connection, made = await self._taken()
            try:
                yield connection
            finally:
                await self._given_back(connection, made)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Close those that nobody has, and the others when they are given back."""
        self._closing = True
        while self._free:
            await _closed(self._free.pop()[0])

    async def _taken(self) -> tuple[PostgresConnection, float]:
        while self._free:
            connection, made, returned = self._free.pop()
            works = False
            try:
                works = await self._works(connection.driver, made, returned)
            finally:  # also when the turn is cancelled in the middle of the question
                if not works:
                    await _closed(connection)
            if works:
                return connection, made
            if returned < self._trouble.at:  # the others are no better, and to ask each takes half a second
                await self._drop_old()
        connection = PostgresConnection(self._engine)
        await connection.start()
        connection.speak_through(driver_of(connection))
        return connection, time.monotonic()

    async def _drop_old(self) -> None:
        old = [one for one in self._free if one[2] < self._trouble.at]
        self._free = [one for one in self._free if one not in old]
        for connection, _, _ in old:
            await _closed(connection)

    async def _works(self, driver: PatientConnection, made: float, returned: float) -> bool:
        """Whether it can be used; the server is asked only where there is a reason to doubt."""
        now = time.monotonic()
        if driver.gone() or now - made > OLD_SECONDS:
            return False
        if returned >= self._trouble.at and now - returned <= PING_AFTER_SECONDS:
            return True
        driver.patience = PING_SECONDS
        try:
            await driver.execute("SELECT 1")
            await driver.rollback()
        except psycopg.Error:
            return False
        finally:
            driver.patience = SECONDS
        return True

    async def _given_back(self, connection: PostgresConnection, made: float) -> None:
        driver = connection.driver
        driver.patience = SECONDS
        if self._closing or driver.closed or driver.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            await _closed(connection)
        else:
            self._free.append((connection, made, time.monotonic()))


def driver_of(connection: AsyncConnection) -> PatientConnection:
    """Psycopg's connection below; to be asked for while all is well."""
    raw = cast("sa.Connection", connection.sync_connection).connection
    return cast("PatientConnection", raw.driver_connection)  # the engine makes no other


async def _closed(connection: PostgresConnection) -> None:
    """Close it for good; SQLAlchemy's pool has room for another one then."""
    connection.driver.pgconn.finish()
    with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
        await connection.invalidate()
    with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
        await connection.close()
