"""The application put together: store, content, edges, turns, sender, clockwork and HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
import structlog
from aiohttp import web
from prometheus_client import REGISTRY, generate_latest

from adapters.base import Edge, Outbound
from bot import calendars
from bot.clock import Clock, SystemClock
from bot.deliveries import Deliveries
from bot.ingress import door
from bot.library import Library
from bot.store import deliveries as delivery_store
from bot.store import events, people
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.ticker import Ticker
from bot.turns import Turns

log = structlog.get_logger()

KEEP_EVENTS = timedelta(days=3)
"""No platform delivers an event again after that long."""


@dataclass
class Embarque:
    """Everything that runs in one process.

    clock: the company's time, which the demo moves. real: the machine's time, for signatures.
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
    ready: bool = False

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(self.database, self.outbounds, self.clock, self.tenant)
        self.turns = Turns(self.database, self.library, self.clock, self.deliveries, self.tenant)
        self.ticker = Ticker(self.database, self.library, self.clock, self.deliveries, self.tenant)

    async def start(self) -> None:
        """Bring the database up to date, settle what a crash left, then send and tick."""
        await migrate(self.database)
        async with self.database.transaction() as connection:
            await events.forget(connection, self.real.now() - KEEP_EVENTS)
            company = await people.company(connection, self.tenant)
        if company is not None:
            # The calendars take half a second to load: better now than in somebody's first turn.
            calendars.workdays(company.region, self.clock.now().year)
        await self.deliveries.start()
        if self.ticking:
            self.ticker.start()
        self.ready = True

    async def stop(self) -> None:
        """Take no more, finish what is under way, close everything."""
        self.ready = False
        await self.ticker.stop()
        await self.deliveries.stop()
        for outbound in self.outbounds.values():
            await outbound.close()
        await self.database.close()

    def web_app(self) -> web.Application:
        """The HTTP server: one door for each platform, and the paths for operators."""
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes([door(edge, self.turns.handle, self.real) for edge in self.edges])
        app.add_routes(self.routes)
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        app.on_response_prepare.append(_quiet_server)

        async def running(_: web.Application) -> AsyncIterator[None]:
            await self.start()
            yield
            await self.stop()

        app.cleanup_ctx.append(running)
        return app

    async def _healthz(self, _: web.Request) -> web.Response:
        return _json({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        """Ready when the database answers and a company is set up; says what is missing otherwise."""
        try:
            async with self.database.transaction() as connection:
                company = await people.company(connection, self.tenant)
                waiting = await delivery_store.counts(connection, self.tenant)
        except Exception:  # whatever it is, the answer is the same: not ready
            log.exception("not ready")
            return _json({"status": "the database does not answer"}, 503)
        if not self.ready:
            return _json({"status": "starting"}, 503)
        state = "ok" if company is not None else "no people yet: embarque people import FILE.csv"
        return _json(
            {"status": state, "content_mistakes": len(self.library.mistakes), "deliveries": waiting},
            200 if company else 503,
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(REGISTRY),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )


async def _quiet_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "embarque"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")


def _json(data: dict[str, object], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")
