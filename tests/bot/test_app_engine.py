"""The application with an engine: ready without it, fed to it once it is there, and politely stopped."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app as application
from bot.app import Embarque
from bot.clock import FixedClock, SystemClock
from bot.housekeeping import Housekeeping
from bot.jobs import EngineAwayError, Work
from bot.library import BUILT_IN, Library
from bot.store import events, gates
from bot.store import tables as t
from bot.store.database import open_database
from dialogs.activity import Activity, Kind, Place, Platform
from tests.bot.outboxes import NOW, Postbox, office
from tests.doubles.engine import EngineDouble


class ShyEngine(EngineDouble):
    """Its database is away at first."""

    refusals = 2

    async def launch(self, work: Work) -> None:
        if self.refusals:
            self.refusals -= 1
            raise EngineAwayError
        await super().launch(work)


async def test_it_is_ready_before_its_engine_and_tries_again_until_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a bot that answers nobody for the second that the engine takes, or never gets one."""
    monkeypatch.setattr(application, "FIRST_PAUSE", 0.01)
    engine = ShyEngine()
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/embarque.db")
    app = Embarque(
        database, Library.open(BUILT_IN), "main", SystemClock(), (), {}, ticking=False, engine=engine
    )
    await app.start()
    assert app.probes.taking
    assert app.deliveries.feeder.engine is None
    async with asyncio.timeout(60):
        while app.deliveries.feeder.engine is None:  # noqa: ASYNC110 - there is no bell for it
            await asyncio.sleep(0.01)
    assert engine.work is not None
    await app.stop()
    assert engine.work is None


async def test_every_night_what_nobody_needs_any_more_is_dropped(tmp_path: Path) -> None:
    """Would catch a table of events that grows for as long as the process runs."""
    room = await office(tmp_path, Postbox())
    real = FixedClock(NOW)
    app = Embarque(
        room.database, Library.open(BUILT_IN), "main", room.clock, (), {}, real=real, ticking=False
    )
    for name, age in (("old", timedelta(days=4)), ("new", timedelta(days=1))):
        event = Activity(Platform.SLACK, "T1", "U1", Kind.MESSAGE, name, Place("D1"), NOW, "hello")
        async with room.database.transaction() as connection:
            assert await events.record(connection, event, NOW - age)
    async with room.database.transaction() as connection:
        await gates.close(connection, "closed long ago", -3 * 86_400)
    await app.housekeeping.tidy()
    assert [one["event"] for one in await room.every("inbound_event")] == ["new"]
    assert await room.every("rate_gate") == []
    await room.close()


async def test_a_night_after_a_busy_day_is_tidied_in_small_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a bot that answers nobody while a hundred thousand notes are dropped in one go."""
    monkeypatch.setattr(events, "SOME", 10)
    room, real = await office(tmp_path, Postbox()), FixedClock(NOW)
    old = {"platform": "slack", "team": "T1", "received_at": NOW - timedelta(days=4)}
    async with room.database.transaction() as connection:
        await connection.execute(t.inbound_event.insert(), [{**old, "event": f"E{n}"} for n in range(35)])
    async with room.database.transaction() as connection:
        assert await events.forget(connection, NOW)
    assert len(await room.every("inbound_event")) == 25
    await Housekeeping(room.database, real, "main").tidy()
    assert await room.every("inbound_event") == []
    await room.close()
