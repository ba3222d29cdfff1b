"""Everything that sends: the direct way after a turn, and the feeder for what was left or is due later."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

import structlog

from adapters.base import Outbound
from bot.clock import Clock, SystemClock
from bot.direct import Direct
from bot.feeder import Feeder
from bot.sender import Sender
from bot.store import due, releasing
from bot.store.database import Database
from bot.store.deliveries import Written

log = structlog.get_logger()

STOP_SECONDS = 10
"""How long a stop waits for what is under way; the next start, or another replica, settles the rest."""
LEAVE_SECONDS = 2
ALONE = "local"
"""The name of the one process that may use an SQLite file: a restart finds its own work again at once."""


def replica_of(database: Database) -> str:
    """The name of this process, of this start alone where there may be others on the same database."""
    return ALONE if database.engine.dialect.name == "sqlite" else uuid4().hex


class Deliveries:
    """The sender with its two ways. replica: the name of this process among those of one database."""

    def __init__(
        self,
        database: Database,
        outbounds: Mapping[str, Outbound],
        clock: Clock,
        tenant: str,
        replica: str | None = None,
        real: Clock | None = None,
    ) -> None:
        real = real or SystemClock()
        self.replica = replica or replica_of(database)
        self.sender = Sender(database, outbounds, clock, real, tenant, self.replica)
        self.feeder = Feeder(database, self.sender, clock, real, tenant)
        self._direct = Direct(self.sender.work)
        self.feeder.here = lambda: self._direct.waiting
        self._database = database
        self._clock = clock
        self._tenant = tenant
        self._task: asyncio.Task[None] | None = None

    @property
    def failpoint(self) -> Callable[[str], None]:
        """Called at "fed", "claimed", "sent" and "told", where tests end the process."""
        return self.sender.claims.failpoint

    @failpoint.setter
    def failpoint(self, reached: Callable[[str], None]) -> None:
        self.sender.claims.failpoint = reached

    async def start(self) -> None:
        """Send what is pending, from now on; where this is the only process, what a stop left in doubt first."""
        async with self._database.transaction() as connection:
            while await due.fill_lanes(connection, self._tenant):
                pass
            if self.replica == ALONE:
                await releasing.release_all(connection, self._tenant, self._clock.now())
                await due.all_free(connection, self._tenant)
        self._task = asyncio.create_task(self.feeder.run())

    async def stop(self) -> None:
        """Begin nothing more, finish what is being posted, within a limit."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.sender.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self.sender.idle()
        await self._direct.stop(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.sender.claims.left()

    def send(self, written: Sequence[Written]) -> None:
        """Send these at once, from here; they are stored."""
        self.sender.claims.knows(written)
        if not self._direct.take(written):
            log.info("no room to send at once, left to the feeder")

    def wake(self) -> None:
        """Something was written that is to be sent, by whoever has time."""
        self.feeder.wake()

    async def drain(self) -> int:
        """Send everything that is due, here and now; the number of deliveries that were taken in hand."""
        return await self.feeder.drain()

    async def settled(self) -> None:
        """Wait until nothing that is due is left."""
        while True:
            await self._direct.idle()
            await self.sender.idle()
            if not await self.drain():
                return
