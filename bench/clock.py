"""The clock: `due()` for 200 000 people, and a whole tick that writes 100 000 messages due at the same hour."""

import asyncio
import gc
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.company import employee, found
from bench.postgres import fresh_database
from bench.table import Figures, Part, Row, Size
from bot import calendars
from bot.campaigns import Calendar, due
from bot.clock import FixedClock
from bot.launches import Launch
from bot.library import BUILT_IN, Library
from bot.recipient import Recipient
from bot.store import AsyncConnection, statistics
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.ticker import Ticker
from tests.dialogs.checklist_project import GATES, LADDER

PEOPLE = 200_000
OPEN_RUNS = 10_000
MORNING = datetime(2026, 11, 23, 14, 31, tzinfo=UTC)
"""Monday, 09:31 in Montréal and 06:31 in Vancouver."""
ZONES = ("America/Toronto", "America/Vancouver", "America/St_Johns", "America/Winnipeg")
REPEATS = 3


def measure_due(folder: Path, size: Size) -> Figures:
    """One rule for everybody: when nobody is due, when half are, and with the reason why the others are not."""
    del folder
    count = size.of(PEOPLE, PEOPLE, 2_000)
    zones = [ZoneInfo(name) for name in ZONES]
    everybody = [
        Recipient(employee(n), "fr-CA", zones[n % 4], calendars.workdays(("CA-QC", "CA-BC")[n % 2], 2026))
        for n in range(count)
    ]
    opens, closes = date(2026, 11, 9), date(2026, 12, 4)
    rule = Launch(
        "impact", "dialog", "impact", frozenset({"all"}), opens, closes, MORNING.time().replace(9, 30)
    )
    calendar = Calendar((rule,), LADDER, GATES)

    def seconds(now: datetime, *, reasons: bool = False) -> float:
        taken: list[float] = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            due(calendar, everybody, now, reasons=reasons)
            taken.append(time.perf_counter() - began)
        return min(taken)

    return {
        "nobody_s": seconds(datetime(2026, 11, 22, 15, tzinfo=UTC)),
        "half_s": seconds(MORNING),
        "half_with_reasons_s": seconds(MORNING, reasons=True),
    }


def measure_sqlite(folder: Path, size: Size) -> Figures:
    """A tick on SQLite."""
    folder.mkdir(parents=True, exist_ok=True)
    return _measure(f"sqlite+aiosqlite:///{folder}/clock-{time.time_ns()}.db", size)


def measure_postgresql(folder: Path, size: Size) -> Figures:
    """A tick on PostgreSQL."""
    del folder
    return _measure(fresh_database(), size)


def _measure(url: str, size: Size) -> Figures:
    asyncio.run(_company(url, size.of(PEOPLE, PEOPLE, 400)))
    # In a process of its own: what making the company left in memory is not the clock's.
    done = subprocess.run(
        [sys.executable, "-m", "bench.clock", url], stdout=subprocess.PIPE, check=True, text=True
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


async def _company(url: str, count: int) -> None:
    """Everybody at home in two zones three hours apart, some in the middle of a dialog."""
    await found(url, "slack", count)
    database = open_database(url)
    runs = min(OPEN_RUNS, count // 4)
    async with database.transaction() as connection:
        await connection.execute(t.project.update().values(starts_on=date(2026, 11, 2)))
        west = t.person.update().where(t.person.c.id >= employee(count // 2), t.person.c.id.like("U%"))
        await connection.execute(west.values(zone="America/Vancouver", region="CA-BC"))
        begun = MORNING - timedelta(hours=3)
        fixed = {"tenant": "main", "kind": "dialog", "dialog": "impact", "subject": {}, "status": "open"}
        moments = {"started_at": begun, "last_at": begun}
        rows = [
            {**fixed, **moments, "id": f"run-{n}", "person": employee(count // 2 + n)} for n in range(runs)
        ]
        await connection.execute(t.run.insert(), rows)
    await database.close()


async def _ticks(url: str) -> Figures:
    """Tick in the morning, then again: what it took, what it held in memory, how long it kept others waiting."""
    opened = open_database(url)
    await statistics.refresh(opened)  # as a bot does when it starts
    database = _Watched(opened)
    ticker = Ticker(database, Library.open(BUILT_IN), FixedClock(MORNING), _Nobody(), "main")
    await ticker.tick(MORNING - timedelta(days=2), dry_run=True)
    gc.collect()
    gc.freeze()  # as the program does once it has started
    base, peak, gaps = _resident(), _Peak(), _Gaps()
    peak.start()
    watching = asyncio.create_task(gaps.watch())
    began, cpu = time.perf_counter(), time.process_time()
    done = await ticker.tick(MORNING)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    began = time.perf_counter()
    again = await ticker.tick(MORNING)
    idle = time.perf_counter() - began
    watching.cancel()
    peak.stop()
    await database.close()
    assert again.sent == 0, "a second tick wrote something"
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "written": done.sent,
        "next_tick_s": idle,
        "base_mb": base,
        "peak_mb": peak.highest,
        "growth_mb": peak.highest - base,
        "transactions": len(database.taken),
        "median_transaction_ms": database.share(0.5),
        "p99_transaction_ms": database.share(0.99),
        "longest_transaction_ms": database.share(1),
        "longest_loop_gap_ms": gaps.longest * 1e3,
    }


class _Watched:
    """The database, and how long its transactions took, from the wish to begin to the end of the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.taken: list[float] = []
        self.engine, self.reading, self.close = database.engine, database.reading, database.close

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        began = time.perf_counter()
        async with self._database.transaction() as connection:
            yield connection
        self.taken.append(time.perf_counter() - began)

    def share(self, part: float) -> float:
        """So many milliseconds were enough for this part of the transactions; 1: for all."""
        taken = sorted(self.taken)
        return 1e3 * taken[min(len(taken) - 1, int(len(taken) * part))]


class _Nobody:
    """Sends nothing: only the writing is measured."""

    def wake(self) -> None:
        pass


class _Gaps:
    longest = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - began - 0.001)


class _Peak(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest, self._ended = 0.0, threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.05):
            self.highest = max(self.highest, _resident())

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _resident() -> float:
    status = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert status is not None
    return int(status[1]) / 1024


PART = Part(
    rows=(
        Row("13", "due() for 200 000 people, one rule", "due.half_s", 2, 0.2, "s"),
        Row("19", "100 000 messages due at one hour, SQLite", "sqlite.seconds", 60, 60, "s"),
        Row("20", "100 000 messages due at one hour, PostgreSQL", "postgresql.seconds", 60, 60, "s"),
    ),
    contenders={"due": measure_due, "sqlite": measure_sqlite, "postgresql": measure_postgresql},
    rounds=1,
)

if __name__ == "__main__":
    print(json.dumps(asyncio.run(_ticks(sys.argv[1]))))
