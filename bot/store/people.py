"""People, the ways to reach them, what they may do, and the company around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import people_statements as statements
from bot.store import rows as r
from bot.store import tables as t
from bot.store.hot import Answer, Hot, change_later, together
from bot.store.hot import change as change_row
from dialogs.text import Locale


@dataclass(frozen=True, slots=True)
class Person:
    """A human of the company. roles: (role, function code or "")."""

    id: str
    name: str
    first_name: str | None
    email: str | None
    function: str | None
    site: str | None
    locale: Locale
    zone: str
    region: str
    week_hours: float
    paused_until: datetime | None
    away_until: date | None
    active: bool
    roles: frozenset[tuple[str, str]] = frozenset()

    def has(self, *roles: str) -> bool:
        """Whether the person holds one of these roles, for any function."""
        return any(role in roles for role, _ in self.roles)


@dataclass(frozen=True, slots=True)
class Address:
    """A way to reach a person on a platform."""

    platform: str
    team: str
    user: str
    person: str
    conversation: str
    route: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """The project and the functions of the company.

    leads: function code to person id. lead_names: how those leads are called, where they have a first name.
    """

    pack: str
    starts_on: date
    goes_live_on: date
    zone: str
    region: str
    headcounts: Mapping[str, int]
    leads: Mapping[str, str]
    in_scope: frozenset[str]
    lead_names: Mapping[str, str] = field(default_factory=dict)


PROJECT = "main"


async def company(connection: AsyncConnection, tenant: str) -> Company | None:
    """The company of the tenant; None before it is set up."""
    (found,) = await together(connection, asking_for_company(tenant))
    return company_of(tenant, found)


def asking_for_company(tenant: str) -> tuple[Hot, dict[str, object]]:
    """The question whose answer `company_of` reads."""
    return statements.COMPANY, {"tenant": tenant, "id": PROJECT}


def company_of(tenant: str, found: Answer) -> Company | None:
    """The company; None before it is set up."""
    # Every turn reads these rows and they hardly ever change: the same rows make the same company.
    known, made = _LAST_COMPANY.get(tenant, (None, None))
    if found.raw != known:
        made = _company(found.rows())
        _LAST_COMPANY.clear()
        _LAST_COMPANY[tenant] = (found.raw, made)
    return made


_LAST_COMPANY: dict[str, tuple[list[object], Company | None]] = {}


def _company(found: list[r.Row]) -> Company | None:
    if not found:
        return None
    project, functions = found[0], [one for one in found if one["code"] is not None]
    return Company(
        project["pack"],
        project["starts_on"],
        project["goes_live_on"],
        project["zone"],
        project["region"],
        {one["code"]: one["headcount"] for one in functions},
        {one["code"]: one["lead"] for one in functions if one["lead"]},
        frozenset(one["code"] for one in functions if one["in_scope"]),
        {one["code"]: one["lead_name"] for one in functions if one["lead_first_name"]},
    )


async def met(
    connection: AsyncConnection, tenant: str, platform: str, team: str, user: str
) -> tuple[Person, Address] | None:
    """The person behind a platform's user with the address that is stored, looked up fresh."""
    (found,) = await together(connection, asking_who(tenant, platform, team, user))
    return met_as(found)


def asking_who(tenant: str, platform: str, team: str, user: str) -> tuple[Hot, dict[str, object]]:
    """The question whose answer `met_as` reads."""
    return statements.MET, {"tenant": tenant, "platform": platform, "team": team, "user": user}


def met_as(answer: Answer) -> tuple[Person, Address] | None:
    """The person and the address; None when nobody is known there."""
    found = answer.rows()
    known = _person(found)
    if known is None:
        return None
    kept = found[0]
    where = (kept["platform"], kept["team"], kept["user"])
    return known, Address(*where, known.id, kept["conversation"] or "", kept["route"])


async def person_at(
    connection: AsyncConnection, tenant: str, platform: str, team: str, user: str
) -> Person | None:
    """The person behind a platform's user, looked up fresh."""
    found = await met(connection, tenant, platform, team, user)
    return None if found is None else found[0]


async def person(connection: AsyncConnection, tenant: str, person_id: str) -> Person | None:
    """The person of this id."""
    return _person(await statements.PERSON.rows(connection, tenant=tenant, id=person_id))


async def people(connection: AsyncConnection, tenant: str) -> list[Person]:
    """Everybody who is active, by id."""
    found = await r.rows(
        connection,
        sa.select(t.person).where(t.person.c.tenant == tenant, t.person.c.active).order_by(t.person.c.id),
    )
    roles: dict[str, set[tuple[str, str]]] = {}
    for one in await r.rows(connection, sa.select(t.role).where(t.role.c.tenant == tenant)):
        roles.setdefault(one["person"], set()).add((one["role"], one["function"]))
    return [_made(one, roles.get(one["id"], set())) for one in found]


async def holders(connection: AsyncConnection, tenant: str, role: str, function: str = "") -> list[str]:
    """Ids of the people who hold a role."""
    statement = sa.select(t.role.c.person).where(
        t.role.c.tenant == tenant, t.role.c.role == role, t.role.c.function == function
    )
    return [one["person"] for one in await r.rows(connection, statement.order_by(t.role.c.person))]


async def addresses(connection: AsyncConnection, tenant: str) -> dict[str, Address]:
    """For everybody, the address used last."""
    statement = (
        sa.select(t.address)
        .where(t.address.c.tenant == tenant)
        .order_by(sa.nulls_first(t.address.c.used_at), t.address.c.platform)
    )
    return {one["person"]: _address(one) for one in await r.rows(connection, statement)}


async def address_of(connection: AsyncConnection, tenant: str, person_id: str) -> Address | None:
    """The person's address used last."""
    found = await statements.ADDRESS.row(connection, tenant=tenant, person=person_id)
    return None if found is None else _address(found)


async def remember_address(
    connection: AsyncConnection, tenant: str, address: Address, at: datetime, kept: Address | None
) -> None:
    """Store where the person was met last; what is not known of the way there leaves what is stored, `kept`."""
    conversation, route = address.conversation, address.route
    if not conversation and kept is not None:
        conversation, route = kept.conversation, kept.route or route
    mine = {"platform": address.platform, "team": address.team, "user": address.user}
    if kept == replace(address, conversation=conversation, route=route):
        await change_later(connection, t.address, {"tenant": tenant, **mine}, used_at=at)
        return
    await r.put(
        connection,
        t.address,
        tenant=tenant,
        **mine,
        person=address.person,
        conversation=conversation,
        route=dict(route),
        used_at=at,
    )


async def change(connection: AsyncConnection, tenant: str, person_id: str, **values: object) -> None:
    """Change what a person has set: locale, paused_until, function."""
    await change_row(connection, t.person, {"tenant": tenant, "id": person_id}, **values)


async def grant(
    connection: AsyncConnection, tenant: str, person_id: str, role: str, function: str = ""
) -> None:
    """Give a role."""
    await r.add_once(connection, t.role, tenant=tenant, person=person_id, role=role, function=function)


async def channels(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """The channels that summaries go to."""
    return await r.rows(
        connection, sa.select(t.channel).where(t.channel.c.tenant == tenant).order_by(t.channel.c.name)
    )


def _person(found: list[r.Row]) -> Person | None:
    roles = {(one["held"], one["held_for"]) for one in found if one["held"] is not None}
    return _made(found[0], roles) if found else None


def _made(found: r.Row, roles: set[tuple[str, str]]) -> Person:
    return Person(
        found["id"],
        found["name"],
        found["first_name"],
        found["email"],
        found["function"],
        found["site"],
        found["locale"],
        found["zone"],
        found["region"],
        found["week_hours"],
        found["paused_until"],
        found["away_until"],
        found["active"],
        frozenset(roles),
    )


def _address(found: r.Row) -> Address:
    return Address(
        found["platform"],
        found["team"],
        found["user"],
        found["person"],
        found["conversation"] or "",
        found["route"],
    )
