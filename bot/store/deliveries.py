"""Deliveries as rows: one card for one address, under a unique key, with what became of it."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.base import Destination
from bot.store import hot, many
from bot.store import rows as r
from bot.store import tables as t
from dialogs.card import Card
from dialogs.card_data import card_data, card_of


@dataclass(frozen=True, slots=True)
class Delivery:
    """One card to send, or to put in the place of `message`.

    id: the unique key. operation: post or update. feature: who asked for it (reply, nudge, dialog, quiz,
    resume, digest). started_by_bot: it counts for the attention budget. attempts: sends that the platform took
    or may have taken, the present one among them. number: its place in the order of writing. written_at and
    reason: of the row; why it waits. fence: of the claim that this was read under. failures: how often handling it
    broke. drawn: the card as JSON where it was filled in that way; `card` is then the pattern it was made of.
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
    fence: int = 0
    failures: int = 0
    drawn: orjson.Fragment | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A row that is there now.

    number: its place in the order of writing. lane: what keeps this order. id: its unique key, and card: what it
    holds, where they are known.
    """

    number: int
    lane: str
    id: str = ""
    card: Card | None = None


OUT_OF_HOURS = "waits for the person's working hours"
TOO_OLD = "its claim had grown old"
MAYBE_TWICE = "may have arrived twice"
SET_ASIDE = "set aside: "
"""What the reason begins with when handling the row broke too often."""
IN_ONE_STATEMENT = 500

_SEQUENCE = sa.Sequence("delivery_number")
_NUMBER = t.delivery.c.number


async def add(
    connection: AsyncConnection, tenant: str, delivery: Delivery, now: datetime, late: str | None = None
) -> Written | None:
    """Write a delivery, or record it as late with its reason; None when its key is known already."""
    return (await add_each(connection, tenant, (delivery,), now, late))[0]


async def add_each(
    connection: AsyncConnection,
    tenant: str,
    deliveries: Sequence[Delivery],
    now: datetime,
    late: str | None = None,
) -> list[Written | None]:
    """Write some, on PostgreSQL in one round trip; None for each whose key is known already."""
    rows = [_row(tenant, one, now, late) for one in deliveries]
    asked = [(_adding(connection.dialect.name, tuple(row)), row) for row in rows]
    found = [next(iter(one.rows()), None) for one in await hot.together(connection, *asked)]
    return [
        Written(int(one["number"]), str(row["lane"]), delivery.id, None if delivery.drawn else delivery.card)
        if one
        else None
        for one, row, delivery in zip(found, rows, deliveries, strict=True)
    ]


@lru_cache
def _adding(dialect: str, names: tuple[str, ...]) -> hot.Hot:
    """Every answer of a turn is written with this: one statement, compiled once, which tells the number it gave."""
    on_postgres = dialect == "postgresql"
    after = sa.select(sa.func.coalesce(sa.func.max(_NUMBER), 0) + 1).scalar_subquery()
    values: dict[str, Any] = {name: sa.bindparam(name, type_=t.delivery.c[name].type) for name in names}
    insert = hot.inserting(t.delivery, dialect)
    statement = insert.values(number=_SEQUENCE.next_value() if on_postgres else after, **values)
    return hot.Hot(statement.on_conflict_do_nothing().returning(_NUMBER))


async def add_many(
    connection: AsyncConnection,
    tenant: str,
    deliveries: Sequence[Delivery],
    now: datetime,
    late: str | None = None,
) -> frozenset[str]:
    """Write many, or record them all as late; the keys of those that were not known before."""
    new: set[str] = set()
    for first in range(0, len(deliveries), IN_ONE_STATEMENT):
        part = deliveries[first : first + IN_ONE_STATEMENT]
        numbers = await _numbers(connection, len(part))
        rows = [{**_row_of(one), "number": number} for one, number in zip(part, numbers, strict=True)]
        new |= await many.write_new(connection, t.delivery, "id", _same(tenant, now, late), rows)
    return frozenset(new)


async def _numbers(connection: AsyncConnection, count: int) -> Sequence[int]:
    if connection.dialect.name == "postgresql":
        series = sa.func.generate_series(1, count).table_valued("n")
        return (await connection.scalars(sa.select(_SEQUENCE.next_value()).select_from(series))).all()
    last = await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(_NUMBER), 0))) or 0
    return range(last + 1, last + count + 1)


async def ready(
    connection: AsyncConnection, tenant: str, now: datetime, platforms: Collection[str], limit: int = 200
) -> list[Delivery]:
    """Pending deliveries that are due, in the order in which they were written."""
    wanted = (
        t.delivery.c.tenant == tenant,
        t.delivery.c.status == "pending",
        t.delivery.c.due_at <= now,
        t.delivery.c.platform.in_(platforms),
    )
    found = await r.rows(connection, sa.select(t.delivery).where(*wanted).order_by(_NUMBER).limit(limit))
    return [made(one) for one in found]


async def counts(connection: AsyncConnection, tenant: str) -> dict[str, int]:
    """How many deliveries there are in each state."""
    statement = (
        sa.select(t.delivery.c.status, sa.func.count().label("n"))
        .where(t.delivery.c.tenant == tenant)
        .group_by(t.delivery.c.status)
    )
    return {one["status"]: one["n"] for one in await r.rows(connection, statement)}


async def set_aside(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """Those that broke too often: number, id, platform, feature, person, reason and failures of each."""
    names = ("number", "id", "platform", "feature", "person", "reason", "failures")
    statement = sa.select(*(t.delivery.c[name] for name in names)).where(*_aside(tenant))
    return await r.rows(connection, statement.order_by(_NUMBER))


async def retry(connection: AsyncConnection, tenant: str, number: int | None, now: datetime) -> int:
    """Put back what was set aside, one of it or (None) all, as if it had been written now; how many."""
    which = () if number is None else (t.delivery.c.number == number,)
    again = {
        "status": "pending",
        "created_at": now,
        "due_at": now,
        "reason": None,
        "failures": 0,
        "job_at": None,
    }
    result = await connection.execute(t.delivery.update().where(*_aside(tenant), *which).values(**again))
    return int(result.rowcount)


def _aside(tenant: str) -> tuple[sa.ColumnElement[bool], ...]:
    begins = t.delivery.c.reason.startswith(SET_ASIDE, autoescape=True)
    return t.delivery.c.tenant == tenant, t.delivery.c.status == "failed", begins


def lane_of(delivery: Delivery) -> str:
    """What is written to one person, or into one conversation, arrives in the order in which it was written."""
    to = delivery.to
    return lane(delivery.platform, to.tenant, to.user, to.conversation)


def lane(platform: str, team: str, user: str, conversation: str) -> str:
    """The lane of a person, or of a conversation without one: an opaque key of 16 hex digits."""
    whole = "\x1f".join((platform, team, user, "" if user else conversation))
    return hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()


def _row(tenant: str, delivery: Delivery, now: datetime, late: str | None) -> dict[str, object]:
    return {**_same(tenant, now, late), **_row_of(delivery)}


def _same(tenant: str, now: datetime, late: str | None) -> dict[str, object]:
    return {"tenant": tenant, "status": "late" if late else "pending", "reason": late, "created_at": now}


def _row_of(delivery: Delivery) -> dict[str, object]:
    to = delivery.to
    return {
        "id": delivery.id,
        "operation": delivery.operation,
        "feature": delivery.feature,
        "person": delivery.person,
        "channel": delivery.channel,
        "platform": delivery.platform,
        "to": {
            "tenant": to.tenant,
            "user": to.user,
            "conversation": to.conversation,
            "route": dict(to.route),
        },
        "card": delivery.drawn or card_data(delivery.card),
        "due_at": delivery.due_at,
        "message": delivery.message,
        "started_by_bot": delivery.started_by_bot,
        "lane": lane_of(delivery),
    }


def made(found: r.Row, written: Written | None = None) -> Delivery:
    """A row as a delivery; raises when the row is not one of ours. written: what is remembered of its writing."""
    known = written.card if written is not None and written.id == found["id"] else None
    return Delivery(
        found["id"],
        found["platform"],
        Destination(**found["to"]),
        known or card_of(found["card"]),
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
        found["fence"],
        found["failures"],
    )
