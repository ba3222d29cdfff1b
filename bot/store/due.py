"""Deliveries that wait for somebody to take them in hand: found in pages, given out as jobs, none forgotten.

`job_at` says when a row was last given to somebody; what is given and never done is given again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from bot.store.deliveries import lane
from bot.store.sending import PENDING, first_in_lane, of_tenant

PAGE = 2000
"""So many due rows one look goes through, most of which may stand behind others in their lanes."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first delivery of a lane. hop: how often it was given as a job."""

    number: int
    lane: str
    hop: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """What one look found. after: where the next one begins, None when this one reached the end."""

    heads: tuple[Head, ...]
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which due rows are looked for: at this company's moment, for these platforms.

    fresh: those written after this company's moment are left to who wrote them. stale: those given out after this
    real moment are in somebody's hand. None: whoever wrote or has them.
    """

    tenant: str
    platforms: Collection[str]
    now: datetime
    fresh: datetime | None = None
    stale: datetime | None = None


async def heads(
    connection: AsyncConnection, wanted: Wanted, limit: int, after: tuple[datetime, int] | None = None
) -> Page:
    """The next due deliveries that are the first of their lanes, the longest due first, from a place onwards.

    However many rows are due, one look goes through one page of them.
    """
    looking, nth = _looking(
        tuple(sorted(wanted.platforms)),
        fresh=wanted.fresh is not None,
        stale=wanted.stale is not None,
        onwards=after is not None,
    )
    values: dict[str, Any] = {"of_tenant": wanted.tenant, "now": wanted.now, "page": PAGE}
    if after is not None:
        values |= {"at": after[0], "behind": after[1]}
    more: dict[str, Any] = {"limit": limit}
    if wanted.fresh is not None:
        more["fresh"] = wanted.fresh
    if wanted.stale is not None:
        more["stale"] = wanted.stale
    found = (await connection.execute(looking, values | more)).all()
    these = tuple(Head(*one) for one in found)
    if len(found) == limit:
        return Page(these, (found[-1].due_at, found[-1].number))
    last = (await connection.execute(nth, {**values, "page": PAGE - 1})).first()
    return Page(these, None if last is None else (last.due_at, last.number))


@lru_cache(maxsize=32)
def _looking(
    platforms: tuple[str, ...], *, fresh: bool, stale: bool, onwards: bool
) -> tuple["sa.Select[Any]", "sa.Select[Any]"]:
    """The look at a page, and at its last row: both are built once, since the feeder looks all the time."""
    mine = t.delivery.c
    instant, now = mine.due_at.type, sa.bindparam("now", type_=mine.due_at.type)
    due = [mine.tenant == sa.bindparam("of_tenant"), PENDING, mine.due_at <= now]
    if onwards:
        place = (sa.bindparam("at", type_=instant), sa.bindparam("behind", type_=mine.number.type))
        due.append(sa.tuple_(mine.due_at, mine.number) > sa.tuple_(*place))
    names = ("tenant", "due_at", "number", "lane", "hop", "platform", "created_at", "job_at")
    ordered = sa.select(*(mine[name] for name in names)).where(*due).order_by(mine.due_at, mine.number)
    page = sa.bindparam("page", type_=sa.Integer)
    one = ordered.limit(page).subquery("page").c
    free = [one.platform.in_(platforms), first_in_lane(one, now)]
    if fresh:
        free.append(one.created_at <= sa.bindparam("fresh", type_=instant))
    if stale:
        free.append(sa.or_(one.job_at.is_(None), one.job_at < sa.bindparam("stale", type_=instant)))
    columns = (one.number, one.lane, one.hop, one.due_at)
    statement = sa.select(*columns).where(*free).order_by(one.due_at, one.number)
    return statement.limit(sa.bindparam("limit", type_=sa.Integer)), ordered.limit(1).offset(page)


async def given(
    connection: AsyncConnection, wanted: Wanted, these: Sequence[Head], real: datetime
) -> list[Head]:
    """Note at this real moment that these are given out, each for one more time; those that still were free."""
    mine = t.delivery.c
    free = [of_tenant(wanted.tenant), mine.number.in_([one.number for one in these]), PENDING]
    if wanted.stale is not None:
        free.append(sa.or_(mine.job_at.is_(None), mine.job_at < wanted.stale))
    statement = t.delivery.update().where(*free).values(hop=mine.hop + 1, job_at=real)
    found = (
        await connection.execute(statement.returning(mine.number, mine.lane, mine.hop, mine.due_at))
    ).all()
    return sorted((Head(*one) for one in found), key=lambda one: one.number)


async def free(connection: AsyncConnection, tenant: str, number: int, hop: int) -> None:
    """Forget that this one was given out for this time, if it still waits."""
    mine = (of_tenant(tenant), t.delivery.c.number == number, t.delivery.c.hop == hop, PENDING)
    await connection.execute(t.delivery.update().where(*mine).values(job_at=None))


async def all_free(connection: AsyncConnection, tenant: str) -> None:
    """Forget what was given to whom: whoever had it is gone."""
    given_out = (t.delivery.c.tenant == tenant, PENDING, t.delivery.c.job_at.is_not(None))
    await connection.execute(t.delivery.update().where(*given_out).values(job_at=None))


async def fill_lanes(connection: AsyncConnection, tenant: str) -> int:
    """Give a lane to open rows that a version without lanes has written, at most a thousand; how many."""
    mine = t.delivery.c
    open_ = mine.status.in_((sa.literal_column("'pending'"), sa.literal_column("'sending'")))
    names = (mine.id, mine.platform, mine.to)
    without = sa.select(*names).where(mine.tenant == tenant, mine.lane == "", open_).limit(1000)
    rows = [
        {"key": one["id"], "its": lane(one["platform"], to["tenant"], to["user"], to["conversation"])}
        for one in await r.rows(connection, without)
        for to in (one["to"],)
    ]
    if rows:
        this = (mine.tenant == tenant, mine.id == sa.bindparam("key"))
        await connection.execute(t.delivery.update().where(*this).values(lane=sa.bindparam("its")), rows)
    return len(rows)
