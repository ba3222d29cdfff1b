"""A delivery on its way out: claimed by one replica at a time, and every word on the claim under its fence.

The fence rises with every claim. Whoever was frozen and thaws writes under an old one, which changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.base import Sent
from bot.store import rows as r
from bot.store import tables as t
from bot.store.deliveries import OUT_OF_HOURS, SET_ASIDE, Delivery
from bot.store.hot import Hot, change_later, changing, one_of, together
from bot.store.hot import change as change_row

MOST_FAILURES = 5
"""So often may handling a delivery break before it is set aside and the next one goes out."""
BACK_OFF = (2, 10, 60, 300)
"""Seconds before the second, third, fourth and fifth attempt."""
# The states stand in the statements as words: only so do the databases see that a partial index fits.
PENDING = t.delivery.c.status == sa.literal_column("'pending'")
SENDING = t.delivery.c.status == sa.literal_column("'sending'")


def of_tenant(tenant: "str | sa.BindParameter[str]") -> sa.ColumnElement[bool]:
    """Rows of the tenant, in statements that name them by number.

    Within a function no index begins with it: SQLite would rather walk through everything that is due.
    """
    return sa.func.coalesce(t.delivery.c.tenant, "") == tenant


def first_in_lane(row: "sa.ColumnCollection[str, Any]", now: Any) -> sa.ColumnElement[bool]:
    """Nothing that was written before to the row's lane is under way, due, or waits for another try.

    What is due later, or waits for the person's morning, lets others pass.
    """
    before = t.delivery.alias("before")
    waits_for_another_try = sa.and_(before.c.reason.is_not(None), before.c.reason != OUT_OF_HOURS)
    in_the_way = (
        before.c.tenant == row.tenant,
        before.c.lane == row.lane,
        before.c.number < row.number,
        sa.text("before.status IN ('pending', 'sending')"),
        sa.or_(
            before.c.status == sa.literal_column("'sending'"), before.c.due_at <= now, waits_for_another_try
        ),
    )
    return ~sa.exists().where(*in_the_way)


async def claim(
    connection: AsyncConnection,
    tenant: str,
    numbers: Collection[int],
    platforms: Collection[str],
    replica: str,
    now: datetime,
    real: datetime,
) -> dict[int, r.Row]:
    """Take deliveries for sending, as far as each is due, its turn has come and nobody else has; rows by number.

    now: the company's moment; real: the machine's. Those of a platform that is not set up in this process stay
    pending: a missing token loses nothing.
    """
    dialect = connection.dialect.name
    at = {} if dialect == "postgresql" else {"at": real}
    claiming = _claiming(tuple(platforms), dialect)
    found = await claiming.rows(connection, tenant=tenant, numbers=sorted(numbers), now=now, by=replica, **at)
    return {one["number"]: one for one in found}


@lru_cache
def _claiming(platforms: tuple[str, ...], dialect: str) -> Hot:
    """Every message that is sent is claimed with this: built and compiled once.

    Replicas judge each other's claims, so the moment of a claim is the database's where it has a clock.
    """
    mine, now = t.delivery.c, sa.bindparam("now", type_=t.delivery.c.due_at.type)
    free = (
        of_tenant(sa.bindparam("tenant", type_=mine.tenant.type)),
        _not_locked(dialect),
        PENDING,
        mine.due_at <= now,
        sa.or_(*(mine.platform == one for one in platforms)) if platforms else sa.false(),
        first_in_lane(mine, now),
    )
    taken = {
        "status": "sending",
        "attempts": mine.attempts + 1,
        "fence": mine.fence + 1,
        "claimed_by": sa.bindparam("by", type_=mine.claimed_by.type),
        "claimed_at": sa.func.clock_timestamp()
        if dialect == "postgresql"
        else sa.bindparam("at", type_=mine.claimed_at.type),
    }
    return Hot(t.delivery.update().where(*free).values(**taken).returning(t.delivery))


def _not_locked(dialect: str) -> sa.ColumnElement[bool]:
    """One of the numbers. A row that somebody else has locked is passed over: the others need not wait for it."""
    if dialect != "postgresql":
        return one_of(t.delivery.c.number, "numbers", dialect)
    wanted = t.delivery.alias("wanted").c
    free = sa.select(wanted.number).where(one_of(wanted.number, "numbers", dialect))
    # As an array, so that it is looked up once and before anything else, whatever is known of the table.
    locked = sa.func.array(free.with_for_update(skip_locked=True).scalar_subquery())
    return t.delivery.c.number == sa.any_(locked)


async def still_held(connection: AsyncConnection, tenant: str, delivery: Delivery) -> bool:
    """Whether the claim that the delivery was read under still holds."""
    return await connection.scalar(sa.select(t.delivery.c.number).where(*_held(tenant, delivery))) is not None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a platform took, what it said of it, and a mark for the operator if any."""

    delivery: Delivery
    result: Sent | None
    mark: str | None = None


async def sent(connection: AsyncConnection, tenant: str, taken: Sequence[Taken], now: datetime) -> list[bool]:
    """Write that the platform took these, and where the people can be reached.

    False where somebody else has the delivery in hand by now: nothing is written about it then.
    """
    said = []
    for one in taken:
        values: dict[str, object] = {"status": "sent", "sent_at": now, "reason": one.mark}
        if one.result is not None:
            values["message"] = one.result.message
        said.append(changing(t.delivery, _fenced(tenant, one.delivery), values))
    written = [done.count == 1 for done in await together(connection, *said)]
    for one, ours in zip(taken, written, strict=True):
        if ours:
            await _met(connection, tenant, one.delivery, one.result)
    return written


async def _met(connection: AsyncConnection, tenant: str, delivery: Delivery, result: Sent | None) -> None:
    to = delivery.to
    if result is None or delivery.person is None or not to.user:
        return
    if result.conversation == to.conversation and (not result.route or dict(result.route) == dict(to.route)):
        return  # as it was known when the message was written
    route = {"route": dict(result.route)} if result.route else {}
    mine = {"tenant": tenant, "platform": delivery.platform, "team": to.tenant, "user": to.user}
    await change_later(connection, t.address, mine, conversation=result.conversation, **route)


async def back(
    connection: AsyncConnection,
    tenant: str,
    delivery: Delivery,
    at: datetime,
    reason: str,
    *,
    uncounted: bool = False,
) -> bool:
    """Put it back for a later try. uncounted: it was claimed, but the platform certainly did not take it."""
    values: dict[str, object] = {"status": "pending", "due_at": at, "reason": reason, "job_at": None}
    if uncounted:
        values["attempts"] = t.delivery.c.attempts - 1
    return await _write(connection, tenant, delivery, values)


async def dropped(
    connection: AsyncConnection, tenant: str, delivery: Delivery, status: str, reason: str
) -> bool:
    """Write that it will not be sent, and why. status: failed, late or cancelled.

    What was late or cancelled was never given: invitation, nudge or way back, it may be given another day.
    """
    if not await _write(connection, tenant, delivery, {"status": status, "reason": reason}):
        return False
    if status != "failed" and delivery.started_by_bot:
        await _not_given(connection, tenant, delivery)
    return True


async def _not_given(connection: AsyncConnection, tenant: str, delivery: Delivery) -> None:
    feature, _, subject = delivery.id.partition(":")[0].partition(".")
    if feature == "nudge":
        mine = (t.nudge.c.tenant == tenant, t.nudge.c.delivery == delivery.id)
        await connection.execute(t.nudge.delete().where(*mine))
    elif feature in ("resume", "put_off"):
        of_run = (t.run.c.tenant == tenant, t.run.c.id == subject, t.run.c.person == delivery.person)
        await connection.execute(t.run.update().where(*of_run).values(resumed_at=None))
    elif feature == delivery.feature:
        invited = (
            t.invitation.c.tenant == tenant,
            t.invitation.c.campaign == subject,
            t.invitation.c.person == delivery.person,
        )
        await connection.execute(t.invitation.update().where(*invited).values(sent_at=None))


async def broke(
    connection: AsyncConnection,
    tenant: str,
    number: int,
    fence: int | None,
    what: str,
    now: datetime,
    most: int = MOST_FAILURES,
) -> str | None:
    """Count that handling it broke: tried again later, or set aside when that was the last time. Its state then.

    fence: of the claim that broke; None when it broke before the claim. what: an exception's name, for the reason.
    """
    mine = (of_tenant(tenant), t.delivery.c.number == number)
    state = (PENDING,) if fence is None else (t.delivery.c.status == "sending", t.delivery.c.fence == fence)
    before = await connection.scalar(sa.select(t.delivery.c.failures).where(*mine, *state))
    if before is None:
        return None
    over = before + 1 >= most
    values: dict[str, object] = {"failures": before + 1, "status": "failed" if over else "pending"}
    if over:
        values["reason"] = f"{SET_ASIDE}{what}"
    else:
        pause = timedelta(seconds=BACK_OFF[min(before, len(BACK_OFF) - 1)])
        values |= {"reason": what, "due_at": now + pause, "job_at": None}
    await connection.execute(t.delivery.update().where(*mine, *state).values(**values))
    return str(values["status"])


async def _write(
    connection: AsyncConnection, tenant: str, delivery: Delivery, values: dict[str, object]
) -> bool:
    mine = _fenced(tenant, delivery)
    if not any(isinstance(one, sa.ClauseElement) for one in values.values()):
        return await change_row(connection, t.delivery, mine, **values) == 1
    result = await connection.execute(t.delivery.update().where(*_held(tenant, delivery)).values(**values))
    return bool(result.rowcount == 1)


def _fenced(tenant: str, delivery: Delivery) -> dict[str, object]:
    return {"tenant": tenant, "id": delivery.id, "status": "sending", "fence": delivery.fence}


def _held(tenant: str, delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        t.delivery.c.tenant == tenant,
        t.delivery.c.id == delivery.id,
        t.delivery.c.status == "sending",
        t.delivery.c.fence == delivery.fence,
    )
