"""What many ask for at the same moment is done for all of them at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.store.health import contended, outage

MOST = 32
"""So many go together: a group that is too long keeps its first one waiting."""
MOST_STUCK = 2
"""After so many of a group that were each held up by somebody's lock, the rest of it is not tried one by one."""

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Groups whatever comes while the group before is being done. work: results in the order of what it is given.

    When a group breaks, each of it is tried alone, so that one that cannot be done, or is locked by somebody else,
    harms nobody; when the database is away, all of it is told so. unwanted: gets the result of whoever has gone.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        unwanted: Callable[[R], None] = lambda _: None,
    ) -> None:
        self._work = work
        self._unwanted = unwanted
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._open: set[asyncio.Future[R]] = set()
        self._task: asyncio.Task[None] | None = None

    async def one(self, item: T) -> R:
        """The result for this one."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._ended)
        return await future

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for a task that was ended before its time."""
        if task.cancelled() or task.exception() is not None:
            self._waiting.clear()
            for future in tuple(self._open):
                future.cancel()

    async def _run(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            group = [one for one in group if not one[1].done()]
            error = await self._do(group)
            if error is None:
                continue
            stuck = MOST_STUCK if len(group) == 1 or _hopeless(error) else 0
            for one in group:
                alone = error if stuck >= MOST_STUCK else await self._do([one])
                stuck += alone is not None and contended(alone)
                if alone is not None and not one[1].done():
                    one[1].set_exception(alone)

    async def _do(self, group: Sequence[tuple[T, "asyncio.Future[R]"]]) -> Exception | None:
        """Do these together and tell them; the error, of which nobody is told, when that is not possible."""
        if not group:
            return None
        try:
            results = await self._work([item for item, _ in group])
        except Exception as error:  # noqa: BLE001 - the caller decides what follows from it
            return error
        for (_, future), result in zip(group, results, strict=True):
            if future.done():
                self._unwanted(result)
            else:
                future.set_result(result)
        return None


def _hopeless(error: Exception) -> bool:
    """Whether nobody of the group would fare better alone."""
    return outage(error) is not None and not contended(error)
