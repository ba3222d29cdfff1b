"""People who talk to the bot as Slack carries their words: signed, to any replica, again until it is acknowledged."""

import asyncio
import hashlib
import hmac
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp

from tests.chaos.history import History
from tests.standstill import Stopwatch

SECRET = b"double-signing-secret"
SLACK_WAITS = 3.0
"""Seconds after which Slack takes a request for lost."""
KNOCKS, AT_ONCE = 0.03, 0.1
"""Seconds between two attempts at the same line, and within which a refused connection is nobody's delay."""
SCRIPT = (
    ("impact", None),
    ("oui", "I0"),
    ("magasins", "I1"),
    ("{where}", "I2"),
    ("une difficulté", "I3"),
    ("{pick}", "I4"),
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
WHERE = ("culture de l'entreprise", "processus", "équipe", "clientèle", "outils et données")
PICKS = ("1", "2", "3")
"""No two say the same, or the second would be asked whether it is the same as what a colleague said."""
_stamps = itertools.count(1)


@dataclass(slots=True)
class Talker:
    """One person. doors: the addresses of the replicas, where a load balancer would choose. said: lines so far.

    number: of this person among at most fifteen. pids: of the replicas."""

    who: str
    user: str
    doors: Callable[[], Sequence[str]]
    http: aiohttp.ClientSession
    history: History
    number: int = 0
    pause: float = 0
    said: int = 0
    pids: Callable[[], Sequence[int]] = tuple
    _turns: Iterator[int] = field(default_factory=itertools.count)

    async def talk(self, until: asyncio.Event, lines: int | None = None) -> None:
        """Say line after line, each until it is acknowledged, until the event or so many lines."""
        while not until.is_set() and (lines is None or self.said < lines):
            await self.say()
            await asyncio.sleep(self.pause * random.uniform(0.5, 1.5))

    async def say(self) -> None:
        """Say the next line, to one replica after the other until one acknowledges it."""
        text, step = SCRIPT[self.said % len(SCRIPT)]
        where, pick = WHERE[self.number % 5], PICKS[self.number // 5]
        text = text.format(n=self.said, where=where, pick=pick)
        value = text if step == "I5" else None
        op = f"Ev{self.who}{self.said}"
        body = self._event(text, op)
        about = {"person": self.who, "user": self.user, "text": text, "step": step, "value": value}
        self.history.write("person", "invoke", op, **about)
        nobody = 0
        while True:
            watch = Stopwatch(self.pids())
            status, retry = await self._post(body)
            took = {"seconds": (seconds := round(watch.wall, 3)), "held": round(watch.held, 3)}
            if status == 200:
                self.history.write("person", "ok", op, person=self.who, **took)
                self.said += 1
                return
            # A door that nobody stands behind is told of once: knocking again is no news, and there is much of it.
            nobody = 0 if status or seconds > AT_ONCE else nobody + 1
            if nobody < 2:
                self.history.write("person", "fail", op, person=self.who, status=status, retry=retry, **took)
            await asyncio.sleep(KNOCKS)

    async def _post(self, body: bytes) -> tuple[int, str | None]:
        """The status, 0 when there was no answer, and Retry-After."""
        doors = self.doors()
        if not doors:
            return 0, None
        stamp = str(int(time.time()))
        digest = hmac.new(SECRET, b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
            "Content-Type": "application/json",
        }
        door = doors[next(self._turns) % len(doors)]
        try:
            async with self.http.post(f"{door}/slack/events", data=body, headers=headers) as answer:
                await answer.read()
                return answer.status, answer.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0, None

    def _event(self, text: str, event_id: str) -> bytes:
        stamp = f"1784700000.{next(_stamps):06d}"
        inner = {
            "type": "message", "channel_type": "im", "channel": f"D{self.user[1:]}", "user": self.user,
            "text": text, "ts": stamp, "event_ts": stamp, "team": "T0TEAM",
        }  # fmt: skip
        outer = {"type": "event_callback", "team_id": "T0TEAM", "api_app_id": "A0APP", "event_id": event_id}
        return json.dumps({**outer, "event_time": 1784700000, "token": "unused", "event": inner}).encode()


def slack_session() -> aiohttp.ClientSession:
    """Connections as Slack makes them: one each, given up after three seconds."""
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=SLACK_WAITS))
