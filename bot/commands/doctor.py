"""`embarque doctor`: each thing that must be right, a line each, with what to do where it is not."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from bot.calendars import public_holidays
from bot.commands import doctor_platforms as online
from bot.commands import doctor_work as work
from bot.commands.setup import file_of, place, settings_of, why
from bot.commands.words import speech
from bot.config import Settings, missing
from bot.library import BUILT_IN, files_of
from bot.store import health, people
from bot.store.database import Database, open_database
from bot.store.health import UnusableDatabaseError
from dialogs.catalog import mistakes_in
from dialogs.speech import Speech

MOST_NAMES = 10
_ZONES = ("America/Toronto", "America/Vancouver", "Europe/Paris")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. what: the key of its subject. told: what was found. to_do: what to do, where it is not right."""

    what: str
    told: str
    to_do: str = ""


def doctor(lang: str | None) -> None:
    """Print every finding; end with code 1 when something is to fix."""
    say = speech(lang)
    findings = asyncio.run(_every(say))
    for one in findings:
        mark = say("cli.doctor.fix" if one.to_do else "cli.doctor.ok")
        typer.echo(f"{mark:<8} {say(f'cli.doctor.{one.what}')}: {one.told}")
        if one.to_do:
            typer.echo(f"{'':<8} → {one.to_do}")
    to_fix = sum(1 for one in findings if one.to_do)
    typer.echo(say("cli.doctor.total", n=to_fix) if to_fix else say("cli.doctor.well"))
    if to_fix:
        raise typer.Exit(1)


async def _every(say: Speech) -> list[Finding]:
    settings, wrong = settings_of(say)
    lacking = (*wrong, *missing(settings))
    found = [Finding("configuration", one.name, why(one, say)) for one in lacking]
    found = found or [Finding("configuration", say("cli.doctor.complete"))]
    found += _content(settings, say)
    found += _zones(say)
    found += [one async for one in _database(settings, say)]
    found += [Finding(*one) for one in await online.checks(settings, say)]
    return found


def _content(settings: Settings, say: Speech) -> Iterable[Finding]:
    root = settings.content or BUILT_IN
    mistakes = mistakes_in(files_of(root)) if root.is_dir() else ()
    if mistakes:
        yield Finding("content", say("cli.doctor.mistakes", n=len(mistakes)), f"embarque check {root}")
    elif root.is_dir():
        yield Finding("content", say("cli.doctor.sound", path=str(root)))


def _zones(say: Speech) -> Iterable[Finding]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - what is looked for may be missing

    try:
        offsets = [datetime(2027, 7, 1, tzinfo=ZoneInfo(zone)).utcoffset() for zone in _ZONES]
    except ZoneInfoNotFoundError as error:
        yield Finding("zones", str(error), say("cli.doctor.zones_do"))
        return
    del offsets
    yield Finding("zones", say("cli.doctor.present"))


async def _database(settings: Settings, say: Speech) -> AsyncIterator[Finding]:
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        yield Finding("database", say("cli.doctor.no_database", path=str(file)), say("cli.doctor.import"))
        return
    opened = open_database(settings.database_url)
    try:
        async for one in _inside(opened, settings, say):
            yield one
    finally:
        await opened.close()


async def _inside(opened: Database, settings: Settings, say: Speech) -> AsyncIterator[Finding]:
    try:
        await health.prepare(opened)
        faults = await health.faults(opened)
    except UnusableDatabaseError as error:
        yield Finding("database", error.reason, say(f"cli.doctor.database_{error.kind}"))
        return
    if faults:
        yield Finding("database", faults[:300], say("cli.doctor.restore"))
        return
    refusal = await health.writable(opened)
    if refusal:
        yield Finding("database", refusal, say("cli.doctor.writable"))
    else:
        yield Finding("database", say("cli.doctor.healthy", path=place(settings.database_url)))
    async for one in _what_it_holds(opened, settings, say):
        yield one


async def _what_it_holds(opened: Database, settings: Settings, say: Speech) -> AsyncIterator[Finding]:
    async with opened.transaction() as connection:
        newest = await health.latest_moment(connection)
        from_slack = await health.latest_moment(connection, "slack") if settings.slack else None
        company = await people.company(connection, settings.tenant)
        regions = await health.regions(connection, settings.tenant)
        names = await health.unreachable(connection, settings.tenant)
        channels = await people.channels(connection, settings.tenant)
        stands = await work.lines(connection, settings.tenant, say)
    now = datetime.now(UTC)
    at = newest["at"] if newest else None
    if at is not None and at > now:
        yield Finding(
            "clock",
            say("cli.doctor.behind", minutes=round((at - now).total_seconds() / 60)),
            say("cli.doctor.clock_do"),
        )
    if company is None:
        yield Finding("company", say("cli.doctor.nobody"), say("cli.doctor.import"))
        return
    yield Finding(
        "company",
        say(
            "cli.doctor.company_is",
            pack=company.pack,
            starts=company.starts_on,
            goes_live=company.goes_live_on,
        ),
    )
    for one in _about_people(regions, names, now.year, say):
        yield one
    if not channels:
        yield Finding("channel", say("cli.doctor.no_channel"), say("cli.doctor.channel_do"))
    if settings.slack:
        yield Finding(*online.slack_events(from_slack["at"] if from_slack else None, say))
    for line in stands:
        yield Finding(*line)


def _about_people(regions: list[str], names: list[str], year: int, say: Speech) -> Iterable[Finding]:
    unknown = [one for one in regions if public_holidays(one, (year,)) is None]
    if unknown:
        yield Finding("holidays", ", ".join(unknown), say("cli.doctor.holidays_do"))
    else:
        yield Finding("holidays", ", ".join(regions))
    if names:
        more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
        yield Finding(
            "people",
            f"{say('cli.doctor.unreachable', n=len(names))} {', '.join(names[:MOST_NAMES])}{more}",
            say("cli.doctor.people_do"),
        )
    else:
        yield Finding("people", say("cli.doctor.all_reachable"))
