"""Bringing a database to the present schema, from inside the program, while another release still works with it."""

import asyncio
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables  # noqa: F401 - importing it is what fills META
from bot.store.columns import META
from bot.store.database import Database
from bot.store.locks import hold
from bot.store.postgres import be_patient

SCRIPTS = Path(__file__).parent / "migrations"
TRIES, REST_SECONDS = 120, 0.5
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
"""Turns of the other release have the tables; nothing has been changed, so it is tried again."""
LOCK_MILLISECONDS, PATIENT_MILLISECONDS = 250, 1500
"""Whoever waits for a table keeps all others waiting behind it, so it is asked for briefly, again and again. Longer
than PostgreSQL's deadlock_timeout now and then, since only such a wait sends its own vacuum away."""


async def migrate(database: Database, revision: str = "head") -> None:
    """Run the migrations that the database has not had yet, all or none. One of a newer release is refused.

    revision: another one, older ones too, and "base" for none at all. Several replicas may come at once: one
    works, the others wait for it.
    """
    for attempt in range(1, TRIES + 1):
        try:
            async with database.engine.connect() as connection:
                await _alone(
                    connection, revision, PATIENT_MILLISECONDS if attempt % 5 == 0 else LOCK_MILLISECONDS
                )
                await connection.run_sync(_move, revision)
                await connection.commit()
                return
        except sa.exc.OperationalError as error:
            if attempt == TRIES or not isinstance(error.orig, BUSY):
                raise
        await asyncio.sleep(REST_SECONDS)


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


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision that this release knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations are packaged")
    return found


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _move(connection: sa.Connection, revision: str) -> None:
    scripts, now = ScriptDirectory.from_config(_config()), _revision(connection)
    passed = (
        []
        if now is None or revision == "head"
        else [one.revision for one in scripts.iterate_revisions(now, "base")]
    )
    down = revision == "base" or revision in passed[1:]
    (command.downgrade if down else command.upgrade)(_config(connection), revision)
