"""People by the hundred: who may get something now, and what is known of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import fanout_statements as statements
from bot.store import tables as t
from bot.store.people import Address, Person
from bot.store.runs import Run
from dialogs.outcome import Given

Candidates = sa.Select[Any]
LEFT_OPEN = statements.LEFT_OPEN
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


def candidates(
    tenant: str,
    chances: Sequence[Chance] | None,
    owners: Collection[str] = (),
    asked: Collection[str] = (),
) -> Candidates:
    """Active people for whom the calendar may have something; None: all.

    owners: of items. asked: campaigns to which a lead has asked to invite somebody who is not invited so far.
    """
    columns = [t.person.c[name] for name in Person.__slots__ if name != "roles"]
    who = (t.person.c.tenant == tenant, t.person.c.active, t.person.c.id > sa.bindparam("after"))
    statement = (
        sa.select(*columns).where(*who).order_by(t.person.c.id).limit(sa.bindparam("most", type_=sa.Integer))
    )
    if chances is None:
        return statement
    begun = (t.run.c.person == t.person.c.id, t.run.c.status.in_(LEFT_OPEN))
    may = [
        t.person.c.id.in_(owners),
        _there_is(t.run, tenant, *begun),
        *(_may_get(tenant, chance) for chance in chances),
    ]
    if asked:
        may.append(_invitation(tenant, t.invitation.c.campaign.in_(asked), asked=True))
    return statement.where(sa.or_(*may))


def _may_get(tenant: str, chance: Chance) -> sa.ColumnElement[bool]:
    key = sa.literal(chance.rule) + t.person.c.id + sa.literal(f":{chance.day}")
    wanted = [
        sa.tuple_(t.person.c.zone, t.person.c.region).in_(chance.places),
        ~_there_is(t.delivery, tenant, t.delivery.c.id == key),
    ]
    if chance.audience is not None:
        role = (t.role.c.person == t.person.c.id, t.role.c.role.in_(chance.audience))
        held = _there_is(t.role, tenant, *role)
        wanted.append(sa.or_(t.person.c.function.in_(chance.audience), held))
    if chance.once:
        wanted.append(~_invitation(tenant, t.invitation.c.campaign == chance.campaign, asked=False))
    return sa.and_(*wanted)


def _invitation(tenant: str, campaign: sa.ColumnElement[bool], *, asked: bool) -> sa.ColumnElement[bool]:
    state = t.invitation.c.sent_at.is_(None) if asked else t.invitation.c.sent_at.is_not(None)
    return _there_is(t.invitation, tenant, campaign, t.invitation.c.person == t.person.c.id, state)


def _there_is(table: sa.Table, tenant: str, *wanted: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """EXISTS, looked up for one person after the other: OFFSET keeps PostgreSQL from reading the whole table first.

    It would do so for every few hundred people, since it does not foresee that these are found soon.
    """
    return sa.select(sa.literal_column("1")).where(table.c.tenant == tenant, *wanted).offset(0).exists()


async def next_people(
    connection: AsyncConnection, tenant: str, wanted: Candidates, after: str, most: int
) -> dict[str, Person]:
    """The next of the wanted, in the order of their ids, with their roles. after: the last of those before."""
    rows: list[Any] = list((await connection.execute(wanted, {"after": after, "most": most})).all())
    roles: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for person, role, function in await _about(
        connection, statements.roles, tenant, [one[0] for one in rows]
    ):
        roles[person].add((role, function))
    return {one[0]: Person(*(*one, frozenset(roles.get(one[0], ())))) for one in rows}


async def addresses(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> dict[str, Address]:
    """For each of these people the address used last, where there is one."""
    found = await _about(connection, statements.addresses, tenant, ids)
    return {
        person: Address(platform, team, user, person, conversation or "", route)
        for person, platform, team, user, conversation, route in found
    }


async def written(
    connection: AsyncConnection, tenant: str, ids: Collection[str], since: datetime
) -> list[Any]:
    """What the bot started with these people since a moment, sent or not.

    id, person, feature, due_at, answered_at and status, the oldest first.
    """
    return await _about(connection, statements.written, tenant, ids, since=since)


async def known(connection: AsyncConnection, tenant: str, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys deliveries have already."""
    mine = (t.delivery.c.tenant == tenant, t.delivery.c.id.in_(keys))
    return frozenset((await connection.scalars(sa.select(t.delivery.c.id).where(*mine))).all())


async def begun(connection: AsyncConnection, tenant: str, ids: Collection[str], since: datetime) -> list[Any]:
    """Runs of these people that were begun or put off and not ended, and quiz sessions begun since a moment.

    id, person, kind, dialog, status, last_at, resumed_at, put_off_until and started_at, the oldest first.
    """
    return await _about(connection, statements.begun, tenant, ids, since=since)


async def unfinished(
    connection: AsyncConnection, tenant: str, ids: Collection[str], dialogs: Collection[str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """(person, dialog) to the (id, status) of the run that they were offered, have begun or put off last."""
    found = await _about(connection, statements.unfinished, tenant, ids)
    return {(person, dialog): (id_, status) for person, dialog, id_, status in found if dialog in dialogs}


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


async def invitations(
    connection: AsyncConnection, tenant: str, campaigns: Collection[str], ids: Collection[str]
) -> list[Any]:
    """Invitations of these people to these campaigns: campaign, person, asked_at and sent_at."""
    of = {"campaigns": list(campaigns)}
    return await _about(connection, statements.invitations, tenant, ids, **of)


async def asked(connection: AsyncConnection, tenant: str, campaigns: Collection[str]) -> list[str]:
    """Those of the campaigns to which a lead has asked to invite somebody who is not invited so far."""
    left = t.invitation.c.sent_at.is_(None)
    mine = (t.invitation.c.tenant == tenant, t.invitation.c.campaign.in_(campaigns), left)
    return list((await connection.scalars(sa.select(t.invitation.c.campaign).where(*mine).distinct())).all())


async def _about(
    connection: AsyncConnection,
    select: Callable[[str], sa.Select[Any]],
    tenant: str,
    ids: Collection[str],
    **values: Any,
) -> list[Any]:
    """Rows about these people, some hundreds at most."""
    if not ids:
        return []
    given = {"of_tenant": tenant, "people": list(ids), **values}
    return list((await connection.execute(select(connection.dialect.name), given)).all())
