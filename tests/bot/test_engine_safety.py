"""The engine against a database that somebody else wrote to, and against clocks that are too coarse."""

import asyncio
import base64
import logging
import os
import pickle
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import dbos
import pytest
import structlog

from bot import engine_sweep
from bot.engine_log import EngineLog
from bot.jobs import Job
from bot.store.sqlite_clock import clock_functions
from tests.bot.engine_runs import LANE, Place, Runs, at_rest, place, until
from tests.postgres import store_url


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.mknod, (str(self.file),)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store_url(request.param, tmp_path) as address:
        yield address


async def _tampered(here: Place, job: Job, *changes: str) -> None:
    """A job whose rows somebody changed before anybody took it."""
    prefix = "dbos." if here.store.engine.dialect.name == "postgresql" else ""
    async with here.store.transaction() as connection:
        await here.engine.enqueue(connection, [job])
        for change in changes:
            await connection.exec_driver_sql(f"UPDATE {prefix}{change} WHERE workflow_uuid = '{job.id}'")


async def test_a_pickled_value_in_the_database_is_never_read(url: str, tmp_path: Path) -> None:
    """Would catch code of an attacker who can write to the database running in the bot."""
    trap, runs = tmp_path / "trap", Runs()
    payload = base64.b64encode(pickle.dumps({"args": (Bomb(trap),), "kwargs": {}})).decode()
    async with place(url, runs) as here:
        with structlog.testing.capture_logs() as said:
            await _tampered(
                here,
                Job(1, 0, LANE),
                "workflow_status SET serialization = 'py_pickle'",
                f"workflow_input SET inputs = '{payload}'",
            )
            await here.enqueue(Job(2, 0, LANE), Job(3, 0, "00000000000000bb"))
            await until(lambda: sorted(runs.ended) == [2, 3])
            await at_rest(here.engine)
        ended = await here.engine._in_thread(here.engine._there()._client.list_workflows, status="ERROR")
    assert not trap.exists()
    assert [workflow.workflow_id for workflow in ended] == [Job(1, 0, LANE).id]
    assert any("pickled" in line.get("why", "") for line in said)
    assert payload[:20] not in str(said)
    pickle.loads(base64.b64decode(payload))
    assert trap.exists()  # the payload was a real one


@pytest.mark.parametrize(
    "change",
    [
        'workflow_input SET inputs = \'{"positionalArgs": [1], "namedArgs": {}}\'',
        "workflow_input SET inputs = 'not json'",
    ],
)
async def test_a_job_that_cannot_be_read_does_not_block_its_lane(url: str, change: str) -> None:
    """Would catch a poisoned row that stops a conversation for ever."""
    runs = Runs()
    async with place(url, runs) as here:
        await _tampered(here, Job(1, 0, LANE), change)
        await here.enqueue(Job(2, 0, LANE))
        await until(lambda: runs.ended == [2])
        await at_rest(here.engine)


@pytest.mark.parametrize("change", ["name = 'something_else'", "serialization = 'unheard_of'"])
async def test_a_job_of_an_unknown_kind_is_cancelled_after_some_tries(
    url: str, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a row that is taken and given back for ever."""
    monkeypatch.setattr(engine_sweep, "STRAY_SECONDS", 0.1)
    runs = Runs()
    async with place(url, runs) as here:
        await _tampered(here, Job(1, 0, LANE), f"workflow_status SET {change}")
        await here.enqueue(Job(2, 0, LANE))
        async with asyncio.timeout(60):
            while not runs.ended:
                await here.engine.take_over([])
                await asyncio.sleep(0.15)
        await at_rest(here.engine)
    assert runs.ended == [2]


def test_the_library_unpickles_in_the_one_place_that_is_closed() -> None:
    """Would catch a new version that unpickles elsewhere."""
    package = Path(dbos.__file__).parent
    words = ("pickle.load", "Unpickler", "marshal.load", "shelve", "import dill", "jsonpickle", "yaml.load(")
    places = [
        (file.name, line.strip())
        for file in package.rglob("*.py")
        for line in file.read_text().splitlines()
        if any(word in line for word in words)
    ]
    assert places == [("_serialization.py", "return pickle.loads(pickled_data)")]


@pytest.mark.parametrize("expression", ["unixepoch('subsec') * 1000", "strftime('%s','now') * 1000"])
def test_sqlites_clock_is_exact_whatever_made_the_tables(expression: str) -> None:
    """Would catch jobs of one second that begin in any order, and a start that fails on SQLite 3.40."""
    connection = sqlite3.connect(":memory:")
    clock_functions(connection)
    connection.execute(
        f"CREATE TABLE job (name, at INTEGER NOT NULL DEFAULT (CAST({expression} AS INTEGER)))"
    )
    before = int(time.time() * 1000)
    for name in range(20):
        connection.execute("INSERT INTO job (name) VALUES (?)", [name])
        time.sleep(0.003)
    after = int(time.time() * 1000)
    told = [row[0] for row in connection.execute("SELECT at FROM job ORDER BY name")]
    connection.close()
    assert told == sorted(set(told))
    assert before - 1 <= told[0]
    assert told[-1] <= after + 1


def test_other_uses_of_sqlites_clock_stay_what_they_are() -> None:
    """Would catch a report whose month is suddenly a number of seconds."""
    plain, exact = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    clock_functions(exact)
    asked = (
        "SELECT strftime('%Y-%m', '2026-03-29 02:30:00'), strftime('%s', '2026-03-29'), strftime('%H', NULL),"
        " strftime('%d', '2026-01-31', '+1 month'), unixepoch('2026-03-29'), unixepoch(0.5)"
    )
    assert exact.execute(asked).fetchall() == plain.execute(asked).fetchall()
    plain.close()
    exact.close()


def test_the_same_complaint_of_the_library_is_written_once_in_a_while() -> None:
    """Would catch a log filled by threads that ask an absent database four times a second."""
    logger = logging.getLogger("a test of the engine's log")
    logger.addHandler(EngineLog())
    with structlog.testing.capture_logs() as said:
        for _ in range(50):
            logger.warning("the database is away\n[SQL: SELECT 1]")
        logger.error("another thing")
    ours = [line for line in said if line["event"] == "engine"]
    assert [(line["why"], line["log_level"]) for line in ours] == [
        ("the database is away", "warning"),
        ("another thing", "error"),
    ]
