"""What the tests of the engine share: an engine with a store beside it, and work that remembers itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.engine import DbosEngine
from bot.jobs import Job
from bot.store.database import Database, open_database

LANE = "00000000000000aa"
PATIENCE = 60.0


@dataclass
class Runs:
    """Which jobs began and ended, in that order. seconds: how long each takes."""

    seconds: float = 0.0
    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    most_of_a_lane: int = 0
    _open: dict[str, int] = field(default_factory=dict)
    lanes: dict[int, str] = field(default_factory=dict)

    async def work(self, number: int, hop: int) -> None:
        """The work of the tests."""
        lane = self.lanes.get(number, "")
        self._open[lane] = self._open.get(lane, 0) + 1
        self.most_of_a_lane = max(self.most_of_a_lane, self._open[lane])
        self.begun.append(number)
        try:
            await asyncio.sleep(self.seconds)
            self.ended.append(number)
        finally:
            self._open[lane] -= 1


@dataclass
class Place:
    """An engine that runs, and the store it shares a database with."""

    engine: DbosEngine
    store: Database

    async def enqueue(self, *jobs: Job) -> None:
        """Make jobs in a transaction that commits."""
        await enqueue(self.engine, self.store, jobs)


def name_of(url: str) -> str:
    """A replica's name as the application would choose it."""
    return "local" if url.startswith("sqlite") else "replica-1"


@asynccontextmanager
async def place(url: str, runs: Runs, replica: str = "", patience: float = 10.0) -> AsyncIterator[Place]:
    """Launch an engine that looks often, and close it."""
    engine, store = DbosEngine(url, replica or name_of(url), 0.05), open_database(url)
    try:
        await engine.launch(runs.work)
        yield Place(engine, store)
    finally:
        await engine.close(patience)
        await store.close()


async def enqueue(engine: DbosEngine, store: Database, jobs: Sequence[Job]) -> None:
    """Make jobs in one transaction that commits."""
    async with store.transaction() as connection:
        await engine.enqueue(connection, jobs)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail after a minute."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other threads and processes
            await asyncio.sleep(0.02)


async def at_rest(engine: DbosEngine) -> None:
    """Wait until no job waits or runs."""
    async with asyncio.timeout(PATIENCE):
        while True:
            standing = await engine.standing()
            if not standing.waiting and not standing.running:
                return
            await asyncio.sleep(0.05)
