"""What is due and in nobody's hand is given to the engine, in bounded numbers; a job that was lost is made again.

Without an engine, or while it is not there, the feeder does the work itself.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.jobs import Engine, EngineAwayError, Job
from bot.sender import Sender
from bot.store import StoreError, due, locks, replicas
from bot.store.database import Database
from bot.store.due import Head, Wanted

log = structlog.get_logger()

BUSY_SECONDS, IDLE_SECONDS, TROUBLE_SECONDS = 0.25, 1.0, 1.0
WINDOW = 200
"""Jobs that are made and not ended, over all replicas: a hundred thousand due rows stay rows until their turn."""
AT_ONCE = 12
FRESH = timedelta(seconds=2)
"""So soon after it was written a delivery is left to the process that wrote it."""
MOST_ROUNDS = 8
"""A drain tries no row more often than that."""
JOB_LASTS = timedelta(seconds=45)
"""A row whose job is older gets another, as far as the window has room; the old one finds nothing to do."""


class Feeder:
    """Looks for due rows all the time. engine: set when it is launched, taken away when it is closed."""

    def __init__(self, database: Database, sender: Sender, clock: Clock, real: Clock, tenant: str) -> None:
        self.engine: Engine | None = None
        self.here: Callable[[], Collection[int]] = tuple
        """Numbers that this process is about to send by itself."""
        self._database = database
        self._sender = sender
        self._clock = clock
        self._real = real
        self._tenant = tenant
        self._platforms = tuple(sender.claims.outbounds)
        self._after: tuple[datetime, int] | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There may be something due."""
        self._wake.set()

    async def run(self) -> None:
        """Feed until cancelled."""
        while True:
            try:
                pause = BUSY_SECONDS if await self.feed() else IDLE_SECONDS
            except (StoreError, EngineAwayError) as error:
                log.warning("feeding failed, trying again", reason=type(error).__name__)
                pause = TROUBLE_SECONDS
            except Exception:  # the feeder must outlive everything
                log.exception("feeding broke, trying again")
                pause = TROUBLE_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def feed(self) -> bool:
        """One look at what is due; whether there may be more to do soon."""
        if not self._platforms:
            return False  # nothing can be sent from here
        async with self._database.reading() as connection:
            real = await replicas.moment(connection, self._real.now())
            wanted = self._wanted(fresh=self._clock.now() - FRESH, stale=real - JOB_LASTS)
            page = await due.heads(connection, wanted, WINDOW, self._after)
        if not page.heads:
            self._after = page.after
            return page.after is not None
        if self.engine is None:
            self._after = page.after
            await self._do(page.heads)
            return True
        standing = await self.engine.standing()
        free = WINDOW - standing.waiting - sum(standing.running.values())
        here = self.here()
        others = [one for one in page.heads if one.number not in here]
        heads = others[: max(free, 0)]
        if not heads:
            # What is ours is on its way; behind it there may be more.
            self._after = self._after if others else page.after
            return bool(others) or page.after is not None
        async with self._database.transaction() as connection:
            if not await locks.hold_at_once(connection, f"feeder {self._tenant}"):
                return True  # another replica is at it
            given = await due.given(connection, wanted, heads, real)
            await self.engine.enqueue(connection, [Job(one.number, one.hop, one.lane) for one in given])
        self._sender.claims.failpoint("fed")
        cut = len(heads) < len(others)
        self._after = (heads[-1].due_at, heads[-1].number) if cut else page.after
        return True

    async def drain(self) -> int:
        """Do everything that is due now, here and at once; how many rows were taken in hand."""
        done: dict[int, int] = {}
        while True:
            async with self._database.reading() as connection:
                page = await due.heads(connection, self._wanted(), WINDOW)
                after = page.after
                while not page.heads and after is not None:
                    page = await due.heads(connection, self._wanted(), WINDOW, after)
                    after = page.after
            fresh = [one for one in page.heads if done.get(one.number, 0) < MOST_ROUNDS]
            if not fresh:
                return len(done)
            for one in fresh:
                done[one.number] = done.get(one.number, 0) + 1
            await self._do(fresh)

    def _wanted(self, fresh: datetime | None = None, stale: datetime | None = None) -> Wanted:
        return Wanted(self._tenant, self._platforms, self._clock.now(), fresh, stale)

    async def _do(self, heads: Sequence[Head]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def work(number: int) -> None:
            async with gate:
                await self._sender.work(number)

        for broken in await asyncio.gather(*(work(one.number) for one in heads), return_exceptions=True):
            if broken is not None:
                raise broken
