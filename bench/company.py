"""A company big enough for many clients at once: the six of the tests and as many employees as are asked for."""

from typing import Any

import sqlalchemy as sa

from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.company import HEADCOUNTS, hire
from tests.doubles.slack import SlackDouble

CHUNK = 5000
CODES = sorted(HEADCOUNTS)


async def found(url: str, platform: str, employees: int, double: Any = None) -> None:
    """Make the database, the project and its people; employee n is the platform's user `employee(n)`."""
    database = open_database(url)
    await migrate(database)
    await hire(database, platform, "fr-CA", double or SlackDouble())
    await _employees(database, platform, employees)
    await database.close()


def employee(number: int) -> str:
    """The id of an employee, on the platform as well."""
    return f"U{number:09}"


async def _employees(database: Database, platform: str, count: int) -> None:
    person = {"tenant": "main", "locale": "fr-CA", "zone": "America/Toronto", "region": "CA-QC"}
    async with database.transaction() as connection:
        team = await connection.scalar(sa.select(t.address.c.team).where(t.address.c.platform == platform))
        address = {"tenant": "main", "platform": platform, "team": team, "conversation": "", "route": {}}
        for first in range(0, count, CHUNK):
            ids = [employee(number) for number in range(first, min(first + CHUNK, count))]
            await connection.execute(
                t.person.insert(),
                [
                    {**person, "id": one, "name": one, "function": CODES[int(one[1:]) % len(CODES)]}
                    for one in ids
                ],
            )
            await connection.execute(
                t.address.insert(), [{**address, "user": one, "person": one} for one in ids]
            )
