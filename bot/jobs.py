"""What carries work on a delivery from one moment, or one process, to another: the promise of the engine.

The truth is in the rows. A job says "work on delivery n" and nothing else: doing it twice does no harm, and a lost
one is made again.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.store import AsyncConnection

Work = Callable[[int, int], Awaitable[None]]
"""Does the job of delivery `number`, made for the `hop`th time; returns when nothing is left to do now."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work on one delivery. lane: the conversation's opaque key; jobs of one lane run one after the other."""

    number: int
    hop: int
    lane: str

    @property
    def id(self) -> str:
        """The job's id, the same for whoever makes it: a second one of the same id is not made.

        Jobs that were made in the same millisecond begin in the order of their ids, hence the zeros.
        """
        return f"delivery-{self.number:019d}-{self.hop:06d}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How jobs stand. waiting: made and not begun; running: by executor, how many were begun and have not ended."""

    waiting: int
    running: dict[str, int]


class EngineAwayError(Exception):
    """The engine is not launched, or its database does not answer: ask again later, nothing was done."""


class Engine(Protocol):
    """Executes jobs, here or on another replica. `bot.engine` is the one there is.

    Everything but `enqueue` raises EngineAwayError when the database does not answer, and can be asked again.
    """

    @property
    def running(self) -> bool:
        """Whether it is launched. Until then nothing else may be asked."""
        ...

    async def launch(self, work: Work) -> None:
        """Take jobs from now on. The tables of the engine are made when they are missing."""
        ...

    async def enqueue(self, connection: AsyncConnection, jobs: Sequence[Job]) -> None:
        """Make jobs within the caller's transaction: they exist when and only when it commits.

        Errors are those of any other statement of the transaction. A job that exists already is left as it is.
        """
        ...

    async def standing(self) -> Standing:
        """How many jobs wait and run, over all replicas."""
        ...

    async def take_over(self, living: Collection[str]) -> int:
        """Give the begun jobs of every executor that is not among the living to the queue again; how many.

        Also jobs that this process claimed and has not in hand. To be asked every few seconds on every database.
        """
        ...

    async def forget(self, before: datetime) -> int:
        """Drop finished jobs that ended before this real moment; how many."""
        ...

    def rest(self) -> None:
        """Take no more jobs; what is waiting is left to others, what runs goes on."""
        ...

    async def close(self, seconds: float) -> None:
        """Take no more, let what runs end within this time, stop."""
        ...
