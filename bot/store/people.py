"""People, the ways to reach them, what they may do, and the company around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import available_timezones

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from dialogs.text import Locale, best_locale


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
    functions, leads = t.company_function, t.person.alias("lead_person")
    statement = (
        sa.select(
            t.project, functions, leads.c.first_name.label("lead_first_name"), leads.c.name.label("lead_name")
        )
        .outerjoin(functions, functions.c.tenant == t.project.c.tenant)
        .outerjoin(leads, sa.and_(leads.c.tenant == functions.c.tenant, leads.c.id == functions.c.lead))
        .where(t.project.c.tenant == tenant, t.project.c.id == PROJECT)
    )
    found = await r.rows(connection, statement)
    if not found:
        return None
    project, functions_ = found[0], [one for one in found if one["code"] is not None]
    return Company(
        project["pack"],
        project["starts_on"],
        project["goes_live_on"],
        project["zone"],
        project["region"],
        {one["code"]: one["headcount"] for one in functions_},
        {one["code"]: one["lead"] for one in functions_ if one["lead"]},
        frozenset(one["code"] for one in functions_ if one["in_scope"]),
        {one["code"]: one["lead_name"] for one in functions_ if one["lead_first_name"]},
    )


async def person_at(
    connection: AsyncConnection, tenant: str, platform: str, team: str, user: str
) -> Person | None:
    """The person behind a platform's user, looked up fresh."""
    address = sa.and_(t.address.c.tenant == t.person.c.tenant, t.address.c.person == t.person.c.id)
    there = (t.address.c.platform == platform, t.address.c.team == team, t.address.c.user == user)
    statement = _with_roles(sa.join(t.person, t.address, address)).where(t.person.c.tenant == tenant, *there)
    return _person(await r.rows(connection, statement))


async def person(connection: AsyncConnection, tenant: str, person_id: str) -> Person | None:
    """The person of this id."""
    mine = (t.person.c.tenant == tenant, t.person.c.id == person_id)
    return _person(await r.rows(connection, _with_roles(t.person).where(*mine)))


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
    statement = (
        sa.select(t.address)
        .where(t.address.c.tenant == tenant, t.address.c.person == person_id)
        .order_by(sa.nulls_last(t.address.c.used_at.desc()), t.address.c.platform)
    )
    found = await r.row(connection, statement)
    return None if found is None else _address(found)


async def remember_address(connection: AsyncConnection, tenant: str, address: Address, at: datetime) -> None:
    """Store where the person was met last; what is not known of the way there leaves what is stored."""
    conversation, route = address.conversation, address.route
    if not conversation:
        mine = (
            t.address.c.tenant == tenant,
            t.address.c.platform == address.platform,
            t.address.c.team == address.team,
            t.address.c.user == address.user,
        )
        kept = await r.row(connection, sa.select(t.address).where(*mine))
        if kept is not None:
            conversation, route = kept["conversation"] or "", kept["route"] or route
    await r.put(
        connection,
        t.address,
        tenant=tenant,
        platform=address.platform,
        team=address.team,
        user=address.user,
        person=address.person,
        conversation=conversation,
        route=dict(route),
        used_at=at,
    )


async def welcome_stranger(
    connection: AsyncConnection,
    tenant: str,
    company: Company,
    name: str,
    locale: str | None,
    zone: str | None,
) -> Person:
    """Make a person for somebody of the workspace who was not imported: an employee without a function."""
    new = Person(
        r.new_id(),
        name,
        None,
        None,
        None,
        None,
        best_locale(locale),
        zone if zone in known_zones() else company.zone,
        company.region,
        37.5,
        None,
        None,
        True,
    )
    await connection.execute(
        t.person.insert().values(
            tenant=tenant,
            id=new.id,
            name=name,
            locale=new.locale,
            zone=new.zone,
            region=new.region,
            week_hours=new.week_hours,
        )
    )
    return new


async def change(connection: AsyncConnection, tenant: str, person_id: str, **values: object) -> None:
    """Change what a person has set: locale, paused_until, function."""
    await connection.execute(
        t.person.update().where(t.person.c.tenant == tenant, t.person.c.id == person_id).values(**values)
    )


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


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Names of time zones that this machine can compute with; platforms also send others, such as Windows names."""
    return frozenset(available_timezones())


def _with_roles(people: sa.FromClause) -> sa.Select[tuple[object, ...]]:
    """A row for each role of each person, at least one."""
    held = sa.and_(t.role.c.tenant == t.person.c.tenant, t.role.c.person == t.person.c.id)
    columns = (t.role.c.role.label("held"), t.role.c.function.label("held_for"))
    return sa.select(t.person, *columns).select_from(people.outerjoin(t.role, held))


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
