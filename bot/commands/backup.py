"""`embarque backup`: everything in one file, taken while the bot runs."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.commands.held import refuse_broken
from bot.commands.progress import progress
from bot.commands.setup import file_of, sound_settings
from bot.commands.words import refuse, speech
from bot.store import StoreError, snapshot
from bot.store.copying import CopyError
from bot.store.database import open_database
from bot.store.health import UnusableDatabaseError
from bot.store.scratch import sweep
from bot.store.snapshot import NotABackupError, Taken
from dialogs.speech import Speech


def backup(file: Path, lang: str | None, *, force: bool) -> None:
    """Write the backup, whole or not at all, and say what is in it."""
    say = speech(lang)
    settings = sound_settings(say)
    live = file_of(settings.database_url)
    if live is not None and not live.exists():
        refuse(say("cli.database.none", path=str(live)))
    if live is not None and file.exists() and file.samefile(live):
        refuse(say("cli.backup.itself", path=str(file)))
    if file.is_dir() or (file.exists() and not force):
        refuse(say("cli.backup.exists", path=str(file)))
    taken = asyncio.run(_backup(settings.database_url, file, say))
    sweep(Path(tempfile.gettempdir()))  # what a restore that was killed left there
    total, size = sum(taken.rows.values()), file.stat().st_size
    typer.echo(say("cli.backup.done", path=str(file), rows=total, megabytes=f"{size / 1e6:.1f}"))
    typer.echo(say("cli.backup.keep"))


async def _backup(url: str, file: Path, say: Speech) -> Taken:
    try:
        # Not brought up to date first: a backup before a new release is the most needed one.
        opened = open_database(url)
        try:
            with progress(say("cli.backup.progress")) as told:
                return await snapshot.take(opened, file, datetime.now(UTC), told)
        finally:
            await opened.close()
    except NotABackupError as error:
        refuse(say(f"cli.backup.{error.kind}", reason=error.reason))
    except (CopyError, UnusableDatabaseError) as error:
        refuse(say("cli.backup.damaged", reason=str(error)))
    except StoreError as error:
        refuse_broken(error, url, say)
    except OSError as error:
        refuse(say("cli.backup.unwritable", path=str(file), reason=error.strerror or type(error).__name__))
