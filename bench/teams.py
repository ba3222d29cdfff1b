"""Row 5: a Teams turn with its token checked, its commit and its posted answer, beside botbuilder's echo."""

import asyncio
import importlib.util
import json
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bench.company import employee, found
from bench.interviews import Talks
from bench.peers_teams import PATH
from bench.processes import Running, free_port, running
from bench.table import MISSING, Figures, NotHereError, Part, Row, Size
from tests.doubles.issuer import Issuer
from tests.doubles.teams import APP_ID, Teams
from tests.doubles.teams_activities import message

PEOPLE = 40
PATIENCE = 60


def measure(kind: str, folder: Path, size: Size) -> Figures:
    """One round: µs of processor time and milliseconds a turn, until every answer has been posted."""
    if kind == "echo" and importlib.util.find_spec("botbuilder.integration") is None:
        raise NotHereError(MISSING)
    return asyncio.run(_measure(kind, folder, size))


async def _measure(kind: str, folder: Path, size: Size) -> Figures:
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(Issuer())
        teams = await stack.enter_async_context(Teams(APP_ID if kind == "ours" else ""))
        words: list[str] = []
        if kind == "ours":
            url = f"sqlite+aiosqlite:///{folder}/company.db"
            await found(url, "teams", PEOPLE, teams)
            words = [url, issuer.metadata_url, teams.service_url, teams.token_url]
        port = free_port()
        process = running("bench.peers_teams", kind, str(port), *words, port=port, folder=folder)
        server = await asyncio.to_thread(stack.enter_context, process)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        token = issuer.token(APP_ID, teams.service_url) if kind == "ours" else ""
        return await _figures(server, teams, http, token, size)


async def _figures(
    server: Running, teams: Teams, http: aiohttp.ClientSession, token: str, size: Size
) -> Figures:
    address = f"http://127.0.0.1:{server.port}{PATH}"
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    talks = Talks()

    async def talk(first: int, turns: int) -> None:
        """People take turns; the next one waits until the answer stands in the conversation."""
        for number in range(first, first + turns):
            before = len(teams.posts())
            async with http.post(
                address, data=_said(teams, number % PEOPLE, talks), headers=headers
            ) as answer:
                assert answer.status < 300, answer.status
            until = time.monotonic() + PATIENCE
            while len(teams.posts()) == before:
                assert time.monotonic() < until, "no answer was posted"
                await asyncio.sleep(0.001)

    turns = size.of(360, 160, 4)
    await talk(0, turns // 4 + 1)
    processor, began = server.processor(), time.perf_counter()
    await talk(turns, turns)
    await teams.quiet()
    return {
        "cpu_us": (server.processor() - processor) / turns * 1e6,
        "answered_ms": (time.perf_counter() - began) / turns * 1e3,
    }


def _said(teams: Teams, number: int, talks: Talks) -> bytes:
    who = employee(number)
    about: dict[str, Any] = {
        "id": f"{time.monotonic_ns()}",
        "from": {"id": f"29:{who}", "name": who, "aadObjectId": who},
        "conversation": {**message("", "")["conversation"], "id": teams.personal(f"29:{who}")},
    }
    return json.dumps(message(teams.service_url, talks.next_of(number), **about)).encode()


PART = Part(
    (
        Row("5", "Teams turn, token to answer, CPU", "ours.cpu_us", 0.5, 0.1, "µs", "botbuilder.cpu_us"),
        Row("5", "the same, until the answer", "ours.answered_ms", 1, 0.5, "ms", "botbuilder.answered_ms"),
    ),
    {"botbuilder": partial(measure, "echo"), "ours": partial(measure, "ours")},
)
