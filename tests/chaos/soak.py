"""The bad days at length, from the command line: a line of figures with the seed, and 1 when a promise was broken.

python -m tests.chaos.soak sqlite --kills 2000 --seed 7 --minutes 40

How far it is stands on stderr after every fifty kills. With --minutes a run ends early and says how many it did.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path

from tests.chaos import clockwork as clockwork_
from tests.chaos import commands as commands_
from tests.chaos import kills, scenarios
from tests.chaos.pace import EVERY
from tests.postgres import Postgres

READY_SECONDS, REQUEST_SECONDS, STALL_SECONDS, SHARE = 3.0, 3.0, 0.1, 1.1
"""What is promised: ready again, refused with a hint, no stall of the loop, of the time that the rate allows."""
BUSY_SECONDS = 1.0
"""So long a busy machine may keep a loop waiting that computes nothing itself."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """kills: of a whole run. seconds: an outage's, or a replica's in ice. seed: of every chance.

    minutes: after which no more kills are begun; the figures then say how many there were.
    """

    kills: int = 400
    seconds: float = 60
    seed: int = 1
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a day. is_kept: whether every promise was. line: the figures, and what was broken."""

    is_kept: bool
    line: str


Day = Callable[[Postgres, Path, Knobs], Awaitable[Told]]


async def sqlite(_: Postgres, folder: Path, knobs: Knobs) -> Told:
    """One bot on SQLite, killed: half at named points, half at any instant."""
    half = knobs.kills // 2
    run = await kills.kills_on_sqlite(
        folder, _points(half), knobs.kills - half, knobs.seed, minutes=knobs.minutes, every=EVERY
    )
    return Told(not run.faults and run.ready_p99 < READY_SECONDS, run.line("sqlite"))


async def postgresql(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """Two replicas on PostgreSQL, each of which dies whatever the other does."""
    half = knobs.kills // 2
    run = await kills.kills_on_postgres(
        server.database(),
        folder,
        _points(half),
        knobs.kills - half,
        knobs.seed,
        minutes=knobs.minutes,
        every=EVERY,
    )
    return Told(not run.faults and run.ready_p99 < READY_SECONDS, run.line("postgresql"))


async def storm(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """1 500 messages to 500 people at 20 a second, with storms, lost answers and a replica that dies for good."""
    run, share = await scenarios.storm(
        server.database(), folder, 500, 3, rate=20, storms=[(10, 8), (40, 5)], lost=0.03, kill_after=15,
        seed=knobs.seed, settings={},
    )  # fmt: skip
    kept = not run.faults and run.posted == 1500 and share < SHARE
    return Told(kept, f"{run.line('storm')}\n  {share:.2f} of the time that the rate allows")


async def outage(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """PostgreSQL away for 10 s and then for as long as asked, refusing first and silent then."""
    run = await scenarios.outage(
        server.database(), folder, [("refusing", 10), ("passing", 10), ("silent", knobs.seconds)], knobs.seed
    )
    smooth = run.computed < STALL_SECONDS and run.stall < BUSY_SECONDS
    quick = run.slowest < REQUEST_SECONDS and run.hinted == 1 and smooth
    return Told(not run.faults and quick, run.line("outage"))


async def frozen(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """One of two replicas stopped for as long as asked, with the patience of real life."""
    run = await scenarios.frozen(server.database(), folder, knobs.seconds, knobs.seed, settings={})
    return Told(not run.faults, run.line("frozen"))


async def commits(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """Answers to COMMITs that never come."""
    run, lost = await scenarios.lost_commits(server.database(), folder, knobs.kills, knobs.seed)
    return Told(not run.faults, f"{run.line('commits')}\n  {lost} answers lost")


async def clockwork(_: Postgres, folder: Path, knobs: Knobs) -> Told:
    """A bot on SQLite that starts messages by itself is killed twice a day, for as many days as that takes."""
    return await _clockwork(f"sqlite+aiosqlite:///{folder}/embarque.db", folder, knobs, "clockwork", 1)


async def clockworks(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """The same with two replicas on PostgreSQL, both of which tick."""
    return await _clockwork(server.database(), folder, knobs, "clockworks", 2)


async def _clockwork(url: str, folder: Path, knobs: Knobs, name: str, replicas: int) -> Told:
    run = await clockwork_.clockwork(
        url, folder, -(-knobs.kills // 2), knobs.kills, 130, knobs.seed,
        replicas=replicas, minutes=knobs.minutes, every=EVERY,
    )  # fmt: skip
    return Told(not run.faults, run.line(name))


async def commands(_: Postgres, folder: Path, knobs: Knobs) -> Told:
    """Backups, restores and copies from one file to another, killed."""
    files = (f"sqlite+aiosqlite:///{folder}/target{number}.db" for number in count(1))
    run = await commands_.killed_commands(
        folder, lambda: next(files), knobs.kills, knobs.seed, minutes=knobs.minutes, every=EVERY
    )
    return Told(not run.faults, run.line("commands"))


async def moves(server: Postgres, folder: Path, knobs: Knobs) -> Told:
    """The same from a file to PostgreSQL."""
    run = await commands_.killed_commands(
        folder, lambda: server.database(migrated=False), knobs.kills, knobs.seed,
        minutes=knobs.minutes, every=EVERY,
    )  # fmt: skip
    return Told(not run.faults, run.line("moves"))


DAYS: Mapping[str, Day] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "storm": storm,
    "outage": outage,
    "frozen": frozen,
    "commits": commits,
    "clockwork": clockwork,
    "clockworks": clockworks,
    "commands": commands,
    "moves": moves,
}


def _points(count: int) -> list[tuple[str, int]]:
    return list(islice(cycle([(point, hit) for hit in range(1, 7) for point in kills.POINTS]), count))


def main() -> None:
    """Run one day, or all of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("day", choices=[*DAYS, "all"])
    asked.add_argument("--kills", type=int, default=Knobs().kills)
    asked.add_argument("--seconds", type=float, default=Knobs().seconds)
    asked.add_argument("--minutes", type=float, help="begin no more kills after that")
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--keep", type=Path, help="a folder for the histories and databases")
    given = asked.parse_args()
    server, well = Postgres.start(), True
    try:
        for day in DAYS if given.day == "all" else [given.day]:
            with tempfile.TemporaryDirectory() as scratch:
                folder = (given.keep or Path(scratch)) / day
                folder.mkdir(parents=True, exist_ok=True)
                knobs = Knobs(given.kills, given.seconds, given.seed, given.minutes)
                told = asyncio.run(DAYS[day](server, folder, knobs))
            sys.stdout.write(told.line + "\n")
            well = well and told.is_kept
    finally:
        server.close()
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
