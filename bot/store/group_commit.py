"""One writer for all: units of work that come at the same time share one commit, and so one wait for the disk."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from bot.measures import COMMIT_TURNS
from bot.store.inline import InlineConnection, InlineDriver, inline_connection

MOST_TOGETHER, LONGEST_SECONDS = 64, 0.02
"""A group takes in no more blocks than that, and none after that long."""

Open = Callable[[], InlineDriver]
T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Block:
    """A unit of work: its turn to run, its end (None, or why it failed), and the commit that contains it."""

    turn: asyncio.Future[InlineConnection]
    ended: asyncio.Future[BaseException | None]
    stored: asyncio.Future[None]


@dataclass(slots=True)
class Writer:
    """The one connection that writes. open: makes it, set up, with nothing begun.

    Blocks run one after the other in the order in which they came, each but the first within a savepoint of
    a shared transaction. A block that fails takes back what it did and nothing else; when the commit fails, every block
    of the group fails and nothing of any is stored.
    """

    open: Open
    _connection: InlineConnection | None = None
    _patience: int | None = None
    _waiting: deque[_Block] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
    )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[InlineConnection]:
        """Run the block in its turn; it is on disk when this returns, and leaves nothing behind when it raises."""
        loop = asyncio.get_running_loop()
        block = _Block(loop.create_future(), loop.create_future(), loop.create_future())
        self._waiting.append(block)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        try:
            connection = await block.turn
            yield connection
        except BaseException as error:
            _settle(block.ended, error)
            block.stored.cancel()
            raise
        _settle(block.ended, None)
        await block.stored

    async def close(self) -> None:
        """Let what is under way end, then close the connection."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()
            await connection.engine.dispose()
            connection.driver.close()

    async def _work(self) -> None:
        """Do what waits, group after group; the task ends when nothing does."""
        while self._waiting:
            together: list[_Block] = []
            try:
                connection = self._connection = self._connection or await inline_connection(self.open())
                await self._begin(connection.driver)
                await self._group(connection, together)
            except Exception as error:  # noqa: BLE001 - it is told to everybody whom it concerns
                if self._connection is not None and self._connection.driver.in_transaction:
                    self._connection.driver.execute("ROLLBACK")
                if not together:  # nothing could be begun: all who waited for it have waited as long
                    together, self._waiting = list(self._waiting), deque()
                _fail(together, error)
            else:
                for block in together:
                    _settle(block.stored, None)

    async def _begin(self, driver: InlineDriver) -> None:
        """Take the write lock: at once where it is free, else waiting for it where the loop is not held up."""
        if driver.in_transaction:  # the loop that ran the group before was stopped in the middle
            driver.execute("ROLLBACK")
        if self._patience is None:
            (self._patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute("PRAGMA busy_timeout=0")
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        finally:
            driver.execute(f"PRAGMA busy_timeout={self._patience:d}")
        if not driver.in_transaction:
            await self._aside(driver.execute, "BEGIN IMMEDIATE")

    async def _group(self, connection: InlineConnection, together: list[_Block]) -> None:
        """Let blocks run until nobody waits or it has been long enough; then commit. together: who takes part."""
        driver, began, blocks = connection.driver, time.monotonic(), 0
        while self._waiting and blocks < MOST_TOGETHER and time.monotonic() - began < LONGEST_SECONDS:
            block = self._waiting.popleft()
            if block.turn.done():  # it was cancelled while it waited
                continue
            blocks += 1
            first = not together  # it has the transaction to itself so far
            together.append(block)
            if not first:
                driver.execute("SAVEPOINT block")
            block.turn.set_result(connection)
            failure = await block.ended
            if not driver.in_transaction:  # a full disk, for one, makes SQLite take back everything
                raise failure if isinstance(failure, Exception) else sqlite3.OperationalError("taken back")
            if failure is not None:
                together.remove(block)
                driver.execute("ROLLBACK" if first else "ROLLBACK TO block")
            if not first:
                driver.execute("RELEASE block")
            elif failure is not None:
                await self._begin(driver)
        await self._aside(driver.execute, "COMMIT")
        COMMIT_TURNS.observe(len(together))

    async def _aside(self, work: Callable[[str], object], sql: str) -> None:
        """Run one statement on the writer's thread; whoever is cancelled meanwhile still waits for its end."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, work, sql)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise


def _settle(future: "asyncio.Future[T]", value: T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(blocks: list[_Block], why: Exception) -> None:
    """Tell each block: at its turn if it still waits for that, else at its end."""
    if isinstance(why, sqlite3.Error):  # callers know SQLAlchemy's errors only
        why = sa.exc.DBAPIError.instance("COMMIT", None, why, sqlite3.Error)
    for block in blocks:
        for future in (block.turn, block.stored):
            if not future.done():
                future.set_exception(why)
                break
