"""A stop leaves the backlog where others, or the next start, find it at once; the heart beats until then."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.base import Destination, Sent
from bot import replicas
from bot.app import Embarque
from bot.clock import SystemClock
from bot.deliveries import Deliveries
from bot.jobs import Work
from bot.library import BUILT_IN, Library
from dialogs.card import Card
from tests.bot.outboxes import Office, Postbox, office
from tests.doubles.engine import EngineDouble

PEOPLE = 30


@dataclass
class SlowBox(Postbox):
    """A platform that answers when the test lets it, for one person last."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    answers_all: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        self.asked.set()
        await (self.answers_all if to.user == "U0" else self.answers).wait()
        return await super().send(to, card, key)


@dataclass
class BusyEngine(EngineDouble):
    """Does its jobs five at a time, as the real one, until it rests."""

    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def launch(self, work: Work) -> None:
        await super().launch(work)
        self.tasks = [asyncio.create_task(self._works()) for _ in range(5)]

    async def _works(self) -> None:
        while not self.resting:
            await self.does(1)
            await asyncio.sleep(0.005)

    async def close(self, seconds: float) -> None:
        self.resting = True
        await asyncio.gather(*self.tasks)


@dataclass
class StuckEngine(EngineDouble):
    """Its database does not answer."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_over(self, living: Collection[str]) -> int:
        self.asked.set()
        await asyncio.Event().wait()
        return 0


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Office]:
    made = await office(tmp_path, SlowBox())
    yield made
    await made.close()


async def backlog(room: Office) -> None:
    for n in range(PEOPLE):
        await room.writes("hello", user=f"U{n}")
    room.clock.moment += timedelta(seconds=5)


async def test_a_stop_leaves_the_backlog_to_the_others(tmp_path: Path, room: Office) -> None:
    """Would catch a restart under load that ends every waiting job without sending what it is for."""
    engine, box = BusyEngine(), room.postbox
    assert isinstance(box, SlowBox)
    await backlog(room)
    opened = room.colleague(f"sqlite+aiosqlite:///{tmp_path}/embarque.db").database
    app = Embarque(
        opened, Library.open(BUILT_IN), "main", room.clock, (), {"slack": box}, ticking=False, engine=engine
    )
    app.deliveries.feeder.engine = engine  # as after a launch, which takes a second
    await app.start()
    await box.asked.wait()
    stopping = asyncio.create_task(app.stop())
    async with asyncio.timeout(60):
        while not app.deliveries.sender.claims.stopping.is_set():  # noqa: ASYNC110 - there is no bell for it
            await asyncio.sleep(0.005)
    box.answers.set()
    await asyncio.sleep(0.2)  # one post takes long: time enough to go through all jobs
    box.answers_all.set()
    await stopping
    sent = len(box.taken)
    assert 0 < sent < PEOPLE
    assert len(engine.waiting) == PEOPLE - sent, "what was not begun waits for whoever comes next"


async def test_a_job_that_comes_during_a_stop_frees_its_message(room: Office) -> None:
    """Would catch messages that wait until their job is old, which ended without doing anything."""
    engine = EngineDouble()
    await backlog(room)
    await engine.launch(room.sender.sender.work)
    room.sender.feeder.engine = engine
    await room.sender.feeder.feed()
    assert all(one["job_at"] for one in await room.every("delivery"))
    room.sender.sender.stop()
    await engine.does(PEOPLE)
    assert not any(one["job_at"] for one in await room.every("delivery"))


async def test_nothing_more_is_fed_once_a_stop_has_begun(room: Office) -> None:
    """Would catch jobs made by a process that will do none of them, while its last posts end."""
    engine, box = EngineDouble(), room.postbox
    assert isinstance(box, SlowBox)
    await room.writes("first")
    room.sender.feeder.engine = engine
    await room.sender.start()
    number = (await room.rows())["first"]["number"]
    posting = asyncio.create_task(room.sender.sender.work(number))
    await box.asked.wait()
    stopping = asyncio.create_task(room.sender.stop())
    await asyncio.sleep(0.05)
    await backlog(room)
    room.sender.wake()
    await asyncio.sleep(0.1)
    box.answers.set()
    box.answers_all.set()
    await asyncio.gather(posting, stopping)
    assert not engine.made
    after = Deliveries(room.database, {"slack": box}, room.clock, "main")
    await after.drain()
    assert len(box.taken) == len(set(box.taken)) == PEOPLE + 1


async def test_a_replica_lives_while_its_engine_is_stuck(
    room: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a replica taken for dead, and its messages doubled, since its engine's database is slow."""
    monkeypatch.setattr(replicas, "BEAT_SECONDS", 0.01)
    engine = StuckEngine()
    mine = replicas.Replicas(room.database, room.sender.sender, room.clock, SystemClock(), "main")
    mine.engine, mine._steady_since = engine, mine._steady_since - 60

    async def last() -> datetime:
        [one] = await room.every("replica")
        return datetime.fromisoformat(str(one["beat_at"]))

    await mine.start()
    async with asyncio.timeout(60):
        await engine.asked.wait()
        before = await last()
        while await last() <= before:  # noqa: ASYNC110 - there is no bell for it
            await asyncio.sleep(0.01)
    await mine.stop()
