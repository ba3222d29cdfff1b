"""`embarque restore`: a backup into a database, and nothing of it is sent again."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.campaigns import EVERYBODY
from bot.commands.held import held, refuse_broken, refuse_running
from bot.commands.progress import progress
from bot.commands.setup import database, library, place, sound_settings
from bot.commands.words import refuse, speech
from bot.config import Settings
from bot.library import Library
from bot.recipients import everybody, moment
from bot.store import AsyncConnection, StoreError, copying, invitations, people, restored, snapshot, standing
from bot.store.copying import CopyError, Told
from bot.store.database import Database
from bot.store.scratch import scratch
from bot.store.snapshot import NotABackupError, Taken
from dialogs.speech import Speech


class OtherPackError(Exception):
    """The company of the backup uses a pack that the content does not have."""

    def __init__(self, pack: str) -> None:
        super().__init__(pack)
        self.pack = pack


def restore(file: Path, lang: str | None, *, replace: bool, yes: bool) -> None:
    """Fill the configured database from the backup, in one transaction."""
    say = speech(lang)
    settings = sound_settings(say)
    if not file.is_file():
        refuse(say("cli.restore.no_file", path=str(file)))
    try:
        taken = snapshot.look(file)
    except NotABackupError as error:
        refuse(say(f"cli.restore.{error.kind}", path=str(file), reason=error.reason))
    content = library(settings.content, say)
    as_of = taken.at.astimezone().isoformat(" ", "minutes")
    if replace and not yes:
        word = say("cli.restore.word")
        typer.echo(say("cli.restore.sure", where=place(settings.database_url), at=as_of))
        if typer.prompt(say("cli.restore.type", word=word), default="", show_default=False).strip() != word:
            refuse(say("cli.restore.unchanged"))
    with held(settings.database_url, say):
        given_up = asyncio.run(_restore(file, taken, settings, content, say, replace=replace))
    total = sum(taken.rows.values())
    typer.echo(say("cli.restore.done", rows=total, at=as_of))
    typer.echo(say("cli.restore.given_up", n=given_up))
    typer.echo(say("cli.restore.lost", at=as_of))


async def _restore(
    file: Path, taken: Taken, settings: Settings, content: Library, say: Speech, *, replace: bool
) -> int:
    target = await database(settings.database_url, say)
    try:
        await refuse_running(target, settings.database_url, say)
        async with target.reading() as connection:
            if not replace and await copying.occupied(connection):
                refuse(say("cli.restore.occupied", where=place(settings.database_url)))
        with progress(say("cli.restore.progress")) as told:
            return await fill(target, file, taken, content, datetime.now(UTC), told)
    except CopyError as error:
        refuse(say("cli.restore.failed", table=error.table, reason=error.reason))
    except StoreError as error:
        refuse_broken(error, settings.database_url, say)
    except OtherPackError as error:
        refuse(say("cli.no_pack", pack=error.pack))
    finally:
        await target.close()


async def fill(
    target: Database, file: Path, taken: Taken, content: Library, now: datetime, told: Told
) -> int:
    """Replace everything in the target by the backup, at the moment `now`; how many deliveries are given up.

    CopyError or OtherPackError: the target is as it was.
    """
    with scratch(Path(tempfile.gettempdir())) as folder:
        async with snapshot.opened(file, folder) as kept:
            # Settled in the scratch copy, so that the target never holds anything that could be sent again.
            async with kept.transaction() as connection:
                given_up = await restored.settle(connection, taken.at, now)
                for tenant in await restored.tenants(connection):
                    await count_as_invited(connection, tenant, content, taken.at, now)
            async with kept.reading() as source, copying.filling(target) as filled:
                await copying.clear(filled)
                await copying.copy(source, filled, told)
                await copying.number_on(filled)
                await standing.stays(filled)
    return given_up


async def count_as_invited(
    connection: AsyncConnection, tenant: str, content: Library, taken_at: datetime, now: datetime
) -> None:
    """Note an invitation that comes once as given to everybody whom it may have reached since the backup."""
    company = await people.company(connection, tenant)
    if company is None:
        return
    pack = content.catalog.packs.get(company.pack)
    if pack is None:
        raise OtherPackError(company.pack)
    at = await moment(connection, tenant, pack, company, now)
    once = [one for one in at.calendar.launches if one.weekly is None]
    async for person in everybody(connection, tenant, at):
        since, today = person.local(taken_at).date(), person.local(now).date()
        for launch in once:
            meant = EVERYBODY in launch.audience or launch.audience & person.groups
            open_ = launch.opens <= today and since <= launch.closes
            if meant and open_ and launch.id not in person.invited:
                await invitations.sent(connection, tenant, launch.id, person.person, now)
