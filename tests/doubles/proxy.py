"""A TCP proxy on loopback that passes, delays, resets, falls silent and loses answers, also PostgreSQL's to COMMIT."""

import asyncio
import contextlib
import re
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, assert_never

Mode = Literal["passing", "silent", "refusing"]
"""silent: nothing gets through, and what was held comes late. refusing: every connection is reset."""
Upstream = tuple[str, int] | str
"""Host and port, or the path of a Unix socket."""
CHUNK = 65536
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
COMMIT = re.compile(rb"\s*(COMMIT|END)\b", re.IGNORECASE)


@dataclass(slots=True)
class Statements:
    """Cuts what a PostgreSQL client sends into messages and gives the text of each statement."""

    _held: bytes = b""
    _greeted: bool = False

    def feed(self, data: bytes) -> list[bytes]:
        """The statements that end within these bytes."""
        self._held += data
        found = []
        while (message := self._next()) is not None:
            kind, body = message
            if kind == b"Q":
                found.append(body.rstrip(b"\0"))
            elif kind == b"P":
                found.append(body.split(b"\0")[1])
        return found

    def _next(self) -> tuple[bytes, bytes] | None:
        start = 1 if self._greeted else 0  # the first packets have no letter before their length
        if len(self._held) < start + 4:
            return None
        end = start + int.from_bytes(self._held[start : start + 4], "big")
        if len(self._held) < end:
            return None
        kind, body, self._held = self._held[:start], self._held[start + 4 : end], self._held[end:]
        if not self._greeted:
            self._greeted = int.from_bytes(body[:4], "big") not in (SSL_REQUEST, GSS_REQUEST)
        return kind, body


@dataclass(slots=True, eq=False)
class Link:
    """One connection through the proxy. losing: what happens to the next answer, when it is to be lost."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    statements: Statements
    losing: Literal["", "reset", "silence"] = ""

    def reset(self) -> None:
        """Break it as a crashed machine's successor does: with a reset, not a goodbye."""
        for writer in (self.client, self.server):
            taken = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):  # a Unix socket, or one that is gone
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


@dataclass(slots=True)
class Proxy:
    """Stands on `port` of 127.0.0.1 before `upstream`. delay: seconds each way. late: seconds more for answers.

    lost: how many answers were swallowed so far. opened: how many connections came.
    """

    upstream: Upstream
    delay: float = 0
    late: float = 0
    port: int = 0
    lost: int = 0
    opened: int = 0
    mode: Mode = "passing"
    _through: asyncio.Event = field(default_factory=asyncio.Event)
    _links: set[Link] = field(default_factory=set)
    _swallows: deque[Literal["reset", "silence"]] = field(default_factory=deque)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listen on a free port until the end of the block."""
        self._through.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.switch("passing")
            self.reset()
            await server.wait_closed()
            while self._links:  # noqa: ASYNC110 - they end by themselves, in an instant
                await asyncio.sleep(0.01)

    def switch(self, mode: Mode) -> None:
        """Behave like this from now on; when it passes again, what silence held goes on its way."""
        self.mode = mode
        match mode:
            case "passing":
                self._through.set()
            case "silent":
                self._through.clear()
            case "refusing":
                self._through.set()
                self.reset()
            case _:
                assert_never(mode)

    def reset(self) -> None:
        """Break every connection that is open now."""
        for link in list(self._links):
            link.reset()

    def swallow_commits(self, times: int = 1, then: Literal["reset", "silence"] = "reset") -> None:
        """Let the next COMMITs through and lose their answers; then the connection breaks, or nothing comes."""
        self._swallows.extend([then] * times)

    async def play(self, script: Sequence[tuple[Mode, float]]) -> None:
        """Behave in each way for so many seconds, then pass."""
        for mode, seconds in script:
            self.switch(mode)
            await asyncio.sleep(seconds)
        self.switch("passing")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            there, up = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, up, Statements())
        self._links.add(link)
        if self.mode == "refusing":
            link.reset()
        pumps = [
            asyncio.create_task(self._ask(link, reader)),
            asyncio.create_task(self._answer(link, there)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for one in (writer, up):
                one.close()
            self._links.discard(link)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, str):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection(*self.upstream)

    async def _ask(self, link: Link, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            await self._pause(0)
            if self._swallows and any(COMMIT.match(one) for one in link.statements.feed(data)):
                link.losing = self._swallows.popleft()
            elif not self._swallows:
                link.statements.feed(data)
            link.server.write(data)
            await link.server.drain()

    async def _answer(self, link: Link, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            await self._pause(self.late)
            if link.losing:
                self.lost += 1
                if link.losing == "reset":
                    link.reset()
                    return
                await asyncio.Event().wait()  # until somebody gives up
            link.client.write(data)
            await link.client.drain()

    async def _pause(self, more: float) -> None:
        await self._through.wait()
        if self.delay or more:
            await asyncio.sleep(self.delay + more)
            await self._through.wait()
