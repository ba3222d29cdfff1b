"""PostgreSQL spoken to in whole sentences: statements that need no answer of each other go there and back at once.

Each statement through SQLAlchemy's asynchronous engine is a round trip and costs five times as much processor time.
"""

import hashlib
from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import pq
from psycopg.abc import PQGen, Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as Changes
from psycopg.waiting import Ready, Wait
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg

from bot.store.codec import JSON
from bot.store.compiled import Call, DirectConnection, Done
from bot.store.patience import PatientConnection

DIALECT: sa.Dialect = PGDialectAsync_psycopg(paramstyle="numeric_dollar", **JSON)  # type: ignore[no-untyped-call]
"""Compiles for the server's own protocol, which numbers the places of values."""
PREPARED = 400
"""Statements that one connection keeps prepared at the server: more than turns have."""
_STALE = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
"""What we had prepared is forgotten by somebody in between, or a column has another type by now."""
_IDLE, _BROKEN = pq.TransactionStatus.IDLE, pq.TransactionStatus.INERROR


Written = tuple[str, Sequence[Any]]
"""SQL and its values as the protocol writes them, in the order of their places."""


class PostgresConnection(DirectConnection):
    """What was said with `later` goes with what is asked next, in order, at the latest with the commit."""

    compiles_for = DIALECT
    driver: PatientConnection
    _later: list[Written]
    _changes: Transformer
    """Writes and reads values, and remembers how."""

    def speak_through(self, driver: PatientConnection) -> None:
        """Connect what SQLAlchemy has made with what is below it."""
        self.driver, self._later = driver, []
        self._changes = Changes(driver)
        driver.prepare_threshold = None  # psycopg would forget ours together with its own at every rollback

    async def ask(self, *calls: Call) -> list[Done]:
        """Say all this at once; what came of each."""
        written = [self._written(one) for one in calls]
        said, self._later = [*self._later, *written], []
        return (await self._exchanged(said))[len(said) - len(calls) :]

    async def later(self, call: Call) -> None:
        """Say this before whatever comes next."""
        self._later.append(self._written(call))

    async def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """Execute a statement through SQLAlchemy."""
        await self._say()
        return await super().execute(statement, parameters, execution_options=execution_options)

    async def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> Any:
        """Execute SQL as it stands."""
        await self._say()
        return await super().exec_driver_sql(statement, parameters, execution_options)

    async def run_sync(self, fn: Any, *arg: Any, **kw: Any) -> Any:
        """Let a function work with SQLAlchemy's ordinary connection."""
        await self._say()
        return await super().run_sync(fn, *arg, **kw)

    async def finish(self) -> None:
        """Commit."""
        self._refuse_broken()
        if self.in_transaction():  # SQLAlchemy knows of it
            await self._say()
            await self.commit()
        elif self._later or self.driver.pgconn.transaction_status != _IDLE:
            said, self._later = self._later, []
            await self._exchanged(said, commit=True)

    async def undo(self) -> None:
        """Roll back; a connection that cannot even do that is closed."""
        self._later = []
        if self.in_transaction():
            await self.rollback()
        else:
            await self.driver.rollback()

    async def _say(self) -> None:
        if self._later:
            await self.ask()

    def _written(self, call: Call) -> Written:
        given = call.statement.given(call.values)
        try:
            values = self._changes.dump_sequence(given, [PyFormat.TEXT] * len(given))
        except psycopg.Error as error:
            raise _known(error, call.statement.sql) from None
        return call.statement.sql, values

    def _refuse_broken(self) -> None:
        """The server would answer a commit with a rollback, and say nothing else about it."""
        if self.driver.pgconn.transaction_status == _BROKEN:
            raise sa.exc.PendingRollbackError("an earlier statement of this transaction has failed")

    async def _exchanged(self, calls: Sequence[Written], *, commit: bool = False) -> list[Done]:
        self._refuse_broken()
        try:
            done: list[Done] = await self.driver.wait(
                _exchange(self.driver, self._changes, calls, commit=commit)
            )
        except psycopg.Error as error:
            if isinstance(error, _STALE):
                self.driver.give_up()
            said = "; ".join(sql for sql, _ in calls) or "COMMIT"
            raise _known(error, said, lost=self.driver.closed) from None
        return done


def _known(error: psycopg.Error, sql: str, *, lost: bool = False) -> BaseException:
    """SQLAlchemy's error for one of psycopg's, without values: they hold what people wrote, and errors are logged.

    Of the server's words the first line alone is kept: those below quote rows.
    """
    error = type(error)(next(iter(str(error).splitlines()), ""))
    return sa.exc.DBAPIError.instance(
        sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost, dialect=DIALECT
    )


def _exchange(
    driver: PatientConnection, reader: Transformer, calls: Sequence[Written], *, commit: bool
) -> PQGen[list[Done]]:
    """Write everything, read everything; one result each, in order."""
    pgconn = driver.pgconn
    try:
        pgconn.enter_pipeline_mode()
        commands, asked = _sent(driver, calls, commit=commit)
        results = yield from _answers(pgconn)
        pgconn.exit_pipeline_mode()
    except BaseException:
        driver.give_up()  # nobody knows what is still to be read
        raise
    for sql, result in zip(commands, results, strict=True):
        _check(result)
        if sql is not None:
            driver.prepared.add(sql)
    if commit and results[-1].command_status != b"COMMIT":
        raise psycopg.errors.InFailedSqlTransaction("the transaction was rolled back")
    return [_done(reader, results[place]) for place in asked]


def _sent(
    driver: PatientConnection, calls: Sequence[Written], *, commit: bool
) -> tuple[list[str | None], list[int]]:
    """Send it all: for each command the SQL that it prepares, None for others; and the places of the calls."""
    pgconn, kept = driver.pgconn, driver.prepared
    commands: list[str | None] = []
    asked: list[int] = []
    if pgconn.transaction_status == _IDLE:
        pgconn.send_query_params(b"BEGIN", None)
        commands.append(None)
    for sql, values in calls:
        known = sql in kept or sql in commands
        if not known and len(kept) < PREPARED:
            pgconn.send_prepare(_name(sql), sql.encode())
            commands.append(sql)
            known = True
        asked.append(len(commands))
        commands.append(None)
        if known:
            pgconn.send_query_prepared(_name(sql), values)
        else:
            pgconn.send_query_params(sql.encode(), values)
    if commit:
        pgconn.send_query_params(b"COMMIT", None)
        commands.append(None)
    pgconn.pipeline_sync()
    return commands, asked


@lru_cache(maxsize=1000)
def _name(sql: str) -> bytes:
    """The same statement has the same name on every connection."""
    return b"embarque_" + hashlib.blake2b(sql.encode(), digest_size=12).hexdigest().encode()


def _answers(pgconn: pq.abc.PGconn) -> "Generator[Wait, Ready, list[pq.abc.PGresult]]":
    while pgconn.flush():
        ready = yield Wait.RW
        if ready & Ready.R:
            pgconn.consume_input()
    found: list[pq.abc.PGresult] = []
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # the end of what one command has to say
            if pgconn.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError("the connection to the server was lost")
        elif result.status == pq.ExecStatus.PIPELINE_SYNC:
            return found
        else:
            found.append(result)


def _check(result: pq.abc.PGresult) -> None:
    match result.status:
        case pq.ExecStatus.COMMAND_OK | pq.ExecStatus.TUPLES_OK:
            return
        case pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
        case _:
            raise psycopg.InternalError(f"unexpected result {pq.ExecStatus(result.status).name}")


def _done(reader: Transformer, result: pq.abc.PGresult) -> Done:
    if not result.ntuples:
        return Done(count=result.command_tuples or 0)
    reader.set_pgresult(result)
    rows = reader.load_rows(0, result.ntuples, tuple)
    return Done(rows, len(rows))
