"""Rows 10, 16 and 17: a whole company in the same minute, twice as much as it takes, and a fan-out meanwhile."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter

from adapters.base import Destination
from bench import load
from bench.client import Line
from bench.company import employee, found
from bench.interviews import Talks
from bench.render import question
from bench.slack_events import said
from bench.table import Figures, Part, Row, Size
from bot.store.database import open_database
from bot.store.deliveries import Delivery, add_many
from tests.company import slack_id

DIGEST_EVERY = 50
PAUSE = 0.01
OK = 200


def minute(backend: str, folder: Path, size: Size) -> Figures:
    """10 000 answers in 60 seconds: milliseconds, losses, the longest time that the loop stood still."""
    del folder
    return _told(load.measure(*size.of((2000, 10_000, 60.0), (500, 1500, 10.0), (20, 40, 1.0)), backend))


def overload(folder: Path, size: Size) -> Figures:
    """More than it takes, all at once: what was acknowledged must be there, and memory must not grow."""
    del folder
    return _told(load.measure(*size.of((2000, 20_000, 20.0), (500, 4000, 4.0), (20, 80, 0.5))))


def _told(run: dict[str, object]) -> Figures:
    def number(name: str) -> float:
        value = run[name]
        return float(value) if isinstance(value, int | float) else 0.0

    accepted = number("accepted")
    return {
        "p99_ms": number("p99_ms"),
        "max_ms": number("max_ms"),
        "gap_ms": number("loop_lag_worst_s") * 1e3,
        "kept": (accepted - number("lost")) / max(accepted, 1.0),
        "lost": number("lost") + number("doubled"),
        "grown_mb": number("resident_mb") - number("resident_mb_before"),
    }


def acknowledged(fan_out: int, folder: Path, size: Size) -> Figures:
    """One round: p99 of the answers of a single employee, while so many messages are due and a lead reads figures."""
    rows = fan_out if size is Size.FULL else fan_out // 20
    url = f"sqlite+aiosqlite:///{folder}/company.db"
    asyncio.run(_due(url, rows))
    with load.on_slack(url, folder) as (bot, _):
        return asyncio.run(_answers(bot.port, size.of(8.0, 3.0, 0.5), reading=fan_out > 0))


async def _due(url: str, count: int) -> None:
    """A company, and messages to everybody that are due now."""
    await found(url, "slack", max(count, 1))
    now, card, database = datetime.now(UTC), question(), open_database(url)
    to = (Destination("T0TEAM", employee(n), f"D{n:09}") for n in range(count))
    async with database.transaction() as connection:
        await add_many(
            connection, "main", [Delivery(f"d{one.user}", "slack", one, card, now) for one in to], now
        )
    await database.close()


async def _answers(port: int, seconds: float, *, reading: bool) -> Figures:
    line, taken, number, talks = await Line.to(port), list[float](), 0, Talks()
    until = perf_counter() + seconds
    while perf_counter() < until:
        number += 1
        if reading and number % DIGEST_EVERY == 0:
            await line.ask(said(slack_id("lead"), "digest"))
        request = said(employee(0), talks.next_of(0))
        began = perf_counter()
        status = await line.ask(request)
        taken.append(perf_counter() - began)
        if status != OK:
            raise RuntimeError(f"the server answered {status}")
        await asyncio.sleep(PAUSE)
    line.close()
    return {"p99_ms": sorted(taken)[int(len(taken) * 0.99)] * 1e3}


PART = Part(
    (
        Row("10", "10 000 answers in 60 s, SQLite, p99", "minute.p99_ms", 250, 50, "ms"),
        Row("10", "the same, lost or doubled", "minute.lost", 0, 0),
        Row("10", "10 000 answers in 60 s, PostgreSQL, p99", "minute_pg.p99_ms", 250, 50, "ms"),
        Row("10", "the same, lost or doubled", "minute_pg.lost", 0, 0),
        Row("16", "longest gap of the loop in that minute", "minute.gap_ms", 100, 20, "ms"),
        Row("16", "ack p99 during a fan-out ÷ idle", "fan_out.p99_ms", 5, 2, "ms", "idle.p99_ms"),
        Row("17", "overload, committed ÷ acknowledged", "overload.kept", 1, 1, at_most=False),
        Row("17", "overload, growth of memory", "overload.grown_mb", 100, 10, "MB"),
    ),
    {
        "minute": partial(minute, "sqlite"),
        "minute_pg": partial(minute, "postgres"),
        "overload": overload,
        "idle": partial(acknowledged, 0),
        "fan_out": partial(acknowledged, 10_000),
    },
    rounds=1,
)
