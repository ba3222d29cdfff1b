"""Row 15: what a company of 200 000 people with 10 000 open runs keeps in memory."""

import asyncio
import time
from functools import cache
from pathlib import Path
from typing import Any

from bench.company import CHUNK, employee, found
from bench.processes import free_port, running
from bench.start import environment
from bench.table import Figures, Part, Row, Size
from bot.store import tables as t
from bot.store.database import open_database
from tests.company import MONDAY


def measure(folder: Path, size: Size) -> Figures:
    """One round: megabytes once it is ready and after its clockwork has looked at everybody, and the most ever."""
    people, runs = size.of(200_000, 50_000, 300), size.of(10_000, 2_500, 30)
    url, port = _company(folder.parent, people, runs), free_port()
    with running("bot.cli", "run", port=port, folder=folder, more=environment(url, port)) as server:
        ready = server.resident()
        most = ready
        until = time.monotonic() + size.of(30, 10, 1)
        while time.monotonic() < until:
            time.sleep(0.2)
            most = max(most, server.resident())
        return {"ready_mb": ready, "resident_mb": server.resident(), "most_mb": most}


@cache
def _company(folder: Path, people: int, runs: int) -> str:
    url = f"sqlite+aiosqlite:///{folder}/company.db"
    asyncio.run(found(url, "slack", people))
    asyncio.run(_begin(url, runs))
    return url


async def _begin(url: str, runs: int) -> None:
    """Begin the dialog for so many people."""
    at = {"started_at": MONDAY, "last_at": MONDAY}
    run: dict[str, Any] = {
        "tenant": "main",
        "kind": "dialog",
        "dialog": "impact",
        "subject": {},
        "status": "open",
    }
    database = open_database(url)
    for first in range(0, runs, CHUNK):
        numbers = range(first, min(first + CHUNK, runs))
        rows = [{**run, **at, "id": f"r{number}", "person": employee(number)} for number in numbers]
        said = [
            {"tenant": "main", "run": row["id"], "number": n, "step": f"I{n}", "round": 0, "value": {"is": n}}
            for row in rows
            for n in range(5)
        ]
        async with database.transaction() as connection:
            await connection.execute(t.run.insert(), rows)
            await connection.execute(t.answer.insert(), [{**one, "at": MONDAY} for one in said])
    await database.close()


PART = Part(
    (Row("15", "memory, 200 000 people", "ours.most_mb", 400, 200, "MB"),),
    {"ours": measure},
    rounds=1,
)
