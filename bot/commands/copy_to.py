"""`embarque copy-to`: the whole database into another, as from SQLite to PostgreSQL, with counts compared."""

import asyncio
from datetime import UTC, datetime

import typer
from rich.table import Table

from bot.commands.held import held, refuse_broken, refuse_running
from bot.commands.progress import progress
from bot.commands.setup import database, file_of, place, settings_of, sound_settings
from bot.commands.words import console, refuse, speech
from bot.config import POSTGRES, SQLITE
from bot.store import StoreError, copying, standing
from bot.store.copying import CopyError
from dialogs.speech import Speech


def copy_to(url: str, lang: str | None) -> None:
    """Copy everything, or nothing, and print how many rows each table has on both sides."""
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
        copied = asyncio.run(_copy(settings.database_url, url, say))
    screen, table = console(), Table(say("cli.copy.table"), say("cli.copy.rows"))
    table.columns[1].justify = "right"
    for name, number in copied.items():
        if number:
            table.add_row(name, str(number))
    screen.print(table)
    typer.echo(say("cli.copy.done", rows=sum(copied.values()), where=place(url)))
    typer.echo(say("cli.copy.next"))


async def _copy(source_url: str, target_url: str, say: Speech) -> dict[str, int]:
    source = await database(source_url, say, existing=True)
    try:
        await refuse_running(source, source_url, say)
        target = await database(target_url, say)
        try:
            async with target.reading() as connection:
                if await copying.occupied(connection):
                    refuse(say("cli.copy.occupied", where=place(target_url)))
            await refuse_running(target, target_url, say)
            with progress(say("cli.copy.progress")) as told:
                async with source.reading() as read, copying.filling(target) as filled:
                    await copying.clear(filled)
                    copied = await copying.copy(read, filled, told)
                    await copying.number_on(filled)
                    await standing.stays(filled)
        finally:
            await target.close()
        async with source.transaction() as connection:
            await standing.moved(connection, place(target_url), datetime.now(UTC))
    except CopyError as error:
        refuse(say("cli.copy.failed", table=error.table, reason=error.reason))
    except StoreError as error:
        refuse_broken(error, target_url, say)
    else:
        return copied
    finally:
        await source.close()
