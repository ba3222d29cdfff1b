"""What people remember of quiz questions: private to each of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from dialogs.quiz_effects import Reviewed
from dialogs.quiz_memory import Memory, memory


async def memories(connection: AsyncConnection, tenant: str, person: str) -> dict[str, Memory]:
    """The person's memories by question id; a damaged one is left out, so that the question starts afresh."""
    found = await r.rows(
        connection, sa.select(t.memory).where(t.memory.c.tenant == tenant, t.memory.c.person == person)
    )
    kept: dict[str, Memory] = {}
    for one in found:
        try:
            kept[one["question"]] = memory(one["data"])
        except ValueError:
            continue
    return kept


async def keep(connection: AsyncConnection, tenant: str, person: str, question: str, known: Memory) -> None:
    """Store a memory."""
    await r.put(connection, t.memory, tenant=tenant, person=person, question=question, data=known.plain())


async def attempted(
    connection: AsyncConnection, tenant: str, run: str, person: str, done: Reviewed, now: datetime
) -> bool:
    """Write an attempt; False when this question of the run was counted already."""
    return await r.add_once(
        connection,
        t.attempt,
        tenant=tenant,
        run=run,
        question=done.question,
        person=person,
        correct=done.correct,
        sure=done.sure,
        at=now,
    )


async def sessions_since(connection: AsyncConnection, tenant: str, person: str, since: datetime) -> int:
    """How many quiz sessions the person has begun since a moment."""
    statement = sa.select(sa.func.count().label("n")).where(
        t.run.c.tenant == tenant,
        t.run.c.person == person,
        t.run.c.kind == "quiz",
        t.run.c.started_at >= since,
    )
    found = await r.row(connection, statement)
    return int(found["n"]) if found else 0
