"""The processes of a chaos run: Slack, the nursery that forks bots, and the bots, killed, stopped and started again."""

import asyncio
import atexit
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import aiohttp

from tests.chaos.history import History
from tests.chaos.nursery import Errand, Plan

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
"""No start takes that long, also on a machine that does much else."""
DEATH_SECONDS = 60.0
"""Nor does it take that long until a point is reached, with people talking all the time."""


@asynccontextmanager
async def child(module: str, *, errors: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module of ours as a process that ends with its input. errors: where its log goes."""
    with errors.open("ab") as log:
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT,
        )  # fmt: skip
    try:
        yield started
    finally:
        assert started.stdin is not None
        started.stdin.close()
        await started.wait()


@dataclass(slots=True)
class Slack:
    """The platform's process. url: what SLACK_API_URL takes."""

    url: str
    http: aiohttp.ClientSession

    async def weather(self, **changed: float) -> None:
        """Behave like this from now on; see `Weather`. storm: in seconds from now."""
        async with self.http.post(self.url.replace("/api/", "/control"), json=changed) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def slack_process(
    folder: Path, people: list[str], channels: Mapping[str, list[str]], seed: int, **weather: float
) -> AsyncIterator[Slack]:
    """Start Slack for these users and channels."""
    plan = {
        "history": str(folder / "history.jsonl"),
        "people": people,
        "channels": channels,
        "weather": weather,
        "seed": seed,
    }
    async with (
        child("tests.chaos.slack_process", errors=folder / "slack.log") as process,
        aiohttp.ClientSession() as http,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(plan).encode() + b"\n")
        port = int(await process.stdout.readline())
        yield Slack(f"http://127.0.0.1:{port}/api/", http)


@dataclass(slots=True)
class Nursery:
    """The process that forks bots; one serves all tests of a session, since it takes seconds to load everything."""

    process: subprocess.Popen[str]

    def bear(self, plan: Plan | Errand) -> int:
        """Fork a bot, or a command; its pid. It takes an instant."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asdict(plan)) + "\n")
        self.process.stdin.flush()
        return int(self.said())

    def said(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the nursery is gone"
        return line

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@lru_cache(maxsize=1)
def nursery() -> Nursery:
    """The nursery of this session."""
    words = [sys.executable, "-m", "tests.chaos.nursery"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    made = Nursery(subprocess.Popen(words, **pipes, cwd=ROOT, text=True))  # type: ignore[call-overload]
    atexit.register(made.close)
    assert made.said() == "ready\n"
    return made


@dataclass(slots=True)
class Replica:
    """One bot behind the load balancer: always the same port, a new process at each start."""

    plan: Plan
    http: aiohttp.ClientSession
    pid: int = 0

    @property
    def url(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self.plan.port}"

    @property
    def history(self) -> History:
        """Where its life is written down."""
        return History(Path(self.plan.history))

    def begin(self, point: str = "", hit: int = 1) -> None:
        """Start it, whatever becomes of it."""
        self.pid = nursery().bear(replace(self.plan, point=point, hit=hit))

    async def start(self, point: str = "", hit: int = 1) -> None:
        """Start it and wait until it is ready, or has died of its plan before that; writes down how long it took."""
        begun = time.monotonic()
        self.begin(point, hit)
        while not await self.ready():
            if not self.alive():
                assert point, f"{self.plan.name} died at its start:\n{self.end()}"
                return
            assert time.monotonic() - begun < START_SECONDS, f"never ready:\n{self.end()}"
            await asyncio.sleep(0.01)
        seconds = round(time.monotonic() - begun, 3)
        self.history.write("runner", "note", "ready", name=self.plan.name, seconds=seconds)

    def end(self) -> str:
        """The last words of its log."""
        log = Path(self.plan.log)
        return log.read_text("utf-8")[-3000:] if log.exists() else "it never said anything"

    def kill(self) -> None:
        """End it without a word."""
        if self.alive():
            self.history.write("runner", "note", "kill", name=self.plan.name, point="random")
            self.signal(signal.SIGKILL)

    async def gone(self, seconds: float = DEATH_SECONDS, *, surely: bool = True) -> None:
        """Wait until it has died, or for so long; surely: it must have."""
        end = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > end:
                assert not surely, f"{self.plan.name} lives:\n{self.end()}"
                return
            await asyncio.sleep(0.005)

    def signal(self, what: signal.Signals) -> None:
        """Send it a signal: SIGSTOP, SIGCONT, SIGTERM."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, what)

    def alive(self) -> bool:
        """Whether the process is there."""
        return lives(self.pid)

    async def ready(self) -> bool:
        """Whether it says that it is."""
        try:
            async with self.http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False


def lives(pid: int) -> bool:
    """Whether there is such a process."""
    if not pid:  # to the system, 0 is all of us
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
