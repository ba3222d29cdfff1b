"""Moving a schema to another revision with Alembic, all tables in hand; imported when there is a move to make."""

from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables  # noqa: F401 - importing it is what fills META
from bot.store.columns import META
from bot.store.locks import hold
from bot.store.migrate import head
from bot.store.postgres import be_patient

__all__ = ["BUSY", "SCRIPTS", "CommandError", "config", "move"]

SCRIPTS = Path(__file__).parent / "migrations"
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
"""Turns of the other release have the tables; nothing has been changed, so it is tried again."""


async def move(connection: AsyncConnection, revision: str, milliseconds: int) -> None:
    """Run the migrations that lead to this revision, with every table locked; the caller commits.

    milliseconds: how long the tables are waited for on PostgreSQL. Raises CommandError, Alembic's word for a
    revision that is not among ours.
    """
    await _alone(connection, revision, milliseconds)
    await connection.run_sync(_move, revision)


async def _alone(connection: AsyncConnection, revision: str, milliseconds: int) -> None:
    """Have all tables before the first is changed: to take them one by one would deadlock with turns."""
    if connection.dialect.name == "sqlite":
        return
    be_patient(connection)
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        await connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
    await hold(connection, "migrations")
    there = await connection.run_sync(
        lambda sync: sorted(set(sa.inspect(sync).get_table_names()) & set(META.tables))
    )
    if there and await connection.run_sync(_revision) != (head() if revision == "head" else revision):
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        names = ", ".join(f'"{name}"' for name in there)
        await connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings, for work on this connection."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _move(connection: sa.Connection, revision: str) -> None:
    scripts, now = ScriptDirectory.from_config(config()), _revision(connection)
    passed = (
        []
        if now is None or revision == "head"
        else [one.revision for one in scripts.iterate_revisions(now, "base")]
    )
    down = revision == "base" or revision in passed[1:]
    (command.downgrade if down else command.upgrade)(config(connection), revision)
