"""What the demo keeps and asks of the store: its clock, what was looked at, how far the visit has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import deliveries as delivery_store
from bot.store import rows as r
from bot.store import tables as t
from dialogs.card_data import card_data
from dialogs.text import Locale

MANY = 5000
LANGUAGE = "demo.language"


async def setting(connection: AsyncConnection, tenant: str, name: str) -> Any:
    """The value kept under a name; None when there is none."""
    wanted = (t.setting.c.tenant == tenant, t.setting.c.name == name)
    found = await r.row(connection, sa.select(t.setting.c.value).where(*wanted))
    return None if found is None else found["value"]["is"]


async def keep(connection: AsyncConnection, tenant: str, name: str, value: object) -> None:
    """Keep a value under a name."""
    # Wrapped, because SQLite turns a bare number in a JSON column into a number of its own.
    await r.put(connection, t.setting, tenant=tenant, name=name, value={"is": value})


async def settings(connection: AsyncConnection, tenant: str, prefix: str) -> dict[str, Any]:
    """Everything kept under names with this beginning, by the rest of the name."""
    wanted = (t.setting.c.tenant == tenant, t.setting.c.name.startswith(prefix, autoescape=True))
    found = await r.rows(connection, sa.select(t.setting).where(*wanted))
    return {one["name"].removeprefix(prefix): one["value"]["is"] for one in found}


async def post_pending(connection: AsyncConnection, tenant: str, now: datetime) -> None:
    """Put everything that is due into the browser chat, as its outbound would have done at that moment."""
    number = await newest(connection, tenant)
    posted: list[dict[str, object]] = []
    sent: list[dict[str, object]] = []
    for delivery in await delivery_store.ready(connection, tenant, now, ("web",), MANY):
        message = delivery.message or ""
        if delivery.operation == "update":
            changed = t.web_message.c.revision + 1
            mine = (t.web_message.c.tenant == tenant, t.web_message.c.id == int(message))
            await connection.execute(
                t.web_message.update().where(*mine).values(card=card_data(delivery.card), revision=changed)
            )
        else:
            number += 1
            message = str(number)
            place = delivery.to.conversation or f"dm:{delivery.to.user}"
            posted.append(_row(tenant, number, place, "bot", card_data(delivery.card), "", delivery.id, now))
        sent.append({"key": delivery.id, "posted": message})
    if posted:
        await connection.execute(t.web_message.insert(), posted)
    if sent:
        mine = (t.delivery.c.tenant == tenant, t.delivery.c.id == sa.bindparam("key"))
        values = {"status": "sent", "sent_at": now, "attempts": 1, "message": sa.bindparam("posted")}
        await connection.execute(t.delivery.update().where(*mine).values(values), sent)


async def said(
    connection: AsyncConnection, tenant: str, user: str, text: str, key: str, at: datetime
) -> None:
    """Put a person's own words into their conversation."""
    number = await newest(connection, tenant) + 1
    row = _row(tenant, number, f"dm:{user}", "person", None, text, key, at)
    await connection.execute(t.web_message.insert(), [row])


async def newest(connection: AsyncConnection, tenant: str, conversation: str | None = None) -> int:
    """The id of the bot's newest message in a conversation, or of the newest of all; 0 when there is none."""
    wanted = sa.select(sa.func.max(t.web_message.c.id).label("id")).where(t.web_message.c.tenant == tenant)
    if conversation is not None:
        mine = (t.web_message.c.conversation == conversation, t.web_message.c.author == "bot")
        wanted = wanted.where(*mine)
    found = await r.row(connection, wanted)
    return int(found["id"] or 0) if found else 0


async def waiting(connection: AsyncConnection, tenant: str, seen: Mapping[str, int]) -> dict[str, int]:
    """How many of the bot's messages each of these users has not looked at. seen: user to message id."""
    places = [f"dm:{user}" for user in seen]
    wanted = (
        t.web_message.c.tenant == tenant,
        t.web_message.c.author == "bot",
        t.web_message.c.conversation.in_(places),
    )
    found = await r.rows(
        connection, sa.select(t.web_message.c.conversation, t.web_message.c.id).where(*wanted)
    )
    counts = dict.fromkeys(seen, 0)
    for one in found:
        user = one["conversation"].removeprefix("dm:")
        counts[user] += one["id"] > seen[user]
    return counts


async def question_waits(connection: AsyncConnection, tenant: str, person: str, kind: str) -> bool:
    """Whether a question of a run of this kind stands unanswered before the person."""
    mine = (t.run.c.tenant == tenant, t.run.c.person == person, t.run.c.kind == kind)
    stands = t.run.c.status.in_(("invited", "open"))
    return await r.row(connection, sa.select(t.run.c.id).where(*mine, stands).limit(1)) is not None


async def speak(connection: AsyncConnection, tenant: str, persons: Sequence[str], locale: Locale) -> None:
    """From now on these people and the channels get their messages in the visitor's language.

    Only when that language changed: a language that somebody chose themselves stays.
    """
    wanted: Locale = "en" if locale == "en" else "fr-CA"
    if wanted == (await setting(connection, tenant, LANGUAGE) or "fr-CA"):
        return
    await keep(connection, tenant, LANGUAGE, wanted)
    mine = (t.person.c.tenant == tenant, t.person.c.id.in_(persons))
    await connection.execute(t.person.update().where(*mine).values(locale=wanted))
    await connection.execute(t.channel.update().where(t.channel.c.tenant == tenant).values(locale=wanted))


async def told_impact(
    connection: AsyncConnection, tenant: str, persons: Sequence[str], since: datetime
) -> bool:
    """Whether one of these people has ended an interview with an impact since a moment."""
    joined = sa.select(t.run.c.id).join(
        t.impact, sa.and_(t.impact.c.tenant == t.run.c.tenant, t.impact.c.run == t.run.c.id)
    )
    mine = (t.run.c.tenant == tenant, t.run.c.person.in_(persons), t.run.c.status == "finished")
    return await r.row(connection, joined.where(*mine, t.run.c.ended_at >= since).limit(1)) is not None


async def ended_quiz(
    connection: AsyncConnection, tenant: str, persons: Sequence[str], since: datetime
) -> bool:
    """Whether one of these people has ended a quiz session since a moment."""
    mine = (t.run.c.tenant == tenant, t.run.c.person.in_(persons), t.run.c.kind == "quiz")
    ended = (t.run.c.status == "finished", t.run.c.ended_at >= since)
    return await r.row(connection, sa.select(t.run.c.id).where(*mine, *ended).limit(1)) is not None


async def closed_item(connection: AsyncConnection, tenant: str, person: str, since: datetime) -> bool:
    """Whether the person has closed an item since a moment."""
    mine = (t.closure.c.tenant == tenant, t.closure.c.person == person, t.closure.c.at >= since)
    return await r.row(connection, sa.select(t.closure.c.item).where(*mine).limit(1)) is not None


async def chosen_moments(connection: AsyncConnection, tenant: str) -> list[datetime]:
    """Moments that people chose or that follow from where they stopped: item plans, put-offs, last answers."""
    plans = sa.select(t.item.c.commitment_at.label("at")).where(t.item.c.tenant == tenant)
    later = sa.select(t.run.c.put_off_until.label("at")).where(t.run.c.tenant == tenant)
    left = sa.select(t.run.c.last_at.label("at")).where(
        t.run.c.tenant == tenant, t.run.c.status.in_(("open", "put_off")), t.run.c.resumed_at.is_(None)
    )
    found = [one["at"] for part in (plans, later, left) for one in await r.rows(connection, part)]
    return [one for one in found if one is not None]


def delete_file(url: str) -> None:
    """Delete the SQLite file of this address, with what SQLite keeps beside it; the database must be closed."""
    name = sa.make_url(url).database
    for end in ("", "-wal", "-shm"):
        if name and name != ":memory:":
            Path(name + end).unlink(missing_ok=True)


def _row(
    tenant: str,
    number: int,
    place: str,
    author: str,
    card: dict[str, object] | None,
    text: str,
    key: str,
    at: datetime,
) -> dict[str, object]:
    return {
        "tenant": tenant,
        "id": number,
        "conversation": place,
        "author": author,
        "card": card,
        "text": text,
        "key": key,
        "at": at,
    }
