"""The durable engine on both databases: what is enqueued runs, once, in order, if and only if it was committed."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engine import DbosEngine
from bot.jobs import EngineAwayError, Job, Standing
from bot.store.database import open_database
from tests.bot.engine_runs import LANE, Runs, at_rest, enqueue, name_of, place, until
from tests.postgres import store_url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store_url(request.param, tmp_path) as address:
        yield address


async def test_a_job_exists_when_and_only_when_its_transaction_commits(url: str) -> None:
    """Would catch an engine that enqueues on a connection of its own, so that a rolled back turn sends."""
    runs = Runs()
    async with place(url, runs) as here:
        with suppress(LookupError):
            async with here.store.transaction() as connection:
                await here.engine.enqueue(connection, [Job(1, 0, LANE)])
                raise LookupError
        await here.enqueue(Job(2, 0, LANE))
        await until(lambda: runs.ended == [2])
        await at_rest(here.engine)
    assert runs.begun == [2]


async def test_the_same_job_made_twice_runs_once(url: str) -> None:
    """Would catch an audit that doubles work, or that breaks the transaction, when a job is there already."""
    runs = Runs()
    async with place(url, runs) as here:
        await here.enqueue(Job(1, 0, LANE), Job(1, 0, LANE))
        await here.enqueue(Job(1, 0, LANE))
        await until(lambda: 1 in runs.ended)
        await here.enqueue(Job(1, 0, LANE), Job(1, 1, LANE))
        await until(lambda: len(runs.ended) == 2)
        await at_rest(here.engine)
    assert runs.begun == [1, 1]


async def test_jobs_of_a_lane_begin_in_the_order_they_were_made(url: str) -> None:
    """Would catch a clock in whole seconds (19 of 39 out of order) and ids that sort 10 before 9."""
    runs = Runs()
    async with place(url, runs) as here:
        for number in range(40, 0, -1):  # against the order of the ids: the time alone decides
            await here.enqueue(Job(number, 0, LANE))
            await asyncio.sleep(0.003)
        await here.enqueue(*(Job(number, 0, LANE) for number in range(98, 103)))
        await until(lambda: len(runs.ended) == 45)
    assert runs.begun == [*range(40, 0, -1), *range(98, 103)]


async def test_two_hundred_jobs_run_once_each_and_never_two_of_a_lane_at_a_time(url: str) -> None:
    """Would catch a queue without lanes, on which a conversation's second message overtakes its first."""
    runs = Runs(seconds=0.01, lanes={number: f"{number % 30:016x}" for number in range(200)})
    async with place(url, runs) as here:
        await here.enqueue(*(Job(number, 0, lane) for number, lane in runs.lanes.items()))
        standing = await here.engine.standing()
        assert standing.waiting + sum(standing.running.values()) + len(runs.ended) >= 100
        await until(lambda: len(runs.ended) == 200)
        await at_rest(here.engine)
        assert await here.engine.standing() == Standing(0, {})
    assert sorted(runs.begun) == list(range(200))
    assert runs.most_of_a_lane == 1


async def test_work_runs_on_the_applications_loop_outside_of_any_workflow(url: str) -> None:
    """Would catch a second loop, on which the store's connections and the HTTP session cannot be used."""
    seen: list[object] = []

    async def work(_number: int, _hop: int) -> None:
        from dbos import DBOS

        seen.extend([asyncio.get_running_loop(), DBOS.workflow_id])

    runs = Runs()
    runs.work = work  # type: ignore[method-assign]
    async with place(url, runs) as here:
        await here.enqueue(Job(1, 0, LANE))
        await until(lambda: len(seen) == 2)
        assert (await asyncio.to_thread(lambda: 7)) == 7
    assert seen == [asyncio.get_running_loop(), None]
    assert (await asyncio.to_thread(lambda: 7)) == 7  # the engine's threads are gone, the loop's own are not


async def test_work_that_raises_ends_its_job_and_leaves_no_word_of_it(
    url: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Would catch a loop of retries, a lane that stays blocked, and words of a person in the engine's tables."""
    begun: list[int] = []

    async def work(number: int, _hop: int) -> None:
        begun.append(number)
        if number == 1:
            raise ValueError("Meet me at the fountain")

    runs = Runs()
    runs.work = work  # type: ignore[method-assign]
    async with place(url, runs) as here:
        await here.enqueue(Job(1, 0, LANE), Job(2, 0, LANE))
        await until(lambda: 2 in begun)
        await at_rest(here.engine)
        async with here.store.reading() as connection:
            prefix = "dbos." if url.startswith("postgresql") else ""
            kept = [
                str((await connection.exec_driver_sql(f"SELECT * FROM {prefix}{table}")).all())
                for table in ("workflow_status", "workflow_output")
            ]
    assert begun == [1, 2]
    assert "ERROR" in kept[0]
    assert "fountain" not in str(kept)
    assert "DBOS" not in "".join(capfd.readouterr())


async def test_finished_jobs_are_forgotten_and_others_are_not(url: str) -> None:
    """Would catch tables of the engine that grow for ever, and a retention that deletes work not yet done."""
    runs = Runs()
    async with place(url, runs) as here:
        await here.enqueue(*(Job(number, 0, LANE) for number in range(5)))
        await until(lambda: len(runs.ended) == 5)
        await at_rest(here.engine)
        assert await here.engine.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
        runs.seconds = 1.0
        await here.enqueue(Job(7, 0, LANE), Job(8, 0, LANE))
        await until(lambda: 7 in runs.begun)
        assert await here.engine.forget(datetime.now(UTC) + timedelta(minutes=1)) == 5
        await until(lambda: 8 in runs.ended)


async def test_an_engine_that_was_closed_can_be_launched_again(url: str) -> None:
    """Would catch a library left half alive: what was made before the close must run after the next launch."""
    runs = Runs(seconds=0.3)
    async with place(url, runs) as here:
        await here.enqueue(Job(1, 0, LANE), Job(2, 0, LANE))
        await until(lambda: 1 in runs.begun)
        await here.engine.close(10.0)
        assert runs.ended == [1]
        assert not here.engine.running
        with pytest.raises(EngineAwayError):
            await here.enqueue(Job(3, 0, LANE))
        with pytest.raises(EngineAwayError):
            await here.engine.standing()
        await here.engine.launch(runs.work)
        await until(lambda: runs.ended == [1, 2])


async def test_a_second_engine_in_a_process_is_refused(url: str) -> None:
    """Would catch two engines that share the library's one instance and take each other's database."""
    runs = Runs()
    async with place(url, runs) as here:
        other = DbosEngine(url, "other")
        with pytest.raises(RuntimeError, match="close it first"):
            await other.launch(runs.work)
        await other.close(1.0)
        await here.enqueue(Job(1, 0, LANE))
        await until(lambda: runs.ended == [1])


async def test_work_that_outlasts_the_close_is_cut_and_done_by_the_next_launch(url: str) -> None:
    """Would catch a close that hangs on one slow send, or one that marks the cut job as done."""
    runs = Runs(seconds=120.0)
    async with place(url, runs, patience=0.2) as here:
        await here.enqueue(Job(1, 0, LANE))
        await until(lambda: 1 in runs.begun)
    assert runs.ended == []
    runs.seconds = 0.0
    async with place(url, runs) as here:
        await here.engine.take_over([])
        await until(lambda: runs.ended == [1])


async def test_an_engine_whose_database_is_away_says_so_and_can_be_launched_later(
    url: str, tmp_path: Path
) -> None:
    """Would catch a launch that hangs, or that leaves the process unable to try again."""
    runs = Runs()
    nowhere = (
        f"sqlite+aiosqlite:///{tmp_path}/not/there.db"
        if "sqlite" in url
        else "postgresql+psycopg://x@127.0.0.1:1/x"
    )
    lost = DbosEngine(nowhere, "local")
    for _ in range(2):
        with pytest.raises(EngineAwayError):
            await lost.launch(runs.work)
    engine, store = DbosEngine(url, name_of(url), 0.05), open_database(url)
    await engine.launch(runs.work)
    await enqueue(engine, store, [Job(1, 0, LANE)])
    await until(lambda: runs.ended == [1])
    await engine.close(5.0)
    await store.close()


async def test_a_launch_that_is_cancelled_ends_by_itself_and_makes_room(url: str) -> None:
    """Would catch a stop during the start that leaves an engine behind which takes jobs."""
    runs = Runs()
    launching = asyncio.create_task(DbosEngine(url, name_of(url)).launch(runs.work))
    await asyncio.sleep(0)
    launching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await launching
    await until(lambda: DbosEngine._launched is None)
    async with place(url, runs) as here:
        await here.enqueue(Job(1, 0, LANE))
        await until(lambda: runs.ended == [1])


async def test_the_library_is_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Would catch its banner, its advertisement and its lines on standard error in the middle of our JSON."""
    async with place(f"sqlite+aiosqlite:///{tmp_path}/a.db", Runs()):
        logging.getLogger("dbos").info("not for anybody")
    assert "".join(capfd.readouterr()) == ""
