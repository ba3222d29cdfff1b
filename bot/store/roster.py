"""Writing who is in the company: people, addresses, roles, the project, its functions and channels."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.people import PROJECT

At = tuple[str, str, str]
"""Platform, team and user of an address."""


async def everybody(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """Every person, also those who have left: id, name, email and function."""
    columns = (t.person.c.id, t.person.c.name, t.person.c.email, t.person.c.function)
    return await r.rows(connection, sa.select(*columns).where(t.person.c.tenant == tenant))


async def at_addresses(connection: AsyncConnection, tenant: str) -> dict[At, str]:
    """Whose each address is."""
    found = await r.rows(connection, sa.select(t.address).where(t.address.c.tenant == tenant))
    return {(one["platform"], one["team"], one["user"]): one["person"] for one in found}


async def add_person(connection: AsyncConnection, tenant: str, id_: str, values: Mapping[str, Any]) -> None:
    """Make a person."""
    await connection.execute(t.person.insert().values(tenant=tenant, id=id_, **values))


async def change_person(
    connection: AsyncConnection, tenant: str, id_: str, values: Mapping[str, Any]
) -> None:
    """Change what is given of a person, who counts as active again unless the values say otherwise."""
    mine = (t.person.c.tenant == tenant, t.person.c.id == id_)
    await connection.execute(t.person.update().where(*mine).values(**{"active": True, **values}))


async def set_address(connection: AsyncConnection, tenant: str, at: At, person: str) -> None:
    """Give the person this address in the place of any other on the same platform; a known one stays.

    The browser's address goes too: it is for trying out, and would keep the person's messages away from them.
    """
    platform, team, user = at
    others = (
        t.address.c.tenant == tenant,
        t.address.c.person == person,
        t.address.c.platform.in_({platform, "web"}),
        sa.or_(t.address.c.platform != platform, t.address.c.team != team, t.address.c.user != user),
    )
    await connection.execute(t.address.delete().where(*others))
    values = {"platform": platform, "team": team, "user": user, "person": person}
    await r.add_once(connection, t.address, tenant=tenant, conversation="", route={}, **values)


async def set_roles(
    connection: AsyncConnection, tenant: str, person: str, roles: Iterable[tuple[str, str]]
) -> None:
    """Let the person hold exactly these roles: (role, function code or "")."""
    await connection.execute(t.role.delete().where(t.role.c.tenant == tenant, t.role.c.person == person))
    for role, function in roles:
        await r.add_once(connection, t.role, tenant=tenant, person=person, role=role, function=function)


async def put_project(connection: AsyncConnection, tenant: str, values: Mapping[str, Any]) -> None:
    """Make the project, or change what is given of it."""
    mine = (t.project.c.tenant == tenant, t.project.c.id == PROJECT)
    if await r.row(connection, sa.select(t.project.c.id).where(*mine)) is None:
        await connection.execute(t.project.insert().values(tenant=tenant, id=PROJECT, **values))
    elif values:
        await connection.execute(t.project.update().where(*mine).values(**values))


async def put_function(
    connection: AsyncConnection, tenant: str, code: str, headcount: int, lead: str | None
) -> None:
    """Write a function's headcount and lead; without anybody it is out of scope."""
    values = {"headcount": headcount, "in_scope": headcount > 0, "lead": lead}
    await r.put(connection, t.company_function, tenant=tenant, code=code, **values)


async def put_channel(connection: AsyncConnection, tenant: str, name: str, values: Mapping[str, Any]) -> None:
    """Register a channel for the weekly summary, or change it."""
    await r.put(connection, t.channel, tenant=tenant, name=name, **values)


async def headcounts(connection: AsyncConnection, tenant: str) -> dict[str, int]:
    """How many active people each function has."""
    statement = (
        sa.select(t.person.c.function, sa.func.count().label("n"))
        .where(t.person.c.tenant == tenant, t.person.c.active, t.person.c.function.is_not(None))
        .group_by(t.person.c.function)
    )
    return {one["function"]: one["n"] for one in await r.rows(connection, statement)}


async def held(connection: AsyncConnection, tenant: str) -> dict[str, list[str]]:
    """Who holds each role: ids by "project_lead", or by "function_lead.MKT" where it is of a function."""
    statement = sa.select(t.role).where(t.role.c.tenant == tenant).order_by(t.role.c.person)
    found: dict[str, list[str]] = {}
    for one in await r.rows(connection, statement):
        name = f"{one['role']}.{one['function']}" if one["function"] else one["role"]
        found.setdefault(name, []).append(one["person"])
    return found


async def hand_items(connection: AsyncConnection, tenant: str, holders: Mapping[str, list[str]]) -> int:
    """Give open items to who holds their role now; how many changed hands.

    holders: item id to the holders, at least one. What an owner who still holds the role has, stays; of a
    former owner neither the planned moment nor the wish to hand over goes along.
    """
    closed = sa.select(t.closure.c.item).where(t.closure.c.tenant == tenant)
    moved = 0
    for item, people in holders.items():
        left = sa.and_(t.item.c.owner.not_in(people), t.item.c.id.not_in(closed))
        mine = (t.item.c.tenant == tenant, t.item.c.id == item, sa.or_(t.item.c.owner.is_(None), left))
        values = {
            "owner": people[0],
            "revision": t.item.c.revision + 1,
            "commitment_at": None,
            "hand_over_asked": False,
        }
        moved += (await connection.execute(t.item.update().where(*mine).values(**values))).rowcount
    return moved
