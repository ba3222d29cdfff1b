"""Figures kept up to date off the path of turns: what each person adds to them, and the sums over everybody.

Triggers unset `person.counted` when something about the person changes. `fold` counts such people again from their
rows and moves the sums by the difference, so the sums are always those of a full recount (`bot.store.recount`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import many
from bot.store import rows as r
from bot.store import tables as t
from bot.store.hot import one_of
from bot.store.locks import hold_at_once

STATE = "tallies"
"""The setting that says which dialogs the campaigns start, and the newest moment that was counted."""
ALWAYS = -1
"""In place of an hour, for what no window leaves behind."""
AWAY = {"invited": "invited, away", "answered": "answered, away"}
"""Kinds of people who are on leave until the day that stands in the place of the function."""
Dialogs = Mapping[str, str]
"""The dialog that each campaign invites to; campaigns that invite to something else are not in it."""
Figure = tuple[str, str]
"""Kind and function."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one function: people who were heard, impacts they told, people who said that there is none."""

    people: int = 0
    impacts: int = 0
    untouched: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Who took part since a moment, and who was heard at all.

    invited, answered: people by function, under "" those without one and those who left. away: the same two numbers
    of people who are on leave for long enough not to count. heard: by function.
    """

    invited: Mapping[str, int]
    answered: Mapping[str, int]
    away: tuple[int, int]
    heard: Mapping[str, Heard]


@dataclass(slots=True)
class _Seen:
    """What the rows say about one person."""

    function: str
    active: bool
    away_until: date | None
    sent: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    ended: list[tuple[str, datetime]] = field(default_factory=list)
    untouched: bool = False
    impacts: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[Figure, tuple[int, datetime | None]]:
        """What the person adds: the last invitation, the last one that they answered, where they were heard.

        Somebody is invited within a window when their last invitation is in it, and has answered when the last
        invitation that a finished dialog followed is in it: two moments a person stand for all their rows.
        """
        where = self.function if self.active else ""
        found: dict[Figure, tuple[int, datetime | None]] = {}
        sent = [at for moments in self.sent.values() for at in moments]
        if sent:
            found["invited", where] = 1, max(sent)
        followed = [at for dialog, ended in self.ended for at in self.sent.get(dialog, ()) if at <= ended]
        if followed:
            found["answered", where] = 1, max(followed)
        if self.active and self.away_until is not None:
            until = self.away_until.isoformat()
            found |= {(AWAY[kind], until): one for (kind, _), one in found.items()}
        if self.untouched and self.function:
            found["heard", self.function] = found["untouched", self.function] = 1, None
        for function, count in self.impacts.items():
            found["heard", function], found["impacts", function] = (1, None), (count, None)
        return found

    def newest(self) -> float:
        """The last moment of any row."""
        moments = [*(at for each in self.sent.values() for at in each), *(at for _, at in self.ended)]
        return max(moments).timestamp() if moments else 0


async def fold(connection: AsyncConnection, tenant: str, dialogs: Dialogs, limit: int = 500) -> int:
    """Count some of those again who changed; how many, 0 when nobody is left or another replica is at it."""
    if not await hold_at_once(connection, f"tallies:{tenant}"):
        return 0
    state = await _state(connection, tenant)
    if state is None or state["dialogs"] != dict(dialogs):
        state = await _begin(connection, tenant, dialogs)
    uncounted = (t.person.c.tenant == tenant, sa.not_(t.person.c.counted))
    about = (t.person.c.id, t.person.c.function, t.person.c.active, t.person.c.away_until)
    chosen = sa.select(*about).where(*uncounted).limit(limit)
    # Somebody whose turn is under way has locked their row and comes next time.
    found = await r.rows(connection, chosen.order_by(t.person.c.id).with_for_update(skip_locked=True))
    seen = {one["id"]: _Seen(one["function"] or "", one["active"], one["away_until"]) for one in found}
    if not seen:
        return 0
    await _read(connection, tenant, dialogs, seen)
    await _move(connection, tenant, seen)
    newest = max(state["newest"], *(one.newest() for one in seen.values()))
    if newest > state["newest"]:
        await r.put(connection, t.setting, tenant=tenant, name=STATE, value={**state, "newest": newest})
    return len(seen)


async def counted(
    connection: AsyncConnection, tenant: str, dialogs: Dialogs, since: datetime, now: datetime, back: date
) -> Counted | None:
    """The sums of the window from `since` to `now`; None where they do not stand for it.

    That is while somebody is still to be counted, and for a window that ends before what was counted. back: people
    who are away until this day or longer do not count as asked.
    """
    state = await _state(connection, tenant)
    waiting = (
        sa.select(t.person.c.id).where(t.person.c.tenant == tenant, sa.not_(t.person.c.counted)).limit(1)
    )
    if state is None or state["dialogs"] != dict(dialogs) or state["newest"] > now.timestamp():
        return None
    if await connection.scalar(waiting) is not None:
        return None
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, function, n in await _whole_hours(connection, tenant, since):
        sums[kind][function] += n
    for kind, function, n in await _first_hour(connection, tenant, since):
        sums[kind][function] += n
    heard = {
        code: Heard(sums["heard"][code], sums["impacts"][code], sums["untouched"][code])
        for code in _positive(sums["heard"])
    }
    away = [sum(n for until, n in sums[kind].items() if until >= back.isoformat()) for kind in AWAY.values()]
    return Counted(_positive(sums["invited"]), _positive(sums["answered"]), (away[0], away[1]), heard)


async def _state(connection: AsyncConnection, tenant: str) -> dict[str, Any] | None:
    kept = (t.setting.c.tenant == tenant, t.setting.c.name == STATE)
    found: dict[str, Any] | None = await connection.scalar(sa.select(t.setting.c.value).where(*kept))
    return found


async def _begin(connection: AsyncConnection, tenant: str, dialogs: Dialogs) -> dict[str, Any]:
    """Forget all sums: they were never made, or the content's campaigns are others now."""
    for table in (t.figure, t.tally):
        await connection.execute(table.delete().where(table.c.tenant == tenant))
    everybody = (t.person.c.tenant == tenant, t.person.c.counted)
    await connection.execute(t.person.update().where(*everybody).values(counted=False))
    state = {"dialogs": dict(dialogs), "newest": 0.0}
    await r.put(connection, t.setting, tenant=tenant, name=STATE, value=state)
    return state


async def _read(
    connection: AsyncConnection, tenant: str, dialogs: Dialogs, seen: Mapping[str, _Seen]
) -> None:
    sent, ended, told = _statements(connection.dialect.name)
    who = {"of_tenant": tenant, "people": list(seen)}
    asked = {**who, "campaigns": list(dialogs)}
    for person, campaign, at in (await connection.execute(sent, asked)).all():
        seen[person].sent[dialogs[campaign]].append(at)
    for person, kind, dialog, at, no_impact in (await connection.execute(ended, who)).all():
        if kind == "dialog" and at is not None:
            seen[person].ended.append((dialog, at))
        seen[person].untouched |= no_impact
    for person, function, count in (await connection.execute(told, who)).all():
        seen[person].impacts[function] = count


@cache
def _statements(dialect: str) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """Invitations that went out, runs that ended, and impacts by function, of some hundreds of people."""

    def mine(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.tenant == sa.bindparam("of_tenant"), one_of(table.c.person, "people", dialect)

    asked, run, impact = t.invitation.c, t.run.c, t.impact.c
    of_dialogs = (one_of(asked.campaign, "campaigns", dialect), asked.sent_at.is_not(None))
    sent = sa.select(asked.person, asked.campaign, asked.sent_at).where(*mine(t.invitation), *of_dialogs)
    ended = sa.select(run.person, run.kind, run.dialog, run.ended_at, run.no_impact)
    told = sa.select(impact.person, impact.function, sa.func.count()).where(*mine(t.impact))
    return (
        sent,
        ended.where(*mine(t.run), run.status == "finished"),
        told.group_by(impact.person, impact.function),
    )


async def _move(connection: AsyncConnection, tenant: str, seen: Mapping[str, _Seen]) -> None:
    """Write what these people add now, and move the sums from what they added before."""
    dialect, people = connection.dialect.name, {"people": list(seen)}
    mine = (t.figure.c.tenant == tenant, one_of(t.figure.c.person, "people", dialect))
    sums: Counter[tuple[str, str, int]] = Counter()
    before: dict[str, dict[Figure, tuple[int, datetime | None]]] = defaultdict(dict)
    for one in (await connection.execute(t.figure.select().where(*mine), people)).all():
        before[one.person][one.kind, one.function] = one.n, one.at
    now = {person: about.figures() for person, about in seen.items()}
    others = [person for person in seen if now[person] != before[person]]
    new: list[dict[str, Any]] = []
    for person in others:
        for (kind, function), (n, at) in before[person].items():
            sums[kind, function, _hour(at)] -= n
        for (kind, function), (n, at) in now[person].items():
            sums[kind, function, _hour(at)] += n
            new.append({"person": person, "kind": kind, "function": function, "n": n, "at": at})
    if others:
        others_only = {"people": list(others)}
        await connection.execute(t.figure.delete().where(*mine), others_only)
    await many.write(connection, t.figure, {"tenant": tenant}, new)
    changed = [(*key, n) for key, n in sorted(sums.items()) if n]
    if changed:
        await r.add_to(connection, t.tally, "n", tenant, ("kind", "function", "hour"), changed)
        emptied = (
            t.tally.c.tenant == tenant,
            t.tally.c.hour.in_({hour for _, _, hour, _ in changed}),
            t.tally.c.n == 0,
        )
        await connection.execute(t.tally.delete().where(*emptied))
    told = (t.person.c.tenant == tenant, one_of(t.person.c.id, "people", dialect))
    await connection.execute(t.person.update().where(*told).values(counted=True), people)


async def _whole_hours(connection: AsyncConnection, tenant: str, since: datetime) -> Iterable[Any]:
    hour = t.tally.c.hour
    wanted = sa.or_(hour == ALWAYS, hour > _hour(since))
    total = sa.select(t.tally.c.kind, t.tally.c.function, sa.func.sum(t.tally.c.n))
    grouped = total.where(t.tally.c.tenant == tenant, wanted).group_by(t.tally.c.kind, t.tally.c.function)
    return (await connection.execute(grouped)).all()


async def _first_hour(connection: AsyncConnection, tenant: str, since: datetime) -> Iterable[Any]:
    """The rest of the hour that the window begins in."""
    figure, full = t.figure.c, datetime.fromtimestamp((_hour(since) + 1) * 3600, UTC)
    within = (figure.tenant == tenant, figure.kind.in_((*AWAY, *AWAY.values())))
    total = sa.select(figure.kind, figure.function, sa.func.count()).where(
        *within, figure.at >= since, figure.at < full
    )
    return (await connection.execute(total.group_by(figure.kind, figure.function))).all()


def _hour(at: datetime | None) -> int:
    """The hour since 1970 that a moment is in."""
    return ALWAYS if at is None else int(at.timestamp() // 3600)


def _positive(sums: Mapping[str, int]) -> dict[str, int]:
    return {function: n for function, n in sums.items() if n}
