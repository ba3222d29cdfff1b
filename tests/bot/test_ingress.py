"""The only door: what it turns away, how fast, and what it lets out about itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import pytest
from aiohttp import web

from adapters.base import Refused, Response, Turn
from bot import logs
from bot.clock import SystemClock
from bot.ingress import Rate, door
from dialogs.activity import Activity, Platform, Reply

CANARY = "canari-7f3a: mon patron ment"


@dataclass
class Doorman:
    """An edge of a few lines."""

    platform: Platform = Platform.WEB
    path: str = "/in"
    max_body: int = 1000
    parsed: int = 0

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        return headers.get("X-Kind") == "event"

    async def admit(self, headers: Mapping[str, str], now: datetime) -> object:
        if headers.get("X-Token") == "wrong":
            raise Refused(401, "wrong token")
        return None

    async def verify(self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime) -> object:
        self.parsed += 1
        return raw

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        if payload == b"break":
            raise ValueError(CANARY)
        return Response(body=b'"done"')


async def no_turn(_: Activity) -> Reply:
    return Reply()


@asynccontextmanager
async def served(
    rate: Rate | None = None, read_seconds: float = 5, *, full: bool = False
) -> AsyncIterator[tuple[str, Doorman]]:
    edge = Doorman()
    application = web.Application()
    application.add_routes([door(edge, no_turn, SystemClock(), rate, read_seconds, lambda: full)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/in", edge
    finally:
        await runner.cleanup()


async def post(url: str, body: object = b"{}", **headers: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_body_that_announces_too_much_is_not_read() -> None:
    """Would have caught: a megabyte parsed before anybody asked who sends it."""
    async with served() as (url, edge):
        assert await post(url, b"x" * 1001) == (413, b"")
        assert edge.parsed == 0
        assert await post(url, b"x" * 1000) == (200, b'"done"')


async def test_a_body_that_grows_too_large_without_saying_so_is_cut_off() -> None:
    """Would have caught: a chunked body, which has no length to look at."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 100

    async with served() as (url, edge):
        assert await post(url, chunks()) == (413, b"")
        assert edge.parsed == 0


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """Would have caught: a few hundred half-open requests that keep the bot busy."""
    async with served(read_seconds=0.1) as (url, _):
        host, port = url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        await writer.drain()
        async with asyncio.timeout(60):
            assert b" 408 " in await reader.readline()
        writer.close()


async def test_more_than_the_rate_is_turned_away_before_anything_is_read() -> None:
    """Would have caught: a flood that costs a signature check for each request."""
    async with served(Rate(per_second=0.001, burst=3)) as (url, edge):
        answers = [await post(url) for _ in range(5)]
        assert [status for status, _ in answers] == [200, 200, 200, 429, 429]
        assert edge.parsed == 3


async def test_what_comes_again_by_itself_costs_nothing_while_there_is_no_place() -> None:
    """Would catch: a bot that spends its minute on reading what it refuses, and on nothing else."""
    async with served(full=True) as (url, edge):
        async with aiohttp.ClientSession() as http, http.post(url, headers={"X-Kind": "event"}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        assert edge.parsed == 0
        assert await post(url) == (200, b'"done"'), "whoever clicked is told something"


def test_the_rate_gives_back_with_time_and_forgets_old_peers() -> None:
    """Would have caught: a peer shut out for ever, and a table that grows with every address."""
    rate = Rate(per_second=1, burst=1)
    assert rate.takes("a", 0)
    assert not rate.takes("a", 0.5)
    assert rate.takes("a", 1.6)
    assert rate.takes("b", 1.6)
    for number in range(5000):
        rate.takes(str(number), 2)
    assert len(rate._peers) <= 4096


async def test_a_refusal_says_nothing() -> None:
    """Would have caught: an error page that tells an attacker which check failed."""
    async with served() as (url, edge):
        assert await post(url, **{"X-Token": "wrong"}) == (401, b"")
        assert edge.parsed == 0


async def test_what_breaks_is_answered_503_and_logged_without_the_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Would have caught: a stack trace to the platform, or a person's words in the log by way of an exception."""
    logs.set_up()
    async with served() as (url, _):
        assert await post(url, b"break") == (503, b"")
    logged = capsys.readouterr().err
    assert CANARY not in logged
    line = json.loads(next(line for line in logged.splitlines() if "turn failed" in line))
    assert line["exception"].startswith("ValueError: ")
    assert "dispatch" in line["exception"]


async def test_what_cannot_be_taken_now_is_answered_with_when_to_try_again() -> None:
    """Would have caught: a platform that gives up, or tries again at once, because nobody told it when."""
    async with (
        served() as (url, _),
        aiohttp.ClientSession() as http,
        http.post(url, data=b"break") as answer,
    ):
        assert answer.status == 503
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
