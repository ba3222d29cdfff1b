"""Who else is there: heartbeats, and taking over what the dead have left, again and again until none is left."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.background import Background
from bot.clock import Clock
from bot.jobs import Engine, EngineAwayError
from bot.sender import Sender
from bot.store import StoreError, due, releasing, replicas
from bot.store.database import Database
from bot.store.standing import DEAD_AFTER

log = structlog.get_logger()

BEAT_SECONDS = 5.0
STEADY_SECONDS, GAP_SECONDS = 10.0, 15.0
"""Whoever was frozen, or without the database, lets the others show that they live before judging them."""
STRAY_AFTER = timedelta(seconds=10)


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
        self._rounds = [
            Background(
                "heartbeat",
                work,
                lambda _: BEAT_SECONDS,
                first=BEAT_SECONDS,
                away=(StoreError, EngineAwayError, TimeoutError),
            )
            for work in (self.mark, self.sweep)
        ]

    async def start(self) -> None:
        """Beat once, then from now on; what is taken over never keeps the heart from beating."""
        await self.mark()
        for one in self._rounds:
            one.start()

    async def stop(self) -> None:
        """End, and tell the others: they need not wait until the last heartbeat is old."""
        if not any(one.started for one in self._rounds):
            return
        await asyncio.gather(*(one.stop() for one in self._rounds))
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(BEAT_SECONDS), self._database.transaction() as connection:
                await replicas.gone(connection, self._replica)

    async def beat(self) -> int:
        """Say that we live, and take over what nobody holds any more; how many deliveries and jobs that were."""
        await self.mark()
        return await self.sweep()

    async def mark(self) -> None:
        """Say that we live."""
        async with self._database.transaction() as connection:
            await replicas.beat(connection, self._replica, self._real.now())
        now = time.monotonic()
        if now - self._last > GAP_SECONDS:
            self._steady_since = now
        self._last = now

    async def sweep(self) -> int:
        """Take over what nobody holds any more; how many deliveries and jobs that were."""
        if time.monotonic() - self._steady_since < STEADY_SECONDS:
            return 0
        known, now = frozenset(self._sender.in_hand), self._clock.now()
        async with self._database.transaction() as connection:
            real = await replicas.moment(connection, self._real.now())
            living = await replicas.living(connection, self._real.now()) | {self._replica}
            where = (connection, self._tenant)
            count = await releasing.release_strays(*where, self._replica, known, real - STRAY_AFTER, now)
            count += await releasing.release(*where, living, real - DEAD_AFTER, now)
            await due.fill_lanes(*where)
        if self.engine is not None:
            count += await self.engine.take_over(living)
        if count:
            log.warning("taken over", due=count)
        return count
