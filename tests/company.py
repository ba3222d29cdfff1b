"""The six people of the tests' company, and the platform that they meet the bot on."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from adapters.base import Edge, Listener, Outbound
from adapters.slack.app import SlackEdge
from adapters.slack.limits import SlackRates
from adapters.slack.socket_line import Times
from adapters.slack.socket_mode import SlackSocket
from adapters.teams.app import TeamsEdge
from adapters.teams.credentials import Credentials
from adapters.teams.keys import SigningKeys
from adapters.teams.limits import TeamsRates
from adapters.teams.outbound import TeamsOutbound
from adapters.web.app import WebEdge
from adapters.web.company import Persona
from adapters.web.outbound import WebOutbound
from adapters.web.page import Page
from adapters.web.streams import Streams
from bot.clock import Clock
from bot.store import AsyncConnection, people
from bot.store import tables as t
from bot.store.database import Database
from bot.store.mailbox import StoredMailbox
from tests.doubles.issuer import Issuer
from tests.doubles.slack import SlackDouble
from tests.doubles.teams import APP_ID, PASSWORD, TENANT, Teams
from tests.doubles.web_company import SmallCompany

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""Monday 23 November 2026, 09:00 in Montréal: week 9 of the project."""
STARTS, LIVE = date(2026, 9, 21), date(2027, 6, 28)
HOME = {"zone": "America/Toronto", "region": "CA-QC"}
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
SLACK_HURRIES = SlackRates(1e6, 1e6, 1000, 1e6, 1000)
TEAMS_HURRIES = TeamsRates(1e6, (("second", 1e6, 1000),))
"""Tests live through weeks in seconds; how rates are kept is tested by itself."""
SHORT = Times(
    ping=0.1,
    misses=10,
    linger=20,
    first_pause=0.05,
    longest_pause=0.2,
    refused_pause=0.1,
    longest_refused=0.2,
    answer=30,
    finish=20,
)
"""Socket Mode in a hurry: what takes a minute in a company takes a moment here."""
SLACK_CHANNEL, TEAMS_CHANNEL, WEB_CHANNEL = "C0DIRECTION", "19:direction@thread.tacv2", "channel:direction"
"""The leadership channel, where the weekly summary goes."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One platform: the halves of its adapter, its double, and for Teams the issuer of its tokens."""

    edge: Edge
    outbound: Outbound
    double: Any = None
    issuer: Issuer | None = None
    routes: tuple[web.RouteDef, ...] = ()
    listeners: tuple[Listener, ...] = ()


def slack_id(who: str) -> str:
    """The id of somebody on Slack."""
    return f"U0{who.upper()}"


async def stage(platform: str, stack: AsyncExitStack, database: Database, clock: Clock) -> Stage:
    """The platform, started; it ends with the stack."""
    match platform:
        case "slack":
            slack = await stack.enter_async_context(SlackDouble().running())
            slack_edge = SlackEdge(
                [slack.signing_secret], slack.bot_token, slack.url, (slack.team,), rates=SLACK_HURRIES
            )
            socket = SlackSocket(slack_edge, slack.sockets.app_token, times=SHORT)
            return Stage(slack_edge, slack_edge.outbound, slack, listeners=(socket,))
        case "teams":
            issuer = await stack.enter_async_context(Issuer())
            teams = await stack.enter_async_context(Teams())
            hosts = (teams.service_url.split("/")[2],)
            credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=teams.token_url)
            outbound = TeamsOutbound(
                credentials, hosts=hosts, service_url=teams.service_url, dev=True, rates=TEAMS_HURRIES
            )
            edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url), dev=True)
            return Stage(edge, outbound, teams, issuer)
        case _:
            streams, mailbox = Streams(), StoredMailbox(database, "main")

            async def known(user: str) -> bool:
                async with database.transaction() as connection:
                    return await people.person_at(connection, "main", "web", "main", user) is not None

            everybody = tuple(
                Persona(who, name, "", "fr-CA", "", channels=("direction",))
                for who, (name, _, _) in ROSTER.items()
            )
            web_edge = WebEdge("main", mailbox, SmallCompany(people=everybody), known, streams, Page())
            return Stage(web_edge, WebOutbound(mailbox, streams, clock.now), routes=tuple(web_edge.routes()))


async def hire(database: Database, platform: str, locale: str, double: Any) -> None:
    """Write the project, its functions, its people and the leadership channel."""
    team = {"slack": "T0TEAM", "teams": TENANT, "web": "main"}[platform]
    here = {"platform": platform, "team": team}
    async with database.transaction() as connection:
        dates = {"starts_on": STARTS, "goes_live_on": LIVE}
        await _add(connection, t.project, id="main", pack="ecommerce", **dates, **HOME)
        leads = {role: who for who, (_, _, roles) in ROSTER.items() for role in roles}
        for code, headcount in HEADCOUNTS.items():
            lead = leads.get(f"function_lead:{code}")
            await _add(connection, t.company_function, code=code, headcount=headcount, lead=lead)
        for who, (name, function, roles) in ROSTER.items():
            person = {"name": name, "function": function, "locale": locale}
            await _add(connection, t.person, id=who, **person, **HOME)
            user, route = _private(who, platform, double)
            at = {**here, "user": user, "conversation": "", "route": route}
            await _add(connection, t.address, person=who, used_at=None, **at)
            for role in roles:
                word, _, of = role.partition(":")
                await _add(connection, t.role, person=who, role=word, function=of)
        conversation, route = _channel(platform, double)
        at = {**here, "conversation": conversation, "route": route}
        await _add(connection, t.channel, name="direction", locale=locale, **at)


async def _add(connection: AsyncConnection, table: Any, **values: Any) -> None:
    await connection.execute(table.insert().values(tenant="main", **values))


def _private(who: str, platform: str, double: Any) -> tuple[str, dict[str, str]]:
    """The name that the platform has for somebody, and the way to them."""
    if platform == "teams":
        double.users[who] = f"29:{who}"
        return who, {"service_url": double.service_url, "tenant_id": TENANT}
    return slack_id(who) if platform == "slack" else who, {}


def _channel(platform: str, double: Any) -> tuple[str, dict[str, str]]:
    match platform:
        case "slack":
            double.open_channel(SLACK_CHANNEL, *(slack_id(who) for who in ROSTER))
            return SLACK_CHANNEL, {}
        case "teams":
            route = {"service_url": double.service_url, "tenant_id": TENANT, "conversation_type": "channel"}
            return TEAMS_CHANNEL, route
        case _:
            return WEB_CHANNEL, {}
