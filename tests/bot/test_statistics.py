"""PostgreSQL knows how large its tables are soon after they have grown."""

import sqlalchemy as sa

from bot.store import rows, statistics
from bot.store import tables as t
from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.bot.outboxes import NOW


async def test_a_table_that_has_grown_is_looked_at_once(postgres_url: str) -> None:
    """Would catch: a new company whose every turn reads all that was ever answered, until the server's next round."""
    database = open_database(postgres_url)
    await migrate(database)
    assert "inbound_event" not in await statistics.refresh(database)
    async with database.transaction() as connection:
        for number in range(500):
            key = {"platform": "slack", "team": "T", "event": f"Ev{number}"}
            await rows.add(connection, t.inbound_event, **key, received_at=NOW)
        await connection.execute(sa.select(sa.func.pg_stat_force_next_flush()))
    async with (
        database.engine.connect() as connection
    ):  # the server tells of changes when a session comes to rest
        await connection.execute(sa.select(sa.func.pg_stat_force_next_flush()))
    assert "inbound_event" in await statistics.refresh(database)
    async with database.reading() as connection:
        known = await connection.scalar(
            sa.text("SELECT reltuples FROM pg_class WHERE relname = 'inbound_event'")
        )
    assert known == 500
    assert "inbound_event" not in await statistics.refresh(database)
    await database.close()
