"""The bad days at length, from the command line: a line of figures with the seed, and 1 when a promise was broken.

python -m tests.chaos.soak sqlite --kills 2000 --seed 7
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from tests.chaos import scenarios
from tests.chaos.scenarios import POINTS
from tests.postgres import Postgres

READY_SECONDS, REQUEST_SECONDS, STALL_SECONDS, SHARE = 3.0, 3.0, 0.1, 1.1
"""What is promised: ready again, refused with a hint, no stall of the loop, of the time that the rate allows."""
BUSY_SECONDS = 1.0
"""So long a busy machine may keep a loop waiting that computes nothing itself."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """kills: of a whole run. seconds: an outage's, or a replica's in ice. seed: of every chance."""

    kills: int = 400
    seconds: float = 60
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a day. is_kept: whether every promise was. line: the figures, and what was broken."""

    is_kept: bool
    line: str


Day = Callable[[str, Path, Knobs], Awaitable[Told]]


async def sqlite(_: str, folder: Path, knobs: Knobs) -> Told:
    """One bot on SQLite, killed: half at named points, half at random."""
    run = await scenarios.kills_on_sqlite(folder, _points(knobs.kills // 2), knobs.kills // 2, knobs.seed)
    return Told(not run.faults and run.ready_p99 < READY_SECONDS, run.line("sqlite"))


async def postgresql(url: str, folder: Path, knobs: Knobs) -> Told:
    """Two replicas on PostgreSQL, killed in turn."""
    half = knobs.kills // 2
    run = await scenarios.kills_on_postgres(url, folder, _points(half), half, knobs.seed)
    return Told(not run.faults and run.ready_p99 < READY_SECONDS, run.line("postgresql"))


async def storm(url: str, folder: Path, knobs: Knobs) -> Told:
    """1 500 messages to 500 people at 20 a second, with storms, lost answers and a replica that dies for good."""
    run, share = await scenarios.storm(
        url, folder, 500, 3, rate=20, storms=[(10, 8), (40, 5)], lost=0.03, kill_after=15,
        seed=knobs.seed, settings={},
    )  # fmt: skip
    kept = not run.faults and run.posted == 1500 and share < SHARE
    return Told(kept, f"{run.line('storm')}\n  {share:.2f} of the time that the rate allows")


async def outage(url: str, folder: Path, knobs: Knobs) -> Told:
    """PostgreSQL away for 10 s and then for as long as asked, refusing first and silent then."""
    run = await scenarios.outage(
        url, folder, [("refusing", 10), ("passing", 10), ("silent", knobs.seconds)], knobs.seed
    )
    smooth = run.computed < STALL_SECONDS and run.stall < BUSY_SECONDS
    quick = run.slowest < REQUEST_SECONDS and run.hinted == 1 and smooth
    return Told(not run.faults and quick, run.line("outage"))


async def frozen(url: str, folder: Path, knobs: Knobs) -> Told:
    """One of two replicas stopped for as long as asked, with the patience of real life."""
    run = await scenarios.frozen(url, folder, knobs.seconds, knobs.seed, settings={})
    return Told(not run.faults, run.line("frozen"))


async def commits(url: str, folder: Path, knobs: Knobs) -> Told:
    """Answers to COMMITs that never come."""
    run, lost = await scenarios.lost_commits(url, folder, knobs.kills, knobs.seed)
    return Told(not run.faults, f"{run.line('commits')}\n  {lost} answers lost")


DAYS: Mapping[str, Day] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "storm": storm,
    "outage": outage,
    "frozen": frozen,
    "commits": commits,
}


def _points(count: int) -> list[tuple[str, int]]:
    return list(islice(cycle([(point, hit) for hit in range(1, 7) for point in POINTS]), count))


def main() -> None:
    """Run one day, or all of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("day", choices=[*DAYS, "all"])
    asked.add_argument("--kills", type=int, default=Knobs().kills)
    asked.add_argument("--seconds", type=float, default=Knobs().seconds)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--keep", type=Path, help="a folder for the histories and databases")
    given = asked.parse_args()
    server, well = Postgres.start(), True
    try:
        for day in DAYS if given.day == "all" else [given.day]:
            with tempfile.TemporaryDirectory() as scratch:
                folder = (given.keep or Path(scratch)) / day
                folder.mkdir(parents=True, exist_ok=True)
                knobs = Knobs(given.kills, given.seconds, given.seed)
                told = asyncio.run(DAYS[day](server.database(), folder, knobs))
            sys.stdout.write(told.line + "\n")
            well = well and told.is_kept
    finally:
        server.close()
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
