"""The direct way: what a turn has written goes out from here at once, in order, within bounds."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import structlog

from bot.store.deliveries import Written

log = structlog.get_logger()

AT_ONCE = 12
"""So many lanes are sent from at the same time."""
MOST = 2000
"""So many deliveries wait here; what comes on top is left to the feeder."""


class Direct:
    """A queue in memory, by lane. Losing it loses nothing: what it holds are rows that the feeder finds too."""

    def __init__(self, work: Callable[[int], Awaitable[None]]) -> None:
        self._work = work
        self._lanes: dict[str, deque[int]] = {}
        self._waiting: deque[str] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def take(self, written: Iterable[Written]) -> bool:
        """Send these from here; False when there was no room for all of them."""
        room = True
        for one in written:
            room = self._count < MOST
            if not room:
                break
            self._count += 1
            self._idle.clear()
            if one.lane in self._lanes:
                self._lanes[one.lane].append(one.number)
            else:
                self._lanes[one.lane] = deque((one.number,))
                self._waiting.append(one.lane)
        while self._waiting and self._running < AT_ONCE:
            self._running += 1
            task = asyncio.create_task(self._run(self._waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return room

    @property
    def waiting(self) -> frozenset[int]:
        """Numbers that wait here."""
        return frozenset(number for numbers in self._lanes.values() for number in numbers)

    async def idle(self) -> None:
        """Wait until nothing is left here."""
        await self._idle.wait()

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and let what was begun end within this time."""
        self._waiting.clear()
        for numbers in self._lanes.values():
            self._count -= len(numbers)
            numbers.clear()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._idle.set()

    async def _run(self, lane: str) -> None:
        """Send from one lane after the other, until none waits."""
        try:
            while True:
                await self._empty(self._lanes[lane])
                del self._lanes[lane]
                if not self._waiting:
                    return
                lane = self._waiting.popleft()
        finally:
            self._running -= 1
            if not self._count:
                self._idle.set()

    async def _empty(self, numbers: deque[int]) -> None:
        while numbers:
            try:
                await self._work(numbers.popleft())
            except Exception:  # the database is away: the feeder finds the rest
                log.exception("not sent at once")
            finally:
                self._count -= 1
