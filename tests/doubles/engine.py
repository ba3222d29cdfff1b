"""An engine of a few lines: jobs in memory, lost when a test says so."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.jobs import Job, Standing, Work
from bot.store import AsyncConnection


@dataclass
class EngineDouble:
    """Keeps what it is given, and does it when the test asks. It knows nothing of transactions that fail."""

    waiting: deque[Job] = field(default_factory=deque)
    made: list[Job] = field(default_factory=list)
    taken_over: list[frozenset[str]] = field(default_factory=list)
    work: Work | None = None
    resting: bool = False

    async def launch(self, work: Work) -> None:
        self.work = work

    async def enqueue(self, connection: AsyncConnection, jobs: Sequence[Job]) -> None:
        known = {job.id for job in self.made}
        fresh = [job for job in jobs if job.id not in known]
        self.made += fresh
        self.waiting += fresh

    async def standing(self) -> Standing:
        return Standing(len(self.waiting), {})

    async def take_over(self, living: Collection[str]) -> int:
        self.taken_over.append(frozenset(living))
        return 0

    async def forget(self, before: datetime) -> int:
        return 0

    def rest(self) -> None:
        self.resting = True

    async def close(self, seconds: float) -> None:
        self.work = None

    async def does(self, count: int) -> None:
        """Do the oldest jobs, one after the other."""
        assert self.work is not None
        for _ in range(min(count, len(self.waiting))):
            job = self.waiting.popleft()
            await self.work(job.number, job.hop)

    def loses_everything(self) -> None:
        """As after a crash without a backup."""
        self.waiting.clear()
