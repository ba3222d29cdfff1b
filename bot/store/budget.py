"""What the bot has started with each person, and whether it was answered: the attention budget reads this."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t


async def answered(connection: AsyncConnection, tenant: str, person: str, now: datetime) -> None:
    """Any sign of life answers everything that the bot started before it."""
    open_ = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.person == person,
        t.delivery.c.started_by_bot,
        t.delivery.c.answered_at.is_(None),
    )
    sent = t.delivery.update().where(*open_, t.delivery.c.status == "sent").values(answered_at=now)
    if (await connection.execute(sent)).rowcount == 0:
        return  # a nudge is a delivery too
    await connection.execute(
        t.nudge.update()
        .where(t.nudge.c.tenant == tenant, t.nudge.c.person == person, t.nudge.c.answered_at.is_(None))
        .values(answered_at=now)
    )


async def started(connection: AsyncConnection, tenant: str, since: datetime) -> list[r.Row]:
    """What the bot started with anybody since a moment: id, person, feature, due_at, answered_at."""
    wanted = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.started_by_bot,
        t.delivery.c.due_at >= since,
        t.delivery.c.status.in_(("pending", "sending", "sent")),
        t.delivery.c.person.is_not(None),
    )
    columns = (
        t.delivery.c.id,
        t.delivery.c.person,
        t.delivery.c.feature,
        t.delivery.c.due_at,
        t.delivery.c.answered_at,
    )
    return await r.rows(connection, sa.select(*columns).where(*wanted).order_by(t.delivery.c.due_at))


async def known_keys(connection: AsyncConnection, tenant: str, since: datetime) -> list[str]:
    """Keys of the deliveries that the calendar wrote since a moment, sent or not."""
    wanted = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.created_at >= since,
        t.delivery.c.feature != "reply",
    )
    return [one["id"] for one in await r.rows(connection, sa.select(t.delivery.c.id).where(*wanted))]
