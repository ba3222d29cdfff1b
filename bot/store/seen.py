"""What the rows say about people, and what each of them adds to the figures."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.hot import one_of

AWAY = {"invited": "invited, away", "answered": "answered, away"}
"""Kinds of people who are on leave until the day that stands in the place of the function."""
Dialogs = Mapping[str, str]
"""The dialog that each campaign invites to; campaigns that invite to something else are not in it."""
Figure = tuple[str, str]
"""Kind and function."""


@dataclass(slots=True)
class Seen:
    """What the rows say about one person."""

    function: str
    active: bool
    away_until: date | None
    sent: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    ended: list[tuple[str, datetime]] = field(default_factory=list)
    untouched: bool = False
    impacts: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[Figure, tuple[int, datetime | None]]:
        """What the person adds: the last invitation, the last one that they answered, where they were heard.

        Somebody is invited within a window when their last invitation is in it, and has answered when the last
        invitation that a finished dialog followed is in it: two moments a person stand for all their rows.
        """
        where = self.function if self.active else ""
        found: dict[Figure, tuple[int, datetime | None]] = {}
        sent = [at for moments in self.sent.values() for at in moments]
        if sent:
            found["invited", where] = 1, max(sent)
        followed = [at for dialog, ended in self.ended for at in self.sent.get(dialog, ()) if at <= ended]
        if followed:
            found["answered", where] = 1, max(followed)
        if self.active and self.away_until is not None:
            until = self.away_until.isoformat()
            found |= {(AWAY[kind], until): one for (kind, _), one in found.items()}
        if self.untouched and self.function:
            found["heard", self.function] = found["untouched", self.function] = 1, None
        for function, count in self.impacts.items():
            found["heard", function], found["impacts", function] = (1, None), (count, None)
        return found

    def newest(self) -> float:
        """The last moment of any row."""
        moments = [*(at for each in self.sent.values() for at in each), *(at for _, at in self.ended)]
        return max(moments).timestamp() if moments else 0


async def read(connection: AsyncConnection, tenant: str, dialogs: Dialogs, seen: Mapping[str, Seen]) -> None:
    """Note what the rows say about these people, some hundreds at most."""
    if not seen:
        return
    sent, ended, told = _statements(connection.dialect.name)
    who = {"of_tenant": tenant, "people": list(seen)}
    asked = {**who, "campaigns": list(dialogs)}
    for person, campaign, at in (await connection.execute(sent, asked)).all():
        seen[person].sent[dialogs[campaign]].append(at)
    for person, kind, dialog, at, no_impact in (await connection.execute(ended, who)).all():
        if kind == "dialog" and at is not None:
            seen[person].ended.append((dialog, at))
        seen[person].untouched |= no_impact
    for person, function, count in (await connection.execute(told, who)).all():
        seen[person].impacts[function] = count


@cache
def _statements(dialect: str) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """Invitations that went out, runs that ended, and impacts by function, of some hundreds of people."""

    def mine(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.tenant == sa.bindparam("of_tenant"), one_of(table.c.person, "people", dialect)

    asked, run, impact = t.invitation.c, t.run.c, t.impact.c
    of_dialogs = (one_of(asked.campaign, "campaigns", dialect), asked.sent_at.is_not(None))
    sent = sa.select(asked.person, asked.campaign, asked.sent_at).where(*mine(t.invitation), *of_dialogs)
    ended = sa.select(run.person, run.kind, run.dialog, run.ended_at, run.no_impact)
    told = sa.select(impact.person, impact.function, sa.func.count()).where(*mine(t.impact))
    return (
        sent,
        ended.where(*mine(t.run), run.status == "finished"),
        told.group_by(impact.person, impact.function),
    )
