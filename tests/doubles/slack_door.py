"""The bot's door in the smallest form: an HTTP server that leads through the three steps of an edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from adapters.base import Edge, Refused, Turn


@asynccontextmanager
async def door(edge: Edge, turn: Turn) -> AsyncIterator[str]:
    """Serve the edge on a free port of 127.0.0.1; gives the address without a path."""

    async def enter(request: web.Request) -> web.Response:
        now = datetime.now(UTC)
        try:
            admitted = await edge.admit(request.headers, now)
            payload = await edge.verify(admitted, request.headers, await request.read(), now)
            answer = await edge.dispatch(payload, turn, now)
        except Refused as refused:
            return web.Response(status=refused.status)
        headers = {"Content-Type": answer.content_type, **answer.headers}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    application = web.Application()
    application.router.add_post(edge.path, enter)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
