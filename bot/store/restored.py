"""After a restore nobody gets a message twice: what may have gone out since the backup does not go out again.

The rule. What the backup had not sent yet, and could have gone out before the restore, is given up: messages that
the bot starts become late, answers and updates cancelled, with the reason "restored". It is not looked up on the
platform: a restore must work without tokens, and an answer of last week helps nobody. What is due only after the
restore stays pending. What the bot sent between the two moments is not known any more; so the planning treats as
late whatever has its moment before the restore (`bot.maybe_sent`), and invitations that come once count as given to
everybody whom they may have reached (the restore command writes that, it knows the content). A lead can still ask
for any of them by hand.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t

NAME = "restored"
REASON = "restored"


async def settle(connection: AsyncConnection, taken_at: datetime, now: datetime) -> int:
    """Give up what may have been sent, and leave the mark for the planning; how many deliveries were given up."""
    mine = t.delivery.c
    begun = sa.or_(mine.status == "sending", mine.attempts > 0, mine.due_at <= now)
    status = sa.case((sa.or_(mine.started_by_bot, mine.feature == "digest"), "late"), else_="cancelled")
    given_up = await connection.execute(
        t.delivery.update()
        .where(mine.status.in_(("pending", "sending")), begun)
        .values(status=status, reason=REASON, claimed_by=None, claimed_at=None, job_at=None)
    )
    # What waits for a later day has no job any more.
    await connection.execute(t.delivery.update().where(mine.status == "pending").values(job_at=None))
    value = {"is": {"taken_at": taken_at.isoformat(), "restored_at": now.isoformat()}}
    for tenant in await tenants(connection):
        await r.put(connection, t.setting, tenant=tenant, name=NAME, value=value)
    return int(given_up.rowcount)


async def tenants(connection: AsyncConnection) -> list[str]:
    """Everybody who has a project in this database."""
    return [one["tenant"] for one in await r.rows(connection, sa.select(t.project.c.tenant).distinct())]


async def moment(connection: AsyncConnection, tenant: str) -> datetime | None:
    """When this database was last restored from a backup; None when it never was."""
    wanted = (t.setting.c.tenant == tenant, t.setting.c.name == NAME)
    found = await r.row(connection, sa.select(t.setting.c.value).where(*wanted))
    return None if found is None else datetime.fromisoformat(found["value"]["is"]["restored_at"])
