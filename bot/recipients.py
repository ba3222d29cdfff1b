"""Everybody as the calendar sees them, read from the store in a handful of queries."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import calendars, project
from bot.attention import blackouts_of
from bot.campaigns import Calendar, DigestPost, Launch
from bot.recipient import OpenRun, Recipient, Started
from bot.store import AsyncConnection, budget, invitations, items, people, runs
from bot.store.people import Company, Person
from dialogs.calendar import clock
from dialogs.catalog import Pack
from dialogs.item_state import ItemState

LOOK_BACK = timedelta(days=21)
"""How far back the attention budget looks: two weeks of its rules and some room."""


async def recipients(connection: AsyncConnection, tenant: str, pack: Pack, now: datetime) -> list[Recipient]:
    """Everybody who is active, with what they own, have open and were sent."""
    states = await items.states(connection, tenant, project.checklist_items(pack))
    owned: dict[str, list[ItemState]] = defaultdict(list)
    for state in states.values():
        owned[state.owner or ""].append(state)
    about: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for one in await items.nudges_since(connection, tenant, now - LOOK_BACK):
        about[one["delivery"]] += (one["item"],)
    started: dict[str, list[Started]] = defaultdict(list)
    for one in await budget.started(connection, tenant, now - LOOK_BACK):
        started[one["person"]].append(
            Started(one["feature"], one["due_at"], one["answered_at"] is not None, about[one["id"]])
        )
    open_runs: dict[str, list[OpenRun]] = defaultdict(list)
    for one in await runs.left_open(connection, tenant):
        put_off = one["put_off_until"] if one["status"] == "put_off" else None
        open_runs[one["person"]].append(
            OpenRun(one["id"], one["dialog"], one["last_at"], one["resumed_at"] is not None, put_off)
        )
    invited: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for one in await invitations.every(connection, tenant):
        if one["sent_at"] is not None:
            invited[one["person"]].add(one["campaign"])
        elif one["asked_at"] is not None:
            asked[one["person"]].append((one["campaign"], one["asked_at"]))
    sessions = await _sessions(connection, tenant, now)
    return [
        Recipient(
            person=person.id,
            locale=person.locale,
            zone=ZoneInfo(person.zone),
            workdays=calendars.workdays(person.region, now.year),
            paused_until=person.paused_until,
            away_until=person.away_until,
            groups=_groups(person),
            items=tuple(owned[person.id]),
            started=tuple(started[person.id]),
            runs=tuple(open_runs[person.id]),
            invited=frozenset(invited[person.id]),
            asked=tuple(asked[person.id]),
            quiz_sessions=tuple(sessions[person.id].items()),
        )
        for person in await people.people(connection, tenant)
    ]


async def calendar(
    connection: AsyncConnection, tenant: str, pack: Pack, company: Company, now: datetime
) -> Calendar:
    """Everything that comes by itself: campaigns of the content, and the summaries."""
    launches: list[Launch] = []
    for one in pack.campaigns.values():
        opens, closes = project.day_of(one.opens, pack, company), project.day_of(one.closes, pack, company)
        weekday = calendars.DAYS.index(one.day) if one.day else None
        sessions = pack.quizzes[one.starts].sessions_per_week if one.kind == "quiz" else 1
        launches.append(
            Launch(
                one.campaign,
                one.kind,
                one.starts,
                frozenset(one.audience),
                opens,
                closes,
                clock(one.at),
                weekday,
                sessions,
            )
        )
    channels = await people.channels(connection, tenant)
    digests = tuple(
        DigestPost(
            digest.digest,
            channel["name"],
            calendars.DAYS.index(digest.day),
            clock(digest.at),
            ZoneInfo(company.zone),
            calendars.workdays(company.region, now.year),
        )
        for digest in pack.digests.values()
        for channel in channels
    )
    known = frozenset(await budget.known_keys(connection, tenant, now - LOOK_BACK))
    ladder = next(iter(pack.nudges.values()))
    gates = project.gate_days(pack, company)
    return Calendar(tuple(launches), ladder, gates, digests, blackouts_of(ladder), known)


async def _sessions(connection: AsyncConnection, tenant: str, now: datetime) -> dict[str, Counter[str]]:
    """Quiz sessions of the last days, by person and quiz; the week is that of the moment in UTC."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in await runs.quiz_runs_since(connection, tenant, monday):
        found[one["person"]][one["dialog"]] += 1
    return found


def _groups(person: Person) -> frozenset[str]:
    return frozenset({person.function or "", *(role for role, _ in person.roles)} - {""})
