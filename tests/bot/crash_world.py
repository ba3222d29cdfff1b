"""People who talk to a bot that is killed and started again: each repeats a message until it is acknowledged."""

import asyncio
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.company import hire, slack_id
from tests.doubles.slack import SlackDouble
from tests.doubles.slack_person import SlackPerson

PEOPLE = ("advisor", "stores", "finance")
SCRIPT = (
    ("impact", None),
    ("oui", "I0"),
    ("magasins", "I1"),
    ("processus", "I2"),
    ("une difficulté", "I3"),
    ("1", "I4"),
    ("exemple {n}", "I5"),
    ("3", "I6"),
    ("2", "I7"),
    ("1", "I8"),
    ("1", "I8b"),
    ("1", "I9"),
    ("1", "I10"),
    ("quelqu'un", "I11"),
    ("terminer", "I12"),
)
"""What each person types, over and over, and the question that it answers."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Kill:
    """When a bot dies: at the nth hit of a failpoint, or after some seconds when there is none."""

    point: str = ""
    hit: int = 1
    seconds: float = 0


@dataclass
class CrashWorld:
    """The bot's outside: a platform that keeps a journal, people, and the bot that runs at the moment."""

    slack: SlackDouble
    database: Database
    url: str
    nursery: asyncio.subprocess.Process
    http: aiohttp.ClientSession
    finds: bool = True
    port: int = 0
    pid: int = 0
    said: dict[str, list[str | None]] = field(default_factory=dict)
    """For each person, the questions whose answers were acknowledged, in order."""

    async def survives(self, kills: list[Kill]) -> None:
        """Let people talk through all these kills, then let everything come to rest."""
        for kill in kills:
            await self.start(kill)
            deadline = time.monotonic() + kill.seconds if kill.seconds else None
            while self.alive():
                await asyncio.gather(*(self.speak(who, deadline) for who in PEOPLE))
        await self.start(Kill())
        await asyncio.gather(*(self.speak(who, None) for who in PEOPLE))
        await self.at_rest()
        os.kill(self.pid, signal.SIGKILL)

    async def start(self, kill: Kill) -> None:
        """Start a bot and wait until it is ready, or has died of its plan before that."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        plan = {"database": self.url, "slack": self.slack.url, "port": self.port, "finds": self.finds}
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(json.dumps({**plan, "point": kill.point, "hit": kill.hit}).encode() + b"\n")
        self.pid = int(await self.nursery.stdout.readline())
        while self.alive() and not await self._ready():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)

    def alive(self) -> bool:
        """Whether the bot runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    async def speak(self, who: str, deadline: float | None) -> None:
        """Say the next line until it is acknowledged or the bot is gone; at the deadline the bot is shot."""
        said = self.said.setdefault(who, [])
        line, step = SCRIPT[len(said) % len(SCRIPT)]
        body = self._event(who, line.format(n=len(said)), f"Ev{who}{len(said)}")
        while True:
            if deadline is not None and time.monotonic() > deadline and self.alive():
                os.kill(self.pid, signal.SIGKILL)
            if await self._acknowledged(body):
                said.append(step)
                return
            if not self.alive():
                return
            await asyncio.sleep(0.005)

    async def at_rest(self) -> None:
        """Wait until every delivery has an end."""
        for _ in range(1500):
            states = Counter(row["status"] for row in await self.rows("delivery"))
            if not states["pending"] and not states["sending"]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"deliveries without an end: {states}")

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table."""
        async with self.database.engine.connect() as connection:
            found = await connection.execute(META.tables[table].select())
            return [dict(row) for row in found.mappings()]

    async def answers(self, who: str) -> list[str]:
        """The questions that the person has answered according to the database, in order."""
        runs = sorted(
            (run for run in await self.rows("run") if run["person"] == who), key=lambda one: one["started_at"]
        )
        rows = sorted(await self.rows("answer"), key=lambda one: one["number"])
        return [row["step"] for run in runs for row in rows if row["run"] == run["id"]]

    def posted(self) -> Counter[str]:
        """How often a message of each key was taken by the platform."""
        calls = [call for call in self.slack.calls("chat.postMessage") if call.answer == "ok"]
        return Counter(call.arguments["metadata"]["event_payload"]["key"] for call in calls)

    def _event(self, who: str, text: str, event_id: str) -> bytes:
        user = slack_id(who)
        channel = self.slack.direct(user)
        event = {
            "type": "message",
            "channel_type": "im",
            "text": text,
            "ts": self.slack.stamp(),
            "user": user,
        }
        outer = {"type": "event_callback", "team_id": "T0TEAM", "api_app_id": "A0APP", "event_id": event_id}
        inner = {**event, "channel": channel, "event_ts": event["ts"], "team": "T0TEAM"}
        return json.dumps({**outer, "event_time": 1784700000, "token": "unused", "event": inner}).encode()

    async def _acknowledged(self, body: bytes) -> bool:
        timestamp = str(int(time.time()))
        digest = hmac.new(b"double-signing-secret", b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}
        headers["Content-Type"] = "application/json"
        try:
            async with self.http.post(
                f"http://127.0.0.1:{self.port}/slack/events", data=body, headers=headers
            ) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False

    async def _ready(self) -> bool:
        try:
            async with self.http.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False


def at_random(count: int, seed: int) -> list[Kill]:
    """So many kills at moments that a seed decides."""
    moments = random.Random(seed)
    return [Kill(seconds=moments.uniform(0.01, 0.4)) for _ in range(count)]


@asynccontextmanager
async def crash_world(folder: Path, *, finds: bool = True) -> AsyncIterator[CrashWorld]:
    """A company on Slack whose bot will be killed. finds: whether the platform can be asked what it has."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackDouble().running())
        url = f"sqlite+aiosqlite:///{folder}/embarque.db"
        database = open_database(url)
        stack.push_async_callback(database.close)
        await migrate(database)
        await hire(database, "slack", "fr-CA", slack)
        for who in PEOPLE:
            SlackPerson(slack, "", user=slack_id(who), name=who)
        nursery = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bot.crash_nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert nursery.stdout is not None
        assert await nursery.stdout.readline() == b"ready\n"
        connector = aiohttp.TCPConnector(force_close=True)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=3))
        )
        world = CrashWorld(slack, database, url, nursery, http, finds)
        try:
            yield world
        finally:
            if world.pid and world.alive():
                os.kill(world.pid, signal.SIGKILL)
            assert nursery.stdin is not None
            nursery.stdin.close()
            await nursery.wait()
