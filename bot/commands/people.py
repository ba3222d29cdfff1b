"""`embarque people import` and `embarque people channel`."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from bot.commands.people_rows import Reading, entries, known_region, known_zone
from bot.commands.people_sheet import Row, UnreadableSheetError, rows_of
from bot.commands.people_store import Imported, Teams, write
from bot.commands.setup import database, file_of, library, sound_settings
from bot.commands.words import locale, refuse, speech
from bot.config import Settings
from bot.store import people, roster
from bot.store.database import Database
from bot.store.people import Company
from dialogs.catalog import Catalog, Pack
from dialogs.speech import Speech

ZONE, REGION = "America/Toronto", "CA-QC"
_CHANNEL = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options say of the project, as typed; None where nothing was said."""

    starts: str | None = None
    goes_live: str | None = None
    zone: str | None = None
    region: str | None = None
    pack: str | None = None
    headcounts: tuple[str, ...] = ()


class _TakenBackError(Exception):
    """Nothing of the transaction is to stay."""


def import_people(file: Path, wishes: Wishes, lang: str | None, *, dry_run: bool) -> None:
    """Bring in the people of a CSV file: all of them, or none and every mistake by its line."""
    say = speech(lang)
    settings = sound_settings(say)
    try:
        rows = rows_of(file, say)
    except UnreadableSheetError as error:
        refuse(*error.lines, say("cli.people.nothing"))
    content = library(settings.content, say).catalog
    asyncio.run(_import(rows, wishes, settings, content, say, dry_run=dry_run))


def register_channel(
    name: str, platform: str, team: str, conversation: str, lang: str, service_url: str
) -> None:
    """Register the channel that gets the weekly summary, or change it."""
    say = speech()
    if platform not in {"slack", "teams", "web"}:
        refuse(say("cli.render.platform", given=platform[:40], known="slack, teams"))
    if not _CHANNEL.fullmatch(name) or not team.strip() or not conversation.strip():
        refuse(say("cli.people.channel_wrong"))
    route = {"service_url": service_url, "conversation_type": "channel"} if platform == "teams" else {}
    values = {
        "platform": platform,
        "team": team.strip(),
        "conversation": conversation.strip(),
        "route": {key: value for key, value in route.items() if value},
        "locale": locale(lang),
    }
    settings = sound_settings(say)

    async def register() -> None:
        opened = await database(settings.database_url, say)
        async with opened.transaction() as connection:
            await roster.put_channel(connection, settings.tenant, name, values)
        await opened.close()

    asyncio.run(register())
    typer.echo(say("cli.people.channel", name=name, platform=platform, locale=locale(lang)))


async def _import(
    rows: tuple[Row, ...], wishes: Wishes, settings: Settings, content: Catalog, say: Speech, *, dry_run: bool
) -> None:
    async with _opened(settings, say, dry_run=dry_run) as opened:
        async with opened.transaction() as connection:
            company = await people.company(connection, settings.tenant)
        pack = _pack(wishes, company, content, say)
        project, told = _project(wishes, company, pack, say)
        reading = Reading(pack, say, datetime.now(UTC).year)
        found = entries(rows, reading)
        defaults = {"zone": project.get("zone") or (company.zone if company else ZONE)}
        defaults["region"] = project.get("region") or (company.region if company else REGION)
        done = Imported()
        heads = _headcounts(wishes, pack, say)
        platforms = Teams(settings.slack_team or "", settings.teams_tenant_id or "")
        with suppress(_TakenBackError):
            async with opened.transaction() as connection:
                await roster.put_project(connection, settings.tenant, project)
                if not reading.mistakes:
                    done = await write(
                        connection, settings.tenant, found, defaults, platforms, heads, reading
                    )
                _keep(only_if=not (reading.mistakes or dry_run))
    if reading.mistakes:
        lines = [say("cli.people.line", line=line, what=what) for line, what in sorted(reading.mistakes)]
        refuse(*lines, say("cli.people.mistakes", n=len(lines)))
    _report(done, told, say, dry_run=dry_run)


def _keep(*, only_if: bool) -> None:
    """End the transaction with an error that takes everything back, unless it is to stay."""
    if not only_if:
        raise _TakenBackError


def _report(done: Imported, told: list[str], say: Speech, *, dry_run: bool) -> None:
    for line in told:
        typer.echo(line)
    counts = ", ".join(f"{code} {count}" for code, count in done.headcounts.items())
    typer.echo(say("cli.people.headcounts", counts=counts, leads=done.leads))
    typer.echo(
        say("cli.people.rehearsed" if dry_run else "cli.people.done", added=done.added, changed=done.changed)
    )


@asynccontextmanager
async def _opened(settings: Settings, say: Speech, *, dry_run: bool) -> AsyncIterator[Database]:
    """The database; a rehearsal without one takes place in a throw-away file."""
    file = file_of(settings.database_url)
    with tempfile.TemporaryDirectory() as folder:
        missing = dry_run and file is not None and not file.exists()
        url = f"sqlite+aiosqlite:///{Path(folder, 'people.db')}" if missing else settings.database_url
        opened = await database(url, say)
        try:
            yield opened
        finally:
            await opened.close()


def _pack(wishes: Wishes, company: Company | None, content: Catalog, say: Speech) -> Pack:
    name = wishes.pack or (company.pack if company else next(iter(content.packs)))
    if name not in content.packs:
        refuse(say("cli.people.pack", given=name[:40], known=", ".join(content.packs)))
    if wishes.pack is None and company is None and len(content.packs) > 1:
        refuse(say("cli.people.which_pack", known=", ".join(content.packs)))
    return content.packs[name]


def _project(
    wishes: Wishes, company: Company | None, pack: Pack, say: Speech
) -> tuple[dict[str, Any], list[str]]:
    """What is to be written of the project, and what is told of it: on a first import also every default."""
    starts, goes_live = _day(wishes.starts, "--starts", say), _day(wishes.goes_live, "--goes-live", say)
    if wishes.zone is not None and not known_zone(wishes.zone):
        refuse(say("cli.people.zone", given=wishes.zone[:60], near=ZONE))
    if wishes.region is not None and not known_region(wishes.region, datetime.now(UTC).year):
        refuse(say("cli.people.region", given=wishes.region[:60]))
    first = starts or (company.starts_on if company else datetime.now(UTC).date())
    last = goes_live or (company.goes_live_on if company else first + timedelta(weeks=pack.head.weeks))
    if last <= first:
        refuse(say("cli.people.dates", starts=first, goes_live=last))
    dates = {"starts_on": starts, "goes_live_on": goes_live}
    given = {**dates, "zone": wishes.zone, "region": wishes.region, "pack": wishes.pack}
    if company is not None:
        changed = {name: value for name, value in given.items() if value is not None}
        return changed, [say("cli.people.project_changed", what=", ".join(changed))] if changed else []
    place = {"zone": wishes.zone or ZONE, "region": wishes.region or next(iter(pack.head.holidays), REGION)}
    project = {"pack": pack.head.pack, "starts_on": first, "goes_live_on": last, **place}
    lines = [say("cli.people.project", pack=pack.head.pack, starts=first, goes_live=last, **place)]
    defaulted = ", ".join(name for name in project if given[name] is None)
    return project, [*lines, say("cli.people.defaults", what=defaulted)] if defaulted else lines


def _day(text: str | None, option: str, say: Speech) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(say("cli.people.day", option=option, given=text[:40]))


def _headcounts(wishes: Wishes, pack: Pack, say: Speech) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in wishes.headcounts:
        code, _, count = one.partition("=")
        if code.upper() not in pack.functions or not re.fullmatch(r"[0-9]{1,6}", count):
            refuse(say("cli.people.headcount", given=one[:40], codes=", ".join(pack.functions)))
        found[code.upper()] = int(count)
    return found
