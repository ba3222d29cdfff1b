"""One writer for all: who comes at the same time shares a commit, and nobody pays for another's failure."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import AsyncConnection, events, rows
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.bot.outboxes import NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = open_database(f"sqlite+aiosqlite:///{tmp_path}/embarque.db")
    await migrate(made)
    yield made
    await made.close()


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "embarque.db")


async def note(connection: AsyncConnection, what: str) -> None:
    await events.audit(connection, "main", None, what, "", NOW)


async def writes(database: Database, what: str) -> None:
    async with database.transaction() as connection:
        await note(connection, what)


def noted(file: str) -> list[str]:
    """What another program reads in the file: only what is committed."""
    with sqlite3.connect(file) as other:
        found = [one[0] for one in other.execute("SELECT what FROM audit_event ORDER BY what")]
    other.close()
    return found


async def test_who_comes_at_once_shares_commits_and_each_is_stored_on_return(
    database: Database, file: str
) -> None:
    """Would catch: an answer acknowledged before its commit, or a wait for the disk by each of a hundred people."""
    commits = [0]

    def counts(statement: str) -> None:
        commits[0] += statement == "COMMIT"

    async with database.transaction() as connection:
        connection.driver.set_trace_callback(counts)  # type: ignore[attr-defined]

    async def answers(number: int) -> None:
        await writes(database, f"{number:03}")
        assert f"{number:03}" in noted(file), "stored when the block has ended"

    await asyncio.gather(*(answers(number) for number in range(100)))
    assert len(noted(file)) == 100
    assert commits[0] <= 10, "in groups, not one by one"


async def test_a_block_that_fails_takes_back_its_own_and_nothing_else(database: Database, file: str) -> None:
    """Would catch: one broken turn that takes everybody's answers of the same moment with it."""

    async def breaks() -> None:
        async with database.transaction() as connection:
            await note(connection, "broken")
            raise RuntimeError

    done = await asyncio.gather(
        writes(database, "a"), breaks(), writes(database, "b"), breaks(), return_exceptions=True
    )
    assert [type(one) for one in done] == [type(None), RuntimeError, type(None), RuntimeError]
    assert noted(file) == ["a", "b"]


async def test_a_statement_that_the_database_refuses_fails_its_own_block_only(
    database: Database, file: str
) -> None:
    """Would catch: a key that is there already, which breaks the transaction that others share."""

    async def twice() -> None:
        async with database.transaction() as connection:
            for _ in range(2):
                await rows.add(connection, t.setting, tenant="main", name="n", value={"is": 1})

    done = await asyncio.gather(writes(database, "a"), twice(), writes(database, "b"), return_exceptions=True)
    assert isinstance(done[1], sa.exc.IntegrityError)
    assert noted(file) == ["a", "b"]
    async with database.transaction() as connection:
        assert await rows.rows(connection, t.setting.select()) == []


async def test_a_commit_that_fails_fails_every_block_and_stores_nothing_of_any(
    database: Database, file: str
) -> None:
    """Would catch: an answer acknowledged whose commit the disk refused."""

    async def defers() -> None:
        async with database.transaction() as connection:
            # A foreign key that is looked at when the transaction ends: the commit itself is refused.
            await connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
            await connection.exec_driver_sql(
                "CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
            )
            await connection.exec_driver_sql("INSERT INTO child VALUES (1)")

    done = await asyncio.gather(
        writes(database, "a"), defers(), writes(database, "b"), return_exceptions=True
    )
    assert all(isinstance(one, sa.exc.IntegrityError) for one in done), done
    assert noted(file) == []
    await writes(database, "after")
    assert noted(file) == ["after"], "the next group works"


async def test_a_full_disk_refuses_and_reading_goes_on_and_it_recovers_alone(
    database: Database, file: str
) -> None:
    """Would catch: a bot that has to be restarted after somebody made room on the disk."""
    await writes(database, "before")
    async with database.transaction() as connection:
        pages = int(str((await connection.exec_driver_sql("PRAGMA page_count")).scalar()))
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    long = "x" * 190

    async def fills() -> None:
        async with database.transaction() as connection:
            for _ in range(200):
                await note(connection, long)

    done = await asyncio.gather(fills(), writes(database, "beside"), return_exceptions=True)
    assert isinstance(done[0], sa.exc.OperationalError)
    assert "full" in str(done[0])
    async with database.reading() as connection:
        assert await rows.rows(connection, t.audit_event.select())
    async with database.transaction() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    await writes(database, "room again")
    stored = noted(file)
    assert "room again" in stored
    assert long not in stored
    assert ("beside" in stored) == (done[1] is None), "what returned is stored, what raised is not"


async def test_who_is_cancelled_while_waiting_or_working_leaves_nothing_and_holds_up_nobody(
    database: Database, file: str
) -> None:
    """Would catch: a closed connection in the middle of a turn after which no turn is served any more."""
    inside = asyncio.Event()

    async def stays(what: str) -> None:
        async with database.transaction() as connection:
            await note(connection, what)
            inside.set()
            await asyncio.sleep(60)

    working = asyncio.create_task(stays("working"))
    await inside.wait()
    waiting = asyncio.create_task(writes(database, "waiting"))
    served = asyncio.create_task(writes(database, "served"))
    await asyncio.sleep(0)
    waiting.cancel()
    working.cancel()
    await asyncio.wait_for(served, 60)
    await asyncio.gather(working, waiting, return_exceptions=True)
    assert noted(file) == ["served"]


@pytest.mark.parametrize("hops", range(8))
async def test_a_block_cancelled_at_any_moment_is_whole_or_absent(
    database: Database, file: str, hops: int
) -> None:
    """Would catch: a turn cancelled just when its place in the line came, which then belongs to nobody."""
    tasks = [asyncio.create_task(writes(database, f"{number}")) for number in range(6)]
    for _ in range(hops):
        await asyncio.sleep(0)
    tasks[2].cancel()
    done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
    await asyncio.wait_for(writes(database, "after"), 60)
    stored = noted(file)
    assert {"0", "1", "3", "4", "5", "after"} <= set(stored)
    if done[2] is None:
        assert "2" in stored


async def test_another_process_that_writes_holds_up_the_writers_and_not_the_loop(
    database: Database, file: str
) -> None:
    """Would catch: `embarque people import` in a second window during which the bot answers nobody at all."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(writes(database, "patient"))
    for _ in range(20):  # the loop turns meanwhile, and readers read
        await asyncio.sleep(0.005)
    async with database.reading() as connection:
        assert await rows.rows(connection, t.audit_event.select()) == []
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await asyncio.wait_for(writing, 60)
    assert noted(file) == ["patient"]


async def test_a_lock_that_is_never_given_back_is_told_to_all_who_waited_for_it(
    database: Database, file: str
) -> None:
    """Would catch: waiters who are told one after the other, each after another two and a half seconds."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = asyncio.get_running_loop().time()
    done = await asyncio.gather(*(writes(database, "x") for _ in range(6)), return_exceptions=True)
    took = asyncio.get_running_loop().time() - began
    other.execute("ROLLBACK")
    other.close()
    assert all(isinstance(one, sa.exc.OperationalError) and "locked" in str(one) for one in done), done
    assert took < 10, "one wait for all of them, not six"
    await writes(database, "free")
    assert noted(file) == ["free"]


async def test_a_long_look_is_one_moment_and_keeps_no_writer_waiting(database: Database, file: str) -> None:
    """Would catch: a report that stops all answers while it is made, or one with half of this morning in it."""
    await writes(database, "before")
    async with database.reading() as connection:
        seen = len(await rows.rows(connection, t.audit_event.select()))
        await asyncio.wait_for(writes(database, "meanwhile"), 60)
        assert len(await rows.rows(connection, t.audit_event.select())) == seen
    assert noted(file) == ["before", "meanwhile"]


async def test_a_look_cannot_write(database: Database) -> None:
    """Would catch: a report that writes beside the writer, and waits for it in the middle."""
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        async with database.reading() as connection:
            await note(connection, "x")


async def test_the_same_database_serves_one_loop_after_another(tmp_path: Path) -> None:
    """Would catch: a command line that opens the database once and runs two loops on it."""
    made = open_database(f"sqlite+aiosqlite:///{tmp_path}/twice.db")
    await migrate(made)

    def elsewhere() -> None:
        async def once() -> None:
            await writes(made, "elsewhere")

        asyncio.run(once())

    await asyncio.to_thread(elsewhere)
    await writes(made, "here")
    await made.close()
    assert noted(str(tmp_path / "twice.db")) == ["elsewhere", "here"]
