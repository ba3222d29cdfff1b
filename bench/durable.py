"""Row 6: durable steps of a dialog in one process, without HTTP, beside microsoft-agents and bare sqlite3."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.company import employee, found
from bench.interviews import Talks
from bench.table import Figures, Part, Row, Size
from dialogs.activity import Activity, Kind, Place, Platform

TOGETHER = 16
Step = Callable[[str, int], Awaitable[object]]


def ours(folder: Path, size: Size, *, sends: bool) -> Figures:
    """One round: whole turns with routing, de-duplication, answers, delivery rows and their commit.

    sends: the replies go out as well; else they stay rows, as the peer's stay in its memory.
    """
    return asyncio.run(_ours(folder, size, sends=sends))


async def _ours(folder: Path, size: Size, *, sends: bool) -> Figures:
    from bench.servers import embarque  # noqa: PLC0415 - it sets the logs up

    url = f"sqlite+aiosqlite:///{folder}/company.db"
    await found(url, "slack", TOGETHER)
    app = embarque(url, sends=sends)
    if not sends:
        app.deliveries.send = lambda _: None
    await app.start()

    talks = Talks()

    async def step(user: str, _: int) -> None:
        at = datetime.now(UTC)
        words, place = talks.next_of(int(user[1:])), Place(f"D{user}")
        event = f"{user}{time.monotonic_ns()}"
        await app.turns.handle(
            Activity(
                Platform.SLACK, "T0TEAM", user, Kind.MESSAGE, event_id=event, place=place, at=at, text=words
            )
        )

    try:
        return await _figures(step, size)
    finally:
        await app.stop()


def agents(folder: Path, size: Size) -> Figures:
    """One round: a waterfall of microsoft-agents with its conversation state on SQLite."""
    from bench import peers_agents  # noqa: PLC0415 - it may not be here

    bot = peers_agents.bot(folder / "state.db")
    return asyncio.run(_figures(lambda user, number: bot.hear(user, f"answer {number}"), size))


def floor(folder: Path, size: Size) -> Figures:
    """One round: sqlite3 alone: an event noted, a person read, an answer and a position written, committed."""
    database = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE event (id TEXT PRIMARY KEY)")
    database.execute("CREATE TABLE standing (person TEXT PRIMARY KEY, step INTEGER)")
    database.execute(
        "CREATE TABLE answer (person TEXT, number INTEGER, value TEXT, PRIMARY KEY (person, number))"
    )

    async def step(user: str, number: int) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO event VALUES (?)", (f"{user}{time.monotonic_ns()}",))
        database.execute("SELECT step FROM standing WHERE person = ?", (user,)).fetchall()
        database.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (user, number, "an answer"))
        database.execute("INSERT OR REPLACE INTO standing VALUES (?, ?)", (user, number))
        database.execute("COMMIT")

    result = asyncio.run(_figures(step, size))
    database.close()
    return result


async def _figures(step: Step, size: Size) -> Figures:
    """Steps a second and µs of processor time a step, of 16 people at once; everybody has begun."""
    seconds = size.of(3.0, 1.0, 0.2)

    async def go_on(user: str, until: float, number: int) -> int:
        first = number
        while time.perf_counter() < until:
            await step(user, number)
            number += 1
        return number - first

    async def all_go_on(seconds: float, number: int) -> int:
        until = time.perf_counter() + seconds
        return sum(await asyncio.gather(*(go_on(employee(n), until, number) for n in range(TOGETHER))))

    await all_go_on(seconds / 5, 0)
    began, processor = time.perf_counter(), time.process_time()
    steps = await all_go_on(seconds, 10_000)
    took = time.perf_counter() - began
    return {"per_second": steps / took, "cpu_us": (time.process_time() - processor) / steps * 1e6}


PART = Part(
    (
        *(
            Row(
                "6",
                f"durable steps in process{more}",
                figure,
                1,
                10,
                "/s",
                "agents.per_second",
                at_most=False,
            )
            for more, figure in (("", "turn.per_second"), (", reply sent", "ours.per_second"))
        ),
        Row(
            "6",
            "steps, reply not sent ÷ bare sqlite3",
            "turn.per_second",
            0.1,
            1,
            "/s",
            "sqlite3.per_second",
            at_most=False,
        ),
    ),
    {
        "turn": partial(ours, sends=False),
        "ours": partial(ours, sends=True),
        "agents": agents,
        "sqlite3": floor,
    },
)
