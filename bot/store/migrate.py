"""Bringing a database to the present schema, from inside the program, while another release still works with it."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from bot.store.database import Database

VERSIONS = Path(__file__).parent / "migrations" / "versions"
TRIES, REST_SECONDS = 120, 0.5
LOCK_MILLISECONDS, PATIENT_MILLISECONDS = 250, 1500
"""Whoever waits for a table keeps all others waiting behind it, so it is asked for briefly, again and again. Longer
than PostgreSQL's deadlock_timeout now and then, since only such a wait sends its own vacuum away."""
_AT = sa.text("SELECT version_num FROM alembic_version")


class NewerSchemaError(Exception):
    """The database is of a revision that this release does not know."""


async def migrate(database: Database, revision: str = "head") -> None:
    """Run the migrations that the database has not had yet, all or none; one of a newer release is refused.

    revision: another one, older ones too, and "base" for none at all. Several replicas may come at once: one
    works, the others wait for it. Raises NewerSchemaError.
    """
    if await _at(database) == (head() if revision == "head" else revision):
        return
    from bot.store import moves  # noqa: PLC0415 - Alembic takes a tenth of a second, and most starts have no use for it

    for attempt in range(1, TRIES + 1):
        patience = PATIENT_MILLISECONDS if attempt % 5 == 0 else LOCK_MILLISECONDS
        try:
            async with database.engine.connect() as connection:
                await moves.move(connection, revision, patience)
                await connection.commit()
                return
        except moves.CommandError as error:
            raise NewerSchemaError(str(error)) from error
        except sa.exc.OperationalError as error:
            if attempt == TRIES or not isinstance(error.orig, moves.BUSY):
                raise
        await asyncio.sleep(REST_SECONDS)


def head() -> str:
    """The newest revision that this release knows; the files are named by their revisions."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


async def _at(database: Database) -> str | None:
    """The revision that the database is of; None when it has none yet, or more than one."""
    missing = sa.exc.OperationalError if database.engine.dialect.name == "sqlite" else sa.exc.ProgrammingError
    try:
        async with database.reading() as connection:
            found = (await connection.execute(_AT)).scalars().all()
    except missing:  # there is no such table
        return None
    return found[0] if len(found) == 1 else None
