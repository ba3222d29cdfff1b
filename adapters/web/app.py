"""The browser chat as an edge: one door for what a person does, and the routes of the page."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import orjson
from aiohttp import web

from adapters.base import Refused, Response, Turn
from adapters.web import view
from adapters.web.company import Company, Move
from adapters.web.events import Screen
from adapters.web.guard import HEADERS, check_json, check_site
from adapters.web.inbound import Act, read_act, read_user
from adapters.web.mailbox import Mailbox
from adapters.web.page import Page, page_locale
from adapters.web.render import render
from adapters.web.streams import Streams
from dialogs.activity import Platform, Reply
from dialogs.text import Locale

Known = Callable[[str], Awaitable[bool]]
"""Is this user one of the company's people, today?"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEARTBEAT = 15.0
MAX_CLOCK_BODY = 1024


@dataclass(frozen=True, slots=True)
class WebEdge:
    """The edge and the page. Only for a loopback address: whoever sees the page may be anybody."""

    tenant: str
    mailbox: Mailbox
    company: Company
    known: Known
    streams: Streams
    page: Page
    platform: Platform = Platform.WEB
    path: str = "/web/act"
    max_body: int = 64 * 1024
    heartbeat: float = HEARTBEAT

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        """Nothing does."""
        del headers
        return False

    async def admit(self, headers: Mapping[str, str], now: datetime) -> object:
        """Only JSON, only from this page, only on this machine."""
        del now
        check_site(headers)
        check_json(headers)
        return None

    async def verify(self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime) -> Act:
        """A well-formed act of somebody who is of the company, in a conversation that they may read."""
        del admitted, headers
        act = read_act(_json(raw, self.max_body), self.tenant, now)
        user = act.activity.actor
        if not await self.known(user):
            raise Refused(403, "unknown_user")
        if act.activity.place.shared and act.activity.place.conversation not in await self._readable(user):
            raise Refused(403, "not_in_channel")
        return act

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        """Show the person's own words, wait for the turn, answer with what must be shown at once."""
        del now
        if not isinstance(payload, Act):
            raise TypeError("dispatch takes what verify returned")
        did = payload.activity
        if payload.said:
            # The page tells time by the company's clock; real time would put these words out of order.
            at = self.company.now()
            key = f"said:{did.event_id}"
            place = did.place.conversation
            await self.mailbox.post(self.tenant, place, "person", None, payload.said, key, at)
            self.streams.ring(self.tenant)
        reply = await turn(did)
        self.streams.ring(self.tenant)
        return Response(body=orjson.dumps(_reply(reply)), headers=HEADERS)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page, beside the edge's own path."""
        return [
            web.get("/", _guarded(self._page, local=True)),
            web.get("/static/{name}", _guarded(self._file, local=True)),
            web.get("/web/state", _guarded(self._state)),
            web.get("/web/stream", _guarded(self._stream)),
            web.post("/web/clock", _guarded(self._clock)),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        locale = _locale(request)
        return self.page.html(locale, self.company.name, self.company.words(locale))

    async def _file(self, request: web.Request) -> web.Response:
        return self.page.file(request.match_info["name"], request.headers.get("If-None-Match", ""))

    async def _state(self, request: web.Request) -> web.Response:
        asked = request.query.get("as")
        user = read_user(asked) if asked else None
        found = await view.state(self.company, self.mailbox, self.tenant, user, _locale(request))
        return _answer(found)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        user = read_user(request.query.get("as"))
        if not await self.known(user):
            raise Refused(404, "unknown_user")
        cursor = _number(request.headers.get("Last-Event-ID") or request.query.get("after"))
        screen = Screen(self.mailbox, self.company, self.tenant, user, _locale(request), cursor)
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        with suppress(ConnectionResetError):  # the page was closed
            await response.prepare(request)
            async for frame in screen.follow(self.streams, self.heartbeat):
                await response.write(frame)
        return response

    async def _clock(self, request: web.Request) -> web.Response:
        check_json(request.headers)
        body = _json(await _bounded(request), MAX_CLOCK_BODY)
        try:
            to = Move(str(body.get("to")) if isinstance(body, dict) else "")
        except ValueError:
            raise Refused(400, "no_move") from None
        happened = await self.company.move(to, _locale(request))
        self.streams.ring(self.tenant)
        return _answer(view.moved(happened))

    async def _readable(self, user: str) -> list[str]:
        personas = await self.company.personas("en")
        channels = next((one.channels for one in personas if one.user == user), ())
        return view.conversations(user, channels)


def _guarded(handler: Handler, *, local: bool = False) -> Handler:
    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            # A link on a web site may lead to the page; nothing but the page itself may ask for its data.
            check_site({"Host": request.headers.get("Host", "")} if local else request.headers)
            return await handler(request)
        except Refused as refused:
            return web.Response(status=refused.status, headers=HEADERS)

    return guarded


def _locale(request: web.Request) -> Locale:
    return page_locale(request.query.get("lang"), request.headers.get("Accept-Language", ""))


def _json(raw: bytes, most: int) -> object:
    if len(raw) > most:
        raise Refused(413, "too_large")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "not_json") from None


async def _bounded(request: web.Request) -> bytes:
    raw = b""
    while len(raw) <= MAX_CLOCK_BODY and (chunk := await request.content.read(MAX_CLOCK_BODY + 1)):
        raw += chunk
    return raw


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < len(str(2**63)) else 0


def _reply(reply: Reply) -> dict[str, Any]:
    shown = None if reply.open is None else render(reply.open, "modal").payload
    return {"open": shown, "errors": dict(reply.errors), "toast": reply.toast}


def _answer(data: object) -> web.Response:
    return web.Response(body=orjson.dumps(data), content_type="application/json", headers=HEADERS)
