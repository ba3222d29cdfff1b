"""The engine's own connections, in threads, to the same database as the application's."""

import threading
import time
from collections.abc import Generator
from typing import Any

import psycopg
import sqlalchemy as sa

from bot.jobs import EngineAwayError
from bot.store.sqlite_clock import clock_functions

SQLITE_CONNECTIONS = 64
"""More than threads that may want one at once: a thread that waits for a connection may hold the write lock."""
POSTGRES_CONNECTIONS = 20
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000")
"""A lost job is made again from our rows, which are on disk: the engine's need not wait for the disk."""
POSTGRES_LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}
POSTGRES_CONNECT = {
    "application_name": "embarque engine",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10000,
}
"""So that a thread notices within seconds that the database is gone without a word."""


ANSWER_SECONDS = 20.0
"""Longer than the server lets a statement take: an answer that is not there by then was lost on the way."""


class ImpatientConnection(psycopg.Connection[Any]):
    """Gives up on an answer that does not come: a network that swallows it would keep the thread for ever."""

    def wait(self, gen: Any, *given: Any, **named: Any) -> Any:
        """Wait for what the server says."""
        return super().wait(self._in_time(gen), *given, **named)

    def _in_time(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        end = time.monotonic() + ANSWER_SECONDS
        try:
            state = next(gen)
            while True:
                ready = yield state  # nothing is ready after each tenth of a second without an answer
                if not ready and time.monotonic() > end:
                    self.close()
                    raise psycopg.OperationalError("connection failed: the server does not answer")
                state = gen.send(ready)
        except StopIteration as done:
            return done.value


def connections(url: str, closed: threading.Event) -> sa.Engine:
    """A pool of the engine's own. url: the application's; closed: once set, no connection is opened any more."""
    parsed = sa.make_url(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)

    @sa.event.listens_for(engine, "do_connect")
    def connecting(_: object, _record: object, given: Any, named: Any) -> ImpatientConnection | None:
        if closed.is_set():
            raise EngineAwayError("this engine is closed: its threads have nothing left to do")
        return None if engine.dialect.name == "sqlite" else ImpatientConnection.connect(*given, **named)

    @sa.event.listens_for(engine, "checkin")
    def returned(_: object, record: Any) -> None:
        if closed.is_set():  # a thread that ends late would leave it open in a pool that is gone
            record.invalidate()

    return engine


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=url.database),
        pool_size=SQLITE_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # who reads first and writes later would be refused at once
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        clock_functions(connection)

    return engine


def _postgres(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=POSTGRES_CONNECT,
    )

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            for name, value in POSTGRES_LIMITS.items():
                cursor.execute(f"SET {name} = '{value}'")
        connection.commit()  # or the pool's rollback would undo them

    return engine
