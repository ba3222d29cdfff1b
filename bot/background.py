"""Work that a process does again and again beside everything else, each piece in a task of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class Background:
    """One piece of work, done in rounds until it is stopped; a round that breaks is logged and never the last.

    name: in the log. work: one round. rest: seconds until the next round, for the seconds that the last one took.
    first: seconds before the first one. away: errors that say that something is away for a while and need no
    traceback. soon: seconds until the next round after such an error; as many as ever if it is None.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        rest: Callable[[float], float],
        *,
        first: float = 0.0,
        away: tuple[type[Exception], ...] = (),
        soon: float | None = None,
    ) -> None:
        self._name = name
        self._work = work
        self._rest = rest
        self._first = first
        self._away = away
        self._soon = soon
        self._task: asyncio.Task[None] | None = None

    @property
    def started(self) -> bool:
        """Whether it was ever started."""
        return self._task is not None

    def start(self) -> None:
        """Go round from now on."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, in the middle of a round if need be."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.sleep(self._first)
        while True:
            pause = await self._round()
            await asyncio.sleep(pause)

    async def _round(self) -> float:
        began, soon = time.monotonic(), None
        try:
            await self._work()
        except self._away as error:
            log.warning("%s failed, trying again", self._name, reason=type(error).__name__)
            soon = self._soon
        except Exception:  # whatever it is, the next round may do better
            log.exception("%s broke, trying again", self._name)
        return self._rest(time.monotonic() - began) if soon is None else soon
