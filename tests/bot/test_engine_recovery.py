"""The engine through kill -9, replicas that die, claims that get lost and a database that goes away."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import engine_database, engine_sweep
from bot.engine import DbosEngine
from bot.jobs import EngineAwayError, Job
from bot.store.database import open_database
from tests.bot.engine_runs import LANE, Runs, at_rest, enqueue, place, until
from tests.doubles.proxy import Proxy
from tests.postgres import Postgres, store_url

ROOT = Path(__file__).parents[2]
KINDS = ["sqlite", "postgresql"]


class Replica:
    """A process with an engine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await self._reading

    def told(self, word: str) -> set[int]:
        """The jobs that began or ended there."""
        return {int(line.split()[1]) for line in self.said if line.startswith(word)}

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(line.decode().strip())


@asynccontextmanager
async def replica(url: str, name: str) -> AsyncIterator[Replica]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.engine_process", url, name, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    there = Replica(process)
    try:
        await until(lambda: "ready" in there.said)
        yield there
    finally:
        await there.kill()


async def _make(url: str, jobs: list[Job]) -> None:
    async with place(url, Runs()) as here:
        await at_rest(here.engine)
        here.engine._transact.stop_taking()  # type: ignore[union-attr]
        await here.enqueue(*jobs)


@pytest.mark.parametrize("kind", KINDS)
async def test_jobs_of_a_killed_process_end_after_its_restart(kind: str, tmp_path: Path) -> None:
    """Would catch jobs that a kill -9 leaves begun for ever, with their lanes blocked behind them."""
    jobs = [Job(number, 0, f"{number % 8:016x}") for number in range(24)]
    with store_url(kind, tmp_path) as url:
        await _make(url, jobs)
        async with replica(url, "local") as first:
            await until(lambda: len(first.told("ended")) >= 4 and 7 in first.told("begun"))
            await first.kill()
        runs = Runs()
        async with place(url, runs, "local") as here:
            await until(lambda: first.told("ended") | set(runs.ended) == set(range(24)))
            await at_rest(here.engine)
    cut = first.told("begun") - first.told("ended")
    assert 7 in cut
    assert cut <= set(runs.ended)


async def test_another_replica_takes_over_what_a_dead_one_had_begun(postgres_url: str) -> None:
    """Would catch work that waits for a process that never comes back, and work taken from the living."""
    jobs = [Job(number, 0, f"{number % 8:016x}") for number in range(24)]
    await _make(postgres_url, jobs)
    async with replica(postgres_url, "dead") as dead:
        await until(lambda: len(dead.told("ended")) >= 4 and 7 in dead.told("begun"))
        await dead.kill()
    runs = Runs()
    async with place(postgres_url, runs, "alive") as here:
        cut = dead.told("begun") - dead.told("ended")
        assert await here.engine.take_over(["alive", "dead"]) == 0
        assert (await here.engine.standing()).running["dead"] >= len(cut)
        assert await here.engine.take_over(["alive"]) >= len(cut)
        await until(lambda: dead.told("ended") | set(runs.ended) == set(range(24)))
        await at_rest(here.engine)
    assert cut <= set(runs.ended)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_claim_that_got_lost_on_its_way_is_noticed(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a lane blocked until the next restart because the answer to a claim was lost with its connection."""
    monkeypatch.setattr(engine_sweep, "STRAY_SECONDS", 0.3)
    runs = Runs()
    with store_url(kind, tmp_path) as url:
        async with place(url, runs) as here:
            name, prefix = here.engine._replica, "dbos." if kind == "postgresql" else ""
            async with here.store.transaction() as connection:
                await here.engine.enqueue(connection, [Job(1, 0, LANE), Job(2, 0, LANE)])
                await connection.exec_driver_sql(
                    f"UPDATE {prefix}workflow_status SET status = 'PENDING', executor_id = '{name}',"
                    f" application_version = '1' WHERE workflow_uuid = '{Job(1, 0, LANE).id}'"
                )
            assert await here.engine.take_over([name]) == 0
            assert runs.begun == []
            await asyncio.sleep(0.4)
            assert await here.engine.take_over([name]) == 1
            await until(lambda: runs.ended == [1, 2])


@pytest.mark.parametrize("kind", KINDS)
async def test_work_under_way_is_never_taken_for_lost(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a sweep that runs a slow send a second time beside the first."""
    monkeypatch.setattr(engine_sweep, "STRAY_SECONDS", 0.0)
    runs = Runs(seconds=1.0)
    with store_url(kind, tmp_path) as url:
        async with place(url, runs) as here:
            await here.enqueue(Job(1, 0, LANE))
            await until(lambda: runs.begun == [1])
            assert [await here.engine.take_over([]) for _ in range(3)] == [0, 0, 0]
            await until(lambda: runs.ended == [1])
            await at_rest(here.engine)
    assert runs.begun == [1]


async def test_jobs_end_by_themselves_after_the_database_was_away() -> None:
    """Would catch threads that give up for good, and a loop that waits for the database with the engine."""
    server = Postgres.start()
    try:
        url, runs = server.database(migrated=False), Runs(seconds=0.05)
        engine, store = DbosEngine(url, "one", 0.05), open_database(url)
        await engine.launch(runs.work)
        await enqueue(engine, store, [Job(number, 0, f"{number % 20:016x}") for number in range(120)])
        await until(lambda: len(runs.ended) >= 10)
        await asyncio.to_thread(server.kill)
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(2.0)
        assert asyncio.get_running_loop().time() - before < 3.0
        await asyncio.to_thread(server.restart)
        await until(lambda: set(runs.ended) == set(range(120)))
        await engine.close(10.0)
        await store.close()
    finally:
        server.close()


async def test_an_engine_whose_database_never_comes_back_closes_in_time() -> None:
    """Would catch a stop that hangs on threads which try for ever."""
    server = Postgres.start()
    try:
        runs = Runs(seconds=0.5)
        engine, store = DbosEngine(server.database(migrated=False), "one", 0.05), open_database(server.url())
        store_of_jobs = open_database(server.url("db_" + str(os.getpid()) + "_1"))
        await engine.launch(runs.work)
        await enqueue(engine, store_of_jobs, [Job(number, 0, f"{number:016x}") for number in range(20)])
        await until(lambda: len(runs.begun) == 20)
        await asyncio.to_thread(server.kill)
        await until(lambda: len(runs.ended) == 20)
        async with asyncio.timeout(30):
            await engine.close(1.0)
        await store.close()
        await store_of_jobs.close()
    finally:
        server.close()


@pytest.mark.soak
async def test_answers_that_never_come_keep_no_thread_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a queue that stands still for good because the network swallowed the answer to one COMMIT."""
    monkeypatch.setattr(engine_database, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(engine_sweep, "STRAY_SECONDS", 0.3)
    there, runs = sa.make_url(postgres_url), Runs()
    store = open_database(postgres_url)
    async with Proxy((there.host or "", there.port or 0)).running() as proxy:
        through = there.set(port=proxy.port).render_as_string(hide_password=False)
        async with place(through, runs) as here:
            for number in range(60):
                if number % 10 == 0:
                    proxy.swallow_commits(5, then="silence")
                await enqueue(here.engine, store, [Job(number, 0, f"{number % 20:016x}")])
            async with asyncio.timeout(60):
                while set(runs.ended) != set(range(60)):
                    with suppress(EngineAwayError):
                        await here.engine.take_over([])
                    await asyncio.sleep(0.2)
            assert proxy.lost > 0
    await store.close()
