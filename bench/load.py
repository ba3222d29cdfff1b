"""A whole company answers in the same minute: python -m bench.load --people 2000 --answers 10000 --seconds 60.

The bot is a process as `embarque run` makes it, Slack's double another, this one the employees. Answers are sent
when they are due, whether or not earlier ones have come back, and timed from that moment: a bot that stalls is
not asked less. Prints the figures and writes out/load.json; ends with code 1 when an answer was lost or doubled.
"""

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from bench.client import Line
from bench.company import employee, found
from bench.interviews import Talks
from bench.machine import machine
from bench.postgres import fresh_database
from bench.processes import Running, free_port, running
from bench.servers import SECRET
from bench.slack_events import said as typed
from bot.store import deliveries, rows
from bot.store import tables as t
from bot.store.database import open_database

OUT = Path("out/load.json")
DRAIN_SECONDS = 120
AGAIN_SECONDS = 2
MOST_TRIES = 5
OK, BUSY = 200, 503


@dataclass(slots=True)
class Told:
    """What the employees saw. taken: for each answer the second of the run it was due, and the seconds it took.

    accepted: ids of events answered with 200.
    """

    taken: list[tuple[float, float]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    again: int = 0
    failed: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, tell it and keep it."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args(arguments)
    figures = measure(asked.people, asked.answers, asked.seconds, asked.database)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    if figures["lost"] or figures["doubled"] or figures["unanswered"]:
        raise SystemExit(1)


def measure(people: int, answers: int, seconds: float, backend: str = "sqlite") -> dict[str, Any]:
    """One run: the figures of the load and what the database and the double say of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        url = fresh_database() if backend == "postgres" else f"sqlite+aiosqlite:///{folder}/company.db"
        asyncio.run(found(url, "slack", people))
        here = machine(folder)
        with on_slack(url, folder) as (bot, slack):
            asyncio.run(bot.idle())  # it has loaded everything, and told what came due before it was there
            resident, before = bot.resident(), bot.processor()
            told = asyncio.run(_minute(bot.port, people, answers, seconds))
            spent = bot.processor() - before
            checked = asyncio.run(_checked(url, slack, told.accepted))
            return {
                "machine": here,
                "database": backend,
                "people": people,
                "answers": answers,
                "seconds": seconds,
                **_figures(told),
                **checked,
                "cpu_us_an_answer": spent / max(len(told.accepted), 1) * 1e6,
                "resident_mb_before": resident,
                "resident_mb": bot.resident(),
                "loop_lag_worst_s": _measured(bot, "embarque_loop_lag_worst_seconds"),
            }


@contextmanager
def on_slack(url: str, folder: Path) -> Iterator[tuple[Running, int]]:
    """The bot as `embarque run` makes it, and the port of a Slack that takes all it sends; see bench.load_sink."""
    port, slack = free_port(), free_port()
    settings = {
        "EMBARQUE_DATABASE_URL": url,
        "EMBARQUE_PORT": str(port),
        "SLACK_BOT_TOKEN": "xoxb-load",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack}/api/",
        "SLACK_MESSAGES_PER_SECOND": "1000",
    }
    with (
        running("bench.load_sink", str(slack), port=slack, folder=folder, path="/told"),
        running("bot.cli", "run", port=port, folder=folder, more=settings) as bot,
    ):
        yield bot, slack


async def _minute(port: int, people: int, answers: int, seconds: float) -> Told:
    """Every employee begins the interview and answers; between two of them pass people ÷ rate seconds."""
    talks = Talks()
    said = [typed(employee(number % people), talks.next_of(number % people)) for number in range(answers)]
    told, free = Told(), list[Line]()
    began = perf_counter()

    async def one(number: int) -> None:
        due = began + number * seconds / answers
        await asyncio.sleep(max(due - perf_counter(), 0))
        for _ in range(MOST_TRIES):
            try:
                line = free.pop() if free else await Line.to(port)
                status = await line.ask(said[number])
            except OSError as error:
                told.failed[type(error).__name__] += 1
                return
            free.append(line)
            if status != BUSY:
                break
            told.again += 1  # the platform delivers again
            await asyncio.sleep(AGAIN_SECONDS)
        told.taken.append((due - began, perf_counter() - due))
        if status == OK:
            told.accepted.append(_id(said[number]))
        else:
            told.failed[str(status)] += 1

    await asyncio.gather(*map(one, range(answers)))
    for line in free:
        line.close()
    return told


async def _checked(url: str, slack: int, accepted: Sequence[str]) -> dict[str, Any]:
    """What became of the accepted answers: each noted once, replied to, and each reply sent once."""
    database = open_database(url)
    began = perf_counter()
    while perf_counter() - began < DRAIN_SECONDS:
        async with database.reading() as connection:
            states = await deliveries.counts(connection, "main")
        if not states.get("pending") and not states.get("sending"):
            break
        await asyncio.sleep(0.2)
    drained = perf_counter() - began
    async with database.reading() as connection:
        events = {one["event"] for one in await rows.rows(connection, sa.select(t.inbound_event.c.event))}
        replies = {one["id"] for one in await rows.rows(connection, sa.select(t.delivery.c.id))}
    await database.close()
    posted: dict[str, int] = await asyncio.to_thread(_posted, slack)
    answered = {one.partition(":")[0] for one in replies}
    return {
        "lost": sum(one not in events for one in accepted),
        "unanswered": sum(_reply_key(one) not in answered for one in accepted),
        "doubled": sum(count > 1 for count in posted.values()),
        "sent": len(posted),
        "replies": len(replies),
        "states": states,
        "drained_s": drained,
    }


def _figures(told: Told) -> dict[str, Any]:
    taken = sorted(seconds for _, seconds in told.taken)
    worst = defaultdict[int, float](float)
    for second, seconds in told.taken:
        worst[int(second)] = max(worst[int(second)], seconds * 1e3)

    def at(share: float) -> float:
        return taken[min(int(len(taken) * share), len(taken) - 1)] * 1e3 if taken else 0.0

    return {
        "accepted": len(told.accepted),
        "delivered_again": told.again,
        "failed": dict(told.failed),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "p999_ms": at(0.999),
        "max_ms": at(1),
        "max_ms_each_second": [round(worst[second]) for second in sorted(worst)],
    }


def _id(request: bytes) -> str:
    return str(json.loads(request.partition(b"\r\n\r\n")[2])["event_id"])


def _reply_key(event_id: str) -> str:
    return hashlib.sha256(f"slack\x1fT0TEAM\x1f{event_id}".encode()).hexdigest()[:32]


def _posted(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/told") as answer:
        told: dict[str, int] = json.load(answer)
    return told


def _measured(bot: Running, name: str) -> float | None:
    with urllib.request.urlopen(f"http://127.0.0.1:{bot.port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), None)


if __name__ == "__main__":
    main()
