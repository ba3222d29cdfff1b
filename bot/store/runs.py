"""Runs and their answers: append-only rows, and the impacts that are read from them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import hot
from bot.store import rows as r
from bot.store import tables as t
from bot.store.hot import Hot, change_later, together
from dialogs.impacts import Impact
from dialogs.interview_state import Echo
from dialogs.outcome import Answer, Given

UNFINISHED = ("open", "put_off", "paused", "invited")
IDLE_SECONDS = 120
"""A pause longer than this between two answers counts as this much active time."""


def _newest(*wanted: sa.ColumnElement[bool]) -> tuple[Hot, Hot]:
    """The run used last among these, and its answers: both can be asked for at once."""
    mine = (t.run.c.tenant == sa.bindparam("tenant"), *wanted)
    newest = sa.select(t.run.c.id).where(*mine).order_by(t.run.c.last_at.desc(), t.run.c.id).limit(1)
    answers = (
        sa.select(t.answer.c.step, t.answer.c.round, t.answer.c.value)
        .where(t.answer.c.tenant == sa.bindparam("tenant"), t.answer.c.run == newest.scalar_subquery())
        .order_by(t.answer.c.number)
    )
    return Hot(sa.select(t.run).where(*mine).order_by(t.run.c.last_at.desc(), t.run.c.id).limit(1)), Hot(
        answers
    )


_BY_ID, _ANSWERS_BY_ID = _newest(t.run.c.id == sa.bindparam("id"))
_OPEN, _ANSWERS_OPEN = _newest(t.run.c.person == sa.bindparam("person"), t.run.c.status == "open")
_UNFINISHED, _ANSWERS_UNFINISHED = _newest(
    t.run.c.person == sa.bindparam("person"),
    t.run.c.kind == sa.bindparam("kind"),
    t.run.c.dialog == sa.bindparam("dialog"),
    sa.or_(*(t.run.c.status == one for one in UNFINISHED)),
)
_TOLD = Hot(
    sa.select(t.impact.c.person, t.impact.c.dimension, t.impact.c.polarity, t.impact.c.picks).where(
        t.impact.c.tenant == sa.bindparam("tenant"),
        t.impact.c.function == sa.bindparam("function"),
        t.impact.c.person != sa.bindparam("person"),
    )
)
_DROP_IMPACTS = Hot(
    t.impact.delete().where(
        t.impact.c.tenant == sa.bindparam("tenant"), t.impact.c.run == sa.bindparam("run")
    )
)


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
    about = {"tenant": tenant, "id": run_id}
    return _made(*await together(connection, (_BY_ID, about), (_ANSWERS_BY_ID, about)))


async def open_run(connection: AsyncConnection, tenant: str, person: str) -> Run | None:
    """The run that the person used last among those still open."""
    about = {"tenant": tenant, "person": person}
    return _made(*await together(connection, (_OPEN, about), (_ANSWERS_OPEN, about)))


async def unfinished(
    connection: AsyncConnection, tenant: str, person: str, kind: str, dialog: str
) -> Run | None:
    """The person's open or put-off run of one dialog."""
    wanted = {"tenant": tenant, "person": person, "kind": kind, "dialog": dialog}
    return _made(*await together(connection, (_UNFINISHED, wanted), (_ANSWERS_UNFINISHED, wanted)))


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
    await r.add(
        connection,
        t.run,
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
    for number, one in enumerate(given, len(run.given)):
        await r.add(
            connection,
            t.answer,
            tenant=tenant,
            run=run.id,
            number=number,
            step=one.step,
            round=one.round,
            value={"is": one.value},
            at=now,
        )
    passed = min((now - run.last_at).total_seconds(), IDLE_SECONDS)
    active = run.active_seconds + max(passed, 0)
    await change(connection, tenant, run.id, last_at=now, active_seconds=active, **changed)


async def change(connection: AsyncConnection, tenant: str, run_id: str, **values: object) -> None:
    """Change the run's row."""
    await change_later(connection, t.run, {"tenant": tenant, "id": run_id}, **values)


async def keep_impacts(
    connection: AsyncConnection,
    tenant: str,
    run: Run,
    told: tuple[Impact, ...],
    now: datetime,
    *,
    same_rounds: bool = False,
) -> None:
    """Make the impact rows of a run say what the run says now. same_rounds: there is a row for each, and no other."""
    if not same_rounds:
        await _DROP_IMPACTS.later(connection, tenant=tenant, run=run.id)
    for one in told:
        await r.put(
            connection,
            t.impact,
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
            status="raw",
            at=now,
        )


async def echoes(
    connection: AsyncConnection, tenant: str, person: str, function: str | None
) -> tuple[Echo, ...]:
    """What colleagues of the function have reported, the person's own reports left out."""
    if function is None:
        return ()
    said = {
        (
            one["person"],
            one["dimension"],
            "gain" if one["polarity"] == "benefit" else "difficulty",
            tuple(sorted(one["picks"])),
        )
        for one in await _TOLD.rows(connection, tenant=tenant, function=function, person=person)
    }
    counts = Counter((dimension, side, picks) for _, dimension, side, picks in said)
    return tuple(
        Echo(function, dimension, side, picks, people) for (dimension, side, picks), people in counts.items()
    )


def _made(runs: hot.Answer, answers: hot.Answer) -> Run | None:
    found = next(iter(runs.rows()), None)
    if found is None:
        return None
    given = tuple(Given(one["step"], one["round"], _answer(one["value"]["is"])) for one in answers.rows())
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
