"""A backup: one SQLite file of our own schema, whatever the database is, and the checks that make it one."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from bot.store.copying import OURS, PASSING, Told, copy
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.store.moves import SCRIPTS
from bot.store.scratch import scratch

APPLICATION = 0x454D4251
"""The application id in the header of our backups: EMBQ."""
NAME = "backup"
PAGES = 1000


class NotABackupError(Exception):
    """The file cannot be restored. kind: foreign, damaged or newer. reason: what was found."""

    def __init__(self, kind: str, reason: str = "") -> None:
        super().__init__(reason or kind)
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup. at: the moment of what it holds. revision: of its schema. rows: by table."""

    at: datetime
    revision: str
    rows: dict[str, int]


async def take(database: Database, file: Path, now: datetime, told: Told) -> Taken:
    """Write everything that is committed into `file`, which appears when it is whole and checked, or not at all.

    The bot may run meanwhile. OSError when the file cannot be written, NotABackupError when the database is
    damaged or not ours, CopyError when rows are missing.
    """
    with scratch(file.parent) as folder:
        part = folder / "backup.db"
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if database.engine.dialect.name == "sqlite":
            rows = await asyncio.to_thread(_online, Path(str(database.engine.url.database)), part, told)
        else:
            rows = await _rewritten(database, part, told)
        await asyncio.to_thread(_finish, part, now)
        taken = await asyncio.to_thread(look, part)
        if any(taken.rows.get(name) != number for name, number in rows.items()):
            raise NotABackupError("damaged", "rows are missing")
        await asyncio.to_thread(_put_in_place, part, file)
    return taken


def look(file: Path) -> Taken:
    """Check that a file is a whole backup of a release that we know; NotABackupError says why it is not."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as kept:
            if kept.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                raise NotABackupError("foreign")
            faults = [str(one[0]) for one in kept.execute("PRAGMA integrity_check(3)")]
            if faults != ["ok"]:
                raise NotABackupError("damaged", "; ".join(faults)[:200])
            revision = str(kept.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            if revision not in revisions():
                raise NotABackupError("newer", revision)
            told = "SELECT value FROM setting WHERE tenant = '' AND name = ?"
            at = orjson.loads(kept.execute(told, (NAME,)).fetchone()[0])["is"]["at"]
            return Taken(datetime.fromisoformat(at), revision, _rows(kept))
    except sqlite3.DatabaseError as error:
        reason = str(error)
        raise NotABackupError("foreign" if "not a database" in reason else "damaged", reason) from error
    except (TypeError, KeyError, ValueError) as error:
        raise NotABackupError("damaged", type(error).__name__) from error


def revisions() -> list[str]:
    """Every revision of the schema that this release knows, the newest first."""
    return [one.revision for one in ScriptDirectory(str(SCRIPTS)).walk_revisions()]


@asynccontextmanager
async def opened(file: Path, folder: Path) -> AsyncIterator[Database]:
    """A copy of the backup in this folder, brought to the present schema; the backup itself is not touched."""
    scratch = folder / "backup.db"
    await asyncio.to_thread(shutil.copyfile, file, scratch)
    database = open_database(f"sqlite+aiosqlite:///{scratch}")
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def _online(source: Path, part: Path, told: Told) -> dict[str, int]:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(part)) as copied:
        live.isolation_level = None
        # Held from here on, so that neither the count nor the copy sees what is committed later.
        live.execute("BEGIN")
        try:
            rows = _rows(live)
            live.backup(
                copied, pages=PAGES, progress=lambda _, left, total: told(total - left, total), sleep=0
            )
        except sqlite3.DatabaseError as error:
            raise NotABackupError("damaged", str(error)) from error
        if "alembic_version" not in _names(live):
            raise NotABackupError("foreign")
        return rows


async def _rewritten(database: Database, part: Path, told: Told) -> dict[str, int]:
    written = open_database(f"sqlite+aiosqlite:///{part}")
    try:
        await migrate(written)
        async with database.reading() as source, written.transaction() as target:
            revision = str(await source.scalar(sa.text("SELECT version_num FROM alembic_version")))
            if revision != revisions()[0]:
                raise NotABackupError("foreign" if revision in revisions() else "newer", revision)
            return await copy(source, target, told)
    finally:
        await written.close()


def _finish(part: Path, now: datetime) -> None:
    """Leave what is ours and lasts, say what the file is, and make one file of it."""
    with closing(sqlite3.connect(part)) as copied:
        copied.isolation_level = None
        copied.execute("PRAGMA journal_mode=DELETE")
        copied.execute("PRAGMA foreign_keys=OFF")
        for name in _names(copied):
            if name not in OURS:
                copied.execute(f'DROP TABLE "{name}"')
            elif name in PASSING:
                copied.execute(f'DELETE FROM "{name}"')  # noqa: S608 - names of our own tables
        note = orjson.dumps({"is": {"at": now.isoformat()}}).decode()
        copied.execute("INSERT OR REPLACE INTO setting (tenant, name, value) VALUES ('', ?, ?)", (NAME, note))
        copied.execute(f"PRAGMA application_id={APPLICATION}")
        copied.execute("VACUUM")


def _put_in_place(part: Path, file: Path) -> None:
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _names(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [str(one[0]) for one in found.fetchall()]


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Counts of the tables that are kept; the note of the backup itself does not count."""
    return dict(_counted(connection))


def _counted(connection: sqlite3.Connection) -> Iterable[tuple[str, int]]:
    for name in _names(connection):
        if name in OURS and name not in PASSING:
            less = " WHERE NOT (tenant = '' AND name = 'backup')" if name == "setting" else ""
            count = connection.execute(f'SELECT count(*) FROM "{name}"{less}').fetchone()[0]  # noqa: S608 - as above
            yield name, int(count)
