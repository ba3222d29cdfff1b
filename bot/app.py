"""The application put together: store, content, edges, turns, sender, clockwork and HTTP."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from adapters.base import Edge, Listener, Outbound
from bot import calendars
from bot.clock import Clock, SystemClock
from bot.deliveries import STOP_SECONDS, Deliveries
from bot.housekeeping import Housekeeping
from bot.ingress import door, measured
from bot.jobs import Engine, EngineAwayError
from bot.library import Library
from bot.loop_lag import LoopLag
from bot.probes import Probes
from bot.replicas import Replicas
from bot.store import StoreError, people, statistics
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.ticker import Ticker
from bot.turns import Turns
from dialogs.text import LOCALES, written

log = structlog.get_logger()

DOOR_SECONDS = 0.1
"""How long the door has to open before what can wait is loaded beside it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to launch the engine."""
SWITCH_SECONDS = 0.0005
"""How long a thread keeps the loop waiting after each of its statements; five milliseconds, if nobody says so."""
COLLECT_AFTER = 20_000
"""New objects until the collector looks for circles among them."""


@dataclass
class Embarque:
    """Everything that runs in one process.

    clock: the company's time, which the demo moves. real: the machine's time, for signatures, rates and heartbeats.
    engine: carries work to other replicas and through restarts; without one this process does all work itself.
    replica: the engine's name for this process. later: loads what the first turns need and opening the door does not.
    listeners: fetch what people do, where a platform cannot reach the door.
    """

    database: Database
    library: Library
    tenant: str
    clock: Clock
    edges: tuple[Edge, ...]
    outbounds: dict[str, Outbound]
    routes: list[web.RouteDef] = field(default_factory=list)
    real: Clock = field(default_factory=SystemClock)
    ticking: bool = True
    engine: Engine | None = None
    replica: str | None = None
    later: tuple[Callable[[], object], ...] = ()
    listeners: tuple[Listener, ...] = ()

    def __post_init__(self) -> None:
        where = (self.clock, self.real, self.tenant)
        self.deliveries = Deliveries(
            self.database, self.outbounds, self.clock, self.tenant, self.replica, self.real
        )
        self.replicas = Replicas(self.database, self.deliveries.sender, *where)
        self.housekeeping = Housekeeping(self.database, self.real, self.tenant)
        self.loop_lag = LoopLag()
        self.probes = Probes(self.database, self.library, self.tenant, self.clock)
        self.turns = Turns(self.database, self.library, self.clock, self.deliveries, self.tenant)
        self.ticker = Ticker(self.database, self.library, self.clock, self.deliveries, self.tenant)
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring the database up to date, settle what a crash left, then send; tick as soon as the door is open."""
        await migrate(self.database)
        async with self.database.transaction() as connection:
            company = await people.company(connection, self.tenant)
        if company is not None:  # the first turn would stand still for as long as this takes
            await asyncio.to_thread(calendars.workdays, company.region, self.clock.now().year)
        await self.replicas.start()
        await self.deliveries.start()
        self.housekeeping.start()
        self.loop_lag.start()
        self.probes.taking = True
        for listener in self.listeners:
            turn = measured(self.turns.handle, listener.platform)
            await listener.start(turn, lambda: self.turns.full)
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Take no more, finish what is under way, close everything."""
        self.probes.taking = False
        for listener in self.listeners:
            await listener.stop()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.ticker.stop()
        await self.housekeeping.stop()
        if self.engine is not None:
            self.engine.rest()  # what waits there is for the others, and would only come back from here
        await self.deliveries.stop()
        await self._land()
        await self.replicas.stop()
        await self.loop_lag.stop()
        for outbound in self.outbounds.values():
            await outbound.close()
        await self.database.close()

    async def _follow(self) -> None:
        """What can wait until the door is open: loading, in a thread, what the first turns need, then the clockwork."""
        await asyncio.sleep(DOOR_SECONDS)
        for load in (self._dates, *self.later):
            try:
                await asyncio.to_thread(load)
            except Exception:  # whoever needs it will load it, and say what is wrong with it
                log.exception("not loaded ahead")
        if self.ticking:
            with suppress(StoreError):  # of a company that was just imported the database knows nothing yet
                await statistics.refresh(self.database)
            self.ticker.start()
        if self.engine is not None:
            await self._launch(self.engine)

    def _dates(self) -> None:
        """Have every language's names of days and months read, for which the first date would keep somebody waiting."""
        for locale in LOCALES:
            written(self.clock.now(), locale)

    async def _launch(self, engine: Engine) -> None:
        """Launch the engine while everything else runs already; it takes a second, and its database may be away."""
        pause = FIRST_PAUSE
        while True:
            try:
                await engine.launch(self.deliveries.sender.work)
                break
            except EngineAwayError:
                log.warning("the engine cannot be launched, trying again")
            except Exception:  # without it everything works, from this process alone
                log.exception("the engine cannot be launched, trying again")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self.deliveries.feeder.engine = self.replicas.engine = self.housekeeping.engine = engine
        self.probes.jobs = engine.standing
        log.info("engine launched")

    async def _land(self) -> None:
        if self._following is None or self.engine is None:
            return
        self.deliveries.feeder.engine = self.replicas.engine = self.housekeeping.engine = None
        self.probes.jobs = None
        await self.engine.close(STOP_SECONDS)

    def web_app(self) -> web.Application:
        """The HTTP server: one door for each platform, and the paths for operators."""
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes(
            [door(edge, self.turns.handle, self.real, full=lambda: self.turns.full) for edge in self.edges]
        )
        app.add_routes(self.routes)
        app.add_routes(self.probes.routes())
        app.on_response_prepare.append(_quiet_server)

        async def running(_: web.Application) -> AsyncIterator[None]:
            await self.start()
            _settle()
            yield
            await self.stop()

        app.cleanup_ctx.append(running)
        return app


def _settle() -> None:
    """What is loaded by now stays for good: the collector need not look through it, nor threads hold up the loop.

    Nor is it looked through once for the little that imports leave behind: that would take a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)
    sys.setswitchinterval(SWITCH_SECONDS)


async def _quiet_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "embarque"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
