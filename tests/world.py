"""A company with one bot on one platform: everything real but the platform itself, and a clock that tests move."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import Embarque
from bot.library import BUILT_IN, Library
from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.ticker import Ticked
from tests.company import MONDAY, ROSTER, SLACK_CHANNEL, TEAMS_CHANNEL, WEB_CHANNEL, hire, slack_id, stage
from tests.doubles.chat import Chat
from tests.doubles.issuer import Issuer
from tests.doubles.slack_person import SlackPerson
from tests.doubles.slack_socket_person import SocketPerson
from tests.doubles.teams_person import TeamsPerson
from tests.doubles.web import WebPerson


class TestClock:
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class World:
    """What a test holds in its hands."""

    platform: str
    app: Embarque
    clock: TestClock
    url: str
    double: Any
    issuer: Issuer | None
    http: aiohttp.ClientSession
    sockets: bool = False
    chats: dict[tuple[str, bool], Chat] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.app.database

    def person(self, who: str, *, in_channel: bool = False) -> Chat:
        """This person in their own talk with the bot, or in the leadership channel; the same one each time."""
        key = (who, in_channel)
        if key not in self.chats:
            self.chats[key] = self._sit_down(who, in_channel=in_channel)
        return self.chats[key]

    async def passes(self, **time: float) -> Ticked:
        """Let time pass, as in `passes(days=1)`, then let the clockwork do what is due."""
        return await self.at(self.clock.moment + timedelta(**time))

    async def at(self, moment: datetime) -> Ticked:
        """Put the clock there and let the clockwork do what is due."""
        self.clock.moment = moment
        ticked = await self.app.ticker.tick(moment)
        await self.settled()
        return ticked

    async def settled(self) -> None:
        """Wait until everything written is sent."""
        await self.app.deliveries.settled()

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, for invariants that no screen shows."""
        async with self.database.transaction() as connection:
            found = await connection.execute(META.tables[table].select())
            return [dict(row) for row in found.mappings()]

    async def change(self, table: str, key: dict[str, Any], **values: Any) -> None:
        """Change one row, as an import of people would."""
        kept = META.tables[table]
        mine = [kept.c[name] == value for name, value in key.items()]
        async with self.database.transaction() as connection:
            await connection.execute(kept.update().where(*mine).values(**values))

    def _sit_down(self, who: str, *, in_channel: bool) -> Chat:
        name = ROSTER[who][0] if who in ROSTER else who
        match self.platform:
            case "slack":
                channel = SLACK_CHANNEL if in_channel else ""
                kind = SocketPerson if self.sockets else SlackPerson
                return kind(
                    self.double, self.url, user=slack_id(who), name=name, settle=self.settled, channel=channel
                )
            case "teams":
                return TeamsPerson(
                    self.double,
                    self.url,
                    issuer=self.issuer,
                    name=name,
                    user_id=f"29:{who}",
                    aad=who,
                    settle=self.settled,
                    channel=TEAMS_CHANNEL if in_channel else "",
                )
            case _:
                return WebPerson(self.http, self.url, who, self.settled, WEB_CHANNEL if in_channel else "")


_EMPTY: list[bytes] = []
_BUILT_IN: list[Library] = []


async def _empty_database(folder: Path) -> bytes:
    """A database file as migrations leave it; made once, since they take longer than most tests."""
    if not _EMPTY:
        made = open_database(f"sqlite+aiosqlite:///{folder}/empty.db")
        await migrate(made)
        await made.close()
        _EMPTY.append((folder / "empty.db").read_bytes())
    return _EMPTY[0]


def _library(content: Path) -> Library:
    """The content, read and checked once where it is the one that ships."""
    if content != BUILT_IN:
        return Library.open(content)
    if not _BUILT_IN:
        _BUILT_IN.append(Library.open(content))
    return replace(_BUILT_IN[0])


@asynccontextmanager
async def company_on(
    platform: str,
    folder: Path,
    locale: str = "fr-CA",
    content: Path = BUILT_IN,
    url: str | None = None,
    *,
    sockets: bool = False,
    http: bool = True,
) -> AsyncIterator[World]:
    """A company of six on one platform, everybody in one language, served on loopback.

    sockets: people on Slack reach the bot over Socket Mode. http: whether it has a door for the platform.
    """
    async with AsyncExitStack() as stack:
        if url is None:
            (folder / "embarque.db").write_bytes(await _empty_database(folder))
        database = open_database(url or f"sqlite+aiosqlite:///{folder}/embarque.db")
        if url is not None:
            await migrate(database)
        clock = TestClock(MONDAY)
        here = await stage(platform, stack, database, clock)
        await hire(database, platform, locale, here.double)
        app = Embarque(
            database,
            _library(content),
            "main",
            clock,
            (here.edge,) if http else (),
            {platform: here.outbound},
            list(here.routes),
            ticking=False,
            listeners=here.listeners if sockets else (),
        )
        runner = web.AppRunner(app.web_app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        session = await stack.enter_async_context(aiohttp.ClientSession())
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        world = World(platform, app, clock, address, here.double, here.issuer, session, sockets)
        for who in ROSTER:  # the platform knows everybody, whether or not they ever write
            world.person(who)
        yield world
