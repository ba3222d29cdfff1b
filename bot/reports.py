"""The figures of a week, counted from the rows and frozen as a snapshot that every reader shares."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import project
from bot.portions import Portion
from bot.store import items, tallies
from bot.store import rows as r
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import Company
from bot.store.recount import recount
from bot.store.tallies import Counted
from dialogs.calendar import local_moment
from dialogs.catalog import Pack
from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.item_state import ItemState, gate_progress, marks, open_items
from dialogs.measure import Measure, share
from dialogs.metrics import (
    FORMULA_VERSION,
    Heard,
    coverage,
    covered,
    lateness,
    planned_readiness,
    readiness,
)
from dialogs.text import Wording

WINDOW = timedelta(days=28)
SKEW = 0.15
AT_ONCE = 2000
"""So many people are counted again by whoever asks for the figures; more than that are left to the clockwork."""


def week_of(day: date) -> str:
    """The ISO week of a day, such as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def week_id(now: datetime, zone: ZoneInfo) -> str:
    """The ISO week of a moment."""
    return week_of(now.astimezone(zone).date())


async def keep_up(database: Database, tenant: str, pack: Pack, most: int = 10_000) -> int:
    """Count those again whose answers changed, some in a transaction; how many. For the clockwork.

    Fewer than `most` means that the figures are up to date, or that another replica is at it.
    """
    people, portion = 0, Portion()
    while people < most:
        async with database.transaction() as connection:
            began = monotonic()
            done = await tallies.fold(connection, tenant, _dialogs(pack), portion.size)
            portion.took(done, monotonic() - began)
        people += done
        if not done:
            break
    return people


async def measured(
    connection: AsyncConnection,
    tenant: str,
    pack: Pack,
    company: Company,
    now: datetime,
    day: date | None = None,
    *,
    counting: bool = True,
) -> Week:
    """A week as it stands at this moment (blueprint 3j; window of 28 days, functions and roles only).

    day: a day of the week that the figures are for, where that is not the week of `now`. counting: some who changed
    are counted first, which writes.
    """
    zone = ZoneInfo(company.zone)
    today = now.astimezone(zone).date()
    day = day or today
    monday = day - timedelta(days=day.weekday())
    counted = await _counted(connection, tenant, pack, now, today, AT_ONCE if counting else 0)
    states = tuple((await items.states(connection, tenant, project.checklist_items(pack))).values())
    heard = _heard(company, counted)
    marked = marks(states, today)
    late = lateness(open_items(states, today))
    asked, answered = sum(counted.invited.values()), sum(counted.answered.values())
    asked_away, answered_away = counted.away
    measures = {
        # P of dialogs.metrics, from numbers instead of sets
        "participation": share(answered - answered_away, asked - asked_away),
        "coverage": coverage(heard.values()),
        "readiness": readiness(marked),
        "readiness_planned": planned_readiness(marked),
        "overdue": late.rate,
    }
    before = await snapshot_before(connection, tenant, week_of(day))
    known = frozenset(before["covered"]) if before else frozenset()
    covered_now = tuple(code for code, one in heard.items() if covered(one))
    return Week(
        id=week_of(day),
        number=max(1, (day - company.starts_on).days // 7 + 1),
        start=monday,
        end=monday + timedelta(days=6),
        measures={name: one for name, one in measures.items() if one is not None},
        asked=asked,
        answered=answered,
        gate=_next_gate(pack, company, states, now),
        functions=_by_function(pack, company, counted),
        closed=await _closed_since(connection, tenant, local_moment(monday, time(), zone)),
        blocked=late.blocked,
        newly_covered=tuple(
            pack.functions[code].label
            for code in covered_now
            if before and code not in known and code in pack.functions
        ),
        covered=covered_now,
        skewed=_skewed(company, counted),
    )


async def stand(
    connection: AsyncConnection, tenant: str, pack: Pack, company: Company, now: datetime
) -> bool:
    """Whether the sums stand for this moment, so that a week is measured without counting everybody."""
    back = now.astimezone(ZoneInfo(company.zone)).date() + WINDOW
    return await tallies.counted(connection, tenant, _dialogs(pack), now - WINDOW, now, back) is not None


async def freeze(connection: AsyncConnection, tenant: str, week: Week, now: datetime) -> None:
    """Keep the week's figures; a week that was frozen stays as it is."""
    data = {
        "measures": {name: [one.value, one.n, one.half_width] for name, one in week.measures.items()},
        "functions": {
            one.code: {name: [m.value, m.n, m.half_width] for name, m in one.measures.items()}
            for one in week.functions
        },
        "gate": [week.gate.id, week.gate.days, week.gate.done, week.gate.total] if week.gate else None,
        "asked": week.asked,
        "answered": week.answered,
        "closed": week.closed,
        "blocked": week.blocked,
        "covered": list(week.covered),
        "newly_covered": [one.model_dump(by_alias=True, exclude_none=True) for one in week.newly_covered],
        "number": week.number,
        "start": week.start.isoformat(),
        "skewed": week.skewed,
    }
    await r.add_once(
        connection,
        t.snapshot,
        tenant=tenant,
        week=week.id,
        data=data,
        formula_version=FORMULA_VERSION,
        at=now,
    )


async def latest(
    connection: AsyncConnection, tenant: str, pack: Pack, upto: str | None = None
) -> tuple[Week, Week | None] | None:
    """The newest frozen week, or that of this id, with the one before it."""
    wanted = (
        sa.select(t.snapshot).where(t.snapshot.c.tenant == tenant).order_by(t.snapshot.c.week.desc()).limit(2)
    )
    found = await r.rows(connection, wanted if upto is None else wanted.where(t.snapshot.c.week <= upto))
    if not found or (upto is not None and found[0]["week"] != upto):
        return None
    return _week(found[0], pack), _week(found[1], pack) if len(found) > 1 else None


async def month_before(connection: AsyncConnection, tenant: str, pack: Pack, week: Week) -> Week | None:
    """The newest frozen week at least four weeks older, by the same formulas; None in a younger project."""
    found = await r.row(
        connection,
        sa.select(t.snapshot)
        .where(
            t.snapshot.c.tenant == tenant,
            t.snapshot.c.week <= week_of(week.start - WINDOW),
            t.snapshot.c.formula_version == week.version,
        )
        .order_by(t.snapshot.c.week.desc())
        .limit(1),
    )
    return None if found is None else _week(found, pack)


async def snapshot_before(connection: AsyncConnection, tenant: str, week: str) -> Mapping[str, Any] | None:
    """The data of the newest snapshot of an earlier week."""
    statement = sa.select(t.snapshot.c.data).where(t.snapshot.c.tenant == tenant, t.snapshot.c.week < week)
    found = await r.row(connection, statement.order_by(t.snapshot.c.week.desc()).limit(1))
    data: Mapping[str, Any] | None = found["data"] if found else None
    return data


async def rate(
    connection: AsyncConnection, tenant: str, week: str, person: str, *, useful: bool, now: datetime
) -> None:
    """Keep what a reader thinks of a summary; the latest word counts."""
    await r.put(connection, t.feedback, tenant=tenant, week=week, person=person, useful=useful, at=now)


def _dialogs(pack: Pack) -> dict[str, str]:
    return {name: one.starts for name, one in pack.campaigns.items() if one.kind == "dialog"}


async def _counted(
    connection: AsyncConnection, tenant: str, pack: Pack, now: datetime, today: date, left: int
) -> Counted:
    """The sums that are kept up to date, where they stand for this window; else everything counted again."""
    dialogs, window = _dialogs(pack), (now - WINDOW, now, today + WINDOW)
    while left > 0 and (done := await tallies.fold(connection, tenant, dialogs)):
        left -= done
    kept = await tallies.counted(connection, tenant, dialogs, *window)
    return kept or await recount(connection, tenant, dialogs, *window)


def _heard(company: Company, counted: Counted) -> dict[str, Heard]:
    found: dict[str, Heard] = {}
    for code in sorted(company.in_scope):
        one = counted.heard.get(code, tallies.Heard())
        found[code] = Heard(company.headcounts.get(code, 0), one.people, one.impacts, one.untouched > 0)
    return found


async def _closed_since(connection: AsyncConnection, tenant: str, since: datetime) -> int:
    closed = sa.select(sa.func.count().label("n")).where(t.closure.c.tenant == tenant)
    found = await r.row(connection, closed.where(t.closure.c.at >= since))
    return int(found["n"]) if found else 0


def _next_gate(
    pack: Pack, company: Company, states: tuple[ItemState, ...], now: datetime
) -> GateAhead | None:
    today = now.astimezone(ZoneInfo(company.zone)).date()
    for gate in project.gate_days(pack, company):
        done, total = gate_progress(gate.id, states)
        if gate.due is not None and total and done < total:
            return GateAhead(gate.id, gate.label, (gate.due - today).days, done, total)
    return None


def _by_function(pack: Pack, company: Company, counted: Counted) -> tuple[FunctionFigures, ...]:
    figures: list[FunctionFigures] = []
    for code, function in pack.functions.items():
        took_part = share(counted.answered.get(code, 0), counted.invited.get(code, 0))
        if code in company.in_scope and took_part is not None:
            figures.append(FunctionFigures(code, function.label, {"participation": took_part}))
    return tuple(figures)


def _skewed(company: Company, counted: Counted) -> bool:
    staff, answered = sum(company.headcounts.values()), sum(counted.answered.values())
    if not staff or not answered:
        return False
    return any(
        abs(counted.answered.get(code, 0) / answered - headcount / staff) > SKEW
        for code, headcount in company.headcounts.items()
    )


def _week(found: r.Row, pack: Pack) -> Week:
    data = found["data"]
    start = date.fromisoformat(data["start"])
    gate = data["gate"]
    label = pack.gates[gate[0]].label if gate and gate[0] in pack.gates else None
    return Week(
        id=found["week"],
        number=data["number"],
        start=start,
        end=start + timedelta(days=6),
        measures={name: Measure(*one) for name, one in data["measures"].items()},
        asked=data["asked"],
        answered=data["answered"],
        gate=GateAhead(gate[0], label, *gate[1:]) if label is not None else None,
        functions=tuple(
            FunctionFigures(
                code, pack.functions[code].label, {name: Measure(*one) for name, one in figures.items()}
            )
            for code, figures in data["functions"].items()
            if code in pack.functions
        ),
        closed=data["closed"],
        blocked=data["blocked"],
        newly_covered=tuple(Wording.model_validate(one) for one in data["newly_covered"]),
        covered=tuple(data["covered"]),
        skewed=data["skewed"],
        version=found["formula_version"],
    )
