"""How long the event loop keeps everybody waiting: measured all the time, told in /metrics."""

import asyncio
from collections import deque

from bot.background import Background
from bot.measures import LOOP_LAG, LOOP_LAG_WORST

EVERY_SECONDS = 0.1
WINDOW_SECONDS = 60.0


class LoopLag:
    """A task that asks to be woken ten times a second and notes how late it was."""

    def __init__(self) -> None:
        self._worst: deque[tuple[float, float]] = deque()
        self._wanted = 0.0
        """When the loop is asked to come back, by its own clock."""
        self._rounds = Background(
            "measuring the loop", self._came_back, lambda _: EVERY_SECONDS, first=EVERY_SECONDS
        )

    def start(self) -> None:
        """Measure from now on."""
        self._wanted = asyncio.get_running_loop().time() + EVERY_SECONDS
        self._rounds.start()

    async def stop(self) -> None:
        """End the measuring."""
        await self._rounds.stop()

    def note(self, at: float, lag: float) -> float:
        """Keep one measurement; the worst of the last minute. at: seconds of a clock that only goes forward."""
        LOOP_LAG.observe(lag)
        # Only those can still become the worst that nothing later exceeds.
        while self._worst and self._worst[-1][1] <= lag:
            self._worst.pop()
        self._worst.append((at, lag))
        while self._worst[0][0] < at - WINDOW_SECONDS:
            self._worst.popleft()
        return self._worst[0][1]

    async def _came_back(self) -> None:
        now = asyncio.get_running_loop().time()
        LOOP_LAG_WORST.set(self.note(now, max(0.0, now - self._wanted)))
        self._wanted = now + EVERY_SECONDS
