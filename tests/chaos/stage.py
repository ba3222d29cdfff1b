"""A company whose bot runs as processes that die: what a chaos test holds in its hands."""

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bot.store import tables as t
from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.chaos import checker, facts
from tests.chaos.history import History
from tests.chaos.nursery import Plan
from tests.chaos.processes import Replica, Slack, nursery, slack_process
from tests.chaos.shared_clock import SharedClock
from tests.chaos.talkers import Talker, slack_session
from tests.company import ROSTER, hire, slack_id
from tests.ports import free_port

GENEROUS = {"messages": 500, "channel": 100, "channel_burst": 20, "tier_3": 100, "tier_3_burst": 100}
"""Rates that keep nobody waiting, where something else is to be seen."""
TALKING = 12
"""So many people talk, each at a person's pace: a conversation takes a message a second, whoever sends it."""


@dataclass
class Stage:
    """The run. url: of the database itself, whatever stands between it and the bots."""

    url: str
    history: History
    slack: Slack
    replicas: list[Replica]
    talkers: list[Talker]
    random: random.Random
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)
    _talking: list[asyncio.Task[None]] = field(default_factory=list)

    async def opens(self) -> None:
        """Start every replica, and let people talk from now on."""
        await asyncio.gather(*(one.start() for one in self.replicas))
        self.talks()

    def talks(self) -> None:
        """Let people talk until `rests`."""
        self._quiet.clear()
        self._talking = [asyncio.create_task(one.talk(self._quiet)) for one in self.talkers]

    async def rests(self, seconds: float = 60) -> None:
        """Let everybody finish their line, then wait until every delivery has an end."""
        self._quiet.set()
        await asyncio.wait_for(asyncio.gather(*self._talking), seconds)
        self._talking = []
        await self.settled(seconds)

    async def settled(self, seconds: float = 60) -> None:
        """Wait until every delivery has an end."""
        end = time.monotonic() + seconds
        while True:
            states = await asyncio.to_thread(self.states)
            if not states["pending"] and not states["sending"]:
                return
            assert time.monotonic() < end, f"deliveries without an end: {states}"
            await asyncio.sleep(0.05)

    def states(self) -> Counter[str]:
        """How many deliveries are in each state."""
        statement = "SELECT status, COUNT(*) FROM delivery GROUP BY status"
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(f"file:{self.url.split('///', 1)[1]}?mode=ro", uri=True)) as opened:
                return Counter(dict(opened.execute(statement).fetchall()))
        with psycopg.connect(self.url.replace("+psycopg", "", 1)) as connection:
            return Counter(dict(connection.execute(statement).fetchall()))

    def faults(self) -> list[str]:
        """What the checker finds."""
        return checker.faults(self.history.lines(), facts.read(self.url))

    def posted(self) -> Counter[str]:
        """How often each message stands in a conversation."""
        return Counter(line["key"] for line in checker.told(self.history.lines()).posted)

    def notes(self, op: str) -> list[dict[str, Any]]:
        """The lines of one kind that stand alone: kill, ready, stall."""
        return [line for line in self.history.lines() if line["phase"] == "note" and line["op"] == op]


class Guests:
    """Takes the channels that the company opens, for a Slack that starts later."""

    def __init__(self) -> None:
        self.channels: dict[str, list[str]] = {}

    def open_channel(self, channel: str, *users: str) -> None:
        """Keep a channel."""
        self.channels[channel] = list(users)


@asynccontextmanager
async def chaos(
    url: str,
    folder: Path,
    *,
    replicas: int = 1,
    through: str | None = None,
    finds: bool = True,
    people: int = TALKING,
    pause: float = 0.4,
    rates: Mapping[str, float] = GENEROUS,
    seed: int = 1,
    settings: dict[str, Any] | None = None,
    clock: SharedClock | None = None,
    **weather: float,
) -> AsyncIterator[Stage]:
    """A company on Slack whose bots will be killed.

    url: a migrated database, or the file of one to be made. through: the address under which the bots see it.
    people: how many more there are than the six, of whom some talk. pause: seconds between the lines of each.
    rates: what the bots believe Slack to allow; what it allows is part of the weather. clock: the company's, by which
    the bots then also start messages themselves.
    """
    nursery()  # takes seconds, the first time, which are no bot's
    history = History(folder / "history.jsonl")
    history.write("runner", "note", "world", finds=finds, seed=seed, replicas=replicas)
    guests = Guests()
    more = [f"p{number:04d}" for number in range(people)]
    await found(url, guests, more)
    async with AsyncExitStack() as stack:
        users = [slack_id(who) for who in (*ROSTER, *more)]
        slack = await stack.enter_async_context(
            slack_process(folder, users, guests.channels, seed, **weather)
        )
        http = await stack.enter_async_context(slack_session())
        bots = [
            Replica(
                Plan(
                    f"bot{number}", through or url, slack.url, free_port(), str(history.path),
                    str(folder / f"bot{number}.log"), finds=finds, rates=dict(rates), settings=settings or {},
                    clock=str(clock.path) if clock else "",
                ),
                http,
            )
            for number in range(replicas)
        ]  # fmt: skip

        def doors() -> list[str]:
            return [one.url for one in bots]

        talkers = [
            Talker(
                who,
                slack_id(who),
                doors,
                http,
                history,
                number,
                pause,
                pids=lambda: [one.pid for one in bots],
            )
            for number, who in enumerate(more[:TALKING])
        ]
        made = Stage(url, history, slack, bots, talkers, random.Random(seed))
        try:
            yield made
        finally:
            made._quiet.set()
            for task in made._talking:
                task.cancel()
            await asyncio.gather(*made._talking, return_exceptions=True)
            for bot in bots:
                bot.signal(signal.SIGKILL)


async def found(url: str, guests: Guests, more: list[str]) -> None:
    """Write the company of six into a database, and so many more people of the shops."""
    database = open_database(url)
    try:
        await migrate(database)
        await hire(database, "slack", "fr-CA", guests)
        if more:
            async with database.transaction() as connection:
                kept = {"tenant": "main", "zone": "America/Toronto", "region": "CA-QC", "locale": "fr-CA"}
                await connection.execute(
                    t.person.insert(), [{**kept, "id": who, "name": who, "function": "STO"} for who in more]
                )
                place = {"tenant": "main", "platform": "slack", "team": "T0TEAM", "route": {}}
                await connection.execute(
                    t.address.insert(),
                    [
                        {**place, "person": who, "user": slack_id(who), "conversation": f"D0{who.upper()}"}
                        for who in more
                    ],
                )
    finally:
        await database.close()
