"""Whether the database can be used, and what in it needs somebody's attention."""

import sqlalchemy as sa
from alembic.util.exc import CommandError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.database import Database
from bot.store.deliveries import MAYBE_TWICE
from bot.store.migrate import migrate


class UnusableDatabaseError(Exception):
    """The database cannot be used. kind: newer, busy or unusable. reason: the database's own words."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


async def prepare(database: Database) -> None:
    """Bring the schema up to date; raise UnusableDatabaseError, with the connections given back."""
    try:
        await migrate(database)
    except CommandError as error:
        await database.close()
        raise UnusableDatabaseError("newer", str(error)) from error
    except sa.exc.SQLAlchemyError as error:
        await database.close()
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise UnusableDatabaseError("busy" if "locked" in reason else "unusable", reason) from error


async def faults(database: Database) -> str:
    """What SQLite's own quick check finds; empty when all is well."""
    async with database.transaction() as connection:
        found = [str(one[0]) for one in (await connection.execute(sa.text("PRAGMA quick_check(5)"))).all()]
    return "" if found == ["ok"] else "; ".join(found)


async def writable(database: Database) -> str:
    """Why nothing can be written, or empty; leaves no trace."""
    try:
        async with database.engine.connect() as connection:
            # The lock alone says nothing about a full or read-only disk, so a row goes in and out again.
            await connection.execute(
                t.setting.insert().values(tenant="doctor", name="doctor", value={"is": True})
            )
            await connection.rollback()
    except sa.exc.SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or type(error).__name__)
    return ""


async def latest_moment(connection: AsyncConnection) -> r.Row | None:
    """When something last came in: a clock that stands before that has gone back."""
    at = t.inbound_event.c.received_at
    return await r.row(connection, sa.select(sa.func.max(at, type_=at.type).label("at")))


async def unreachable(connection: AsyncConnection, tenant: str) -> list[str]:
    """Names of the people who have no address on any platform."""
    known = sa.select(t.address.c.person).where(t.address.c.tenant == tenant)
    statement = sa.select(t.person.c.name).where(
        t.person.c.tenant == tenant, t.person.c.active, t.person.c.id.not_in(known)
    )
    return [one["name"] for one in await r.rows(connection, statement.order_by(t.person.c.name))]


async def regions(connection: AsyncConnection, tenant: str) -> list[str]:
    """The holiday regions in use, each once."""
    people = sa.select(t.person.c.region).where(t.person.c.tenant == tenant)
    project = sa.select(t.project.c.region).where(t.project.c.tenant == tenant)
    found = await r.rows(connection, sa.union(people, project))
    return sorted(str(one["region"]) for one in found)


async def troubled(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """Deliveries that failed, are in doubt or may have arrived twice, counted by platform, status and reason."""
    what = (t.delivery.c.status, t.delivery.c.platform, t.delivery.c.reason)
    twice = sa.and_(t.delivery.c.status == "sent", t.delivery.c.reason == MAYBE_TWICE)
    trouble = sa.or_(t.delivery.c.status.in_(("failed", "sending")), twice)
    statement = (
        sa.select(*what, sa.func.count().label("n"))
        .where(t.delivery.c.tenant == tenant, trouble)
        .group_by(*what)
        .order_by(*what)
    )
    return await r.rows(connection, statement)
