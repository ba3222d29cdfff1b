"""The same figures as `bot.store.tallies`, counted from all rows: for windows in the past, and to hold the sums to."""

from collections import Counter, defaultdict
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.seen import Dialogs
from bot.store.tallies import Counted, Heard


async def recount(
    connection: AsyncConnection, tenant: str, dialogs: Dialogs, since: datetime, now: datetime, back: date
) -> Counted:
    """Who took part from `since` to `now`, and who was heard; parameters as in `tallies.counted`."""
    who = sa.select(t.person.c.id, t.person.c.function, t.person.c.active, t.person.c.away_until).where(
        t.person.c.tenant == tenant
    )
    functions: dict[str, str] = {}
    away: set[str] = set()
    for person, function, active, until in await connection.execute(who):
        if active:
            functions[person] = function or ""
            if until is not None and until >= back:
                away.add(person)
    invited, answered = await _asked(connection, tenant, dialogs, since, now)
    return Counted(
        Counter(functions.get(person, "") for person in invited),
        Counter(functions.get(person, "") for person in answered),
        (len(invited & away), len(answered & away)),
        await _heard(connection, tenant),
    )


async def _asked(
    connection: AsyncConnection, tenant: str, dialogs: Dialogs, since: datetime, now: datetime
) -> tuple[set[str], set[str]]:
    """Who was invited to a dialog in the window, and who of them finished one that they were invited to."""
    sent, ended = t.invitation.c.sent_at, t.run.c.ended_at
    asked = sa.select(t.invitation.c.person, t.invitation.c.campaign, sent).where(
        t.invitation.c.tenant == tenant, sent >= since, sent <= now
    )
    invitations: dict[tuple[str, str], datetime] = {}
    for person, campaign, at in await connection.execute(asked.order_by(sent.desc())):
        if campaign in dialogs:
            invitations[person, dialogs[campaign]] = at
    done = sa.select(t.run.c.person, t.run.c.dialog, ended).where(
        t.run.c.tenant == tenant, t.run.c.kind == "dialog", t.run.c.status == "finished", ended <= now
    )
    answered = {
        person
        for person, dialog, at in await connection.execute(done.where(ended >= since))
        if (invitation := invitations.get((person, dialog))) is not None and at >= invitation
    }
    return {person for person, _ in invitations}, answered


async def _heard(connection: AsyncConnection, tenant: str) -> dict[str, Heard]:
    told: dict[str, set[str]] = defaultdict(set)
    impacts: Counter[str] = Counter()
    said = sa.select(t.impact.c.function, t.impact.c.person).where(t.impact.c.tenant == tenant)
    for function, person in await connection.execute(said):
        told[function].add(person)
        impacts[function] += 1
    none = (
        sa.select(t.person.c.function, t.person.c.id)
        .join(t.run, sa.and_(t.person.c.tenant == t.run.c.tenant, t.person.c.id == t.run.c.person))
        .where(t.run.c.tenant == tenant, t.run.c.no_impact, t.run.c.status == "finished")
    )
    untouched: dict[str, set[str]] = defaultdict(set)
    for function, person in await connection.execute(none):
        if function:
            told[function].add(person)
            untouched[function].add(person)
    return {code: Heard(len(who), impacts[code], len(untouched[code])) for code, who in told.items()}
