"""The servers that are measured, each a process of its own: python -m bench.servers floor|turn|ours PORT [DATABASE]."""

import asyncio
import hashlib
import hmac
import sys
from typing import Any

from aiohttp import web

SECRET = "bench-signing-secret"
TOKEN = "xoxb-bench"
PATH = "/slack/events"


async def floor(_: str) -> web.Application:
    """Bare aiohttp that checks the signature and answers: nothing can be faster."""

    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()
        base = b"v0:" + request.headers["X-Slack-Request-Timestamp"].encode() + b":" + raw
        wanted = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
        given = request.headers["X-Slack-Signature"]
        return web.Response(status=200 if hmac.compare_digest(wanted, given) else 401)

    application = web.Application()
    application.router.add_post(PATH, handle)
    return application


async def turn(url: str) -> web.Application:
    """Embarque on Slack up to the answer 200: the reply is written, and stays a row as it does without a token."""
    app = embarque(url, sends=False)
    app.deliveries.send = lambda _: None
    application: web.Application = app.web_app()
    return application


async def ours(url: str) -> web.Application:
    """Embarque on Slack: the same, and the reply goes to a platform that takes it at once."""
    application: web.Application = embarque(url).web_app()
    return application


def embarque(url: str, *, sends: bool = True) -> Any:
    """Embarque with a door for Slack, and a platform that takes every message at once, or none to send to."""
    from adapters.base import Budget, Destination, Sent  # noqa: PLC0415
    from adapters.slack.app import SlackEdge  # noqa: PLC0415
    from bot import logs  # noqa: PLC0415
    from bot.app import Embarque  # noqa: PLC0415
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.ingress import Rate, door  # noqa: PLC0415
    from bot.library import BUILT_IN, Library  # noqa: PLC0415
    from bot.store.database import open_database  # noqa: PLC0415
    from dialogs.activity import Platform  # noqa: PLC0415
    from dialogs.card import Card  # noqa: PLC0415

    class Sink:
        platform = Platform.SLACK
        can_find = False

        async def send(self, to: Destination, card: Card, key: str) -> Sent:
            del card
            return Sent(key, to.conversation or "D")

        async def update(self, to: Destination, message: str, card: Card) -> None:
            del to, message, card

        def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
            del to, operation
            return ()

        async def find(self, to: Destination, key: str) -> Sent | None:
            del to, key
            return None

        async def close(self) -> None:
            """Nothing to give back."""

    logs.set_up()
    edge, clock = SlackEdge([SECRET], TOKEN, team_ids=("T0TEAM",)), SystemClock()
    library, outbounds = Library.open(BUILT_IN), {"slack": Sink()} if sends else {}
    app = Embarque(open_database(url), library, "main", clock, (), outbounds, ticking=False)
    app.routes.append(door(edge, app.turns.handle, clock, Rate(1e9, 1e9)))  # the load comes from one address
    return app


async def serve(kind: str, port: int, url: str) -> None:
    """Serve until the process is told to stop."""
    application = await {"floor": floor, "turn": turn, "ours": ours}[kind](url)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))
