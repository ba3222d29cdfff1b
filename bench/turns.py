"""A durable signed Slack turn over HTTP, beside the bare server and Bolt: milliseconds, and processor time."""

import asyncio
import hashlib
import hmac
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.servers import PATH, SECRET
from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.company import hire, slack_id
from tests.doubles.slack import SlackDouble

SAID = (
    "impact", "oui", "magasins", "processus", "une difficulté", "1", "exemple", "3", "2", "1", "1", "1", "1",
    "quelqu'un", "terminer",
)  # fmt: skip
WARM_UP, REQUESTS = 30, 150
PEOPLE = ("lead", "change", "sponsor", "finance", "stores", "advisor")
TICKS = os.sysconf("SC_CLK_TCK")


async def measure(kind: str, folder: Path) -> dict[str, float]:
    """One round: median milliseconds of one client, and CPU µs a request with 1 and with several clients."""
    url = f"sqlite+aiosqlite:///{folder}/{kind}-{time.monotonic_ns()}.db"
    if kind == "ours":
        database = open_database(url)
        await migrate(database)
        await hire(database, "slack", "fr-CA", SlackDouble())
        await database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs meanwhile
        [sys.executable, "-m", "bench.servers", kind, str(port), url], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == b"ready\n"
        async with aiohttp.ClientSession() as http:
            address = f"http://127.0.0.1:{port}{PATH}"
            await _talk(http, address, "lead", WARM_UP)
            before = _processor(server.pid)
            taken = await _talk(http, address, "advisor", REQUESTS)
            alone = _processor(server.pid) - before
            before, began = _processor(server.pid), time.perf_counter()
            each = REQUESTS // len(PEOPLE)
            await asyncio.gather(*(_talk(http, address, who, each) for who in PEOPLE))
            together = _processor(server.pid) - before
            rate = each * len(PEOPLE) / (time.perf_counter() - began)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    return {
        "median_ms": statistics.median(taken) * 1e3,
        "p99_ms": sorted(taken)[int(len(taken) * 0.99)] * 1e3,
        "cpu_us": alone / REQUESTS * 1e6,
        "cpu_us_together": together / (each * len(PEOPLE)) * 1e6,
        "per_second_together": rate,
    }


async def _talk(http: aiohttp.ClientSession, address: str, who: str, count: int) -> list[float]:
    taken: list[float] = []
    for number in range(count):
        body = _event(who, SAID[number % len(SAID)], f"{who}{number}{time.monotonic_ns()}")
        headers = _signed(body)
        began = time.perf_counter()
        async with http.post(address, data=body, headers=headers) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        taken.append(time.perf_counter() - began)
    return taken


def _event(who: str, text: str, event_id: str) -> bytes:
    user = slack_id(who)
    stamp = f"{time.time():.6f}"
    event: dict[str, Any] = {"type": "message", "channel_type": "im", "text": text, "ts": stamp, "user": user}
    outer = {"type": "event_callback", "team_id": "T0TEAM", "api_app_id": "A0APP", "event_id": event_id}
    inner = {**event, "channel": f"D{user}", "event_ts": stamp, "team": "T0TEAM"}
    return json.dumps({**outer, "event_time": 1784700000, "token": "unused", "event": inner}).encode()


def _signed(body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "Content-Type": "application/json",
    }


def _processor(pid: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
