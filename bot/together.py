"""What many ask for at the same moment is done for all of them at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.store.health import outage

MOST = 32
"""So many go together: a group that is too long keeps its first one waiting."""

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Groups whatever comes while the group before is being done. work: results in the order of what it is given.

    When a group breaks, each of it is tried alone, so that one that cannot be done harms nobody else; when the
    database is away, all of it is told so.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def one(self, item: T) -> R:
        """The result for this one."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                await self._do([one for one in group if not one[1].done()])
        except asyncio.CancelledError:
            for _, future in self._waiting:
                future.cancel()
            self._waiting.clear()
            raise

    async def _do(self, group: Sequence[tuple[T, "asyncio.Future[R]"]]) -> None:
        if not group:
            return
        try:
            results = await self._work([item for item, _ in group])
        except asyncio.CancelledError:
            for _, future in group:
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - told to those whom it concerns
            if len(group) > 1 and outage(error) is None:
                for one in group:
                    await self._do([one])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)
