"""A company with one bot on one platform: everything real but the platform itself, and a clock that tests move."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from adapters.base import Edge, Outbound
from adapters.slack.app import SlackEdge
from adapters.teams.app import TeamsEdge
from adapters.teams.credentials import Credentials
from adapters.teams.keys import SigningKeys
from adapters.teams.outbound import TeamsOutbound
from adapters.web.app import WebEdge
from adapters.web.company import Persona
from adapters.web.outbound import WebOutbound
from adapters.web.page import Page
from adapters.web.streams import Streams
from bot.app import Embarque
from bot.library import BUILT_IN, Library
from bot.store import people
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.mailbox import StoredMailbox
from bot.store.migrate import migrate
from bot.ticker import Ticked
from tests.doubles.chat import Chat
from tests.doubles.issuer import Issuer
from tests.doubles.slack import SlackDouble
from tests.doubles.slack_person import SlackPerson
from tests.doubles.teams import APP_ID, PASSWORD, TENANT, Teams
from tests.doubles.teams_person import TeamsPerson
from tests.doubles.web import WebPerson
from tests.doubles.web_company import SmallCompany

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""Monday 23 November 2026, 09:00 in Montréal: week 9 of the project."""
STARTS, LIVE = date(2026, 9, 21), date(2027, 6, 28)
ROSTER: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    # id: what they are called, function, roles
    "lead": ("Direction du projet", None, ("project_lead",)),
    "change": ("Direction du changement", None, ("change_lead",)),
    "sponsor": ("Direction générale", None, ("sponsor",)),
    "finance": ("Responsable des finances", "FIN", ("function_lead:FIN",)),
    "stores": ("Responsable des magasins", "STO", ("function_lead:STO",)),
    "advisor": ("Conseil en magasin", "STO", ()),
}
HEADCOUNTS = {"FIN": 2, "STO": 30, "MKT": 6}


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
    chats: dict[str, Chat] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.app.database

    def person(self, who: str) -> Chat:
        """This person in front of the platform; the same one each time."""
        if who not in self.chats:
            self.chats[who] = self._sit_down(who)
        return self.chats[who]

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
        await self.app.deliveries.settled()

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, for invariants that no screen shows."""
        async with self.database.transaction() as connection:
            found = await connection.execute(t.META.tables[table].select())
            return [dict(row) for row in found.mappings()]

    def _sit_down(self, who: str) -> Chat:
        name = ROSTER[who][0] if who in ROSTER else who
        match self.platform:
            case "slack":
                return SlackPerson(self.double, self.url, user=slack_id(who), name=name, settle=self.settled)
            case "teams":
                return TeamsPerson(
                    self.double, self.url, issuer=self.issuer, name=name, user_id=f"29:{who}", aad=who, settle=self.settled
                )
            case _:
                return WebPerson(self.http, self.url, who, self.settled)


def slack_id(who: str) -> str:
    return f"U0{who.upper()}"


@asynccontextmanager
async def company_on(
    platform: str, folder: Path, locale: str = "fr-CA", content: Path = BUILT_IN, url: str | None = None
) -> AsyncIterator[World]:
    """A company of six on one platform, everybody in one language, served over HTTP on loopback."""
    async with AsyncExitStack() as stack:
        database = open_database(url or f"sqlite+aiosqlite:///{folder}/embarque.db")
        await migrate(database)
        clock = TestClock(MONDAY)
        edge, outbound, double, issuer, routes = await _platform(platform, stack, database, clock)
        await _people(database, platform, locale, double)
        app = Embarque(
            database, Library.open(content), "main", clock, (edge,), {platform: outbound}, routes, ticking=False
        )
        runner = web.AppRunner(app.web_app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield World(platform, app, clock, address, double, issuer, http)


async def _platform(
    platform: str, stack: AsyncExitStack, database: Database, clock: TestClock
) -> tuple[Edge, Outbound, Any, Issuer | None, list[web.RouteDef]]:
    match platform:
        case "slack":
            slack = await stack.enter_async_context(SlackDouble().running())
            edge = SlackEdge([slack.signing_secret], slack.bot_token, slack.url, (slack.team,))
            return edge, edge.outbound, slack, None, []
        case "teams":
            issuer = await stack.enter_async_context(Issuer())
            teams = await stack.enter_async_context(Teams())
            hosts = (teams.service_url.split("/")[2],)
            credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=teams.token_url)
            outbound = TeamsOutbound(credentials, hosts=hosts, service_url=teams.service_url, dev=True)
            return TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url), dev=True), outbound, teams, issuer, []
        case _:
            streams, mailbox = Streams(), StoredMailbox(database, "main")

            async def known(user: str) -> bool:
                async with database.transaction() as connection:
                    return await people.person_at(connection, "main", "web", "main", user) is not None

            everybody = tuple(Persona(who, name, "", "fr-CA", "") for who, (name, _, _) in ROSTER.items())
            web_edge = WebEdge("main", mailbox, SmallCompany(people=everybody), known, streams, Page())
            return web_edge, WebOutbound(mailbox, streams, clock.now), None, None, list(web_edge.routes())


async def _people(database: Database, platform: str, locale: str, double: Any) -> None:
    team = {"slack": "T0TEAM", "teams": TENANT, "web": "main"}[platform]
    async with database.transaction() as connection:

        async def add(table: Any, **values: Any) -> None:
            await connection.execute(table.insert().values(tenant="main", **values))

        await add(
            t.project, id="main", pack="ecommerce", starts_on=STARTS, goes_live_on=LIVE, zone="America/Toronto", region="CA-QC"
        )
        for code, headcount in HEADCOUNTS.items():
            lead = next((who for who, (_, function, roles) in ROSTER.items() if f"function_lead:{code}" in roles), None)
            await add(t.company_function, code=code, headcount=headcount, lead=lead)
        for who, (name, function, roles) in ROSTER.items():
            await add(
                t.person, id=who, name=name, function=function, locale=locale, zone="America/Toronto", region="CA-QC"
            )
            user = slack_id(who) if platform == "slack" else who
            route = {}
            if platform == "teams":
                double.users[who] = f"29:{who}"
                route = {"service_url": double.service_url, "tenant_id": TENANT}
            await add(
                t.address, platform=platform, team=team, user=user, person=who, conversation="", route=route, used_at=None
            )
            for role in roles:
                word, _, function_ = role.partition(":")
                await add(t.role, person=who, role=word, function=function_)
        conversation, route = _channel(platform, double)
        await add(
            t.channel, name="direction", platform=platform, team=team, conversation=conversation, route=route, locale=locale
        )


def _channel(platform: str, double: Any) -> tuple[str, dict[str, str]]:
    match platform:
        case "slack":
            double.open_channel("C0DIRECTION", slack_id("sponsor"))
            return "C0DIRECTION", {}
        case "teams":
            channel = "19:direction@thread.tacv2"
            return channel, {"service_url": double.service_url, "tenant_id": TENANT, "conversation_type": "channel"}
        case _:
            return "channel:direction", {}
