"""Whether the database can be used, and what in it needs somebody's attention."""

import sqlite3
import sys

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.database import Database
from bot.store.deliveries import MAYBE_TWICE
from bot.store.migrate import NewerSchemaError, migrate


class UnusableDatabaseError(Exception):
    """The database cannot be used. kind: newer, busy, away, damaged or unusable. reason: in its own words."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


DAMAGED = ("malformed", "not a database", "corrupt", "disk I/O")
DURABLE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def prepare(database: Database, *, thorough: bool = False) -> None:
    """Bring the schema up to date; raise UnusableDatabaseError, with the connections given back.

    thorough: read an SQLite file as a whole first, some hundred megabytes a second.
    """
    try:
        if thorough:
            await _whole(database)
        await migrate(database)
        await _durable(database)
    except NewerSchemaError as error:
        await database.close()
        raise UnusableDatabaseError("newer", str(error)) from error
    except Exception as error:
        await database.close()
        if isinstance(error, (sa.exc.SQLAlchemyError, sqlite3.Error, *_psycopg("Error"))):
            raise UnusableDatabaseError(_kind(database, error), _reason(error)) from error
        raise


async def _whole(database: Database) -> None:
    if found := await faults(database):
        raise UnusableDatabaseError("damaged", found)


async def _durable(database: Database) -> None:
    """Refuse a place where SQLite cannot keep what it acknowledges, such as some network drives."""
    if database.engine.dialect.name != "sqlite":
        return
    async with database.transaction() as connection:
        for name, wanted in DURABLE.items():
            found = (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            if found != wanted:
                raise UnusableDatabaseError("unusable", f"PRAGMA {name} = {found}")


def _kind(database: Database, error: Exception) -> str:
    reason = str(getattr(error, "orig", None) or error)
    if database.engine.dialect.name != "sqlite":
        return "unusable" if outage(error) is None else "away"
    if any(word in reason for word in DAMAGED):
        return "damaged"
    return "busy" if "locked" in reason else "unusable"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return next(iter(str(cause).splitlines()), type(cause).__name__)


def outage(error: Exception) -> str | None:
    """The reason, in one line, when the database cannot work just now: gone, silent, locked or full.

    None for any other error. All of these end by themselves or by an operator, so whoever asked may ask again.
    """
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, sa.exc.TimeoutError):
        return "all connections are in use"
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    away = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    # A server that has become the standby of another takes no writes.
    theirs = _psycopg("OperationalError", "InterfaceError", "ReadOnlySqlTransaction")
    if not (away or isinstance(cause, (sqlite3.OperationalError, *theirs))):
        return None
    return next(iter(str(cause).splitlines()), type(cause).__name__)[:200]


LOCKED = frozenset({"55P03", "40P01", "57014"})
"""PostgreSQL's states for a lock that did not come, a deadlock, and a statement that took too long."""


def contended(error: Exception) -> bool:
    """Whether somebody else's lock was in the way, while the database works: others need not suffer from it."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in LOCKED


def _psycopg(*names: str) -> tuple[type[Exception], ...]:
    """Errors of PostgreSQL's driver. None where it is not loaded: nobody can have raised one, so it stays so."""
    driver = sys.modules.get("psycopg.errors")
    return tuple(found for name in names if (found := getattr(driver, name, None)) is not None)


async def faults(database: Database) -> str:
    """What SQLite's own quick check finds; empty when all is well, and on PostgreSQL, which has none."""
    if database.engine.dialect.name != "sqlite":
        return ""
    async with database.reading() as connection:
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
        return _reason(error)
    return ""


async def latest_moment(connection: AsyncConnection, platform: str | None = None) -> r.Row | None:
    """When something last came in, anywhere or from one platform: a clock that stands before that has gone back."""
    at = t.inbound_event.c.received_at
    found = sa.select(sa.func.max(at, type_=at.type).label("at"))
    from_there = found if platform is None else found.where(t.inbound_event.c.platform == platform)
    return await r.row(connection, from_there)


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
