"""`embarque copy-to`: the whole database into another, as from SQLite to PostgreSQL, with counts compared."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from rich.table import Table

from bot.commands.held import held, refuse_broken, refuse_running
from bot.commands.progress import progress
from bot.commands.setup import database, file_of, place, settings_of, sound_settings
from bot.commands.words import console, refuse, speech
from bot.config import POSTGRES, SQLITE
from bot.store import AsyncConnection, StoreError, copying, standing
from bot.store.copying import CopyError
from bot.store.database import Database
from bot.store.fingerprints import same
from dialogs.speech import Speech


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the target holds. rows: by table. already: it held them before, from a copy that was ended too early."""

    rows: dict[str, int]
    already: bool = False


def copy_to(url: str, lang: str | None) -> None:
    """Copy everything, or nothing, and print how many rows each table has on both sides.

    A target that holds just that already is as good as filled: a copy was ended before it could say so.
    """
    say = speech(lang)
    settings = sound_settings(say)
    url = settings_of(say, EMBARQUE_DATABASE_URL=url)[0].database_url  # in full, however it was given
    if not url.startswith((SQLITE, POSTGRES)):
        refuse(say("cli.copy.url"))
    ours, theirs = file_of(settings.database_url), file_of(url)
    if url == settings.database_url or (
        ours is not None and theirs is not None and ours.resolve() == theirs.resolve()
    ):
        refuse(say("cli.copy.same"))
    with held(settings.database_url, say), held(url, say):
        outcome = asyncio.run(_copy(settings.database_url, url, say))
    screen, table = console(), Table(say("cli.copy.table"), say("cli.copy.rows"))
    table.columns[1].justify = "right"
    for name, number in outcome.rows.items():
        if number:
            table.add_row(name, str(number))
    screen.print(table)
    done = "cli.copy.already" if outcome.already else "cli.copy.done"
    typer.echo(say(done, rows=sum(outcome.rows.values()), where=place(url)))
    typer.echo(say("cli.copy.next"))


async def _copy(source_url: str, target_url: str, say: Speech) -> Outcome:
    source = await database(source_url, say, existing=True)
    try:
        await refuse_running(source, source_url, say)
        target = await database(target_url, say)
        try:
            await refuse_running(target, target_url, say)
            # Whatever ends this between the two commits: typed again, it finds the same rows there and notes it.
            async with AsyncExitStack() as held_still:
                try:
                    read = await held_still.enter_async_context(copying.still(source))
                except StoreError as error:
                    refuse_broken(error, source_url, say)
                outcome = await _filled(read, target, place(target_url), say)
                await standing.moved(read, place(target_url), datetime.now(UTC))
        finally:
            await target.close()
    except CopyError as error:
        refuse(say("cli.copy.failed", table=error.table, reason=error.reason))
    except StoreError as error:
        refuse_broken(error, target_url, say)
    else:
        return outcome
    finally:
        await source.close()


async def _filled(read: AsyncConnection, target: Database, where: str, say: Speech) -> Outcome:
    """Everything is in the target when this returns; ends the program when something else is."""
    async with copying.filling(target) as filled:
        if await copying.occupied(filled):
            with progress(say("cli.copy.comparing")) as told:
                already = await same(read, filled, told)
            if not already:
                refuse(say("cli.copy.occupied", where=where))
            await standing.stays(filled)
            return Outcome(await copying.counts(filled), already)
        with progress(say("cli.copy.progress")) as told:
            await copying.clear(filled)
            copied = await copying.copy(read, filled, told)
            await copying.number_on(filled)
            await standing.stays(filled)
    return Outcome(copied)
