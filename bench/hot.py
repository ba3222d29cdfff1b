"""Row 9: answers of one department at once on PostgreSQL, with all that keeps the figures, beside plain inserts."""

import asyncio
import time
from functools import partial
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.company import employee, found
from bench.postgres import fresh_database
from bench.table import Figures, Part, Row, Size
from bot.store import tallies
from bot.store.database import open_database

AT_ONCE = 16
STEPS = 14
PLAIN = {"answer": "plain_answer", "run": "plain_run", "impact": "plain_impact"}
"""The same tables without the triggers that note whom to count again."""
DIALOGS = {"impact": "impact"}


def measure(kind: str, folder: Path, size: Size) -> Figures:
    """One round: answers a second, each in a transaction of its own, of 16 connections into one department."""
    del folder
    return asyncio.run(_measure(kind, size))


async def _measure(kind: str, size: Size) -> Figures:
    url = fresh_database()
    await found(url, "slack", AT_ONCE)
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute("UPDATE person SET function = 'STO'")
        for table, plain in PLAIN.items():
            await connection.execute(f"CREATE TABLE {plain} (LIKE {table} INCLUDING ALL)")
    names = PLAIN if kind == "plain" else {table: table for table in PLAIN}
    until = time.perf_counter() + size.of(3.0, 1.0, 0.3)
    began = time.perf_counter()
    counting = asyncio.create_task(_count(url)) if kind == "ours" else None
    answers = await asyncio.gather(*(_answer(address, number, names, until) for number in range(AT_ONCE)))
    seconds = time.perf_counter() - began
    if counting is not None:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
    return {"per_second": sum(answers) / seconds}


async def _answer(address: str, number: int, names: dict[str, str], until: float) -> int:
    """One person who goes through the dialog again and again."""
    person, count = employee(number), 0
    async with await psycopg.AsyncConnection.connect(address) as connection:
        while time.perf_counter() < until:
            run, step = f"{person}{count // STEPS}", count % STEPS
            if step == 0:
                await connection.execute(
                    f"INSERT INTO {names['run']} (tenant, id, kind, dialog, person, subject, status, started_at, "
                    "last_at) VALUES ('main', %s, 'dialog', 'impact', %s, '{}', 'open', now(), now())",
                    (run, person),
                )
            await connection.execute(
                f"INSERT INTO {names['answer']} (tenant, run, number, step, round, value, at) "
                "VALUES ('main', %s, %s, 'I1', 0, '{\"is\": 1}', now())",
                (run, step),
            )
            if step == STEPS - 1:
                await connection.execute(
                    f"INSERT INTO {names['impact']} (tenant, run, round, person, function, dimension, polarity, "
                    "picks, details, at) VALUES ('main', %s, 1, %s, 'STO', 'culture', 'pain', '[]', '{}', now())",
                    (run, person),
                )
                await connection.execute(
                    f"UPDATE {names['run']} SET status = 'finished', ended_at = now() "
                    "WHERE tenant = 'main' AND id = %s",
                    (run,),
                )
            await connection.commit()
            count += 1
    return count


async def _count(url: str) -> None:
    """What the clockwork does meanwhile, much more often than it does."""
    database = open_database(url)
    try:
        while True:
            async with database.transaction() as connection:
                await tallies.fold(connection, "main", DIALOGS)
            await asyncio.sleep(1)
    finally:
        await database.close()


PART = Part(
    (
        Row(
            "9",
            "one hot department, PostgreSQL",
            "ours.per_second",
            0.5,
            0.9,
            "/s",
            "plain.per_second",
            at_most=False,
        ),
    ),
    {"plain": partial(measure, "plain"), "ours": partial(measure, "ours")},
)
