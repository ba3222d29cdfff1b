"""DBOS Transact as it is used here: one queue, one workflow without steps, opaque numbers, nothing unpickled.

Everything here blocks and runs in threads; `bot.engine` calls it.
"""

import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NoReturn

import dbos
import sqlalchemy as sa
from dbos import _serialization, _sys_db

from bot.engine_database import connections
from bot.engine_log import listen
from bot.engine_sweep import CHUNK, QUEUE, Sweep
from bot.jobs import Job, Standing
from bot.store.sqlite_clock import clock_functions

NAME = "embarque"
WORKFLOW = "deliver"
VERSION = "1"
"""The same for ever, as are the workflow's name and arguments: a release must not strand the jobs of the last."""
AT_ONCE = 40
THREADS = 32
LONGEST_NAP = 2.0
"""Seconds between two tries when the database is away; the library's own go up to ninety."""
MOST_COUNTED = 10_000
CLOCK = "exact clock"
"""Marks a connection to SQLite that has it."""
DONE = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

Deliver = Callable[[int, int], Awaitable[None]]


class _Naps:
    """The module `time` as the library's database code sees it, with naps that are short and end at the close."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        """Sleep, but not for long."""
        self.closed.wait(min(seconds, LONGEST_NAP))


def _refuse(_self: object, _serialized: str) -> NoReturn:
    raise ValueError("a pickled value in the database, which none of ours is")


# Whoever may write to the database must not be able to run code here: a row says itself how it is to be read.
_serialization.DefaultSerializer.deserialize = _refuse  # type: ignore[method-assign, assignment]
_naps = _Naps()
_sys_db.time = _naps  # type: ignore[assignment, attr-defined]


class Transact:
    """The library, launched for one database. At most one at a time in a process."""

    def __init__(self, url: str, replica: str) -> None:
        self._replica = replica
        _naps.closed = self._closed = threading.Event()
        self._pool = connections(url, self._closed)
        self._sqlite = self._pool.dialect.name == "sqlite"
        self._client = dbos.DBOSClient(
            system_database_engine=self._pool,
            serializer=dbos.DBOSPortableJSONSerializer(),
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )
        self._sweep = Sweep(self._client, replica)
        self._library: dbos.DBOS | None = None

    def launch(self, deliver: Deliver, polling: float) -> None:
        """Make the tables where they are missing, go on with what a crash of this replica left, take jobs.

        Without a running loop in this thread: workflows then run on a loop of the library's, and its use of
        threads cannot starve the application's loop.
        """
        listen()
        try:
            self._library = dbos.DBOS(config=self._config())

            @dbos.DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
            async def run(number: int, hop: int) -> None:
                await deliver(number, hop)

            dbos.DBOS.launch()
            self._client.register_queue(
                QUEUE, partition_concurrency=1, worker_concurrency=AT_ONCE, polling_interval_sec=polling
            )
        except BaseException:
            self.close()
            raise

    def enqueue(self, connection: sa.Connection, jobs: Sequence[Job]) -> None:
        """Make jobs in the transaction of the connection."""
        if self._sqlite and CLOCK not in connection.info:
            driver: Any = connection.connection.dbapi_connection
            clock_functions(driver)
            connection.info[CLOCK] = True
        for job in jobs:
            options: dbos.EnqueueOptions = {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": job.id,
                "queue_partition_key": job.lane,
            }
            self._client.enqueue_in_transaction(connection, options, job.number, job.hop)

    def standing(self) -> Standing:
        """Count over all replicas."""
        waiting = self._client.list_workflows(
            status=["ENQUEUED", "DELAYED"], limit=MOST_COUNTED, load_input=False, load_output=False
        )
        running: dict[str, int] = {}
        for workflow in self._sweep.pending():
            running[workflow.executor_id or ""] = running.get(workflow.executor_id or "", 0) + 1
        return Standing(len(waiting), running)

    def take_over(self, living: frozenset[str], here: frozenset[str]) -> int:
        """Give to the queue what the dead had begun, and what this replica claimed and does not have."""
        return self._sweep.take_over(living, here)

    def forget(self, before: datetime) -> int:
        """Delete what ended before, in chunks, so that nobody waits long for the write lock."""
        gone = 0
        while True:
            ended = self._client.list_workflows(
                status=DONE,
                completed_before=before.isoformat(),
                limit=CHUNK,
                load_input=False,
                load_output=False,
            )
            if not ended or self._closed.is_set():
                return gone
            self._client.delete_workflows([workflow.workflow_id for workflow in ended])
            gone += len(ended)

    def begun(self) -> int:
        """How many jobs of this replica have not ended, by the database."""
        return sum(workflow.executor_id == self._replica for workflow in self._sweep.pending())

    def stop_taking(self) -> None:
        """Take no more from the queue; what runs goes on."""
        if self._library is not None:
            for event in self._library.background_thread_stop_events:
                event.set()

    def close(self) -> None:
        """End all threads and give back all connections. What still runs is given up and stays begun."""
        self._closed.set()
        dbos.DBOS.destroy(destroy_registry=True)
        self._client.destroy()
        self._pool.dispose()

    def _config(self) -> dbos.DBOSConfig:
        return {
            "name": NAME,
            "application_version": VERSION,
            "executor_id": self._replica,
            "system_database_engine": self._pool,
            "dbos_system_schema": "dbos",
            "serializer": dbos.DBOSPortableJSONSerializer(),
            "max_executor_threads": THREADS,
            "use_listen_notify": False,  # nobody waits for messages or events
            "scheduler_polling_interval_sec": 300.0,  # there are no schedules
            "log_level": "WARNING",
        }
