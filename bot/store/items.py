"""Checklist items as rows: state, evidence, closures, blocks and the nudges sent."""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows as r
from bot.store import tables as t
from dialogs.item_state import Block, Evidence, ItemState, Nudged
from dialogs.schema import ChecklistItem


async def ensure(
    connection: AsyncConnection, tenant: str, wanted: Mapping[str, tuple[str | None, date]]
) -> None:
    """Make the rows of items that the content has and the store has not. wanted: item id to (owner, due date)."""
    known = {
        one["id"] for one in await r.rows(connection, sa.select(t.item.c.id).where(t.item.c.tenant == tenant))
    }
    for item_id, (owner, due) in wanted.items():
        if item_id not in known:
            await r.add_once(connection, t.item, tenant=tenant, id=item_id, owner=owner, due_on=due)


async def states(
    connection: AsyncConnection, tenant: str, content: Mapping[str, ChecklistItem]
) -> dict[str, ItemState]:
    """Every item of the content as it stands, in the order of the content."""

    async def by_item(table: sa.Table, order: sa.Column[object]) -> dict[str, list[r.Row]]:
        grouped: dict[str, list[r.Row]] = {}
        for one in await r.rows(connection, sa.select(table).where(table.c.tenant == tenant).order_by(order)):
            grouped.setdefault(one["item"], []).append(one)
        return grouped

    proofs = await by_item(t.evidence, t.evidence.c.at)
    closures = await by_item(t.closure, t.closure.c.at)
    blocks = await by_item(t.block, t.block.c.since)
    nudges = await by_item(t.nudge, t.nudge.c.at)
    found = {
        one["id"]: one for one in await r.rows(connection, sa.select(t.item).where(t.item.c.tenant == tenant))
    }
    return {
        item_id: ItemState(
            item=item,
            owner=found[item_id]["owner"],
            due=found[item_id]["due_on"],
            evidence=tuple(
                Evidence(one["kind"], one["value"], one["author"], one["at"], one["tested_on"])
                for one in proofs.get(item_id, ())
            ),
            closed=item_id in closures,
            block=next(
                (
                    Block(one["kind"], one["note"], one["since"])
                    for one in blocks.get(item_id, ())
                    if one["until"] is None
                ),
                None,
            ),
            commitment_at=found[item_id]["commitment_at"],
            snoozes=found[item_id]["snoozes"],
            snoozed_until=found[item_id]["snoozed_until"],
            nudges=tuple(
                Nudged(one["rung"], one["at"], one["answered_at"] is not None, one["due_on"])
                for one in nudges.get(item_id, ())
            ),
            hand_over_asked=found[item_id]["hand_over_asked"],
            revision=found[item_id]["revision"],
            paused=found[item_id]["paused_days"],
        )
        for item_id, item in content.items()
        if item_id in found
    }


async def keep(
    connection: AsyncConnection,
    tenant: str,
    before: ItemState,
    now: ItemState,
    person: str,
    at: datetime,
    today: date,
) -> bool:
    """Write what an effect changed; False when somebody else changed the item meanwhile."""
    item_id = now.item.id
    row = {
        "due_on": now.due,
        "revision": now.revision,
        "snoozes": now.snoozes,
        "snoozed_until": now.snoozed_until,
        "paused_days": now.paused,
        "commitment_at": now.commitment_at,
        "hand_over_asked": now.hand_over_asked,
    }
    mine = (t.item.c.tenant == tenant, t.item.c.id == item_id, t.item.c.revision == before.revision)
    if (await connection.execute(t.item.update().where(*mine).values(**row))).rowcount != 1:
        return False
    proof_id = ""
    for proof in now.evidence[len(before.evidence) :]:
        proof_id = r.new_id()
        await connection.execute(
            t.evidence.insert().values(
                tenant=tenant,
                id=proof_id,
                item=item_id,
                kind=proof.kind,
                value=proof.value,
                author=proof.author,
                at=proof.at,
                tested_on=proof.tested,
            )
        )
    await _closure(connection, tenant, before, now, person, at, proof_id)
    await _block(connection, tenant, before, now, person, today)
    return True


async def nudged(
    connection: AsyncConnection, tenant: str, delivery: str, state: ItemState, rung: str, at: datetime
) -> None:
    """Note that a rung of the ladder went out about an item."""
    await r.add_once(
        connection,
        t.nudge,
        tenant=tenant,
        delivery=delivery,
        item=state.item.id,
        person=state.owner,
        rung=rung,
        due_on=state.due,
        at=at,
    )


async def nudges_since(connection: AsyncConnection, tenant: str, since: datetime) -> list[r.Row]:
    """Delivery and item of every nudge since a moment."""
    wanted = (t.nudge.c.tenant == tenant, t.nudge.c.at >= since)
    return await r.rows(connection, sa.select(t.nudge.c.delivery, t.nudge.c.item).where(*wanted))


async def nudged_in(
    connection: AsyncConnection, tenant: str, person: str, message: str
) -> list[tuple[str, str]]:
    """Item and rung of everything that one nudge message was about."""
    joined = sa.select(t.nudge.c.item, t.nudge.c.rung).join(
        t.delivery, sa.and_(t.delivery.c.tenant == t.nudge.c.tenant, t.delivery.c.id == t.nudge.c.delivery)
    )
    mine = (t.nudge.c.tenant == tenant, t.nudge.c.person == person, t.delivery.c.message == message)
    return [(one["item"], one["rung"]) for one in await r.rows(connection, joined.where(*mine))]


async def _closure(
    connection: AsyncConnection,
    tenant: str,
    before: ItemState,
    now: ItemState,
    person: str,
    at: datetime,
    proof: str,
) -> None:
    mine = (t.closure.c.tenant == tenant, t.closure.c.item == now.item.id)
    if before.closed and not now.closed:
        await connection.execute(t.closure.delete().where(*mine))
    elif now.closed and not before.closed:
        await connection.execute(
            t.closure.insert().values(tenant=tenant, item=now.item.id, evidence=proof, person=person, at=at)
        )


async def _block(
    connection: AsyncConnection, tenant: str, before: ItemState, now: ItemState, person: str, today: date
) -> None:
    if now.block == before.block:
        return
    open_ = (t.block.c.tenant == tenant, t.block.c.item == now.item.id, t.block.c.until.is_(None))
    await connection.execute(t.block.update().where(*open_).values(until=today))
    if now.block is not None:
        await connection.execute(
            t.block.insert().values(
                tenant=tenant,
                id=r.new_id(),
                item=now.item.id,
                kind=now.block.kind,
                note=now.block.note,
                person=person,
                since=now.block.since,
            )
        )
