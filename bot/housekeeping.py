"""What a process looks after: old notes, jobs and gates are dropped at night, and the database knows its tables."""

from datetime import timedelta
from functools import partial

import structlog

from bot.background import Background
from bot.clock import Clock
from bot.jobs import Engine, EngineAwayError
from bot.store import StoreError, due, events, gates, locks, replicas, statistics
from bot.store.database import Database

log = structlog.get_logger()

EVERY = timedelta(hours=24)
FIRST_SECONDS = 60.0
"""A start has more urgent things to do."""
LOOK_SECONDS = 3.0
KEEP_EVENTS = timedelta(days=3)
"""No platform delivers an event again after that long."""
KEEP_JOBS = timedelta(days=1)
KEEP_GATES_SECONDS = 86_400.0
KEEP_REPLICAS = timedelta(days=1)


class Housekeeping:
    """The nightly round of one process. engine: set when it is launched, taken away when it is closed."""

    def __init__(self, database: Database, real: Clock, tenant: str) -> None:
        self.engine: Engine | None = None
        self._database = database
        self._real = real
        self._tenant = tenant
        self._rounds = Background(
            "tidying",
            self.tidy,
            lambda _: EVERY.total_seconds(),
            first=FIRST_SECONDS,
            away=(StoreError, EngineAwayError),
            soon=FIRST_SECONDS,
        )

        self._looks = Background(
            "statistics", partial(statistics.refresh, database), lambda _: LOOK_SECONDS, away=(StoreError,)
        )

    def start(self) -> None:
        """Go round from now on."""
        self._rounds.start()
        self._looks.start()

    async def stop(self) -> None:
        """End."""
        await self._looks.stop()
        await self._rounds.stop()

    async def tidy(self) -> None:
        """Drop what is old; on many replicas one of them does it."""
        now = self._real.now()
        async with self._database.transaction() as connection:
            if not await locks.hold_at_once(connection, "housekeeping"):
                return
            await gates.forget(connection, KEEP_GATES_SECONDS)
            await replicas.forget(connection, now, KEEP_REPLICAS)
            await due.fill_lanes(connection, self._tenant)
        more = True
        while more:  # in small transactions: somebody may be waiting to answer
            async with self._database.transaction() as connection:
                more = await events.forget(connection, now - KEEP_EVENTS)
        jobs = 0 if self.engine is None else await self.engine.forget(now - KEEP_JOBS)
        log.info("tidied", due=jobs)
