"""A Slack of our own on 127.0.0.1: the Web API with its refusals, its limits, its faults and a journal."""

import asyncio
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.doubles.slack_blocks import block_faults, view_faults
from tests.doubles.slack_limits import SlackLimits
from tests.doubles.slack_socket import SlackSockets

Json = dict[str, Any]
TRIGGER_SECONDS = 3.0
VIEW_STACK = 3
HISTORY = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call.

    dropped: Slack does the work, then the connection breaks. text: the Retry-After header, or the error code.
    """

    kind: Literal["ratelimited", "status", "html", "not json", "half body", "dropped", "slow", "error"]
    text: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One call that arrived: its method, its arguments, and Slack's word on it."""

    method: str
    arguments: Json
    answer: str


@dataclass(slots=True)
class Trigger:
    """A trigger: whose it is, when it was given, and whether it is spent."""

    user: str
    born: float
    is_spent: bool = False


@dataclass(slots=True)
class SlackDouble:
    """The state of one workspace. `url` is what SLACK_API_URL takes once the double is running."""

    team: str = "T0TEAM"
    app_id: str = "A0APP"
    bot_user: str = "U0BOT"
    bot_token: str = "xoxb-double"
    signing_secret: str = "double-signing-secret"
    clock: Callable[[], float] = time.monotonic
    url: str = ""
    limits: SlackLimits | None = None
    sockets: SlackSockets = field(default_factory=SlackSockets)
    journal: list[Call] = field(default_factory=list)
    in_flight: int = 0
    people: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, list[Json]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    views: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    triggers: dict[str, Trigger] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SlackDouble"]:
        """Listen on a free port of 127.0.0.1."""
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._serve)
        application.router.add_get("/link/", self.sockets.serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        try:
            yield self
        finally:
            await runner.cleanup()

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of this method go wrong."""
        self.faults[method].extend([fault] * times)

    def calls(self, method: str) -> list[Call]:
        """What arrived for one method, oldest first."""
        return [call for call in self.journal if call.method == method]

    def direct(self, user: str) -> str:
        """The one-to-one conversation of the bot with a person."""
        channel = f"D{user[1:]}"
        self.channels.setdefault(channel, [])
        self.members[channel] |= {user, self.bot_user}
        return channel

    def open_channel(self, channel: str, *users: str, with_bot: bool = True) -> None:
        """Make a channel of several people."""
        self.channels.setdefault(channel, [])
        self.members[channel] |= {*users, *([self.bot_user] if with_bot else [])}

    def trigger(self, user: str) -> str:
        """Give a trigger, as every interaction and command carries one."""
        name = f"{next(self._numbers)}.trigger"
        self.triggers[name] = Trigger(user, self.clock())
        return name

    def stamp(self) -> str:
        """A timestamp later than every one before."""
        return f"1784700000.{next(self._numbers):06d}"

    def write(self, channel: str, message: Json) -> Json:
        """Put a message into a channel; missing block ids are made up, as Slack does."""
        for block in message.get("blocks", []):
            block.setdefault("block_id", f"made-up-{next(self._numbers)}")
        stamped = {**message, "ts": self.stamp(), "channel": channel}
        self.channels[channel].append(stamped)
        return stamped

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.in_flight += 1
        try:
            fault = self.faults[method].popleft() if self.faults[method] else None
            if fault is not None and fault.kind not in ("dropped", "half body"):
                self.journal.append(Call(method, arguments, fault.kind))
                return await _faulty(fault)
            if self.limits is not None and (refusal := self.limits.refusal(method, arguments)) is not None:
                self.journal.append(Call(method, arguments, "ratelimited"))
                return web.json_response(_error("ratelimited"), status=429, headers=refusal)
            answer = self._authorised(request.headers.get("Authorization", ""), method, arguments)
            self.journal.append(Call(method, arguments, "ok" if answer["ok"] else answer["error"]))
            if fault is not None:
                return await _broken(request, fault, answer)
            return web.json_response(answer)
        finally:
            self.in_flight -= 1

    def _authorised(self, authorization: str, method: str, arguments: Json) -> Json:
        if method == "apps.connections.open":
            return self.sockets.opening(authorization, self.url)
        return (
            self._answer(method, arguments)
            if authorization == f"Bearer {self.bot_token}"
            else _error("invalid_auth")
        )

    def _answer(self, method: str, arguments: Json) -> Json:
        doing: dict[str, Callable[[Json], Json]] = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._post_ephemeral,
            "conversations.open": self._open_conversation,
            "conversations.history": self._history,
            "views.open": lambda given: self._open_view(given, on_top=False),
            "views.push": lambda given: self._open_view(given, on_top=True),
            "users.info": self._user_info,
            "auth.test": lambda _: {"ok": True, "user_id": self.bot_user, "team_id": self.team},
        }
        return doing[method](arguments) if method in doing else _error("unknown_method")

    def _message_error(self, given: Json) -> Json:
        channel = given.get("channel")
        if channel not in self.channels:
            return _error("channel_not_found")
        if self.bot_user not in self.members[channel]:
            return _error("not_in_channel")
        if not given.get("text") and not given.get("blocks"):
            return _error("no_text")
        if faults := block_faults(given.get("blocks", []), "message"):
            return {**_error("invalid_blocks"), "response_metadata": {"messages": faults}}
        return {}

    def _post(self, given: Json) -> Json:
        if refusal := self._message_error(given):
            return refusal
        kept: Json = {name: given[name] for name in ("text", "blocks", "metadata") if name in given}
        message = self.write(given["channel"], {**kept, "user": self.bot_user, "bot_id": "B0BOT"})
        return {"ok": True, "channel": given["channel"], "ts": message["ts"], "message": message}

    def _update(self, given: Json) -> Json:
        if refusal := self._message_error(given):
            return refusal
        for message in self.channels[given["channel"]]:
            if message["ts"] == given.get("ts") and message["user"] == self.bot_user and "for" not in message:
                message.update({name: given[name] for name in ("text", "blocks") if name in given})
                return {"ok": True, "channel": given["channel"], "ts": message["ts"]}
        return _error("message_not_found")

    def _post_ephemeral(self, given: Json) -> Json:
        if refusal := self._message_error(given):
            return refusal
        if given.get("user") not in self.members[given["channel"]]:
            return _error("user_not_in_channel")
        kept: Json = {name: given[name] for name in ("text", "blocks") if name in given}
        hidden: Json = {**kept, "user": self.bot_user, "bot_id": "B0BOT", "for": given["user"]}
        return {"ok": True, "message_ts": self.write(given["channel"], hidden)["ts"]}

    def _open_conversation(self, given: Json) -> Json:
        user = given.get("users", "")
        if user not in self.people:
            return _error("user_not_found")
        return {"ok": True, "channel": {"id": self.direct(user)}}

    def _history(self, given: Json) -> Json:
        lasting = [one for one in self.channels.get(given.get("channel", ""), []) if "for" not in one]
        newest = lasting[::-1][: min(int(given.get("limit", 100)), HISTORY)]
        hidden = set() if str(given.get("include_all_metadata")).lower() in ("1", "true") else {"metadata"}
        shown = [{name: value for name, value in one.items() if name not in hidden} for one in newest]
        return {"ok": True, "messages": shown, "has_more": len(lasting) > len(newest)}

    def _open_view(self, given: Json, *, on_top: bool) -> Json:
        trigger = self.triggers.get(given.get("trigger_id", ""))
        if trigger is None or self.clock() - trigger.born > TRIGGER_SECONDS:
            return _error("expired_trigger_id")
        if trigger.is_spent:
            return _error("exchanged_trigger_id")
        stack = self.views[trigger.user]
        if len(stack) >= (VIEW_STACK if on_top else 1):
            return _error("push_limit_reached")
        if faults := view_faults(given.get("view")):
            return {**_error("invalid_arguments"), "response_metadata": {"messages": faults}}
        trigger.is_spent = True
        stack.append(self.made_view(given["view"]))
        return {"ok": True, "view": stack[-1]}

    def made_view(self, view: Json) -> Json:
        """A view as Slack keeps it: with an id and a hash."""
        return {**view, "id": f"V{next(self._numbers)}", "hash": f"hash-{next(self._numbers)}"}

    def _user_info(self, given: Json) -> Json:
        person = self.people.get(given.get("user", ""))
        return {"ok": True, "user": person} if person else _error("user_not_found")


def _error(code: str) -> Json:
    return {"ok": False, "error": code}


async def _arguments(request: web.Request) -> Json:
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.can_read_body:
        given |= dict(await request.post())
    for name in ("blocks", "view", "metadata"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given


async def _faulty(fault: Fault) -> web.StreamResponse:
    match fault.kind:
        case "ratelimited":
            headers = {} if fault.text is None else {"Retry-After": fault.text}
            return web.json_response(_error("ratelimited"), status=429, headers=headers)
        case "status":
            return web.Response(status=fault.status, text=fault.text or "")
        case "html":
            return web.Response(text="<html>Service unavailable</html>", content_type="text/html")
        case "not json":
            return web.Response(body=b"{ok", content_type="application/json")
        case "slow":
            await asyncio.sleep(float(fault.text or 1))
            return web.json_response(_error("fatal_error"))
        case _:
            return web.json_response(_error(fault.text or "fatal_error"))


async def _broken(request: web.Request, fault: Fault, answer: Json) -> web.StreamResponse:
    """The work is done; the answer is lost on the way."""
    if fault.kind == "half body":
        body = json.dumps(answer).encode()
        response = web.StreamResponse(
            headers={"Content-Length": str(len(body)), "Content-Type": "application/json"}
        )
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return web.Response()
