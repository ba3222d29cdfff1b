"""A connection to PostgreSQL that gives up on a server that does not answer, instead of waiting for it for ever."""

import asyncio
import os
import select
import socket
import time
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import waiting

SECONDS = 10.0
"""How long a server may say nothing: longer than it lets a statement run, so only a dead one is ever so quiet."""
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

    async def wait(  # psycopg's own signature
        self,
        gen: Any,
        interval: float = _INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Any:
        """Wait for the server as psycopg does, within the time that the caller and our patience leave."""
        overdue = asyncio.get_running_loop().call_later(self.patience, self._cut)
        try:
            return await waiting.wait_async(
                gen, self.pgconn.socket, interval, *([timeout] if timeout else [])
            )
        except (asyncio.CancelledError, KeyboardInterrupt):
            # Nobody waits for the answer: the server finds out by itself that we have gone, and rolls back.
            self.give_up()
            raise
        finally:
            overdue.cancel()

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
