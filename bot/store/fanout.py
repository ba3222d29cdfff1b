"""People by the hundred: who may get something now, what is known of them, and rows written together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.people import Address, Person
from bot.store.runs import Run
from dialogs.outcome import Given

LEFT_OPEN = ("open", "put_off", "paused")
Place = tuple[str, str]
"""Zone and region of a person."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A coming of a campaign that people of some places may get now.

    rule and day: the parts of the delivery's key before and after the person. audience: codes of functions and
    roles, or None for everybody. once: whoever was invited is not invited again.
    """

    campaign: str
    rule: str
    day: date
    places: tuple[Place, ...]
    audience: tuple[str, ...] | None
    once: bool


async def places(connection: AsyncConnection, tenant: str) -> list[Place]:
    """Every zone and region that somebody active lives in."""
    columns = (t.person.c.zone, t.person.c.region)
    statement = sa.select(*columns).where(t.person.c.tenant == tenant, t.person.c.active).distinct()
    return [(zone, region) for zone, region in (await connection.execute(statement)).all()]


async def next_people(
    connection: AsyncConnection,
    tenant: str,
    after: str,
    limit: int,
    chances: Sequence[Chance] | None,
    owners: Collection[str] = (),
    campaigns: Collection[str] = (),
) -> list[str]:
    """Ids of the next active people, in their order, for whom the calendar may have something; None: of all.

    after: the last id of the people before. owners: of items. campaigns: those that a lead may have asked for.
    """
    who = (t.person.c.tenant == tenant, t.person.c.active, t.person.c.id > after)
    statement = sa.select(t.person.c.id).where(*who).order_by(t.person.c.id).limit(limit)
    if chances is not None:
        begun = sa.exists().where(
            t.run.c.tenant == tenant, t.run.c.person == t.person.c.id, t.run.c.status.in_(LEFT_OPEN)
        )
        statement = statement.where(
            sa.or_(
                t.person.c.id.in_(owners),
                begun,
                _invitation(tenant, t.invitation.c.campaign.in_(campaigns), asked=True),
                *(_may_get(tenant, chance) for chance in chances),
            )
        )
    return list((await connection.scalars(statement)).all())


def _may_get(tenant: str, chance: Chance) -> sa.ColumnElement[bool]:
    key = sa.literal(chance.rule) + t.person.c.id + sa.literal(f":{chance.day}")
    wanted = [
        sa.tuple_(t.person.c.zone, t.person.c.region).in_(chance.places),
        ~sa.exists().where(t.delivery.c.tenant == tenant, t.delivery.c.id == key),
    ]
    if chance.audience is not None:
        role = (t.role.c.tenant == tenant, t.role.c.person == t.person.c.id)
        held = sa.exists().where(*role, t.role.c.role.in_(chance.audience))
        wanted.append(sa.or_(t.person.c.function.in_(chance.audience), held))
    if chance.once:
        wanted.append(~_invitation(tenant, t.invitation.c.campaign == chance.campaign, asked=False))
    return sa.and_(*wanted)


def _invitation(tenant: str, campaign: sa.ColumnElement[bool], *, asked: bool) -> sa.Exists:
    state = t.invitation.c.sent_at.is_(None) if asked else t.invitation.c.sent_at.is_not(None)
    mine = (t.invitation.c.tenant == tenant, campaign, t.invitation.c.person == t.person.c.id, state)
    return sa.exists().where(*mine)


async def people(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> dict[str, Person]:
    """The active ones of these people by their ids, with their roles."""
    roles: dict[str, set[tuple[str, str]]] = {}
    statement = sa.select(t.role).where(t.role.c.tenant == tenant, t.role.c.person.in_(ids))
    for one in await r.rows(connection, statement):
        roles.setdefault(one["person"], set()).add((one["role"], one["function"]))
    columns = [t.person.c[name] for name in Person.__slots__ if name != "roles"]
    mine = (t.person.c.tenant == tenant, t.person.c.active, t.person.c.id.in_(ids))
    found: list[Any] = list(
        (await connection.execute(sa.select(*columns).where(*mine).order_by(t.person.c.id))).all()
    )
    return {one[0]: Person(*(*one, frozenset(roles.get(one[0], ())))) for one in found}


async def addresses(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> dict[str, Address]:
    """For each of these people the address used last, where there is one."""
    order = (sa.nulls_first(t.address.c.used_at), t.address.c.platform.desc())
    statement = sa.select(t.address).where(t.address.c.tenant == tenant, t.address.c.person.in_(ids))
    return {
        one["person"]: Address(
            one["platform"],
            one["team"],
            one["user"],
            one["person"],
            one["conversation"] or "",
            one["route"],
        )
        for one in await r.rows(connection, statement.order_by(*order))
    }


async def written(
    connection: AsyncConnection, tenant: str, ids: Collection[str], since: datetime
) -> list[Any]:
    """What the bot started with these people since a moment, sent or not.

    id, person, feature, due_at, answered_at and status, the oldest first.
    """
    names = ("id", "person", "feature", "due_at", "answered_at", "status")
    mine = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.person.in_(ids),
        t.delivery.c.started_by_bot,
        sa.or_(t.delivery.c.due_at >= since, t.delivery.c.created_at >= since),
    )
    statement = sa.select(*(t.delivery.c[name] for name in names)).where(*mine)
    return list((await connection.execute(statement.order_by(t.delivery.c.due_at))).all())


async def known(connection: AsyncConnection, tenant: str, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys deliveries have already."""
    mine = (t.delivery.c.tenant == tenant, t.delivery.c.id.in_(keys))
    return frozenset((await connection.scalars(sa.select(t.delivery.c.id).where(*mine))).all())


async def left_open(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> list[Any]:
    """Runs of these people that were begun or put off, and not ended."""
    names = ("id", "person", "dialog", "status", "last_at", "resumed_at", "put_off_until")
    mine = (t.run.c.tenant == tenant, t.run.c.person.in_(ids), t.run.c.status.in_(LEFT_OPEN))
    statement = sa.select(*(t.run.c[name] for name in names)).where(*mine).order_by(t.run.c.last_at)
    return list((await connection.execute(statement)).all())


async def unfinished(
    connection: AsyncConnection, tenant: str, ids: Collection[str], dialogs: Collection[str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """(person, dialog) to the (id, status) of the run that they were offered, have begun or put off last."""
    names = ("person", "dialog", "id", "status")
    mine = (
        t.run.c.tenant == tenant,
        t.run.c.person.in_(ids),
        t.run.c.kind == "dialog",
        t.run.c.dialog.in_(dialogs),
        t.run.c.status.in_((*LEFT_OPEN, "invited")),
    )
    statement = sa.select(*(t.run.c[name] for name in names)).where(*mine).order_by(t.run.c.last_at)
    return {(one[0], one[1]): (one[2], one[3]) for one in (await connection.execute(statement)).all()}


async def runs_by_id(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> dict[str, Run]:
    """These runs with their answers."""
    said: dict[str, list[Given]] = {}
    answers = t.answer.c
    statement = sa.select(answers.run, answers.step, answers.round, answers.value)
    mine = statement.where(answers.tenant == tenant, answers.run.in_(ids)).order_by(answers.number)
    for run, step, round_, value in (await connection.execute(mine)).all():
        told = value["is"]
        said.setdefault(run, []).append(Given(step, round_, tuple(told) if isinstance(told, list) else told))
    columns = [t.run.c[name] for name in Run.__slots__ if name != "given"]
    found = sa.select(*columns).where(t.run.c.tenant == tenant, t.run.c.id.in_(ids))
    rows: list[Any] = list((await connection.execute(found)).all())
    return {one[0]: Run(*(*one, tuple(said.get(one[0], ())))) for one in rows}


async def invitations(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> list[r.Row]:
    """Invitations of these people: campaign, person, asked_at, sent_at."""
    mine = (t.invitation.c.tenant == tenant, t.invitation.c.person.in_(ids))
    return await r.rows(connection, sa.select(t.invitation).where(*mine))


async def quiz_runs(
    connection: AsyncConnection, tenant: str, ids: Collection[str], since: datetime
) -> list[Any]:
    """Person and quiz of every session that these people have begun since a moment."""
    mine = (t.run.c.tenant == tenant, t.run.c.person.in_(ids), t.run.c.kind == "quiz")
    statement = sa.select(t.run.c.person, t.run.c.dialog).where(*mine, t.run.c.started_at >= since)
    return list((await connection.execute(statement)).all())


async def offer(
    connection: AsyncConnection, tenant: str, runs: Iterable[tuple[str, str, str]], now: datetime
) -> None:
    """Note runs that were offered: id, dialog and person of each."""
    made = [
        {"tenant": tenant, "id": id_, "dialog": dialog, "person": person, "started_at": now, "last_at": now}
        for id_, dialog, person in runs
    ]
    if made:
        fixed: Mapping[str, Any] = {"kind": "dialog", "subject": {}, "status": "invited"}
        await connection.execute(t.run.insert(), [{**one, **fixed} for one in made])


async def resumed(connection: AsyncConnection, tenant: str, runs: Collection[str], now: datetime) -> None:
    """Note that the way back into these runs was offered."""
    mine = (t.run.c.tenant == tenant, t.run.c.id.in_(runs))
    await connection.execute(t.run.update().where(*mine).values(resumed_at=now))


async def nudged(
    connection: AsyncConnection, tenant: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Note rungs that went out: delivery, item, person, rung and due_on of each."""
    if rows:
        made = [{"tenant": tenant, "at": now, **one} for one in rows]
        await connection.execute(r.insert_once(connection, t.nudge), made)


async def audited(
    connection: AsyncConnection, tenant: str, what: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Write what the bot did with which objects by itself."""
    made = [
        {"tenant": tenant, "id": r.new_id(), "at": now, "who": None, "what": did, "object": about}
        for did, about in what
    ]
    if made:
        await connection.execute(t.audit_event.insert(), made)
