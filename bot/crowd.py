"""The line in front of the database: short, fair between people, and honest when it is too long."""

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.measures import TURNS_WAITING

FIRST_GUESS = 0.004
"""Seconds a turn, before any was measured."""
WINDOW = 0.5
"""Seconds over which the pace is measured; turns that share a commit end together, so one by one would mislead."""

Line = deque[asyncio.Future[None]]


class CrowdedError(Exception):
    """There is no place now: whoever asked is to be told at once, and nothing is to be stored."""


@dataclass(eq=False, slots=True)
class Crowd:
    """Places for turns. at_once: how many work at the same time. most_each: places and waits of one person.

    most: who may wait in all. patience: the longest wait in seconds; where the measured pace says that it would
    be longer, there is no place. People who wait are served in turn, one each, whoever sends more.
    """

    at_once: int = 64
    most_each: int = 8
    most: int = 4000
    patience: float = 1.5
    clock: Callable[[], float] = time.monotonic
    _working: int = 0
    _here: Counter[Hashable] = field(default_factory=Counter)
    _lines: OrderedDict[Hashable, Line] = field(default_factory=OrderedDict)
    _waiting: int = 0
    _seconds_each: float = FIRST_GUESS
    _window: tuple[float, int] | None = None

    @asynccontextmanager
    async def place(self, who: Hashable) -> AsyncIterator[None]:
        """Have a place for the time of the block, after waiting in line for it. Raises CrowdedError."""
        if self._here[who] >= self.most_each:
            raise CrowdedError
        self._here[who] += 1
        try:
            await self._enter(who)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._here[who] -= 1
            if not self._here[who]:
                del self._here[who]

    @property
    def full(self) -> bool:
        """Whether there is no place for anybody just now."""
        return self._working >= self.at_once and self._crowded()

    def _crowded(self) -> bool:
        return self._waiting >= self.most or (self._waiting + 1) * self._seconds_each > self.patience

    async def _enter(self, who: Hashable) -> None:
        if self._working < self.at_once and not self._waiting:
            self._working += 1
            return
        if self._crowded():
            raise CrowdedError
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(who, deque()).append(called)
        self._count(1)
        try:
            async with asyncio.timeout(self.patience):
                await called
        except BaseException as error:
            if called.done() and not called.cancelled():
                self._leave()  # it was called in the same moment: the place is somebody else's now
            else:
                self._give_up(who, called)
            if isinstance(error, TimeoutError):
                raise CrowdedError from None
            raise

    def _leave(self) -> None:
        self._measure()
        called = self._next()
        if called is None:
            self._working -= 1
        else:
            called.set_result(None)

    def _next(self) -> "asyncio.Future[None] | None":
        """Whose turn it is; whoever has gone away, and was not yet able to say so, is passed over."""
        while self._lines:
            who, line = next(iter(self._lines.items()))
            called = line.popleft()
            self._count(-1)
            if line:
                self._lines.move_to_end(who)
            else:
                del self._lines[who]
            if not called.done():
                return called
        return None

    def _give_up(self, who: Hashable, called: "asyncio.Future[None]") -> None:
        line = self._lines.get(who)
        if line is None or called not in line:
            return  # it was passed over already
        line.remove(called)
        self._count(-1)
        if not line:
            del self._lines[who]

    def _count(self, change: int) -> None:
        self._waiting += change
        TURNS_WAITING.set(self._waiting)

    def _measure(self) -> None:
        """Learn the pace while somebody waits: only then every moment is used."""
        if not self._waiting:
            self._window = None
            return
        began, ended = self._window or (self.clock(), -1)
        ended += 1
        passed = self.clock() - began
        if passed >= WINDOW and ended > 0:
            self._seconds_each = (self._seconds_each + passed / ended) / 2
            self._window = (self.clock(), 0)
        else:
            self._window = (began, ended)
