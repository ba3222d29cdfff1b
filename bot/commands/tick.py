"""`embarque tick`: what is due at a moment, and why everybody else gets nothing."""

import asyncio
from collections import Counter, defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from bot import calendars, logs
from bot.campaigns import Plan
from bot.clock import FixedClock
from bot.commands.assembly import outbounds
from bot.commands.held import unserved
from bot.commands.setup import database, library, sound_settings
from bot.commands.words import console, refuse, speech
from bot.config import Settings
from bot.deliveries import Deliveries
from bot.library import Library
from bot.store import people
from bot.store.people import Person
from bot.ticker import Ticker
from dialogs.catalog import Catalog
from dialogs.speech import Speech
from dialogs.text import written

MOST_REASONS = 4


def tick(at: str, lang: str | None, *, dry_run: bool) -> None:
    """Tell, or with dry_run off also write and send, what is due at this moment."""
    say = speech(lang)
    moment = moment_of(at, say)
    settings = sound_settings(say)
    logs.set_up(pretty=True)
    asyncio.run(_tick(moment, settings, library(settings.content, say), say, dry_run=dry_run))


def moment_of(text: str, say: Speech) -> datetime:
    """The moment in ISO 8601 with its offset from UTC; ends the program when there is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        refuse(say("cli.tick.not_iso", given=text[:60]))
    if moment.tzinfo is None:
        refuse(say("cli.tick.naive", given=text[:60], example=f"{moment.isoformat()}-05:00"))
    return moment


async def _tick(
    moment: datetime, settings: Settings, content: Library, say: Speech, *, dry_run: bool
) -> None:
    opened = await database(settings.database_url, say, existing=True)
    senders = {} if dry_run else outbounds(settings)
    try:
        async with opened.transaction() as connection:
            company = await people.company(connection, settings.tenant)
            everybody = await people.people(connection, settings.tenant)
            reached = await people.addresses(connection, settings.tenant)
            channels = await people.channels(connection, settings.tenant)
        if company is None:
            refuse(say("cli.no_company"))
        if company.pack not in content.catalog.packs:
            refuse(say("cli.no_pack", pack=company.pack))
        clock = FixedClock(moment)
        deliveries = Deliveries(opened, senders, clock, settings.tenant)
        plans: list[Plan] = []
        ticker = Ticker(opened, content, clock, deliveries, settings.tenant)
        done = await ticker.tick(moment, dry_run=dry_run, told=plans.append)
        _tell(
            Plan.whole(plans),
            everybody,
            frozenset(reached),
            content.catalog,
            calendars.zone(company.zone),
            say,
        )
        if not dry_run:
            typer.echo(say("cli.tick.written", people=done.sent, channels=done.in_channels, late=done.late))
            used_platforms = {
                *(one.platform for one in reached.values()),
                *(one["platform"] for one in channels),
            }
            # Beside a bot two would be at the same messages; without a platform's settings they would fail for good.
            async with unserved(opened, settings.database_url) as alone:
                if not used_platforms <= set(senders):
                    left = ", ".join(sorted(used_platforms - set(senders)))
                    typer.echo(say("cli.tick.left", platforms=left))
                elif alone:
                    await deliveries.drain()
                else:
                    typer.echo(say("cli.tick.bot_sends"))
    finally:
        for outbound in senders.values():
            await outbound.close()
        await opened.close()


def _tell(
    plan: Plan,
    everybody: list[Person],
    reached: frozenset[str],
    content: Catalog,
    zone: ZoneInfo,
    say: Speech,
) -> None:
    screen = console()
    known = {person.id: person for person in everybody}
    due = Table(*(say(f"cli.tick.column.{name}") for name in ("who", "what", "about", "when", "note")))
    for message in plan.messages:
        person = known.get(message.person)
        own = calendars.zone(person.zone, zone.key) if person is not None else zone
        notes = [say("cli.tick.late")] if message.late else []
        if person is not None and message.person not in reached:
            notes.append(say("cli.tick.no_address"))
        about = ", ".join(f"{item} {rung}".strip() for item, rung in message.items) or message.subject
        due.add_row(
            person.name if person else f"#{message.person}",
            say(f"cli.tick.feature.{message.feature}"),
            about,
            written(message.at.astimezone(own), say.locale),
            "; ".join(notes),
        )
    screen.print(say("cli.tick.due", n=len(plan.messages)))
    if plan.messages:
        screen.print(due)
    _tell_nothing(plan, everybody, Speech(content.ui, say.locale), say)


def _tell_nothing(plan: Plan, everybody: list[Person], ui: Speech, say: Speech) -> None:
    served = {message.person for message in plan.messages}
    why: dict[str, Counter[str]] = defaultdict(Counter)
    for one in plan.skipped:
        why[one.person][f"{say(f'cli.tick.feature.{one.feature}')}: {ui(one.reason.value)}"] += 1
    names = {person.id: person.name for person in everybody}
    nothing = [one for one in (*names, *(who for who in why if who not in names)) if one not in served]
    table = Table(say("cli.tick.column.who"), say("cli.tick.column.why"))
    for who in nothing:
        reasons = [f"{text} ({n})" if n > 1 else text for text, n in why[who].most_common(MOST_REASONS)]
        table.add_row(names.get(who, f"#{who}"), "\n".join(reasons) or say("cli.tick.nothing"))
    screen = console()
    screen.print(say("cli.tick.others", n=len(nothing)))
    if nothing:
        screen.print(table)
