"""Slack's Socket Mode: addresses for one use, a greeting, envelopes to one socket each, acknowledgements, partings."""

import asyncio
import itertools
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
MOST = 10
"""Sockets that an app may have open."""


@dataclass(slots=True, eq=False)
class Connection:
    """One socket. is_leaving: Slack has announced that it will hang up. is_deaf: nothing comes through any more."""

    socket: web.WebSocketResponse
    is_leaving: bool = False
    is_deaf: bool = False
    pings: int = 0


@dataclass(slots=True)
class Push:
    """One delivery of one envelope, and the answer: None as long as it is not acknowledged."""

    envelope_id: str
    kind: str
    attempt: int
    connection: Connection
    answer: Json | None = None


@dataclass(slots=True)
class SlackSockets:
    """The part of Slack that opens sockets and pushes.

    resend: seconds without acknowledgement until the next try. resends: how many further tries. linger: seconds from
    "disconnect" until Slack hangs up. drops: whether a socket ends as soon as it was greeted. strange: what came that
    acknowledges nothing. most_open, least_open: sockets at the same time, since `watch` was called.
    """

    app_token: str = "xapp-1-A0APP-double"
    app_id: str = "A0APP"
    scopes: frozenset[str] = frozenset({"connections:write"})
    is_enabled: bool = True
    host: str = ""
    resend: float = 3.0
    resends: int = 3
    linger: float = 0.3
    most: int = MOST
    greets: bool = True
    drops: bool = False
    connections: list[Connection] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    opened: int = 0
    most_open: int = 0
    least_open: int = 0
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, tuple[Push, asyncio.Event]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def usable(self) -> list[Connection]:
        """The sockets that envelopes go to."""
        return [one for one in self.connections if not one.is_leaving and not one.socket.closed]

    def watch(self) -> None:
        """Count the sockets from now on."""
        self.most_open = self.least_open = len(self.usable)

    def opening(self, authorization: str, url: str) -> Json:
        """Answer apps.connections.open. url: of the Web API, http://host:port/api/."""
        token = authorization.removeprefix("Bearer ")
        if not token:
            return {"ok": False, "error": "not_authed"}
        if not token.startswith("xapp-"):
            return {"ok": False, "error": "not_allowed_token_type"}
        if token != self.app_token:
            return {"ok": False, "error": "invalid_auth"}
        if "connections:write" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "connections:write", "provided": ""}
        if not self.is_enabled:
            return {"ok": False, "error": "socket_mode_not_enabled"}
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        host = self.host or url.removeprefix("http://").removesuffix("/api/")
        return {"ok": True, "url": f"ws://{host}/link/?ticket={ticket}&app_id={self.app_id}"}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One socket, from the greeting to the end; an address that was used already opens nothing."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=400)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened += 1
        if len(self.usable) >= self.most:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = Connection(socket)
        if self.greets:
            info = {"connection_info": {"app_id": self.app_id}, "debug_info": {"host": "double"}}
            count = len(self.usable) + 1
            await socket.send_json({"type": "hello", "num_connections": count, **info})
            self.connections.append(connection)
            self.most_open = max(self.most_open, len(self.usable))
        try:
            if self.drops:
                await socket.close()
            await self._listen(connection)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            self._count()
        return socket

    async def say(self, connection: Connection, text: str) -> None:
        """Send a frame as it is, such as none of Slack's."""
        await connection.socket.send_str(text)

    async def disconnect(
        self, reason: str, *connections: Connection, first: Awaitable[object] | None = None
    ) -> None:
        """Tell these sockets (all, if none is named) that they end, and hang up a moment later.

        first: what is waited for until then, instead of a moment.
        """
        leaving = list(connections or self.usable)
        if reason == "link_disabled":
            self.is_enabled = False
        for one in leaving:
            await one.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            one.is_leaving = reason != "warning"  # after a warning it still delivers, until it hangs up
        self._count()
        await (first or asyncio.sleep(self.linger))
        for one in leaving:
            one.is_leaving = True
            await one.socket.close()

    async def deliver(self, kind: str, payload: Json) -> Json | None:
        """Push until it is acknowledged; gives the answer, {} for a bare acknowledgement, None if there was none."""
        done = asyncio.Event()
        pushes: list[Push] = []
        for attempt in range(self.resends + 1):
            if self.usable:
                pushes.append(await self._push(kind, payload, attempt, done))
            try:
                async with asyncio.timeout(self.resend):
                    await done.wait()
                break
            except TimeoutError:
                continue
        return next((one.answer for one in pushes if one.answer is not None), None)

    async def _push(self, kind: str, payload: Json, attempt: int, done: asyncio.Event) -> Push:
        connection = self.usable[next(self._numbers) % len(self.usable)]
        # The envelope is new each time; what it is about stays the same.
        push = Push(f"envelope-{next(self._numbers)}", kind, attempt, connection)
        self.pushes.append(push)
        self._waiting[push.envelope_id] = (push, done)
        if not connection.is_deaf:
            retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
            told = {"envelope_id": push.envelope_id, "type": kind, "payload": payload}
            await connection.socket.send_json(
                {**told, "accepts_response_payload": _answerable(kind, payload), **retry}
            )
        return push

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.is_deaf:
                continue
            if message.type is WSMsgType.PING:
                connection.pings += 1
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(connection, message.data)

    def _acknowledged(self, connection: Connection, text: str) -> None:
        told = json.loads(text)
        push, done = self._waiting.get(told.get("envelope_id"), (None, None))
        if (
            push is None
            or done is None
            or push.connection is not connection
            or set(told) - {"envelope_id", "payload"}
        ):
            self.strange.append(text)
            return
        push.answer = told.get("payload", {})
        done.set()

    def _count(self) -> None:
        self.least_open = min(self.least_open, len(self.usable))


def _answerable(kind: str, payload: Json) -> bool:
    return kind == "slash_commands" or payload.get("type") in ("view_submission", "block_suggestion")
