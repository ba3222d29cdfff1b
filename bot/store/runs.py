"""Runs and their answers: append-only rows, and the impacts that are read from them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from dialogs.impacts import Impact
from dialogs.interview_state import Echo
from dialogs.outcome import Answer, Given

UNFINISHED = ("open", "put_off", "paused", "invited")
IDLE_SECONDS = 120
"""A pause longer than this between two answers counts as this much active time."""


@dataclass(frozen=True, slots=True)
class Run:
    """One person's passage through a dialog or a quiz.

    status: invited, open, put_off, paused, finished or cancelled.
    """

    id: str
    kind: str
    dialog: str
    person: str
    subject: Mapping[str, Any]
    campaign: str | None
    status: str
    started_at: datetime
    last_at: datetime
    active_seconds: float
    given: tuple[Given, ...]


async def run(connection: AsyncConnection, tenant: str, run_id: str) -> Run | None:
    """The run of this id with its answers."""
    return await _run(connection, tenant, t.run.c.id == run_id)


async def open_run(connection: AsyncConnection, tenant: str, person: str) -> Run | None:
    """The run that the person used last among those still open."""
    return await _run(connection, tenant, sa.and_(t.run.c.person == person, t.run.c.status == "open"))


async def unfinished(
    connection: AsyncConnection, tenant: str, person: str, kind: str, dialog: str
) -> Run | None:
    """The person's open or put-off run of one dialog."""
    wanted = sa.and_(
        t.run.c.person == person,
        t.run.c.kind == kind,
        t.run.c.dialog == dialog,
        t.run.c.status.in_(UNFINISHED),
    )
    return await _run(connection, tenant, wanted)


async def start(
    connection: AsyncConnection,
    tenant: str,
    kind: str,
    dialog: str,
    person: str,
    now: datetime,
    subject: Mapping[str, Any],
    status: str = "open",
) -> Run:
    """Begin a run, or note that it was offered (status invited)."""
    new = Run(r.new_id(), kind, dialog, person, dict(subject), None, status, now, now, 0, ())
    await connection.execute(
        t.run.insert().values(
            tenant=tenant,
            id=new.id,
            kind=kind,
            dialog=dialog,
            person=person,
            subject=dict(subject),
            status=status,
            started_at=now,
            last_at=now,
        )
    )
    return new


async def append(
    connection: AsyncConnection,
    tenant: str,
    run: Run,
    given: Iterable[Given],
    now: datetime,
    **changed: object,
) -> None:
    """Add answer rows; the primary key (run, number) refuses two turns that answer at once.

    changed: other columns of the run that change with them.
    """
    new = [
        {
            "tenant": tenant,
            "run": run.id,
            "number": number,
            "step": one.step,
            "round": one.round,
            "value": {"is": one.value},
            "at": now,
        }
        for number, one in enumerate(given, len(run.given))
    ]
    if new:
        await connection.execute(t.answer.insert(), new)
    passed = min((now - run.last_at).total_seconds(), IDLE_SECONDS)
    active = run.active_seconds + max(passed, 0)
    await change(connection, tenant, run.id, last_at=now, active_seconds=active, **changed)


async def change(connection: AsyncConnection, tenant: str, run_id: str, **values: object) -> None:
    """Change the run's row."""
    await connection.execute(
        t.run.update().where(t.run.c.tenant == tenant, t.run.c.id == run_id).values(**values)
    )


async def keep_impacts(
    connection: AsyncConnection, tenant: str, run: Run, told: tuple[Impact, ...], now: datetime
) -> None:
    """Make the impact rows of a run say what the run says now."""
    mine = sa.and_(t.impact.c.tenant == tenant, t.impact.c.run == run.id)
    await connection.execute(t.impact.delete().where(mine))
    for one in told:
        await connection.execute(
            t.impact.insert().values(
                tenant=tenant,
                run=run.id,
                round=one.round,
                person=run.person,
                function=one.function,
                dimension=one.dimension,
                polarity=one.polarity,
                picks=list(one.picks),
                details={
                    name: list(value) if isinstance(value, tuple) else value
                    for name, value in one.details.items()
                },
                severity=one.severity,
                likelihood=one.likelihood,
                effort_hours=one.effort_hours,
                at=now,
            )
        )


async def echoes(
    connection: AsyncConnection, tenant: str, person: str, function: str | None
) -> tuple[Echo, ...]:
    """What colleagues of the function have reported, the person's own reports left out."""
    if function is None:
        return ()
    statement = sa.select(t.impact).where(
        t.impact.c.tenant == tenant, t.impact.c.function == function, t.impact.c.person != person
    )
    said = {
        (
            one["person"],
            one["dimension"],
            "gain" if one["polarity"] == "benefit" else "difficulty",
            tuple(sorted(one["picks"])),
        )
        for one in await r.rows(connection, statement)
    }
    counts = Counter((dimension, side, picks) for _, dimension, side, picks in said)
    return tuple(
        Echo(function, dimension, side, picks, people) for (dimension, side, picks), people in counts.items()
    )


async def left_open(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """Runs that were begun or put off, and not ended."""
    wanted = (t.run.c.tenant == tenant, t.run.c.status.in_(("open", "put_off", "paused")))
    return await r.rows(connection, sa.select(t.run).where(*wanted).order_by(t.run.c.last_at))


async def quiz_runs_since(connection: AsyncConnection, tenant: str, since: datetime) -> list[r.Row]:
    """Person and quiz of every session begun since a moment."""
    wanted = (t.run.c.tenant == tenant, t.run.c.kind == "quiz", t.run.c.started_at >= since)
    return await r.rows(connection, sa.select(t.run.c.person, t.run.c.dialog).where(*wanted))


async def _run(connection: AsyncConnection, tenant: str, wanted: sa.ColumnElement[bool]) -> Run | None:
    found = await r.row(
        connection,
        sa.select(t.run).where(t.run.c.tenant == tenant, wanted).order_by(t.run.c.last_at.desc()).limit(1),
    )
    if found is None:
        return None
    said = await r.rows(
        connection,
        sa.select(t.answer)
        .where(t.answer.c.tenant == tenant, t.answer.c.run == found["id"])
        .order_by(t.answer.c.number),
    )
    given = tuple(Given(one["step"], one["round"], _answer(one["value"]["is"])) for one in said)
    return Run(
        found["id"],
        found["kind"],
        found["dialog"],
        found["person"],
        found["subject"],
        found["campaign"],
        found["status"],
        found["started_at"],
        found["last_at"],
        found["active_seconds"],
        given,
    )


def _answer(value: Any) -> Answer | None:
    return tuple(value) if isinstance(value, list) else value
