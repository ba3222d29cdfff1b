"""What most commands begin with: settings from the environment, the content, the database."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.commands.words import refuse
from bot.config import POSTGRES, SQLITE, Missing, Settings
from bot.library import BUILT_IN, Library, files_of
from bot.store.database import Database, open_database
from bot.store.file_lock import FileLock, HeldError
from bot.store.health import UnusableDatabaseError, prepare
from dialogs.catalog import ContentError
from dialogs.speech import Speech


def settings_of(say: Speech, **given: Any) -> tuple[Settings, tuple[Missing, ...]]:
    """The settings, and those of the environment that cannot be read; given: by variable, they come first."""
    try:
        return Settings(**given), ()
    except ValidationError as error:
        names = [str(one["loc"][0]) for one in error.errors()]
        wrong = tuple(Missing(name, say(f"cli.wrong.{name.lower()}")) for name in dict.fromkeys(names))
        defaults = {str(one.validation_alias): one.default for one in Settings.model_fields.values()}
        return Settings(**{**given, **{name: defaults[name] for name in names}}), wrong


def sound_settings(say: Speech, **given: Any) -> Settings:
    """The settings; ends the program when one cannot be read."""
    settings, wrong = settings_of(say, **given)
    if wrong:
        refuse(say("cli.run.refused", n=len(wrong)), *(f"  {one.name}: {one.why}" for one in wrong))
    return settings


def why(one: Missing, say: Speech) -> str:
    """What to do about a setting, in the reader's language; `bot.config` says it in English."""
    key = f"cli.missing.{one.name.lower().replace(' ', '_')}"
    return say(key) if say.locale != "en" and key in say.words else one.why


def library(root: Path | None, say: Speech) -> Library:
    """The content; ends the program with every mistake when it cannot be used."""
    where = root or BUILT_IN
    if not where.is_dir():
        refuse(say("cli.no_folder", path=str(where)))
    try:
        return Library.open(where)
    except ContentError as error:
        lines = [f"{where}/{mistake.tell(say.locale)}" for mistake in error.mistakes]
        refuse(*lines, say("cli.content_refused", n=len(lines)))


def file_of(url: str) -> Path | None:
    """The file of an SQLite address; None for any other address."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


async def database(url: str, say: Speech, *, existing: bool = False, thorough: bool = False) -> Database:
    """An open database of the present schema; ends the program when there is none to be had.

    existing: refuse to make a new one. thorough: look for damage first, as a bot does when it starts.
    """
    file, named = file_of(url), place(url)
    if file is None and not url.startswith(POSTGRES):
        refuse(say("cli.database.url"))
    if existing and file is not None and not file.exists():
        refuse(say("cli.database.none", path=named))
    try:
        opened = open_database(url)
        await prepare(opened, thorough=thorough)
    except UnusableDatabaseError as error:
        refuse(say(f"cli.database.{error.kind}", path=named, reason=error.reason))
    except OSError as error:
        refuse(say("cli.database.unusable", path=named, reason=error.strerror or type(error).__name__))
    return opened


def place(url: str) -> str:
    """Where a database is, as it may be printed: the file, or the address without user and password."""
    file = file_of(url)
    scheme, _, rest = url.partition("://")
    return str(file) if file else f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def alone(url: str, say: Speech) -> FileLock | None:
    """The lock on an SQLite file, to be kept while a bot works with it; ends the program when another bot has it.

    None on PostgreSQL, which any number of bots may share.
    """
    file = file_of(url)
    if file is None:
        return None
    try:
        return FileLock(file)
    except HeldError as error:
        lock = f"{file}.lock"
        refuse(say("cli.database.held", process=error.process, path=str(file), lock=lock))
    except OSError as error:
        refuse(say("cli.database.unusable", path=str(file), reason=error.strerror or type(error).__name__))


__all__ = [
    "BUILT_IN",
    "alone",
    "database",
    "file_of",
    "files_of",
    "library",
    "place",
    "settings_of",
    "sound_settings",
    "why",
]
