"""What is noted with the messages that the bot starts, for many people at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import many
from bot.store import tables as t


async def offer(
    connection: AsyncConnection, tenant: str, runs: Iterable[tuple[str, str, str]], now: datetime
) -> None:
    """Note runs that were offered: id, dialog and person of each."""
    made = [{"id": id_, "dialog": dialog, "person": person} for id_, dialog, person in runs]
    fixed = {"kind": "dialog", "subject": {}, "status": "invited", "started_at": now, "last_at": now}
    await many.write(connection, t.run, {"tenant": tenant, **fixed}, made)


async def resumed(connection: AsyncConnection, tenant: str, runs: Collection[str], now: datetime) -> None:
    """Note that the way back into these runs was offered."""
    if runs:
        mine = (t.run.c.tenant == tenant, t.run.c.id.in_(runs))
        await connection.execute(t.run.update().where(*mine).values(resumed_at=now))


async def nudged(
    connection: AsyncConnection, tenant: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Note rungs that went out: delivery, item, person, rung and due_on of each."""
    await many.write(connection, t.nudge, {"tenant": tenant, "at": now}, rows, "left")


async def audited(
    connection: AsyncConnection, tenant: str, what: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Write what the bot did with which objects by itself."""
    ids = many.new_ids()
    made = [{"id": next(ids), "what": did, "object": about} for did, about in what]
    await many.write(connection, t.audit_event, {"tenant": tenant, "at": now, "who": None}, made)
