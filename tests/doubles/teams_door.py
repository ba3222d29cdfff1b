"""The smallest server around the Teams edge: the three steps in the order that the ingress keeps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.base import Edge, Refused, Turn


@asynccontextmanager
async def door(edge: Edge, turn: Turn) -> AsyncIterator[str]:
    """Serve the edge; gives the address of the server."""

    async def handle(request: web.Request) -> web.Response:
        now = datetime.now(UTC)
        try:
            admitted = await edge.admit(request.headers, now)
            payload = await edge.verify(admitted, request.headers, await request.read(), now)
            answer = await edge.dispatch(payload, turn, now)
        except Refused as refused:
            return web.Response(status=refused.status)
        kind = answer.content_type if answer.body else None
        return web.Response(status=answer.status, body=answer.body, content_type=kind, headers=answer.headers)

    app = web.Application(client_max_size=edge.max_body)
    app.router.add_post(edge.path, handle)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("/"))
    finally:
        await server.close()
