"""The demo: an invented company on SQLite with a chat in the browser, and a clock that can be moved."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.web.app import WebEdge
from adapters.web.outbound import WebOutbound
from adapters.web.page import Page
from adapters.web.streams import Streams
from bot.app import Embarque
from bot.clock import MovedClock, SystemClock
from bot.config import Settings
from bot.demo import company, days, seeding
from bot.demo.page import OFFSET, DemoCompany
from bot.jobs import Engine
from bot.library import BUILT_IN, Library
from bot.store import people, visit
from bot.store.database import Database, open_database
from bot.store.mailbox import StoredMailbox
from bot.store.migrate import migrate

LOOK_SECONDS = 1.0
"""How soon an edited text is in use: a visitor edits and looks."""


class NotADemoError(Exception):
    """The database holds a real company; the message says what to do."""


class OtherContentError(Exception):
    """The content has no pack of the demo company; the message names it."""


@dataclass
class DemoEmbarque(Embarque):
    """The application with the browser page; content that changes on disk is on the page at once."""

    streams: Streams = field(default_factory=Streams)
    _watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start everything, and look at the content every second."""
        await super().start()
        self._watch = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Stop looking, then stop everything."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await super().stop()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.library.refresh():
                self.streams.ring(self.tenant)


async def assemble(
    settings: Settings,
    *,
    reset: bool = False,
    now: datetime | None = None,
    begins: Callable[[], None] = lambda: None,
    engine: Engine | None = None,
) -> DemoEmbarque:
    """The demo, ready to be started: the database is migrated, and filled unless a visit is in it already.

    reset: begin a new visit; what the old one stored is deleted. now: when a new visit begins, instead of the
    machine's present. begins: called before the weeks of the company are lived, which takes a few seconds.
    engine: carries deliveries that are left for later.
    Raises NotADemoError when the database holds a company of your own, which is neither shown nor deleted,
    OtherContentError when the content is not what the demo company lives with, and ContentError when it cannot
    be used.
    """
    library = Library.open(settings.content or BUILT_IN)
    if company.PACK not in library.catalog.packs:
        raise OtherContentError(company.PACK)
    database, offset = await _opened(settings)
    if reset or offset is None:
        await database.close()
        visit.delete_file(settings.database_url)
        database, _ = await _opened(settings)
        begins()
        offset = await _filled(database, library, settings.tenant, now or SystemClock().now())
    clock = MovedClock(offset)
    streams, mailbox = Streams(), StoredMailbox(database, settings.tenant)
    shown = DemoCompany(database, library, clock, settings.tenant)
    edge = WebEdge(settings.tenant, mailbox, shown, shown.known, streams, Page())
    outbound = WebOutbound(mailbox, streams, clock.now)
    app = DemoEmbarque(
        database,
        library,
        settings.tenant,
        clock,
        (edge,),
        {"web": outbound},
        edge.routes(),
        engine=engine,
        streams=streams,
    )
    shown.sends(app.ticker, app.deliveries)
    return app


async def _opened(settings: Settings) -> tuple[Database, timedelta | None]:
    """The database, and how far its clock runs ahead; None when no visit was made ready in it."""
    database = open_database(settings.database_url)
    await migrate(database)
    async with database.transaction() as connection:
        known = await people.company(connection, settings.tenant)
        ours = await visit.setting(connection, settings.tenant, seeding.MARK)
        offset = await visit.setting(connection, settings.tenant, OFFSET)
    if known is not None and ours is None:
        await database.close()
        raise NotADemoError(
            f"{settings.database_url} holds your own company. Set EMBARQUE_DATABASE_URL to a new file for the "
            "demo, such as sqlite+aiosqlite:///var/demo.db."
        )
    return database, None if offset is None else timedelta(seconds=offset)


async def _filled(database: Database, library: Library, tenant: str, now: datetime) -> timedelta:
    """Live the weeks before the visit; how far the company's clock runs ahead of the machine's."""
    start = days.opening(now)
    await seeding.seed(database, library, tenant, start)
    async with database.transaction() as connection:
        ahead = start - SystemClock().now()
        await visit.keep(connection, tenant, OFFSET, ahead.total_seconds())
    return ahead
