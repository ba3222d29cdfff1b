"""A database that no bot works on: what a restore and a copy need before they begin."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import NoReturn

from bot.commands.setup import alone, file_of, place
from bot.commands.words import refuse
from bot.store import StoreError, replicas
from bot.store.database import Database
from bot.store.file_lock import FileLock, HeldError
from dialogs.speech import Speech


@contextmanager
def held(url: str, say: Speech) -> Iterator[None]:
    """Keep bots away from an SQLite file for as long as the block lasts; ends the program when one has it."""
    lock = alone(url, say)
    try:
        yield
    finally:
        if lock is not None:
            lock.free()


async def refuse_running(opened: Database, url: str, say: Speech) -> None:
    """End the program when a replica on PostgreSQL has left a heartbeat in the last half minute."""
    if file_of(url) is not None:
        return  # the lock on the file has told
    async with opened.reading() as connection:
        living = sorted(await replicas.living(connection, datetime.now(UTC)))
    if living:
        refuse(say("cli.held.running", where=place(url), replicas=", ".join(living)))


@asynccontextmanager
async def unserved(opened: Database, url: str) -> AsyncIterator[bool]:
    """Whether no bot works on the database; where it is a file, none can begin to within the block."""
    file = file_of(url)
    if file is None:
        async with opened.reading() as connection:
            living = await replicas.living(connection, datetime.now(UTC))
        yield not living
        return
    try:
        lock = FileLock(file)
    except HeldError:
        yield False
        return
    try:
        yield True
    finally:
        lock.free()


def refuse_broken(error: StoreError, url: str, say: Speech) -> NoReturn:
    """End the program because the database did not do it."""
    # The first line alone: the others may quote a row.
    reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
    refuse(say("cli.held.store", where=place(url), reason=reason))
