"""A company big enough for many clients at once: the six of the tests and as many employees as are asked for."""

from datetime import UTC, datetime
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


def function_of(number: int) -> str:
    """The function that an employee works in."""
    return CODES[number % len(CODES)]


def run_of(number: int) -> str:
    """The run that an employee was invited to; see `invite`."""
    return f"run-{number}"


async def invite(url: str, dialog: str, employees: int) -> None:
    """Let the first employees have been invited to a dialog, each with the question in their conversation."""
    now = datetime.now(UTC)
    run = {"tenant": "main", "kind": "dialog", "dialog": dialog, "subject": {}, "status": "invited"}
    database = open_database(url)
    async with database.transaction() as connection:
        await connection.execute(
            t.run.insert(),
            [
                {**run, "id": run_of(one), "person": employee(one), "started_at": now, "last_at": now}
                for one in range(employees)
            ],
        )
    await database.close()


async def _employees(database: Database, platform: str, count: int) -> None:
    person = {"tenant": "main", "locale": "fr-CA", "zone": "America/Toronto", "region": "CA-QC"}
    async with database.transaction() as connection:
        team = await connection.scalar(sa.select(t.address.c.team).where(t.address.c.platform == platform))
        address = {"tenant": "main", "platform": platform, "team": team, "conversation": "", "route": {}}
        for first in range(0, count, CHUNK):
            ids = [employee(number) for number in range(first, min(first + CHUNK, count))]
            await connection.execute(
                t.person.insert(),
                [{**person, "id": one, "name": one, "function": function_of(int(one[1:]))} for one in ids],
            )
            await connection.execute(
                t.address.insert(), [{**address, "user": one, "person": one} for one in ids]
            )
