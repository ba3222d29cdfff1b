"""Who is to be invited to what because a lead asked for it, and who was invited."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import many
from bot.store import rows as r
from bot.store import tables as t


async def ask_for(
    connection: AsyncConnection, tenant: str, campaign: str, person: str, now: datetime
) -> bool:
    """Note that somebody is to be invited; False when that was noted, or done, before."""
    return await r.add_once(
        connection, t.invitation, tenant=tenant, campaign=campaign, person=person, asked_at=now
    )


async def sent(connection: AsyncConnection, tenant: str, campaign: str, person: str, now: datetime) -> None:
    """Note that the invitation is written."""
    await r.put(connection, t.invitation, tenant=tenant, campaign=campaign, person=person, sent_at=now)


async def all_sent(
    connection: AsyncConnection, tenant: str, invited: Collection[tuple[str, str]], now: datetime
) -> None:
    """Note that invitations are written: campaign and person of each."""
    rows = [{"campaign": campaign, "person": person} for campaign, person in dict.fromkeys(invited)]
    await many.write(connection, t.invitation, {"tenant": tenant, "sent_at": now}, rows, "replaced")


async def every(connection: AsyncConnection, tenant: str) -> list[r.Row]:
    """All invitations: campaign, person, asked_at, sent_at."""
    return await r.rows(connection, sa.select(t.invitation).where(t.invitation.c.tenant == tenant))


async def invited(connection: AsyncConnection, tenant: str, campaign: str) -> frozenset[str]:
    """Who is or is to be invited to a campaign."""
    return frozenset(one["person"] for one in await every(connection, tenant) if one["campaign"] == campaign)
