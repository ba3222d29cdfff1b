"""Who else is there: heartbeats, and taking over what the dead have left, again and again until none is left."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.jobs import Engine, EngineAwayError
from bot.sender import Sender
from bot.store import StoreError, replicas, sending
from bot.store.database import Database
from bot.store.standing import DEAD_AFTER

log = structlog.get_logger()

BEAT_SECONDS = 5.0
STEADY_SECONDS, GAP_SECONDS = 10.0, 15.0
"""Whoever was frozen, or without the database, lets the others show that they live before judging them."""
STRAY_AFTER = timedelta(seconds=10)
OLD_AFTER = timedelta(seconds=180)
"""No claim lasts that long, whoever holds it."""


class Replicas:
    """The heartbeat of this process. engine: set when it is launched, taken away when it is closed."""

    def __init__(self, database: Database, sender: Sender, clock: Clock, real: Clock, tenant: str) -> None:
        self.engine: Engine | None = None
        self._database = database
        self._sender = sender
        self._clock = clock
        self._real = real
        self._tenant = tenant
        self._replica = sender.claims.replica
        self._steady_since = self._last = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Beat once, then from now on."""
        async with self._database.transaction() as connection:
            await replicas.beat(connection, self._replica, self._real.now())
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, and tell the others: they need not wait until the last heartbeat is old."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(BEAT_SECONDS), self._database.transaction() as connection:
                await replicas.gone(connection, self._replica)

    async def beat(self) -> int:
        """Say that we live, and take over what nobody holds any more; how many deliveries and jobs that were."""
        real, known = self._real.now(), frozenset(self._sender.in_hand)
        async with self._database.transaction() as connection:
            await replicas.beat(connection, self._replica, real)
            living = await replicas.living(connection, real) | {self._replica}
        if not self._steady():
            return 0
        now = self._clock.now()
        async with self._database.transaction() as connection:
            where = (connection, self._tenant)
            count = await sending.release_strays(*where, self._replica, known, real - STRAY_AFTER, now)
            count += await sending.release(*where, living, real - DEAD_AFTER, real - OLD_AFTER, now)
        if self.engine is not None:
            count += await self.engine.take_over(living)
        if count:
            log.warning("taken over", due=count)
        return count

    def _steady(self) -> bool:
        now = time.monotonic()
        if now - self._last > GAP_SECONDS:
            self._steady_since = now
        self._last = now
        return now - self._steady_since >= STEADY_SECONDS

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.beat()
            except (StoreError, EngineAwayError, TimeoutError) as error:
                log.warning("heartbeat failed, trying again", reason=type(error).__name__)
            except Exception:  # a replica without a heartbeat would count as dead
                log.exception("heartbeat broke, trying again")
