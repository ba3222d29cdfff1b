"""The only door: size, rate, authentication, bounded parse, tenant and app, then the turn."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

import structlog
from aiohttp import web

from adapters.base import Edge, Refused, Response, Turn
from bot.clock import Clock
from bot.measures import REQUESTS, TURN_SECONDS
from bot.store.health import outage
from dialogs.activity import Activity, Platform, Reply

log = structlog.get_logger()

READ_SECONDS = 10
"""A body that has not come by then is not waited for."""
ANSWER_SECONDS = 2.8
"""Platforms wait for three seconds and then deliver again."""
PER_SECOND, BURST = 500.0, 2000.0
"""For each peer: well above what a platform sends on its busiest day, since all of it may come through one proxy."""
PEERS = 4096
UNAVAILABLE = 503
RETRY_SECONDS = 2
"""When it is worth delivering again what could not be taken."""


_BUSY = Response(UNAVAILABLE, content_type="text/plain")


class Rate:
    """A token bucket for each peer; the oldest peers are forgotten."""

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._peers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, peer: str, at: float) -> bool:
        """Whether one more request of this peer is within its rate. at: seconds of a monotonic clock."""
        tokens, seen = self._peers.pop(peer, (self._burst, at))
        tokens = min(self._burst, tokens + (at - seen) * self._per_second)
        self._peers[peer] = (tokens - 1 if tokens >= 1 else tokens, at)
        while len(self._peers) > PEERS:
            self._peers.popitem(last=False)
        return tokens >= 1


def door(
    edge: Edge,
    turn: Turn,
    clock: Clock,
    rate: Rate | None = None,
    read_seconds: float = READ_SECONDS,
    full: Callable[[], bool] = lambda: False,
) -> web.RouteDef:
    """The route of one edge. Every refusal is a 4xx with an empty body and one line in the log.

    clock: real time, for signatures and tokens, whatever the company's clock shows. read_seconds: how long a
    body may take. full: whether there is no place for a turn; what comes again by itself is then refused before it
    costs anything, so that the bot does what it can while too much is asked of it.
    """
    limit = rate or Rate()
    counted, timed = cache(partial(REQUESTS.labels, edge.platform)), TURN_SECONDS.labels(edge.platform)

    async def handle(request: web.Request) -> web.Response:
        started = time.perf_counter()
        now = clock.now()
        try:
            if full() and edge.comes_again(request.headers):
                response = _BUSY
            else:
                response = await _let_in(edge, turn, request, limit, now, read_seconds)
        except Refused as refused:
            log.info("refused", platform=edge.platform, status=refused.status, reason=refused.reason)
            response = Response(refused.status, content_type="text/plain")
        except Exception as error:  # the platform delivers again; the log never says what was said
            if (reason := outage(error)) is None:
                log.exception("turn failed", platform=edge.platform)
            else:
                log.warning(
                    "turn refused: the database cannot take it", platform=edge.platform, reason=reason
                )
            response = Response(UNAVAILABLE, content_type="text/plain")
        counted(str(response.status)).inc()
        timed.observe(time.perf_counter() - started)
        headers = dict(response.headers)
        if response.body:
            headers["Content-Type"] = response.content_type
        if response.status == UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_SECONDS)
        return web.Response(status=response.status, body=response.body, headers=headers)

    return web.post(edge.path, handle)


def measured(turn: Turn, platform: Platform) -> Turn:
    """The same turn for who comes over a listener, counted and timed as requests are."""
    counted, timed = cache(partial(REQUESTS.labels, platform)), TURN_SECONDS.labels(platform)

    async def handle(activity: Activity) -> Reply:
        started, status = time.perf_counter(), UNAVAILABLE
        try:
            reply = await turn(activity)
            status = 200
        except Refused as refused:
            status = refused.status
            raise
        finally:
            counted(str(status)).inc()
            timed.observe(time.perf_counter() - started)
        return reply

    return handle


async def _let_in(
    edge: Edge, turn: Turn, request: web.Request, rate: Rate, now: datetime, read_seconds: float
) -> Response:
    if request.content_length is not None and request.content_length > edge.max_body:
        raise Refused(413, "too large")
    if not rate.takes(request.remote or "", time.monotonic()):
        raise Refused(429, "too many requests")
    admitted = await edge.admit(request.headers, now)
    raw = await _body(request, edge.max_body, read_seconds)
    async with asyncio.timeout(ANSWER_SECONDS):
        payload = await edge.verify(admitted, request.headers, raw, now)
        return await edge.dispatch(payload, turn, now)


async def _body(request: web.Request, limit: int, seconds: float) -> bytes:
    if request.content.is_eof():  # it has come with the headers: there is nothing to wait for
        whole = request.content.read_nowait()
        if len(whole) > limit:
            raise Refused(413, "too large")
        return whole
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.content.iter_any():
                size += len(part)
                if size > limit:
                    raise Refused(413, "too large")
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "body too slow") from None
    return b"".join(parts)
