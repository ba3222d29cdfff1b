"""What most commands begin with: settings from the environment, the content, the database."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.commands.words import refuse
from bot.config import Missing, Settings
from bot.library import BUILT_IN, Library, files_of
from bot.store.database import Database, open_database
from bot.store.health import UnusableDatabaseError, prepare
from dialogs.catalog import ContentError
from dialogs.speech import Speech

_SQLITE = "sqlite+aiosqlite:///"


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
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


async def database(url: str, say: Speech, *, existing: bool = False) -> Database:
    """An open database of the present schema; ends the program when there is none to be had.

    existing: refuse to make a new one.
    """
    file = file_of(url)
    if file is None:
        refuse(say("cli.database.url"))
    if existing and not file.exists():
        refuse(say("cli.database.none", path=str(file)))
    try:
        opened = open_database(url)
        await prepare(opened)
    except UnusableDatabaseError as error:
        refuse(say(f"cli.database.{error.kind}", path=str(file), reason=error.reason))
    except OSError as error:
        refuse(say("cli.database.unusable", path=str(file), reason=error.strerror or type(error).__name__))
    return opened


__all__ = ["BUILT_IN", "database", "file_of", "files_of", "library", "settings_of", "sound_settings", "why"]
