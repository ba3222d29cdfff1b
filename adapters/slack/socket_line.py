"""One open WebSocket to Slack: read, watched for silence, and told from when it should be replaced."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import aiohttp

from adapters.base import Refused, RefusedForGoodError
from adapters.slack.frames import Frame, frame

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Times:
    """How patient Socket Mode is, in seconds.

    connect: for an address, a connection and a greeting. ping: between two of our pings. misses: after so many of them
    without any sign of life a line counts as deaf; pings, not seconds, so that a process that stood still does not
    take itself for a silent Slack. renew: a line is replaced when it is so old: one that answers pings and brings
    nothing else cannot be told from a quiet day. linger: how long a replaced line is still heard. first_pause,
    longest_pause: before a second and any further attempt. steady: a line that lasted so long was a success.
    refused_pause, longest_refused: between attempts where Slack refuses, which somebody has to mend. answer: a turn
    with its answer. finish: turns under way at a stop.
    """

    connect: float = 10.0
    ping: float = 5.0
    misses: int = 4
    renew: float = 3600.0
    linger: float = 30.0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    steady: float = 30.0
    refused_pause: float = 60.0
    longest_refused: float = 300.0
    answer: float = 2.8
    finish: float = 5.0


class Parting(StrEnum):
    """Why a line is to be replaced."""

    REFRESH = "refresh"
    CLOSED = "closed"
    DEAF = "deaf"
    DISABLED = "link_disabled"
    TOO_MANY = "too_many_websockets"


LASTING = (Parting.DISABLED, Parting.TOO_MANY)
"""What somebody has to mend."""
_PARTINGS = {str(one): one for one in LASTING}
_ENDS = frozenset(
    {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
)


class Line:
    """One connection. It reads from when it is made; each envelope goes to `take`, which must not block."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        take: Callable[["Line", Frame], None],
        times: Times,
        renew: float,
    ) -> None:
        """renew: after how many seconds this one asks to be replaced."""
        self._socket = socket
        self._take = take
        self._times = times
        self._clock = asyncio.get_running_loop().time
        self._opened_at = self._clock()
        self._renew = renew
        self._signs = 0
        self._parting: Parting | None = None
        self._greeting, self._parted, self._ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]

    async def greeted(self) -> None:
        """Wait for Slack's hello, before which it delivers nothing.

        Raises ConnectionError when the line ends first, RefusedForGoodError when Slack says why and it will not pass.
        """
        waits = [asyncio.create_task(one.wait()) for one in (self._greeting, self._parted)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        if self._parting in LASTING:
            raise RefusedForGoodError(str(self._parting))
        if self._parting is not None:
            raise ConnectionError(self._parting)

    async def parted(self) -> Parting:
        """Wait until it is to be replaced; it may well bring more until it has ended."""
        await self._parted.wait()
        return self._parting or Parting.CLOSED

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._clock() - self._opened_at

    async def ended(self) -> None:
        """Wait until it brings nothing more."""
        await self._ended.wait()

    async def says(self, text: str) -> bool:
        """Send an acknowledgement; false when the line is gone, and Slack will deliver again."""
        try:
            async with asyncio.timeout(self._times.answer):
                await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError, RuntimeError):
            return False
        return True

    async def hang_up(self) -> None:
        """End it, in whatever state it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._socket.close()
        except (aiohttp.ClientError, OSError, RuntimeError):
            _log.debug("A line was gone before it was hung up")

    async def _read(self) -> None:
        try:
            while True:
                message = await self._socket.receive()
                self._signs += 1
                if message.type in _ENDS:
                    break
                if message.type is aiohttp.WSMsgType.PING:
                    await self._socket.pong(message.data)
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(message.data)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            _log.info("A line of Socket Mode broke: %s", type(error).__name__)
        finally:
            self._part(Parting.CLOSED)
            self._ended.set()

    def _hear(self, text: str) -> None:
        try:
            heard = frame(text)
        except Refused as refused:
            _log.warning("A frame of Socket Mode was refused: %s", refused.reason)
            return
        if heard.kind == "disconnect":
            # A warning, a refresh, or a reason yet to be invented: Slack will hang up in a moment.
            self._part(_PARTINGS.get(heard.reason, Parting.REFRESH))
            return
        self._greeting.set()  # whoever delivers has greeted
        if heard.envelope_id:
            self._take(self, heard)

    async def _watch(self) -> None:
        """Ask for a sign of life again and again: a connection that a router forgot stays open and brings nothing."""
        missed = 0
        while missed < self._times.misses:
            signs = self._signs
            with suppress(aiohttp.ClientError, OSError, RuntimeError):  # whatever it is, it ends in silence
                async with asyncio.timeout(self._times.ping):
                    await self._socket.ping()
            await asyncio.sleep(self._times.ping)
            missed = missed + 1 if self._signs == signs else 0
            if self.age >= self._renew:
                self._part(Parting.REFRESH)
        self._part(Parting.DEAF)

    def _part(self, why: Parting) -> None:
        if self._parting is None:
            self._parting = why
            self._parted.set()
