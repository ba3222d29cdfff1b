"""What the bot has started with each person, and whether it was answered: the attention budget reads this."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.hot import Hot

_SENT = Hot(
    t.delivery.update()
    .where(
        t.delivery.c.tenant == sa.bindparam("of_tenant"),
        t.delivery.c.person == sa.bindparam("of_person"),
        t.delivery.c.started_by_bot.is_(
            True
        ),  # as it stands in the index; a bare column is looked up row by row
        t.delivery.c.answered_at.is_(None),
        t.delivery.c.status == "sent",
    )
    .values(answered_at=sa.bindparam("now"))
)
_NUDGED = Hot(
    t.nudge.update()
    .where(
        t.nudge.c.tenant == sa.bindparam("of_tenant"),
        t.nudge.c.person == sa.bindparam("of_person"),
        t.nudge.c.answered_at.is_(None),
    )
    .values(answered_at=sa.bindparam("now"))
)


async def answered(connection: AsyncConnection, tenant: str, person: str, now: datetime) -> None:
    """Any sign of life answers everything that the bot started before it."""
    about = {"of_tenant": tenant, "of_person": person, "now": now}
    if await _SENT.later(connection, **about) != 0:  # a nudge is a delivery too
        await _NUDGED.later(connection, **about)
