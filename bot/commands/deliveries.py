"""`embarque deliveries`: what waits, what failed and why, and another try for what was set aside."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from bot.commands.setup import database, sound_settings
from bot.commands.words import console, refuse, speech
from bot.store import AsyncConnection, deliveries, people, standing
from bot.store import rows as r
from dialogs.speech import Speech
from dialogs.text import written

STATES = ("pending", "sending", "sent", "failed", "late", "cancelled")
COLUMNS = ("number", "state", "feature", "who", "platform", "due", "tries", "reason")

T = TypeVar("T")
Work = Callable[[AsyncConnection, str], Awaitable[T]]


def show(states: tuple[str, ...], limit: int, lang: str | None) -> None:
    """List the newest deliveries in these states; without any, those that wait or failed."""
    say = speech(lang)
    unknown = [one for one in states if one not in STATES]
    if unknown:
        refuse(say("cli.deliveries.state", given=", ".join(unknown)[:60], known=", ".join(STATES)))

    async def read(
        connection: AsyncConnection, tenant: str
    ) -> tuple[list[r.Row], dict[str, str], ZoneInfo, int]:
        company = await people.company(connection, tenant)
        names = {one.id: one.name for one in await people.people(connection, tenant)}
        wanted = states or ("pending", "sending", "failed")
        total = sum(n for state, _, n in await standing.by_state(connection, tenant) if state in wanted)
        found = await standing.listed(connection, tenant, wanted, limit)
        return found, names, ZoneInfo(company.zone if company else "UTC"), total

    found, names, zone, total = asyncio.run(_work(read, say))
    if not found:
        typer.echo(say("cli.deliveries.none"))
        return
    table = Table(*(say(f"cli.deliveries.column.{name}") for name in COLUMNS))
    for one in found:
        who = names.get(one["person"] or "") or (f"#{one['channel']}" if one["channel"] else "")
        table.add_row(
            str(one["number"]),
            say(f"cli.deliveries.is.{one['status']}"),
            _feature(one["feature"], say),
            who,
            one["platform"],
            written(one["due_at"].astimezone(zone), say.locale),
            str(one["attempts"] + one["failures"]),
            one["reason"] or "",
        )
    console().print(table)
    typer.echo(say("cli.deliveries.shown", n=len(found), total=total))


def retry(number: int | None, lang: str | None, *, everything: bool) -> None:
    """Put failed deliveries back: one by its number, or all of them."""
    say = speech(lang)
    if (number is None) != everything:
        refuse(say("cli.deliveries.which"))

    async def put_back(connection: AsyncConnection, tenant: str) -> int:
        return await deliveries.retry(connection, tenant, number, datetime.now(UTC))

    count = asyncio.run(_work(put_back, say))
    if number is not None and not count:
        refuse(say("cli.deliveries.not_failed", number=str(number)))
    typer.echo(say("cli.deliveries.retried", n=count))


def _feature(name: str, say: Speech) -> str:
    keys = (f"cli.tick.feature.{name}", f"cli.deliveries.feature.{name}")
    return next((say(key) for key in keys if key in say.words), name)


async def _work(work: Work[T], say: Speech) -> T:
    settings = sound_settings(say)
    opened = await database(settings.database_url, say, existing=True)
    try:
        async with opened.transaction() as connection:
            return await work(connection, settings.tenant)
    finally:
        await opened.close()
