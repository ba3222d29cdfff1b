"""Microsoft Teams: the connector that a bot posts to, the directory of its tokens, and a journal."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.doubles.teams_cards import problems

TENANT = "5c1e7a60-0000-4000-8000-00000000aaaa"
APP_ID = "11111111-2222-3333-4444-555555555555"
PASSWORD = "not-a-real-password"
_LARGEST = 100 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot."""

    method: str
    path: str
    body: Any
    authorization: str
    status: int


@dataclass(slots=True)
class Message:
    """One message as it stands in a conversation."""

    id: str
    text: str = ""
    card: dict[str, Any] | None = None
    summary: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """How the connector treats the next call: a status, or taken and then silent (`drop`)."""

    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    html: bool = False
    drop: bool = False
    delay: float = 0.0


class Teams:
    """The platform for one test. `app_id` empty means that it asks for no token, as in development."""

    def __init__(self, app_id: str = APP_ID, password: str = PASSWORD) -> None:
        self.app_id, self._password = app_id, password
        self.journal: list[Call] = []
        self.faults: list[Fault] = []
        self.conversations: dict[str, list[Message]] = {}
        self.users: dict[str, str] = {}
        self.token_calls = 0
        self.token_delay = 0.0
        self.token_status = 200
        self.token_lasts = 3600
        self.busy = 0
        self._numbers = iter(range(1, 1_000_000))
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_post("/teams/v3/conversations", self._create)
        app.router.add_post("/teams/v3/conversations/{id}/activities", self._post)
        app.router.add_post("/teams/v3/conversations/{id}/activities/{activity}", self._post)
        app.router.add_put("/teams/v3/conversations/{id}/activities/{activity}", self._put)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def service_url(self) -> str:
        return str(self._server.make_url("/teams/"))

    @property
    def token_url(self) -> str:
        return str(self._server.make_url("/")) + "{tenant}/oauth2/v2.0/token"

    def personal(self, user_id: str) -> str:
        """The id of a person's one-to-one conversation with the bot; 29: ids and object ids both will do."""
        conversation = f"a:{self.users.get(user_id, user_id)}"
        self.conversations.setdefault(conversation, [])
        return conversation

    def next_id(self) -> str:
        """A new message id, in the form of Teams."""
        return str(1_700_000_000_000 + next(self._numbers))

    def posts(self) -> list[Call]:
        """The messages that the bot sent or changed, in order."""
        return [call for call in self.journal if call.status < 300 and call.method in {"POST", "PUT"}]

    async def quiet(self, seconds: float = 0.08) -> None:
        """Wait until the bot has sent nothing for a little while."""
        seen, since = -1, 0.0
        for _ in range(500):
            since = since + 0.01 if seen == len(self.journal) and not self.busy else 0.0
            if since >= seconds:
                return
            seen = len(self.journal)
            await asyncio.sleep(0.01)
        raise AssertionError("the bot never stops sending")

    async def _token(self, request: web.Request) -> web.Response:
        self.token_calls += 1
        form = await request.post()
        await asyncio.sleep(self.token_delay)
        wanted = {
            "client_id": self.app_id,
            "client_secret": self._password,
            "grant_type": "client_credentials",
        }
        if self.token_status != 200 or any(form.get(name) != value for name, value in wanted.items()):
            return web.json_response({"error": "invalid_client"}, status=max(401, self.token_status))
        token = f"token-{self.token_calls}"
        return web.json_response(
            {"token_type": "Bearer", "expires_in": self.token_lasts, "access_token": token}
        )

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        channel = body.get("channelData", {}).get("channel", {}).get("id")
        if channel:
            if not body.get("activity"):
                return self._answer(request, body, 400, {"error": {"code": "BadArgument"}})
            message = self.next_id()
            conversation = f"{channel};messageid={message}"
            return await self._take(request, body, conversation, message, body["activity"])
        fault = await self._faulty(request, body)
        if fault is not None:
            return fault
        return self._answer(request, body, 201, {"id": self.personal(body["members"][0]["id"])})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._take(request, body, unquote(request.match_info["id"]), self.next_id(), body)

    async def _put(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        conversation, activity = unquote(request.match_info["id"]), unquote(request.match_info["activity"])
        known = [
            one for one in self.conversations.get(conversation, []) if one.id == activity and not one.mine
        ]
        if not known or body.get("id") != activity:
            return self._answer(request, body, 404, {"error": {"code": "ActivityNotFoundInConversation"}})
        return await self._take(request, body, conversation, activity, body)

    async def _take(
        self, request: web.Request, body: Any, conversation: str, message: str, activity: dict[str, Any]
    ) -> web.StreamResponse:
        fault = await self._faulty(request, body)
        if fault is not None:
            return fault
        if 2 * len(json.dumps(activity, ensure_ascii=False)) > _LARGEST:
            return self._answer(request, body, 413, None)
        cards = [one["content"] for one in activity.get("attachments") or []]
        wrong = [problem for card in cards for problem in problems(card)]
        if wrong or not (cards or activity.get("text")):
            return self._answer(
                request, body, 400, {"error": {"code": "BadSyntax", "message": "; ".join(wrong)}}
            )
        shown = Message(
            message, activity.get("text") or "", cards[0] if cards else None, activity.get("summary") or ""
        )
        messages = self.conversations.setdefault(conversation, [])
        if any(one.id == message for one in messages):
            messages[:] = [shown if one.id == message else one for one in messages]
        else:
            messages.append(shown)
        if self.faults and self.faults[0].drop:
            self.faults.pop(0)
            self._note(request, body, 0)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        made = (
            {"id": conversation, "activityId": message}
            if "members" in body or "isGroup" in body
            else {"id": message}
        )
        return self._answer(request, body, 201 if request.method == "POST" else 200, made)

    async def _faulty(self, request: web.Request, body: Any) -> web.StreamResponse | None:
        if self.app_id and not request.headers.get("Authorization", "").startswith("Bearer token-"):
            return self._answer(request, body, 401, {"error": {"code": "BadToken"}})
        if not self.faults or self.faults[0].drop:
            return None
        fault = self.faults.pop(0)
        self.busy += 1
        await asyncio.sleep(fault.delay)
        self.busy -= 1
        if not fault.status:
            return None
        shape = None if fault.html else {"error": {"code": fault.code, "message": "no"}}
        return self._answer(request, body, fault.status, shape, fault.headers)

    def _answer(
        self, request: web.Request, body: Any, status: int, shape: Any, headers: dict[str, str] | None = None
    ) -> web.Response:
        self._note(request, body, status)
        if shape is None:
            return web.Response(
                status=status, text="<html>sorry</html>", content_type="text/html", headers=headers
            )
        return web.json_response(shape, status=status, headers=headers)

    def _note(self, request: web.Request, body: Any, status: int) -> None:
        authorization = request.headers.get("Authorization", "")
        self.journal.append(Call(request.method, request.path, body, authorization, status))
