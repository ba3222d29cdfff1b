"""Rows 1 to 4: a durable signed Slack turn over HTTP, beside the bare server and what one writes with Bolt."""

import asyncio
import statistics
from functools import partial
from pathlib import Path

from bench.client import talk
from bench.company import found, invite
from bench.interviews import DIALOG
from bench.postgres import fresh_database
from bench.processes import Running, free_port, running
from bench.slack_events import MOST, Clicks
from bench.table import Figures, Part, Row, Size

TOGETHER = 128


def measure(kind: str, backend: str, folder: Path, size: Size) -> Figures:
    """One round of one server: of one client median and CPU, of 128 rate, p99 and CPU."""
    url = fresh_database() if backend == "postgresql" else f"sqlite+aiosqlite:///{folder}/company.db"
    if kind in ("turn", "ours"):
        asyncio.run(found(url, "slack", MOST))
        asyncio.run(invite(url, DIALOG, MOST))
    module = "bench.servers" if kind in ("floor", "turn", "ours") else "bench.peers_slack"
    port = free_port()
    with running(module, kind, str(port), url, port=port, folder=folder) as server:
        return asyncio.run(_figures(server, size))


async def _figures(server: Running, size: Size) -> Figures:
    """Processor time is all that a turn makes the server do, until nothing is left to do."""
    clients, clicks = size.of(TOGETHER, TOGETHER, 8), Clicks().next_of
    await talk(server.port, clients, size.of(0.8, 0.5, 0.2), clicks)  # everybody has met the bot
    before = await server.idle()
    taken = sorted(await talk(server.port, 1, size.of(1.5, 0.8, 0.2), clicks))
    after = await server.idle()
    alone, seconds = after - before, size.of(2.0, 1.0, 0.3)
    many = sorted(await talk(server.port, clients, seconds, clicks))
    together = await server.idle() - after
    return {
        "median_ms": statistics.median(taken) * 1e3,
        "cpu_us": alone / len(taken) * 1e6,
        "per_second": len(many) / seconds,
        "p99_ms": many[int(len(many) * 0.99)] * 1e3,
        "cpu_us_together": together / len(many) * 1e6,
    }


def _ours(number: str, what: str, figure: str, first: float, goal: float, unit: str, peer: str) -> list[Row]:
    """A turn up to its answer, which is what the peers do, and the same with its reply sent, which they do not."""
    least = unit == "/s"
    return [
        Row(number, f"{what}{more}", f"{kind}.{figure}", first, goal, unit, peer, at_most=not least)
        for kind, more in (("turn", ""), ("ours", ", reply sent"))
    ]


PART = Part(
    (
        *_ours("1", "durable Slack turn, CPU", "cpu_us", 2, 0.75, "µs", "bolt_trivial.cpu_us"),
        *_ours("1", "… of 128 clients", "cpu_us_together", 2, 0.75, "µs", "bolt_trivial.cpu_us_together"),
        Row("1", "… ÷ bare server", "turn.cpu_us_together", 60, 8, "µs", "floor.cpu_us_together"),
        *_ours("2", "128 clients", "per_second", 2, 8, "/s", "bolt_orm.per_second"),
        *_ours("3", "ack with commit, 1 client", "median_ms", 4, 1.6, "ms", "bolt_before.median_ms"),
        Row(
            "4",
            "PostgreSQL, 128 clients",
            "turn_pg.per_second",
            2,
            10,
            "/s",
            "bolt_orm_pg.per_second",
            at_most=False,
        ),
        Row(
            "4",
            "PostgreSQL, 128 clients, reply sent",
            "ours_pg.per_second",
            2,
            10,
            "/s",
            "bolt_orm_pg.per_second",
            at_most=False,
        ),
    ),
    {
        "floor": partial(measure, "floor", "sqlite"),
        "bolt_trivial": partial(measure, "trivial", "sqlite"),
        "bolt_before": partial(measure, "before", "sqlite"),
        "bolt_orm": partial(measure, "orm", "sqlite"),
        "turn": partial(measure, "turn", "sqlite"),
        "ours": partial(measure, "ours", "sqlite"),
        "bolt_orm_pg": partial(measure, "orm", "postgresql"),
        "turn_pg": partial(measure, "turn", "postgresql"),
        "ours_pg": partial(measure, "ours", "postgresql"),
    },
)
