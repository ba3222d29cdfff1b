"""The part of Slack that judges tokens: auth.test, bots.info and apps.connections.open, with any answer."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web

from adapters.slack.manifest import SCOPES

BOT_TOKEN = "xoxb-1-canary"
APP_TOKEN = "xapp-1-A0APP-1-canary"


@dataclass(slots=True)
class TokenDouble:
    """answers: by method, an error's name or the members of a body. headers: of every answer."""

    answers: dict[str, str | Mapping[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    is_html: bool = False
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TokenDouble"]:
        application = web.Application()
        application.router.add_post("/api/{method}", self._serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.asked.append((method, token))
        headers = {"Date": formatdate(usegmt=True), "X-OAuth-Scopes": ",".join(SCOPES), **self.headers}
        if self.is_html:
            return web.Response(text="<html>proxy</html>", status=502, headers=headers)
        said = self.answers.get(method, _fine(method, token))
        body = {"ok": False, "error": said} if isinstance(said, str) else {"ok": True, **said}
        return web.json_response(body, status=self.status, headers=headers)


def _fine(method: str, token: str) -> str | Mapping[str, Any]:
    match method:
        case "auth.test" if token == BOT_TOKEN:
            return {"team": "Example Co", "team_id": "T1", "user_id": "U0BOT", "bot_id": "B1"}
        case "bots.info" if token == BOT_TOKEN:
            return {"bot": {"id": "B1", "app_id": "A0APP"}}
        case "apps.connections.open" if token.startswith("xapp-"):
            return {"url": "wss://127.0.0.1:1/link/?ticket=canary"}
        case "apps.connections.open":
            return "not_allowed_token_type"
        case _:
            return "invalid_auth"
