"""A connection to PostgreSQL that gives up on a server that does not answer, instead of waiting for it for ever."""

import asyncio
import os
import select
import socket
import time
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.waiting import Ready, Wait

SECONDS = 10.0
"""How long a server may say nothing: longer than it lets a statement run, so only a dead one is ever so quiet."""
PING_AFTER_SECONDS = 30.0
"""A connection that was idle for longer is tried before it is used."""
PING_SECONDS = 0.5
_INTERVAL = 0.1


class Trouble:
    """When the server last failed us: connections from before that moment are tried before they are used.

    at: seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> None:
        """It has just failed us."""
        self.at = time.monotonic()


class PatientConnection(psycopg.AsyncConnection[Any]):
    """Waits for `patience` seconds at most, and ends at once when its task is cancelled.

    Without this, a server behind a black hole holds a task for hours, and a cancelled task for ten seconds while
    psycopg asks that server to cancel the statement.
    """

    patience = SECONDS
    trouble: Trouble | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.prepared: set[str] = set()
        """Statements of `bot.store.exchange` that the server keeps prepared for this connection."""

    async def wait(  # psycopg's own signature
        self,
        gen: Any,
        interval: float = _INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Any:
        """Wait for the server as psycopg does, within the time that the caller and our patience leave."""
        overdue = asyncio.get_running_loop().call_later(self.patience, self._cut)
        try:
            if timeout is not None:
                return await super().wait(gen, interval, timeout)
            return await self._waited(gen)
        except (asyncio.CancelledError, KeyboardInterrupt):
            # Nobody waits for the answer: the server finds out by itself that we have gone, and rolls back.
            self.give_up()
            raise
        finally:
            overdue.cancel()

    async def _waited(self, gen: Any) -> Any:
        """Watch the socket once for all that this has to wait for: every change of it costs as much as a statement."""
        loop, socket_number = asyncio.get_running_loop(), self.pgconn.socket
        ready, woken, watched = 0, loop.create_future(), 0

        def wake(what: int) -> None:
            nonlocal ready
            ready |= what
            if not woken.done():
                woken.set_result(None)

        try:
            wants = next(gen)
            while True:
                if wants & Wait.R and not watched & Wait.R:
                    loop.add_reader(socket_number, wake, Ready.R)
                if wants & Wait.W and not watched & Wait.W:
                    loop.add_writer(socket_number, wake, Ready.W)
                if watched & Wait.W and not wants & Wait.W:
                    loop.remove_writer(socket_number)
                watched = wants | watched & Wait.R
                await woken
                woken, known, ready = loop.create_future(), ready, 0
                wants = gen.send(known)
        except OSError as error:
            raise psycopg.OperationalError("the connection to the server was lost") from error
        except StopIteration as done:
            return done.value
        finally:
            if watched & Wait.R:
                loop.remove_reader(socket_number)
            if watched & Wait.W:
                loop.remove_writer(socket_number)

    def give_up(self) -> None:
        """Close without a word to the server."""
        if self.trouble is not None:
            self.trouble.now()
        self.pgconn.finish()

    def gone(self) -> bool:
        """Whether an idle connection has ended, found without asking the server: it has nothing to say otherwise."""
        if self.closed:
            return True
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))

    def _cut(self) -> None:
        if self.trouble is not None:
            self.trouble.now()
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.pgconn.socket)) as shared:
            # Whoever waits on the socket reads the end of it now, as if the server had closed.
            shared.shutdown(socket.SHUT_RDWR)
