"""What the store is asked about some hundreds of people at once, in the words of each database."""

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.store import tables as t
from bot.store.hot import one_of

LEFT_OPEN = ("open", "put_off", "paused")
Select = sa.Select[Any]


@cache
def roles(dialect: str) -> Select:
    """What they may do."""
    return _theirs(dialect, t.role, "person", "role", "function")


@cache
def addresses(dialect: str) -> Select:
    """Where they are reached, the one used last at the end."""
    names = ("person", "platform", "team", "user", "conversation", "route")
    order = (sa.nulls_first(t.address.c.used_at), t.address.c.platform.desc())
    return _theirs(dialect, t.address, *names).order_by(*order)


@cache
def written(dialect: str) -> Select:
    """What the bot started with them since a moment."""
    sent = t.delivery.c
    since: sa.BindParameter[datetime] = sa.bindparam("since")
    wanted = (sent.started_by_bot, sa.or_(sent.due_at >= since, sent.created_at >= since))
    names = ("id", "person", "feature", "due_at", "answered_at", "status")
    if dialect != "postgresql":
        return _theirs(dialect, t.delivery, *names).where(*wanted).order_by(sent.due_at)
    # One person after the other, which OFFSET keeps apart: in the middle of a fan-out PostgreSQL does not know yet
    # how many rows there are, and would read all of them for every few hundred people.
    people = sa.func.unnest(sa.bindparam("people", type_=sa.ARRAY(sent.person.type)))
    one = people.table_valued(sa.column("person", sent.person.type)).render_derived("one")
    mine = (sent.tenant == sa.bindparam("of_tenant"), sent.person == one.c.person)
    found = sa.select(*(sent[name] for name in names)).where(*mine, *wanted).offset(0).lateral("found")
    return sa.select(*found.c).select_from(one.join(found, sa.true())).order_by(found.c.due_at)


@cache
def begun(dialect: str) -> Select:
    """Their dialogs and quizzes that are not ended, and the quiz sessions since a moment."""
    names = (
        "id",
        "person",
        "kind",
        "dialog",
        "status",
        "last_at",
        "resumed_at",
        "put_off_until",
        "started_at",
    )
    session = sa.and_(t.run.c.kind == "quiz", t.run.c.started_at >= sa.bindparam("since"))
    wanted = sa.or_(t.run.c.status.in_(LEFT_OPEN), session)
    return _theirs(dialect, t.run, *names).where(wanted).order_by(t.run.c.last_at)


@cache
def unfinished(dialect: str) -> Select:
    """Their dialogs that were offered, begun or put off."""
    found = _theirs(dialect, t.run, "person", "dialog", "id", "status")
    waiting = t.run.c.status.in_((*LEFT_OPEN, "invited"))
    return found.where(t.run.c.kind == "dialog", waiting).order_by(t.run.c.last_at)


@cache
def invitations(dialect: str) -> Select:
    """Their invitations to some campaigns."""
    names = ("campaign", "person", "asked_at", "sent_at")
    return _theirs(dialect, t.invitation, *names).where(one_of(t.invitation.c.campaign, "campaigns", dialect))


def _theirs(dialect: str, table: sa.Table, *names: str) -> Select:
    mine = (table.c.tenant == sa.bindparam("of_tenant"), one_of(table.c.person, "people", dialect))
    return sa.select(*(table.c[name] for name in names)).where(*mine)
