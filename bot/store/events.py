"""What has come in already, so that nothing is done twice."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import hot
from bot.store import rows as r
from bot.store import tables as t
from dialogs.activity import Activity

SOME = 1000


async def record(connection: AsyncConnection, activity: Activity, now: datetime) -> bool:
    """Note the event; False when it was noted before."""
    (done,) = await hot.together(connection, noting(connection, activity, now))
    return done.count == 1


def noting(
    connection: AsyncConnection, activity: Activity, now: datetime
) -> tuple[hot.Hot, dict[str, object]]:
    """The statement that notes the event, with its values; it writes one row, or none when it was noted before."""
    values: dict[str, object] = {
        "platform": activity.platform,
        "team": activity.tenant,
        "event": activity.event_id,
        "received_at": now,
    }
    return hot.insert(t.inbound_event, tuple(values), connection.dialect.name, once=True), values


async def forget(connection: AsyncConnection, before: datetime) -> bool:
    """Drop notes of events that no platform will deliver again, some of them; whether there may be more."""
    key = sa.tuple_(*t.inbound_event.primary_key.columns)
    old = sa.select(*t.inbound_event.primary_key.columns).where(t.inbound_event.c.received_at < before)
    result = await connection.execute(t.inbound_event.delete().where(key.in_(old.limit(SOME))))
    return int(result.rowcount) == SOME


async def audit(
    connection: AsyncConnection, tenant: str, who: str | None, what: str, about: str, now: datetime
) -> None:
    """Write who did what to which object, never what was said."""
    await r.add(
        connection, t.audit_event, tenant=tenant, id=r.new_id(), at=now, who=who, what=what, object=about
    )
