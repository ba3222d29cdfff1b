"""A Slack as a process of its own, with rates, storms, lost answers and a history: python -m tests.chaos.slack_process.

It reads its set-up as one JSON line, prints its port, and ends with its input. POST /control changes how it behaves.
"""

import asyncio
import itertools
import json
import math
import random
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.chaos.history import History
from tests.doubles.slack import HISTORY, Json, SlackDouble
from tests.doubles.slack import _arguments as arguments_of

KEPT = 1000
"""Messages of a conversation that are remembered: a long run must not fill the memory. Lookups show fewer."""


@dataclass(slots=True)
class Weather:
    """How Slack behaves now. A rate of 0 is no rate.

    workspace, channel: messages a second. burst: how many a channel takes at once. storm: until this real moment
    every post is refused. lost: the share of posts that are taken and whose answer never comes. refused: the share
    refused for a second, whatever the rate. slow: seconds before each answer. unseen: seconds until a message shows
    in a history.
    """

    workspace: float = 0
    channel: float = 0
    burst: float = 3
    storm: float = 0
    lost: float = 0
    refused: float = 0
    slow: float = 0
    unseen: float = 0


@dataclass(slots=True)
class Limit:
    """So many a second, and so many at once after a rest."""

    next_at: float = 0

    def wait(self, at: float, per_second: float, burst: float) -> float:
        """Seconds until one more is taken; 0 takes it."""
        if not per_second:
            return 0
        late = self.next_at - (burst - 1) / per_second - at
        if late > 1e-9:
            return late
        self.next_at = max(self.next_at, at) + 1 / per_second
        return 0


@dataclass(slots=True)
class StormySlack(SlackDouble):
    """The double with a history on disk and the weather of a bad day."""

    history: History = field(default_factory=lambda: History(Path("history.jsonl")))
    weather: Weather = field(default_factory=Weather)
    seed: int = 1
    limits: dict[str, Limit] = field(default_factory=lambda: defaultdict(Limit))
    written: dict[str, float] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)
    _ops: Any = field(default_factory=lambda: itertools.count(1))

    def application(self) -> web.Application:
        """Slack's Web API and the way to change its behaviour."""
        self.chance.seed(self.seed)
        app = web.Application()
        app.router.add_post("/control", self._control)
        app.router.add_route("*", "/api/{method}", self.call)
        return app

    def write(self, channel: str, message: Json) -> Json:
        """Put a message into a channel and remember when."""
        made = SlackDouble.write(self, channel, message)
        self.written[made["ts"]] = time.monotonic()
        shown = self.channels[channel]
        if len(shown) > KEPT + HISTORY:
            for old in shown[:HISTORY]:
                self.written.pop(old["ts"], None)
            del shown[:HISTORY]
        return made

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of the Web API, from its arrival to what became of it, on record."""
        method, given = request.match_info["method"], await arguments_of(request)
        op, key = f"slack-{next(self._ops)}", _key(given)
        told = {"method": method, "channel": given.get("channel"), "key": key, "ts": given.get("ts")}
        self.history.write("slack", "invoke", op, **told, text=str(given.get("text", ""))[:80])
        wait = self._wait(given["channel"]) if method == "chat.postMessage" else 0.0
        if wait:
            self.history.write("slack", "fail", op, **told, error="ratelimited", wait=wait)
            return web.json_response(
                {"ok": False, "error": "ratelimited"},
                status=429,
                headers={"Retry-After": str(math.ceil(wait))},
            )
        answer = self._answer(method, given)
        if method == "conversations.history" and answer["ok"]:
            answer["messages"] = [one for one in answer["messages"] if self._shows(one)]
        stamp = {"ts": answer.get("ts") or given.get("ts")}
        if not answer["ok"]:
            self.history.write("slack", "fail", op, **told, error=answer["error"])
        elif method == "chat.postMessage" and self.chance.random() < self.weather.lost:
            self.history.write("slack", "unknown", op, **{**told, **stamp}, to=self._readers(given))
            assert request.transport is not None
            request.transport.close()
        else:
            self.history.write("slack", "ok", op, **{**told, **stamp}, to=self._readers(given))
        if self.weather.slow:
            await asyncio.sleep(self.weather.slow)
        return web.json_response(answer)

    def _wait(self, channel: str) -> float:
        now, weather = time.time(), self.weather
        if weather.storm > now:
            return weather.storm - now
        if self.chance.random() < weather.refused:
            return 1.0
        # Both are asked before either is used up, as a refused message counts against no limit.
        for name, per_second, burst in self._rules(channel):
            if wait := Limit(self.limits[name].next_at).wait(now, per_second, burst):
                return wait
        for name, per_second, burst in self._rules(channel):
            self.limits[name].wait(now, per_second, burst)
        return 0

    def _rules(self, channel: str) -> tuple[tuple[str, float, float], ...]:
        weather = self.weather
        return (
            ("", weather.workspace, max(weather.workspace, 1)),
            (channel, weather.channel, weather.burst),
        )

    def _shows(self, message: Json) -> bool:
        return time.monotonic() - self.written.get(message["ts"], 0) >= self.weather.unseen

    def _readers(self, given: Json) -> list[str]:
        return sorted(self.members.get(given.get("channel", ""), set()) - {self.bot_user})

    async def _control(self, request: web.Request) -> web.Response:
        changed = await request.json()
        if "storm" in changed:
            changed["storm"] = time.time() + changed["storm"]  # given in seconds from now
        self.weather = Weather(**{**asdict(self.weather), **changed})
        self.history.write("slack", "note", "weather", **asdict(self.weather))
        return web.json_response(asdict(self.weather))


def _key(given: Json) -> str | None:
    metadata = given.get("metadata") or {}
    return (metadata.get("event_payload") or {}).get("key") if isinstance(metadata, dict) else None


async def main() -> None:
    """Serve until the input ends."""
    plan = json.loads(sys.stdin.readline())
    known = {one.name for one in fields(Weather)}
    weather = Weather(**{name: value for name, value in plan.get("weather", {}).items() if name in known})
    slack = StormySlack(history=History(Path(plan["history"])), weather=weather, seed=plan.get("seed", 1))
    for user in plan["people"]:
        slack.direct(user)
        slack.people[user] = {"id": user, "team_id": slack.team, "name": user, "real_name": user, "tz": "UTC"}
    for channel, users in plan["channels"].items():
        slack.open_channel(channel, *users)
    runner = web.AppRunner(slack.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
