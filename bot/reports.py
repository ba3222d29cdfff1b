"""The figures of a week, counted from the rows and frozen as a snapshot that every reader shares."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import project
from bot.store import items, people
from bot.store import rows as r
from bot.store import tables as t
from bot.store.people import Company, Person
from dialogs.calendar import local_moment
from dialogs.catalog import Pack
from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.item_state import ItemState, gate_progress, marks, open_items
from dialogs.measure import Measure
from dialogs.metrics import (
    FORMULA_VERSION,
    Heard,
    coverage,
    covered,
    lateness,
    participation,
    planned_readiness,
    readiness,
)
from dialogs.text import Wording

WINDOW = timedelta(days=28)
SKEW = 0.15


def week_of(day: date) -> str:
    """The ISO week of a day, such as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def week_id(now: datetime, zone: ZoneInfo) -> str:
    """The ISO week of a moment."""
    return week_of(now.astimezone(zone).date())


async def measured(
    connection: AsyncConnection,
    tenant: str,
    pack: Pack,
    company: Company,
    now: datetime,
    day: date | None = None,
) -> Week:
    """A week as it stands at this moment (blueprint 3j; window of 28 days, functions and roles only).

    day: a day of the week that the figures are for, where that is not the week of `now`.
    """
    zone = ZoneInfo(company.zone)
    today = now.astimezone(zone).date()
    day = day or today
    monday = day - timedelta(days=day.weekday())
    everybody = await people.people(connection, tenant)
    states = tuple((await items.states(connection, tenant, project.checklist_items(pack))).values())
    invited, completed = await _asked(connection, tenant, pack, now)
    heard = await _heard(connection, tenant, company)
    counted = marks(states, today)
    late = lateness(open_items(states, today))
    away = frozenset(
        one.id for one in everybody if one.away_until is not None and one.away_until - WINDOW >= today
    )
    measures = {
        "participation": participation(invited, completed, away),
        "coverage": coverage(heard.values()),
        "readiness": readiness(counted),
        "readiness_planned": planned_readiness(counted),
        "overdue": late.rate,
    }
    before = await snapshot_before(connection, tenant, week_of(day))
    known = frozenset(before["covered"]) if before else frozenset()
    covered_now = [code for code, one in heard.items() if covered(one)]
    return Week(
        id=week_of(day),
        number=max(1, (day - company.starts_on).days // 7 + 1),
        start=monday,
        end=monday + timedelta(days=6),
        measures={name: one for name, one in measures.items() if one is not None},
        asked=len(invited),
        answered=len(invited & completed),
        gate=_next_gate(pack, company, states, now),
        functions=_by_function(pack, company, everybody, invited, completed),
        closed=await _closed_since(connection, tenant, local_moment(monday, time(), zone)),
        blocked=late.blocked,
        newly_covered=tuple(
            pack.functions[code].label
            for code in covered_now
            if before and code not in known and code in pack.functions
        ),
        skewed=_skewed(company, everybody, invited & completed),
    )


async def freeze(
    connection: AsyncConnection, tenant: str, company: Company, week: Week, now: datetime
) -> None:
    """Keep the week's figures; a week that was frozen stays as it is."""
    heard = await _heard(connection, tenant, company)
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
        "covered": [code for code, one in heard.items() if covered(one)],
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


async def _asked(
    connection: AsyncConnection, tenant: str, pack: Pack, now: datetime
) -> tuple[frozenset[str], frozenset[str]]:
    """Who was invited to a dialog in the window, and who of them finished one that they were invited to."""
    since, sent = now - WINDOW, t.invitation.c.sent_at
    asked = sa.select(t.invitation.c.person, t.invitation.c.campaign, sent).where(
        t.invitation.c.tenant == tenant, sent >= since, sent <= now
    )
    invitations = {
        (one["person"], campaign.starts): one["sent_at"]
        for one in await r.rows(connection, asked.order_by(sent.desc()))
        if (campaign := pack.campaigns.get(one["campaign"])) is not None and campaign.kind == "dialog"
    }
    ended = t.run.c.ended_at
    done = sa.select(t.run.c.person, t.run.c.dialog, ended).where(
        t.run.c.tenant == tenant, t.run.c.kind == "dialog", t.run.c.status == "finished", ended <= now
    )
    completed = frozenset(
        one["person"]
        for one in await r.rows(connection, done.where(ended >= since))
        if (at := invitations.get((one["person"], one["dialog"]))) is not None and one["ended_at"] >= at
    )
    return frozenset(person for person, _ in invitations), completed


async def _heard(connection: AsyncConnection, tenant: str, company: Company) -> dict[str, Heard]:
    told: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for one in await r.rows(
        connection, sa.select(t.impact.c.function, t.impact.c.person).where(t.impact.c.tenant == tenant)
    ):
        told[one["function"]].add(one["person"])
        count[one["function"]] += 1
    none = (
        sa.select(t.person.c.function, t.run.c.person)
        .join(t.person, sa.and_(t.person.c.tenant == t.run.c.tenant, t.person.c.id == t.run.c.person))
        .where(t.run.c.tenant == tenant, t.run.c.no_impact, t.run.c.status == "finished")
    )
    untouched: set[str] = set()
    for one in await r.rows(connection, none):
        if one["function"]:
            told[one["function"]].add(one["person"])
            untouched.add(one["function"])
    return {
        code: Heard(company.headcounts.get(code, 0), len(told[code]), count[code], code in untouched)
        for code in sorted(company.in_scope)
    }


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


def _by_function(
    pack: Pack, company: Company, everybody: list[Person], invited: frozenset[str], completed: frozenset[str]
) -> tuple[FunctionFigures, ...]:
    figures: list[FunctionFigures] = []
    for code, function in pack.functions.items():
        members = frozenset(one.id for one in everybody if one.function == code)
        took_part = participation(invited & members, completed & members)
        if code in company.in_scope and took_part is not None:
            figures.append(FunctionFigures(code, function.label, {"participation": took_part}))
    return tuple(figures)


def _skewed(company: Company, everybody: list[Person], answered: frozenset[str]) -> bool:
    staff = sum(company.headcounts.values())
    if not staff or not answered:
        return False
    for code, headcount in company.headcounts.items():
        of_answers = sum(1 for one in everybody if one.function == code and one.id in answered) / len(
            answered
        )
        if abs(of_answers - headcount / staff) > SKEW:
            return True
    return False


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
        skewed=data["skewed"],
        version=found["formula_version"],
    )
