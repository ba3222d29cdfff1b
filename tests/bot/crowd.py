"""A company of some hundreds with nothing but its rows: for the clock, which sends nothing itself."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.clock import FixedClock
from bot.library import BUILT_IN, Library
from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.ticker import Ticker
from tests.company import hire
from tests.doubles.slack import SlackDouble

MORNING = datetime(2026, 11, 23, 14, 31, tzinfo=UTC)
"""Monday, 09:31 in Montréal: the impact interview is offered at 09:30."""
LIBRARY = Library.open(BUILT_IN)
NOTED = {
    "delivery": ("id",),
    "invitation": ("campaign", "person"),
    "run": ("dialog", "person"),
    "nudge": ("person", "item", "rung"),
    "audit_event": ("what", "object"),
}


class Nobody:
    """Sends nothing."""

    def wake(self) -> None:
        pass


def ticker(database: Database) -> Ticker:
    return Ticker(database, LIBRARY, FixedClock(MORNING), Nobody(), "main")


@asynccontextmanager
async def crowd(where: Path | str, count: int) -> AsyncIterator[Database]:
    """On SQLite in this folder, or at this address: the six of the tests and so many employees."""
    database = open_database(where if isinstance(where, str) else f"sqlite+aiosqlite:///{where}/e.db")
    try:
        await _settle(database, count)
        yield database
    finally:
        await database.close()


async def _settle(database: Database, count: int) -> None:
    await migrate(database)
    await hire(database, "slack", "fr-CA", SlackDouble())
    who = [f"U{n:06}" for n in range(count)]
    home = {"locale": "fr-CA", "zone": "America/Toronto", "region": "CA-QC"}
    people = [{"tenant": "main", "id": one, "name": one, "function": "STO", **home} for one in who]
    addresses = [
        {"tenant": "main", "platform": "slack", "team": "T0TEAM", "user": one, "person": one, "route": {}}
        for one in who
    ]
    async with database.transaction() as connection:
        await connection.execute(META.tables["project"].update().values(starts_on=date(2026, 11, 2)))
        await connection.execute(META.tables["person"].insert(), people)
        await connection.execute(META.tables["address"].insert(), addresses)


async def change(database: Database, table: str, key: dict[str, Any], **values: Any) -> None:
    kept = META.tables[table]
    async with database.transaction() as connection:
        mine = [kept.c[name] == value for name, value in key.items()]
        await connection.execute(kept.update().where(*mine).values(**values))


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        return [dict(row) for row in (await connection.execute(META.tables[table].select())).mappings()]


async def twice(database: Database) -> list[tuple[Any, ...]]:
    """Whatever was written or noted more than once."""
    found: list[tuple[Any, ...]] = []
    for table, names in NOTED.items():
        counts = Counter(tuple(row[name] for name in names) for row in await rows(database, table))
        found += [(table, *key) for key, count in counts.items() if count > 1]
    return found


async def invited(database: Database) -> set[str]:
    """Who has an invitation to the interview that goes out."""
    return {
        row["person"]
        for row in await rows(database, "delivery")
        if row["feature"] == "dialog" and row["status"] == "pending"
    }
