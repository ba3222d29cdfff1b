"""Deliveries as rows: one card for one address, under a unique key, with what became of it."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.base import Destination, Sent
from bot.store import rows as r
from bot.store import tables as t
from dialogs.card import Card
from dialogs.card_data import card_data, card_of


@dataclass(frozen=True, slots=True)
class Delivery:
    """One card to send, or to put in the place of `message`.

    id: the unique key. operation: post or update. feature: who asked for it (reply, nudge, dialog, quiz,
    resume, digest). started_by_bot: it counts for the attention budget. attempts: sends that the platform took
    or may have taken. written_at and reason: of the row; why it waits.
    """

    id: str
    platform: str
    to: Destination
    card: Card
    due_at: datetime
    operation: str = "post"
    feature: str = "reply"
    person: str | None = None
    channel: str | None = None
    message: str | None = None
    started_by_bot: bool = False
    attempts: int = 0
    number: int = 0
    written_at: datetime | None = None
    reason: str | None = None


OUT_OF_HOURS = "waits for the person's working hours"
BEHIND = "waits for the message before it"
MAYBE_TWICE = "may have arrived twice"


async def add(
    connection: AsyncConnection, tenant: str, delivery: Delivery, now: datetime, late: str | None = None
) -> bool:
    """Write a delivery, or record it as late with its reason; False when its key is known already."""
    return await r.add_once(
        connection,
        t.delivery,
        tenant=tenant,
        id=delivery.id,
        number=time.monotonic_ns(),
        operation=delivery.operation,
        feature=delivery.feature,
        person=delivery.person,
        channel=delivery.channel,
        platform=delivery.platform,
        to=_to(delivery.to),
        card=card_data(delivery.card),
        status="late" if late else "pending",
        reason=late,
        created_at=now,
        due_at=delivery.due_at,
        message=delivery.message,
        started_by_bot=delivery.started_by_bot,
    )


async def ready(
    connection: AsyncConnection, tenant: str, now: datetime, platforms: Collection[str], limit: int = 200
) -> list[Delivery]:
    """Pending deliveries that are due, in the order in which they were written.

    Those of a platform that is not set up in this process stay pending: a missing token loses nothing.
    """
    wanted = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.status == "pending",
        t.delivery.c.due_at <= now,
        t.delivery.c.platform.in_(platforms),
    )
    found = await r.rows(
        connection,
        sa.select(t.delivery)
        .where(*wanted)
        .order_by(t.delivery.c.created_at, t.delivery.c.number)
        .limit(limit),
    )
    return [_made(one) for one in found]


async def tried(connection: AsyncConnection, tenant: str, now: datetime) -> list[Delivery]:
    """Deliveries that wait for another try, or behind one that does; whoever waits for the morning is not one."""
    wanted = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.status == "pending",
        t.delivery.c.due_at > now,
        t.delivery.c.reason != OUT_OF_HOURS,
    )
    return [_made(one) for one in await r.rows(connection, sa.select(t.delivery).where(*wanted))]


async def in_doubt(connection: AsyncConnection, tenant: str) -> list[Delivery]:
    """Deliveries whose sending was begun and whose result was never written."""
    wanted = (t.delivery.c.tenant == tenant, t.delivery.c.status == "sending")
    return [
        _made(one)
        for one in await r.rows(
            connection,
            sa.select(t.delivery).where(*wanted).order_by(t.delivery.c.created_at, t.delivery.c.number),
        )
    ]


async def claim(connection: AsyncConnection, tenant: str, delivery: Delivery) -> bool:
    """Take the delivery for sending; False when somebody else has."""
    mine = _key(tenant, delivery) & (t.delivery.c.status == "pending")
    result = await connection.execute(
        t.delivery.update().where(mine).values(status="sending", attempts=t.delivery.c.attempts + 1)
    )
    return bool(result.rowcount == 1)


async def sent(
    connection: AsyncConnection,
    tenant: str,
    delivery: Delivery,
    result: Sent | None,
    now: datetime,
    mark: str | None = None,
) -> None:
    """Write that the platform took it, with a mark for the operator if any, and where the person can be reached."""
    values: dict[str, object] = {"status": "sent", "sent_at": now, "reason": mark}
    if result is not None:
        values["message"] = result.message
    await connection.execute(t.delivery.update().where(_key(tenant, delivery)).values(**values))
    if result is not None and delivery.person is not None and delivery.to.user:
        mine = (
            t.address.c.tenant == tenant,
            t.address.c.platform == delivery.platform,
            t.address.c.user == delivery.to.user,
        )
        await connection.execute(
            t.address.update()
            .where(*mine)
            .values(
                conversation=result.conversation, **({"route": dict(result.route)} if result.route else {})
            )
        )


async def again(
    connection: AsyncConnection,
    tenant: str,
    delivery: Delivery,
    at: datetime,
    reason: str,
    *,
    uncounted: bool = False,
) -> None:
    """Put it back for a later try. uncounted: it was claimed, but the platform certainly did not take it."""
    values: dict[str, object] = {"status": "pending", "due_at": at, "reason": reason}
    if uncounted:
        values["attempts"] = t.delivery.c.attempts - 1
    await connection.execute(t.delivery.update().where(_key(tenant, delivery)).values(**values))


async def dropped(
    connection: AsyncConnection, tenant: str, delivery: Delivery, status: str, reason: str
) -> None:
    """Write that it will not be sent, and why. status: failed, late or cancelled.

    An invitation that was late or cancelled was never given, so its campaign may give it another day.
    """
    await connection.execute(
        t.delivery.update().where(_key(tenant, delivery)).values(status=status, reason=reason)
    )
    feature, _, campaign = delivery.id.partition(":")[0].partition(".")
    if status == "failed" or feature != delivery.feature or not delivery.started_by_bot:
        return
    mine = (
        t.invitation.c.tenant == tenant,
        t.invitation.c.campaign == campaign,
        t.invitation.c.person == delivery.person,
    )
    await connection.execute(t.invitation.update().where(*mine).values(sent_at=None))


async def counts(connection: AsyncConnection, tenant: str) -> dict[str, int]:
    """How many deliveries there are in each state."""
    statement = (
        sa.select(t.delivery.c.status, sa.func.count().label("n"))
        .where(t.delivery.c.tenant == tenant)
        .group_by(t.delivery.c.status)
    )
    return {one["status"]: one["n"] for one in await r.rows(connection, statement)}


def _key(tenant: str, delivery: Delivery) -> sa.ColumnElement[bool]:
    return sa.and_(t.delivery.c.tenant == tenant, t.delivery.c.id == delivery.id)


def _to(to: Destination) -> dict[str, object]:
    return {"tenant": to.tenant, "user": to.user, "conversation": to.conversation, "route": dict(to.route)}


def _made(found: r.Row) -> Delivery:
    return Delivery(
        found["id"],
        found["platform"],
        Destination(**found["to"]),
        card_of(found["card"]),
        found["due_at"],
        found["operation"],
        found["feature"],
        found["person"],
        found["channel"],
        found["message"],
        found["started_by_bot"],
        found["attempts"],
        found["number"],
        found["created_at"],
        found["reason"],
    )
