"""Somebody of the workspace who was not imported, and who is a person of the company from the first word on."""

from functools import lru_cache
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.people import Company, Person
from dialogs.text import best_locale


async def welcome(
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
    row = {"locale": new.locale, "zone": new.zone, "region": new.region, "week_hours": new.week_hours}
    await r.add(connection, t.person, tenant=tenant, id=new.id, name=name, **row)
    return new


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Names of time zones that this machine can compute with; platforms also send others, such as Windows names."""
    return frozenset(available_timezones())
