"""Figures kept up to date off the path of turns: what each person adds to them, and the sums over everybody.

Triggers unset `person.counted` when something about the person changes. `fold` counts such people again from their
rows and moves the sums by the difference, so the sums are always those of a full recount (`bot.store.recount`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import many
from bot.store import rows as r
from bot.store import tables as t
from bot.store.hot import one_of
from bot.store.locks import hold_at_once
from bot.store.seen import AWAY, Dialogs, Figure, Seen, read

STATE = "tallies"
"""The setting that says which dialogs the campaigns start, and the newest moment that was counted."""
ALWAYS = -1
"""In place of an hour, for what no window leaves behind."""
_PEOPLE = sa.select(t.person.c.id, t.person.c.function, t.person.c.active, t.person.c.away_until).order_by(
    t.person.c.id
)


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


async def fold(connection: AsyncConnection, tenant: str, dialogs: Dialogs, limit: int = 400) -> int:
    """Count some of those again who changed; how many, 0 when nobody is left or another replica is at it.

    Where the content's campaigns are others now, or somebody is gone, everybody is counted again, some at a time in
    the order of their ids. How far that has come is kept with the sums: whoever is next goes on from there.
    """
    if not await hold_at_once(connection, f"tallies:{tenant}"):
        return 0
    kept = await _state(connection, tenant, locked=True)
    state = kept
    if state is None or dict(dialogs) not in (state["dialogs"], state.get("toward")):
        state = {"dialogs": None, "toward": dict(dialogs), "after": "", "newest": 0.0}
    if "toward" in state:
        found, after = await _following(connection, tenant, state["after"], limit)
        if after == state["after"]:
            return 0
        theirs = _between(state["after"], after)
        state = (
            {"dialogs": dict(dialogs), "newest": state["newest"]}
            if after is None
            else {**state, "after": after}
        )
    else:
        found = await _uncounted(connection, tenant, limit)
        if not found:
            return 0
        theirs = (one_of(t.figure.c.person, "people", connection.dialect.name),)
    seen = {one["id"]: Seen(one["function"] or "", one["active"], one["away_until"]) for one in found}
    await read(connection, tenant, dialogs, seen)
    await _move(connection, tenant, seen, theirs)
    state["newest"] = max([state["newest"], *(one.newest() for one in seen.values())])
    if state != kept:
        await r.put(connection, t.setting, tenant=tenant, name=STATE, value=state)
    return max(1, len(seen))


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


async def _state(connection: AsyncConnection, tenant: str, *, locked: bool = False) -> dict[str, Any] | None:
    """dialogs: that the sums are of. While everybody is counted again: toward, those that they will be of, and after.

    locked: somebody who is erased meanwhile is so after this transaction.
    """
    mine = sa.select(t.setting.c.value).where(t.setting.c.tenant == tenant, t.setting.c.name == STATE)
    found: dict[str, Any] | None = await connection.scalar(mine.with_for_update() if locked else mine)
    return found if found is None else dict(found)


async def _uncounted(connection: AsyncConnection, tenant: str, limit: int) -> list[r.Row]:
    """Some who changed. Somebody whose turn is under way has locked their row and comes next time."""
    chosen = _PEOPLE.where(t.person.c.tenant == tenant, sa.not_(t.person.c.counted)).limit(limit)
    return await r.rows(connection, chosen.with_for_update(skip_locked=True))


async def _following(
    connection: AsyncConnection, tenant: str, after: str, limit: int
) -> tuple[list[r.Row], str | None]:
    """The next people by id, and the last of them, None at the end of all; only up to whose turn is under way."""
    later = (t.person.c.tenant == tenant, t.person.c.id > after)
    ids = sa.select(t.person.c.id).where(*later).order_by(t.person.c.id).limit(limit)
    wanted = (await connection.scalars(ids)).all()
    if not wanted:
        return [], None
    chosen = _PEOPLE.where(*later, t.person.c.id <= wanted[-1])
    free = {one["id"]: one for one in await r.rows(connection, chosen.with_for_update(skip_locked=True))}
    found = [free[one] for one in takewhile(free.__contains__, wanted)]
    if len(found) == len(wanted) < limit:
        return found, None
    return found, found[-1]["id"] if found else after


def _between(after: str, upto: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    """The figures of everybody within, also of those who are there no more."""
    who = t.figure.c.person
    return (who > after,) if upto is None else (who > after, who <= upto)


async def _move(
    connection: AsyncConnection,
    tenant: str,
    seen: Mapping[str, Seen],
    theirs: tuple[sa.ColumnElement[bool], ...],
) -> None:
    """Write what these people add now, and move the sums from what they added before. theirs: those figures."""
    dialect, people = connection.dialect.name, {"people": list(seen)}
    sums: Counter[tuple[str, str, int]] = Counter()
    before: dict[str, dict[Figure, tuple[int, datetime | None]]] = defaultdict(dict)
    found = t.figure.select().where(t.figure.c.tenant == tenant, *theirs)
    for one in (await connection.execute(found, people)).all():
        before[one.person][one.kind, one.function] = one.n, one.at
    now = defaultdict(dict, {person: about.figures() for person, about in seen.items()})
    others = [person for person in {**before, **now} if now[person] != before[person]]
    new: list[dict[str, Any]] = []
    for person in others:
        for (kind, function), (n, at) in before[person].items():
            sums[kind, function, _hour(at)] -= n
        for (kind, function), (n, at) in now[person].items():
            sums[kind, function, _hour(at)] += n
            new.append({"person": person, "kind": kind, "function": function, "n": n, "at": at})
    if others:
        these = (t.figure.c.tenant == tenant, one_of(t.figure.c.person, "people", dialect))
        await connection.execute(t.figure.delete().where(*these), {"people": others})
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
    told = (
        t.person.c.tenant == tenant,
        one_of(t.person.c.id, "people", dialect),
        sa.not_(t.person.c.counted),
    )
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
