"""People as the calendar sees them, read from the store some hundreds at a time, and the calendar itself."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot import calendars, project
from bot.attention import blackouts_of
from bot.campaigns import EVERYBODY, Calendar
from bot.launches import DigestPost, Launch, chance
from bot.recipient import OpenRun, Recipient, Started
from bot.store import AsyncConnection, fanout, items, people, restored
from bot.store.fanout import Chance, Place
from bot.store.people import Company, Person
from dialogs.calendar import Workdays, clock
from dialogs.catalog import Pack
from dialogs.item_state import ItemState

LOOK_BACK = timedelta(days=21)
"""How far back the attention budget looks: two weeks of its rules and some room."""
TOGETHER = 400
"""People who are looked at together."""
COUNTED = frozenset({"pending", "sending", "sent"})
"""States of the deliveries that count for the attention budget."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds for everybody at one moment.

    calendar: without the keys of people's messages. owned: items by their owner. about: items by nudge.
    unwritten: some items of the content have no rows so far.
    """

    now: datetime
    company: Company
    calendar: Calendar
    owned: dict[str, list[ItemState]]
    about: dict[str, tuple[str, ...]]
    unwritten: bool = False

    def owners(self) -> list[str]:
        """Who has something left to do."""
        return [who for who, states in self.owned.items() if not all(state.closed for state in states)]

    def chances(self, places: Collection[Place]) -> list[Chance]:
        """Which campaigns may come now, and in which of these places."""
        found: dict[tuple[str, str], list[Place]] = defaultdict(list)
        attention, days = self.calendar.ladder.attention, {}
        for place in places:
            there = Recipient("", "en", *self.there(*place))
            for launch in self.calendar.launches:
                coming = chance(launch, there, self.now, attention)
                if coming is not None:
                    key = (launch.id, coming.nominal.isoformat())
                    days[key] = (launch, coming.nominal)
                    found[key].append(place)
        return [
            Chance(
                launch.id,
                f"{launch.kind}.{launch.id}:",
                day,
                tuple(found[key]),
                None if EVERYBODY in launch.audience else tuple(sorted(launch.audience)),
                launch.weekly is None,
            )
            for key, (launch, day) in days.items()
        ]

    def there(self, zone: str, region: str) -> tuple[ZoneInfo, Workdays]:
        """The zone and the working days of a place."""
        return calendars.zone(zone, self.company.zone), calendars.workdays(region, self.now.year)


async def moment(
    connection: AsyncConnection, tenant: str, pack: Pack, company: Company, now: datetime
) -> Moment:
    """Everything that does not depend on a person but on the company, the content and the time."""
    owned: dict[str, list[ItemState]] = defaultdict(list)
    wanted = project.checklist_items(pack)
    states = await items.states(connection, tenant, wanted)
    unwritten = len(states) < len(wanted)
    if unwritten:
        begun = await project.items_wanted(connection, tenant, pack, company)
        states = {
            id_: states[id_] if id_ in states else ItemState(wanted[id_], *begun[id_]) for id_ in wanted
        }
    for state in states.values():
        owned[state.owner or ""].append(state)
    about: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for one in await items.nudges_since(connection, tenant, now - LOOK_BACK):
        about[one["delivery"]] += (one["item"],)
    ladder = next(iter(pack.nudges.values()))
    comes = Calendar(
        tuple(_launches(pack, company)),
        ladder,
        project.gate_days(pack, company),
        blackouts=blackouts_of(ladder),
        restored=await restored.moment(connection, tenant),
    )
    return Moment(now, company, comes, dict(owned), dict(about), unwritten)


async def digests(
    connection: AsyncConnection, tenant: str, pack: Pack, company: Company, now: datetime
) -> tuple[DigestPost, ...]:
    """The weekly summaries of all channels."""
    channels = await people.channels(connection, tenant)
    return tuple(
        DigestPost(
            digest.digest,
            channel["name"],
            calendars.DAYS.index(digest.day),
            clock(digest.at),
            calendars.zone(company.zone),
            calendars.workdays(company.region, now.year),
        )
        for digest in pack.digests.values()
        for channel in channels
    )


async def everybody(connection: AsyncConnection, tenant: str, at: Moment) -> AsyncIterator[Recipient]:
    """All active people by id, some hundreds at a time."""
    last, wanted = "", fanout.candidates(tenant, None)
    while known := await fanout.next_people(connection, tenant, wanted, last, TOGETHER):
        for one in (await recipients(connection, tenant, at, known))[0]:
            yield one
        *_, last = known


async def recipients(
    connection: AsyncConnection, tenant: str, at: Moment, found: Mapping[str, Person]
) -> tuple[list[Recipient], frozenset[str]]:
    """These people with what they own, have open and were sent; and the keys of all messages written to them."""
    ids = list(found)
    started: dict[str, list[Started]] = defaultdict(list)
    known: set[str] = set()
    for one in await fanout.written(connection, tenant, ids, at.now - LOOK_BACK):
        known.add(one.id)
        if one.status in COUNTED:
            sent = Started(one.feature, one.due_at, one.answered_at is not None, at.about.get(one.id, ()))
            started[one.person].append(sent)
    runs, sessions = await _begun(connection, tenant, ids, at.now)
    invited: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    campaigns = [launch.id for launch in at.calendar.launches]
    for campaign, person, asked_at, sent_at in await fanout.invitations(connection, tenant, campaigns, ids):
        if sent_at is not None:
            invited[person].add(campaign)
        elif asked_at is not None:
            asked[person].append((campaign, asked_at))
    return [
        Recipient(
            person.id,
            person.locale,
            *at.there(person.zone, person.region),
            paused_until=person.paused_until,
            away_until=person.away_until,
            groups=_groups(person.function, person.roles),
            items=tuple(at.owned.get(person.id, ())),
            started=tuple(started.get(person.id, ())),
            runs=tuple(runs.get(person.id, ())),
            invited=frozenset(invited.get(person.id, ())),
            asked=tuple(asked.get(person.id, ())),
            quiz_sessions=tuple(sessions[person.id].items()) if person.id in sessions else (),
        )
        for person in found.values()
    ], frozenset(known)


async def _begun(
    connection: AsyncConnection, tenant: str, ids: Collection[str], now: datetime
) -> tuple[dict[str, list[OpenRun]], dict[str, Counter[str]]]:
    """By person: what they left open; and their quiz sessions of this week, which is that of the moment in UTC."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    runs: dict[str, list[OpenRun]] = defaultdict(list)
    sessions: dict[str, Counter[str]] = defaultdict(Counter)
    for one in await fanout.begun(connection, tenant, ids, monday):
        if one.status in fanout.LEFT_OPEN:
            put_off = one.put_off_until if one.status == "put_off" else None
            left = OpenRun(one.id, one.dialog, one.last_at, one.resumed_at is not None, put_off)
            runs[one.person].append(left)
        if one.kind == "quiz" and one.started_at >= monday:
            sessions[one.person][one.dialog] += 1
    return runs, sessions


def _launches(pack: Pack, company: Company) -> list[Launch]:
    return [
        Launch(
            one.campaign,
            one.kind,
            one.starts,
            frozenset(one.audience),
            project.day_of(one.opens, pack, company),
            project.day_of(one.closes, pack, company),
            clock(one.at),
            calendars.DAYS.index(one.day) if one.day else None,
            pack.quizzes[one.starts].sessions_per_week if one.kind == "quiz" else 1,
        )
        for one in pack.campaigns.values()
    ]


@lru_cache(maxsize=1024)
def _groups(function: str | None, roles: frozenset[tuple[str, str]]) -> frozenset[str]:
    """What audiences may call somebody; few differ, so it is worked out once for those who do not."""
    return frozenset({function or "", *(role for role, _ in roles)} - {""})
