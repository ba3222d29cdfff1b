"""A bot on Slack without a public address, with a rule that a test sets in the place of the application."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.slack.app import SlackEdge
from adapters.slack.socket_mode import SlackSocket
from dialogs.activity import Activity, Reply
from tests.company import SHORT
from tests.doubles.slack import Json, SlackDouble
from tests.doubles.slack_socket_person import SocketPerson


class Company:
    """A bot without an address, whose rule a test sets, and everything that reached it."""

    def __init__(self, slack: SlackDouble) -> None:
        self.slack, self.pushes = slack, slack.sockets
        self.pushes.resends = 50
        self.edge = SlackEdge([], slack.bot_token, slack.url, {slack.team}, {slack.app_id}, signed=False)
        self.socket = SlackSocket(self.edge, self.pushes.app_token, SHORT)
        self.marie = SocketPerson(slack, "")
        self.heard: list[Activity] = []
        self.reply = Reply()
        self.failures: list[Exception] = []
        self.is_full = False
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def turn(self, asked: Activity) -> Reply:
        self.heard.append(asked)
        await self.goes_on.wait()
        if self.failures:
            raise self.failures.pop(0)
        return self.reply

    async def listens(self) -> None:
        await self.socket.start(self.turn, lambda: self.is_full)
        await until(lambda: len(self.pushes.usable) == 2)

    def event(self, event_id: str = "Ev1", **changed: object) -> Json:
        """An event as Slack writes it."""
        said = {
            "type": "message",
            "channel": "D0ADVISER",
            "user": "U0ADVISER",
            "text": "Bonjour",
            "ts": "1784700000.1",
        }
        outer = {"type": "event_callback", "team_id": self.slack.team, "api_app_id": self.slack.app_id}
        return {**outer, "event_id": event_id, "event": said, **changed}


@asynccontextmanager
async def company_with_sockets() -> AsyncIterator[Company]:
    """A company whose bot does not listen yet."""
    async with AsyncExitStack() as stack:
        made = Company(await stack.enter_async_context(SlackDouble().running()))
        stack.push_async_callback(made.edge.close)
        stack.push_async_callback(made.socket.stop)
        yield made


async def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come true"
        await asyncio.sleep(0.01)
