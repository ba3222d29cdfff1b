"""What operators and load balancers ask over HTTP: alive, ready, measures."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import orjson
import structlog
from aiohttp import web
from prometheus_client import REGISTRY, generate_latest

from bot.clock import Clock, SystemClock
from bot.figures import stand
from bot.jobs import Standing
from bot.library import Library
from bot.measures import DATABASE_UP
from bot.store import people
from bot.store.database import Database

log = structlog.get_logger()

READY_SECONDS = 0.9
"""How long the database may take: whoever asks is answered within a second, also when it says nothing at all."""
FIGURES_SECONDS = 3.0
FRESH_SECONDS = 5.0
"""So old may the figures of the database be: several who scrape do not make it count several times."""
Jobs = Callable[[], Awaitable[Standing]]


class Probes:
    """The three paths. taking: whether this process takes work; false while it starts and as soon as it stops.

    clock: the company's. jobs: how the engine's jobs stand, once there is an engine.
    """

    def __init__(
        self,
        database: Database,
        library: Library,
        tenant: str,
        clock: Clock | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        self._database = database
        self._library = library
        self._tenant = tenant
        self._clock = clock or SystemClock()
        self.jobs = jobs
        self.taking = False
        self._stopping = False
        self._looking, self._counting = asyncio.Lock(), asyncio.Lock()
        self._answered = True
        self._stood_at = float("-inf")

    def routes(self) -> list[web.RouteDef]:
        """Where they answer."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def drain(self, seconds: float) -> None:
        """Say "not ready" from now on, and give load balancers this long to notice; requests are still served."""
        self.taking = False
        self._stopping = True
        await asyncio.sleep(seconds)

    async def _healthz(self, _: web.Request) -> web.Response:
        """The process lives: the database is not asked, or its trouble would restart every replica."""
        return _json({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        """Ready when the database answers and a company is set up; says what is missing otherwise."""
        if not self.taking:
            return _json({"status": "stopping" if self._stopping else "starting"}, 503)
        try:
            # One look at a time: whoever probes must not take the connections that turns need.
            async with asyncio.timeout(READY_SECONDS), self._looking, self._database.reading() as connection:
                company = await people.company(connection, self._tenant)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is the same: not ready
            if self._answered:
                log.warning("not ready: the database does not answer", reason=type(error).__name__)
            self._answered = False
            return _json({"status": "the database does not answer"}, 503)
        if not self._answered:
            log.info("ready again")
        self._answered = True
        state = "ok" if company is not None else "no people yet: embarque people import FILE.csv"
        return _json(
            {"status": state, "content_mistakes": len(self._library.mistakes)}, 200 if company else 503
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        """The figures; those of the database are left out while it does not answer."""
        if time.monotonic() - self._stood_at > FRESH_SECONDS:
            try:
                async with asyncio.timeout(FIGURES_SECONDS), self._counting:
                    await stand(self._database, self._tenant, self._clock.now(), self.jobs)
                DATABASE_UP.set(1)
                self._stood_at = time.monotonic()
            except Exception as error:  # noqa: BLE001 - the process's own figures are worth having all the more
                DATABASE_UP.set(0)
                log.warning("no figures of the database", reason=type(error).__name__)
        return web.Response(
            body=generate_latest(REGISTRY),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )


def _json(data: dict[str, object], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")
