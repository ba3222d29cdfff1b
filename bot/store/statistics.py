"""What PostgreSQL knows of its tables: a plan that it made while they were empty reads them whole, again and again."""

import sqlalchemy as sa

from bot.store import locks
from bot.store.columns import META
from bot.store.database import Database

_GROWN = sa.text(
    "SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
    " WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze > 300 + GREATEST(c.reltuples, 0)"
)
"""As many changes as rows were known. The server's own round looks too, but at most once a minute, and a company
answers within the first.
"""


async def refresh(database: Database) -> tuple[str, ...]:
    """Have tables looked at that have grown by much since the last time; their names. Nothing on SQLite.

    A look takes some milliseconds at any size and holds up nobody who reads or writes.
    """
    if database.engine.dialect.name != "postgresql":
        return ()
    async with database.reading() as connection:
        grown = sorted(set((await connection.scalars(_GROWN)).all()) & set(META.tables))
    if not grown:
        return ()
    async with database.transaction() as connection:
        if not await locks.hold_at_once(connection, "statistics"):
            return ()  # another replica is at it
        quote = connection.dialect.identifier_preparer.quote
        for name in grown:
            asked = ", ".join(map(quote, sorted(_asked_for(META.tables[name]))))
            await connection.exec_driver_sql(f"ANALYZE {quote(name)} ({asked})")
    return tuple(grown)


def _asked_for(table: sa.Table) -> set[str]:
    """The columns that rows are looked up by; to look at cards and answers would take long and tell nothing."""
    found = {column.name for column in table.primary_key}
    return found.union(*({one.name for one in index.columns} for index in table.indexes))
