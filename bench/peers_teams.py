"""What one writes for Teams: python -m bench.peers_teams echo PORT, and ours PORT DATABASE ISSUER SERVICE TOKENS.

echo: the echo bot of botbuilder's samples on its own adapter for aiohttp. It runs without an app id, so that it checks
no token and asks for none: Microsoft's keys cannot be had here. Ours does both.
"""

import asyncio
import sys
from typing import Any

from aiohttp import web

PATH = "/api/messages"


def echo(_: list[str]) -> web.Application:
    """The peer."""
    from botbuilder.core import ActivityHandler, TurnContext  # noqa: PLC0415
    from botbuilder.integration.aiohttp import (  # noqa: PLC0415
        CloudAdapter,
        ConfigurationBotFrameworkAuthentication,
    )

    class Config:
        APP_ID = APP_PASSWORD = APP_TENANTID = ""
        APP_TYPE = "MultiTenant"

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: TurnContext) -> Any:
            return await turn_context.send_activity(f"Echo: {turn_context.activity.text}")

    adapter, bot = CloudAdapter(ConfigurationBotFrameworkAuthentication(Config())), Echo()

    async def handle(request: web.Request) -> web.Response:
        answer: web.Response = await adapter.process(request, bot)
        return answer or web.Response()

    application = web.Application()
    application.router.add_post(PATH, handle)
    return application


def ours(words: list[str]) -> web.Application:
    """Embarque on Teams: token checked, turn committed, answer posted."""
    from adapters.base import Budget, Destination  # noqa: PLC0415
    from adapters.teams.app import TeamsEdge  # noqa: PLC0415
    from adapters.teams.credentials import Credentials  # noqa: PLC0415
    from adapters.teams.keys import SigningKeys  # noqa: PLC0415
    from adapters.teams.outbound import TeamsOutbound  # noqa: PLC0415
    from bot import logs  # noqa: PLC0415
    from bot.app import Embarque  # noqa: PLC0415
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.ingress import Rate, door  # noqa: PLC0415
    from bot.library import BUILT_IN, Library  # noqa: PLC0415
    from bot.store.database import open_database  # noqa: PLC0415
    from tests.doubles.teams import APP_ID, PASSWORD, TENANT  # noqa: PLC0415

    class Unlimited(TeamsOutbound):
        def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
            del to, operation
            return ()

    url, issuer, service, tokens = words
    logs.set_up()
    credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=tokens)
    outbound = Unlimited(credentials, hosts=(service.split("/")[2],), service_url=service, dev=True)
    edge, clock = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer), dev=True), SystemClock()
    library = Library.open(BUILT_IN)
    app = Embarque(open_database(url), library, "main", clock, (), {"teams": outbound}, ticking=False)
    app.routes.append(door(edge, app.turns.handle, clock, Rate(1e9, 1e9)))  # all comes from one address
    return app.web_app()


async def serve(kind: str, port: int, words: list[str]) -> None:
    """Serve until the process is told to stop."""
    runner = web.AppRunner({"echo": echo, "ours": ours}[kind](words), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
