"""Two weeks of the demo company's life, lived through the real rules before the visitor comes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot import calendars, project
from bot.clock import FixedClock
from bot.deliveries import Deliveries
from bot.demo import acts, company, days
from bot.demo.moments import due_moments
from bot.library import Library
from bot.store import AsyncConnection, people, visit
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import Company
from bot.ticker import Ticker
from dialogs.calendar import clock, local_moment
from dialogs.catalog import Pack

Event = Callable[[acts.Stage], Awaitable[None]]
SEED = 20
MARK = "demo.company"
"""Kept from the first row on: a database without it holds a company that is not ours to show or delete."""
ANSWERS = {"STO": 5, "LEG": 1, "PRO": 1}
"""How many answer in the functions that lag; one more answer makes the stores count as covered."""
ELSEWHERE = 0.7
"""The share of the people of every other function that answer."""
MOVED_ITEM, BLOCKED_ITEM = "FIN1", "FIN2"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that somebody did at a moment."""

    at: datetime
    act: Event


async def seed(database: Database, library: Library, tenant: str, start: datetime) -> None:
    """Fill an empty database up to the moment `start`: people first, then day after day."""
    around = days.days(start)
    catalog = library.catalog
    ticker = Ticker(database, library, FixedClock(start), _unsent(database, tenant, start), tenant)
    async with database.transaction() as connection:
        await _found(connection, tenant, around)
        await _hire(connection, tenant, around)
        known = await people.company(connection, tenant)
        if known is None:
            raise RuntimeError("the company was not stored")
        pack = catalog.packs[known.pack]
        await project.ensure_items(connection, tenant, pack, known)
    happenings = [
        *_work(around),
        *_answers(around, start),
        *_newcomers(around),
        *_quizzes(around, pack),
        _channel(around, known),
    ]
    first = days.at(around.invited, 9, 25)
    ticks = due_moments(pack, known, (), first, start)
    stage = acts.Stage(tenant, catalog, pack, known, Random(SEED))  # noqa: S311 - a story, not a secret
    for moment in [*ticks, start]:
        waiting = sorted((one for one in happenings if one.at < moment), key=lambda one: one.at)
        happenings = [one for one in happenings if one.at >= moment]
        await _live(database, stage, waiting)
        await ticker.tick(moment)
        async with database.transaction() as connection:
            await visit.post_pending(connection, tenant, moment)
    async with database.transaction() as connection:
        await _settle(connection, tenant, start)


async def _found(connection: AsyncConnection, tenant: str, around: days.Days) -> None:
    """The company on its first day, before anybody is in it."""
    await connection.execute(
        t.project.insert().values(
            tenant=tenant,
            id=people.PROJECT,
            pack=company.PACK,
            starts_on=around.begins,
            goes_live_on=around.live,
            zone=company.ZONE,
            region=company.REGION,
        )
    )
    await visit.keep(connection, tenant, MARK, company.NAME)
    functions = [
        {"tenant": tenant, "code": team.code, "headcount": team.headcount, "lead": company.lead_of(team)}
        for team in company.TEAMS
    ]
    await connection.execute(t.company_function.insert(), functions)


async def _hire(connection: AsyncConnection, tenant: str, around: days.Days) -> None:
    """Everybody, with an address in the browser's chat and what they may do."""
    everybody = list(company.members())
    # Until they are invited the bot leaves them in peace: what was due before does not come late.
    quiet = days.at(around.invited, 9, 20)
    persons = [
        {
            "tenant": tenant,
            "id": one.id,
            "name": one.name("fr-CA"),
            "function": one.function,
            "site": company.SITES[one.site].fr,
            "locale": one.locale,
            "zone": company.ZONE,
            "region": company.REGION,
            "paused_until": days.at(around.turned, 9, 20) if one.id in company.NEWCOMERS else quiet,
            "active": one.id not in company.NEWCOMERS,
        }
        for one in everybody
    ]
    await connection.execute(t.person.insert(), persons)
    addresses = [
        {
            "tenant": tenant,
            "platform": "web",
            "team": tenant,
            "user": one.id,
            "person": one.id,
            "conversation": f"dm:{one.id}",
            "route": {},
        }
        for one in everybody
    ]
    await connection.execute(t.address.insert(), addresses)
    roles = [
        {"tenant": tenant, "person": one.id, "role": role, "function": function}
        for one in everybody
        for role, function in one.roles
    ]
    await connection.execute(t.role.insert(), roles)


async def _live(database: Database, stage: acts.Stage, happenings: list[Happening]) -> None:
    if not happenings:
        return
    async with database.transaction() as connection:
        for one in happenings:
            stage.connection, stage.now = connection, one.at
            await one.act(stage)


def _work(around: days.Days) -> list[Happening]:
    """What the owners of items did: some closed early, one moved, one blocked, some left late."""
    plus, invited, turned = around.workdays.plus, around.invited, around.turned
    moved = min(plus(around.morning, 5), around.begins + timedelta(weeks=10))
    since = plus(invited, -3)
    closed = (
        (days.at(since, 14), company.ECOMMERCE, "CAT1", "file", "articles-lancement-v3.xlsx"),
        (days.at(plus(invited, 3), 11, 10), "shp-01", "LOG1", "file", "soumissions-transporteurs.pdf"),
        (days.at(plus(invited, 5), 15, 40), "sys-01", "LOG5", "link", "https://intranet.maison-boreale.example/flux"),
        (days.at(plus(turned, 1), 10, 40), "csv-01", "SUP1", "link", "https://intranet.maison-boreale.example/horaire"),
    )  # fmt: skip
    note = "Le taux de retour à retenir attend une décision de la direction."
    values = {"kind": "decision", "note": note}
    return [
        *(Happening(at, acts.closes(owner, item, kind, proof)) for at, owner, item, kind, proof in closed),
        Happening(
            days.at(plus(turned, -2), 15),
            acts.works(company.FINANCE, MOVED_ITEM, "new_date", {"day": f"{moved}"}),
        ),
        Happening(days.at(turned, 9, 10), acts.works(company.FINANCE, BLOCKED_ITEM, "blocked", values)),
        Happening(days.at(plus(turned, 1), 10, 5), acts.asks(company.ECOMMERCE, "pret")),
        Happening(days.at(plus(turned, 1), 14, 20), acts.asks(company.MARKETING, "pret")),
    ]


def _answers(around: days.Days, start: datetime) -> list[Happening]:
    """Who answers the interview, and when: many at once, the others over the days that follow."""
    chance = Random(SEED)  # noqa: S311 - a story, not a secret
    chosen = {company.FINANCE: 1, company.ECOMMERCE: 0, company.MARKETING: 1, company.PROJECT: 0}
    for team in company.TEAMS:
        able = [
            one.id
            for one in company.members()
            if one.function == team.code and one.id not in company.NEWCOMERS
        ]
        count = ANSWERS.get(team.code, round(ELSEWHERE * team.headcount))
        left = [one for one in able if one not in chosen]
        for one in chance.sample(left, count - (len(able) - len(left))):
            chosen[one] = min(int(chance.expovariate(0.45)), 9)
    found: list[Happening] = []
    for person, working_days in chosen.items():
        day = around.workdays.plus(around.invited, working_days)
        at = days.at(day, chance.randint(10, 15), chance.randint(0, 59))
        act = acts.talks(person) if person in company.PERSONAS else acts.answers(person)
        found.append(Happening(at, act))
    return [one for one in found if one.at < start]


def _newcomers(around: days.Days) -> list[Happening]:
    moment = days.at(around.turned, 8, 50)
    return [Happening(moment, acts.arrives(person)) for person in company.NEWCOMERS]


def _quizzes(around: days.Days, pack: Pack) -> list[Happening]:
    """The quiz begins while the visitor is there: until then nobody is asked on its days."""
    times = [clock(one.at) for one in pack.campaigns.values() if one.kind == "quiz"]
    calendar = (around.invited + timedelta(days=n) for n in range((around.today - around.invited).days + 1))
    moments = [local_moment(day, at, ZoneInfo(company.ZONE)) for day in calendar for at in times]
    minute = timedelta(minutes=1)
    return [Happening(moment - minute, acts.waits(moment + minute)) for moment in moments]


def _channel(around: days.Days, known: Company) -> Happening:
    """The leadership channel, set up an hour before its first summary."""
    first = calendars.next_weekly(
        days.at(around.invited, 9, 25), "thursday", "10:00", ZoneInfo(known.zone), known.region
    )
    return Happening(first - timedelta(hours=1), acts.opens_channel)


async def _settle(connection: AsyncConnection, tenant: str, start: datetime) -> None:
    """Everybody but the newcomers has looked at what came before the visit."""
    last = await visit.newest(connection, tenant)
    for user in company.PERSONAS:
        if user not in company.NEWCOMERS:
            await visit.keep(connection, tenant, f"demo.seen.{user}", last)
    await visit.keep(connection, tenant, "demo.began", {"at": start.isoformat(), "message": last})


def _unsent(database: Database, tenant: str, start: datetime) -> Deliveries:
    """A sender that is never started: what the days brought is posted at its own moment instead."""
    return Deliveries(database, {}, FixedClock(start), tenant)
