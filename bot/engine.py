"""The durable engine: carries "work on delivery n" to whoever is there, through crashes and restarts.

The library behind it blocks and takes most of a second to import: all of that happens in threads of its own, so that
the event loop never waits and a database that is away keeps nobody else's threads. The work itself runs on the
application's loop.
"""

import asyncio
import gc
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from bot.jobs import EngineAwayError, Job, Standing, Work
from bot.store import AsyncConnection

if TYPE_CHECKING:
    from bot.engine_dbos import Transact

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

POLLING_SECONDS = 0.25
"""How often the queue is looked at. What is urgent goes the direct way; looking more often costs an idle core more."""
LOOK_SECONDS = 0.05
END_SECONDS = 15.0
"""How long the end of the threads is waited for; those that wait for a silent database end with the process."""
CHUNK = 20
"""Jobs that are made in one go: each takes up to half a millisecond, on SQLite of the loop itself."""


class BrokenJobError(Exception):
    """Work on a job raised: all that the engine's tables learn about it."""


class DbosEngine:
    """Jobs on DBOS Transact, in the application's own database. One in a process at a time."""

    _launched: ClassVar["DbosEngine | None"] = None

    def __init__(self, url: str, replica: str, polling: float = POLLING_SECONDS) -> None:
        """For the database at `url`, as `open_database` takes it.

        replica: "local" on SQLite, so that a restart goes on at once with what it had begun; on PostgreSQL a name
        of this start alone. polling: seconds.
        """
        self._url = url
        self._replica = replica
        self._polling = polling
        self._transact: Transact | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def running(self) -> bool:
        """Whether it is launched."""
        return self._transact is not None

    async def launch(self, work: Work) -> None:
        """Take jobs from now on and run `work` for each on the running loop.

        EngineAwayError: the database does not answer; launch again later. RuntimeError: an engine, this one or
        another, is launched in this process already.
        """
        if DbosEngine._launched is not None:
            raise RuntimeError("an engine is launched in this process already: close it first")
        DbosEngine._launched = self
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(2, "engine")
        starting = asyncio.ensure_future(self._in_thread(self._start))
        try:
            self._transact = await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._abandon)
            raise

    async def enqueue(self, connection: AsyncConnection, jobs: Sequence[Job]) -> None:
        """Make jobs within the caller's transaction."""
        transact = self._there()
        for start in range(0, len(jobs), CHUNK):
            await connection.run_sync(transact.enqueue, jobs[start : start + CHUNK])
            await asyncio.sleep(0)

    async def standing(self) -> Standing:
        """How many jobs wait and run."""
        return await self._in_thread(self._there().standing)

    async def take_over(self, living: Collection[str]) -> int:
        """Give the jobs of the dead to the queue again, and those of ours that got lost on the way to us."""
        return await self._in_thread(self._there().take_over, frozenset(living), frozenset(self._tasks))

    async def forget(self, before: datetime) -> int:
        """Drop finished jobs."""
        return await self._in_thread(self._there().forget, before)

    def rest(self) -> None:
        """Take no more jobs."""
        if self._transact is not None:
            self._transact.stop_taking()

    async def close(self, seconds: float) -> None:
        """Take no more, let what runs end within this time, stop. What has not ended is done by the next launch."""
        transact, self._transact = self._transact, None
        if transact is None:
            return
        transact.stop_taking()
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if not self._tasks and not await self._in_thread(transact.begun):
                        break
                    await asyncio.sleep(LOOK_SECONDS)
        except (TimeoutError, EngineAwayError):
            pass  # nobody can note that they have ended; the next launch does them again, which does no harm
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            thread = ThreadPoolExecutor(1, "engine-close")  # the others may be waiting for the database
            ending = self._loop.run_in_executor(thread, self._end, transact)
            thread.shutdown(wait=False)
            ended = asyncio.gather(ending, *tasks, return_exceptions=True)
            await asyncio.wait([ended], timeout=END_SECONDS)

    def _there(self) -> "Transact":
        if self._transact is None:
            raise EngineAwayError("the engine is not launched")
        return self._transact

    async def _in_thread(self, ask: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        try:
            return await self._loop.run_in_executor(self._threads, partial(ask, *given, **named))
        except sa.exc.SQLAlchemyError as error:
            raise EngineAwayError("the engine's database does not answer") from error

    def _start(self) -> "Transact":
        try:
            # What is loaded by now stays: the collector shall not look through it all while the import makes
            # thousands of objects, which would stop the loop for a tenth of a second.
            gc.freeze()
            from bot.engine_dbos import Transact  # noqa: PLC0415 - it takes most of a second

            transact = Transact(self._url, self._replica)
            transact.launch(self._deliver, self._polling)
        except BaseException:
            self._leave()
            raise
        return transact

    def _abandon(self, starting: "asyncio.Future[Transact]") -> None:
        """Whoever launched it has gone: end it as soon as it is there."""
        if not starting.cancelled() and starting.exception() is None:
            self._threads.submit(self._end, starting.result())

    def _end(self, transact: "Transact") -> None:
        try:
            transact.close()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._threads.shutdown(wait=False)
        DbosEngine._launched = None

    async def _deliver(self, number: int, hop: int) -> None:
        """The workflow, on the library's loop: hands the work to the application's and waits."""
        work = self._do(number, hop)
        try:
            # In a context of its own: the work shall not find itself within a workflow.
            done = Context().run(asyncio.run_coroutine_threadsafe, work, self._loop)
        except RuntimeError:
            # The application's loop is gone: the job stays begun, and the next launch does it.
            work.close()
            raise asyncio.CancelledError from None
        await asyncio.wrap_future(done)

    async def _do(self, number: int, hop: int) -> None:
        task, job = asyncio.current_task(), Job(number, hop, "").id
        if task is not None:
            self._tasks[job] = task
        try:
            await self._work(number, hop)
        except Exception:
            log.exception("job_broke", delivery=number)
            # Its own message may quote what somebody wrote, and would be kept in a table.
            raise BrokenJobError("the work on this delivery raised an error") from None
        finally:
            if self._tasks.get(job) is task:
                del self._tasks[job]
