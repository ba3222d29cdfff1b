"""Ready or not: what a load balancer is told while the bot starts, stops, and while its database says nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.jobs import Standing
from bot.library import BUILT_IN, Library
from bot.loop_lag import LoopLag
from bot.probes import Probes
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.deliveries import SET_ASIDE
from bot.store.migrate import migrate
from tests.company import hire
from tests.doubles.slack import SlackDouble
from tests.standstill import Stopwatch

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Sluggish:
    """A database that answers, or says nothing at all while `silent`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.silent = False
        self.asked = self.at_once = self.most_at_once = 0
        self.engine, self.transaction, self.close = database.engine, database.transaction, database.close

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[object]:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.silent:
                await asyncio.sleep(3600)
            async with self.database.reading() as connection:
                yield connection
        finally:
            self.at_once -= 1


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Sluggish]:
    made = open_database(f"sqlite+aiosqlite:///{tmp_path}/embarque.db")
    await migrate(made)
    await hire(made, "slack", "fr-CA", SlackDouble())
    yield Sluggish(made)
    await made.close()


@pytest.fixture
async def probes(database: Sluggish) -> Probes:
    made = Probes(database, Library.open(BUILT_IN), "main", FixedClock(NOW))  # type: ignore[arg-type]
    made.taking = True
    return made


@pytest.fixture
async def url(probes: Probes) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(probes.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def look(address: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        return answer.status, await answer.text()


async def figure(url: str, name: str) -> str:
    """The value of one line of /metrics; empty when there is none."""
    _, text = await look(f"{url}/metrics")
    return next((line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} ")), "")


async def test_it_is_not_ready_while_it_starts_and_as_soon_as_it_stops_but_lives(
    url: str, probes: Probes
) -> None:
    """Would catch requests that are sent to a replica which has just been told to stop, and one that is restarted."""
    assert (await look(f"{url}/readyz"))[0] == 200
    probes.taking = False
    assert await look(f"{url}/readyz") == (503, '{"status":"starting"}')
    probes.taking = True
    stopping = asyncio.create_task(probes.drain(0.3))
    await asyncio.sleep(0)
    assert not stopping.done()
    assert await look(f"{url}/readyz") == (503, '{"status":"stopping"}')
    assert (await look(f"{url}/healthz"))[0] == 200
    await stopping


async def test_while_it_starts_or_stops_the_database_is_not_asked(
    url: str, probes: Probes, database: Sluggish
) -> None:
    """Would catch a probe that hangs on a database which is closed already."""
    probes.taking = False
    await look(f"{url}/readyz")
    await look(f"{url}/healthz")
    assert database.asked == 0


async def test_a_silent_database_makes_it_unready_within_a_second_and_it_recovers_alone(
    url: str, database: Sluggish
) -> None:
    """Would catch a probe that hangs with its database, and one that stays red afterwards."""
    database.silent = True
    watch = Stopwatch()
    answers = await asyncio.gather(*(look(f"{url}/readyz") for _ in range(8)))
    assert watch.seconds < 2.5, "0.9 s, however busy the machine is; one after the other take 7"
    assert {status for status, _ in answers} == {503}
    assert database.most_at_once == 1, "probes took the connections that turns need"
    assert (await look(f"{url}/healthz"))[0] == 200
    database.silent = False
    assert (await look(f"{url}/readyz"))[0] == 200


async def test_the_figures_tell_what_waits_failed_and_was_set_aside_without_a_name(
    url: str, database: Sluggish
) -> None:
    """Would catch an outage of a platform that nobody sees, and a series for each person."""
    common = {"tenant": "main", "operation": "post", "feature": "nudge", "person": "advisor", "platform": "slack",
              "to": {}, "card": {}, "created_at": NOW, "lane": ""}  # fmt: skip
    async with database.transaction() as connection:
        for number, status, reason, due, failures in (
            (1, "pending", None, NOW - timedelta(seconds=90), 0),
            (2, "pending", None, NOW + timedelta(days=1), 0),
            (3, "failed", "account_inactive", NOW, 0),
            (4, "failed", f"{SET_ASIDE}: KeyError", NOW, 5),
            *((10 + one, "cancelled", f"reason {one:02}" + "x" * 200, NOW, 0) for one in range(30)),
        ):
            row = {"id": f"d{number}", "number": number, "status": status, "reason": reason, "due_at": due}
            await connection.execute(t.delivery.insert().values(**common, **row, failures=failures))
        real = datetime.now(UTC)
        for name, age in (("alive", 3), ("dead", 300)):
            beat = real - timedelta(seconds=age)
            await connection.execute(t.replica.insert().values(id=name, started_at=beat, beat_at=beat))
    _, text = await look(f"{url}/metrics")
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("embarque"))
    assert figures['embarque_deliveries_by_state{reason="",state="pending"}'] == "2.0"
    assert figures['embarque_deliveries_by_state{reason="account_inactive",state="failed"}'] == "1.0"
    assert figures["embarque_oldest_pending_seconds"] == "90.0"
    assert figures["embarque_deliveries_set_aside"] == "1.0"
    assert figures["embarque_replicas_alive"] == "1.0"
    assert figures["embarque_database_up"] == "1.0"
    assert "advisor" not in text
    series = [name for name in figures if name.startswith("embarque_deliveries_by_state{")]
    assert len(series) < 30, "a platform's words make endless series"
    assert 'embarque_deliveries_by_state{reason="other",state="cancelled"}' in series
    assert max(map(len, series)) < 150


async def test_the_engines_jobs_are_counted_over_all_replicas(url: str, probes: Probes) -> None:
    """Would catch a queue that grows behind a green light."""

    async def standing() -> Standing:
        return Standing(7, {"a": 2, "b": 1})

    probes.jobs = standing
    assert await figure(url, 'embarque_jobs{state="waiting"}') == "7.0"
    assert await figure(url, 'embarque_jobs{state="running"}') == "3.0"


async def test_without_the_database_the_process_still_tells_its_own_figures(
    url: str, database: Sluggish
) -> None:
    """Would catch monitoring that goes blind at the very moment when it is needed."""
    await database.database.close()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE replica")
    assert await figure(url, "embarque_database_up") == "0.0"
    assert await figure(url, "embarque_loop_lag_worst_seconds")


async def test_many_who_scrape_do_not_count_the_database_many_times(url: str, database: Sluggish) -> None:
    """Would catch three monitors that make a company of two hundred thousand count its deliveries all day."""
    await asyncio.gather(*(look(f"{url}/metrics") for _ in range(3)))
    before = database.asked
    await look(f"{url}/metrics")
    assert database.asked == before


async def test_a_loop_that_was_held_up_is_seen_until_a_minute_later(url: str) -> None:
    """Would catch a blocking call that makes everybody wait and shows nowhere."""
    lag = LoopLag()
    lag.start()
    await asyncio.sleep(0.05)
    time.sleep(0.4)  # noqa: ASYNC251 - the fault itself
    await asyncio.sleep(0.05)
    await lag.stop()
    assert float(await figure(url, "embarque_loop_lag_worst_seconds")) > 0.2
    assert [lag.note(at, one) for at, one in ((1e9, 0.3), (1e9 + 30, 0.1), (1e9 + 59, 0.2), (1e9 + 61, 0.01))] == [
        0.3, 0.3, 0.3, 0.2,
    ]  # fmt: skip
