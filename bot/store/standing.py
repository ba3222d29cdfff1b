"""How the work stands: deliveries by state and reason, the oldest that waits, replicas that live."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t

MOVED = "moved"
DEAD_AFTER = timedelta(seconds=30)
MOST_REASONS = 20
"""Reasons told apart in a figure; the rest count together, so that a platform's words never make endless series."""
REASON_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Replica:
    """One process of the bot. beat_at: its last heartbeat, in real time."""

    id: str
    started_at: datetime
    beat_at: datetime

    def lives(self, now: datetime) -> bool:
        """Whether its heartbeat is fresh at this real moment."""
        return now - self.beat_at <= DEAD_AFTER


async def by_state(connection: AsyncConnection, tenant: str) -> list[tuple[str, str, int]]:
    """Deliveries as (state, reason, number); what was sent is counted without its reason."""
    mine = t.delivery.c
    sent = sa.select(sa.func.count()).where(mine.tenant == tenant, mine.status == "sent")
    found = [("sent", "", int(await connection.scalar(sent) or 0))]
    number = sa.func.count().label("n")
    grouped = (
        sa.select(mine.status, mine.reason, number)
        .where(mine.tenant == tenant, mine.status.in_(("pending", "sending", "failed", "late", "cancelled")))
        .group_by(mine.status, mine.reason)
        .order_by(mine.status != "failed", number.desc(), mine.status, mine.reason)
    )
    counted: dict[tuple[str, str], int] = {}
    for place, one in enumerate(await r.rows(connection, grouped)):
        reason = str(one["reason"] or "")[:REASON_LETTERS] if place < MOST_REASONS else "other"
        counted[one["status"], reason] = counted.get((one["status"], reason), 0) + int(one["n"])
    return [one for one in found if one[2]] + [(*what, n) for what, n in counted.items()]


async def oldest_due(connection: AsyncConnection, tenant: str, now: datetime) -> datetime | None:
    """Since when the oldest delivery that could go out has been due; None when none waits."""
    mine = t.delivery.c
    wanted = (mine.tenant == tenant, mine.status == "pending", mine.due_at <= now)
    found = await r.row(
        connection, sa.select(sa.func.min(mine.due_at, type_=mine.due_at.type).label("at")).where(*wanted)
    )
    return found["at"] if found else None


async def waiting(connection: AsyncConnection, tenant: str, now: datetime) -> tuple[int, int, int]:
    """Deliveries that are pending: all of them, those that are due, and those that the engine has a job for."""
    mine = t.delivery.c
    due, job = mine.due_at <= now, mine.job_at.is_not(None)
    counted = sa.select(
        sa.func.count().label("all"),
        sa.func.count().filter(due).label("due"),
        sa.func.count().filter(job).label("jobs"),
    ).where(mine.tenant == tenant, mine.status == "pending")
    found = await r.row(connection, counted)
    return (found["all"], found["due"], found["jobs"]) if found else (0, 0, 0)


async def replicas(connection: AsyncConnection) -> list[Replica]:
    """Every replica that left a heartbeat, the latest first."""
    found = await r.rows(connection, sa.select(t.replica).order_by(t.replica.c.beat_at.desc()))
    return [Replica(one["id"], one["started_at"], one["beat_at"]) for one in found]


async def listed(
    connection: AsyncConnection, tenant: str, states: tuple[str, ...], limit: int
) -> list[r.Row]:
    """The newest deliveries in these states, each with what an operator asks about it; never the card."""
    mine = t.delivery.c
    columns = (mine.number, mine.id, mine.platform, mine.feature, mine.person, mine.channel, mine.status,
               mine.reason, mine.due_at, mine.attempts, mine.failures)  # fmt: skip
    wanted = (mine.tenant == tenant, mine.status.in_(states))
    return await r.rows(
        connection, sa.select(*columns).where(*wanted).order_by(mine.number.desc()).limit(limit)
    )


async def moved(connection: AsyncConnection, where: str, now: datetime) -> None:
    """Note that everything was copied to another database, where the bot is to run from now on."""
    value = {"is": {"to": where, "at": now.isoformat()}}
    await r.put(connection, t.setting, tenant="", name=MOVED, value=value)


async def moved_to(connection: AsyncConnection) -> tuple[str, str] | None:
    """Where everything was copied to, and the moment in ISO 8601; None when it was not."""
    wanted = (t.setting.c.tenant == "", t.setting.c.name == MOVED)
    found = await r.row(connection, sa.select(t.setting.c.value).where(*wanted))
    return (str(found["value"]["is"]["to"]), str(found["value"]["is"]["at"])) if found else None


async def stays(connection: AsyncConnection) -> None:
    """Forget that this database was ever copied elsewhere: it is the one in use."""
    await connection.execute(t.setting.delete().where(t.setting.c.tenant == "", t.setting.c.name == MOVED))


async def limits(connection: AsyncConnection) -> dict[str, str]:
    """The database's version, and how long it lets things last, in its own words; for SQLite in seconds."""
    if connection.dialect.name == "sqlite":
        version = await connection.scalar(sa.text("SELECT sqlite_version()"))
        busy = await connection.scalar(sa.text("PRAGMA busy_timeout"))
        return {"version": str(version), "seconds": f"{int(busy or 0) / 1000:g}"}
    names = {"version": "server_version", "statement": "statement_timeout", "lock": "lock_timeout",
             "idle": "idle_in_transaction_session_timeout"}  # fmt: skip
    return {
        told: str(await connection.scalar(sa.select(sa.func.current_setting(name)))).split(" ")[0]
        for told, name in names.items()
    }
