"""Statements that go to PostgreSQL together: errors come where they must, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import sqlalchemy as sa

from bot.store import StoreError, rows
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.exchange import PostgresConnection
from bot.store.hot import Hot, insert, together
from bot.store.migrate import migrate
from bot.store.writers import WRITERS
from tests.doubles.proxy import Proxy

CANARY = "mon patron ment"
_COUNT = Hot(sa.select(sa.func.count().label("n")).select_from(t.setting))
_SETTING = insert(t.setting, ("tenant", "name", "value"), "postgresql")


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = open_database(postgres_url)
    await migrate(database)
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.transaction() as connection:
        (found,) = await _COUNT.rows(connection)
    return int(found["n"])


def setting(name: str, value: object = None) -> dict[str, object]:
    return {"tenant": "main", "name": name, "value": {"is": value}}


async def test_what_nobody_waited_for_is_there_for_the_next_question(database: Database) -> None:
    """Would catch: a person who reads what they have just changed, and sees it unchanged."""
    async with database.transaction() as connection:
        await rows.add(connection, t.setting, **setting("hot"))
        assert (await _COUNT.row(connection) or {})["n"] == 1
        await rows.add(connection, t.setting, **setting("sqlalchemy"))
        through = await connection.scalar(sa.select(sa.func.count()).select_from(t.setting))
        assert through == 2
        await rows.add(connection, t.setting, **setting("commit"))
    assert await count(database) == 3


async def test_an_error_that_nobody_waited_for_stores_nothing_at_all(database: Database) -> None:
    """Would catch: half a turn that is stored and answered with success."""
    await _set(database, "kept")

    async def writes() -> None:
        async with database.transaction() as connection:
            await rows.add(connection, t.setting, **setting("new"))
            await rows.add(connection, t.setting, **setting("kept", CANARY))
            await rows.add(connection, t.setting, **setting("after"))

    with pytest.raises(sa.exc.IntegrityError) as raised:
        await writes()
    assert CANARY not in str(raised.value), "errors are logged, and say nothing of what was written"
    assert await count(database) == 1


async def test_an_error_that_was_swallowed_is_no_success(database: Database) -> None:
    """Would catch: a commit that the server answers with a rollback, taken for success."""
    await _set(database, "kept")

    async def swallows() -> None:
        async with database.transaction() as connection:
            await rows.add(connection, t.setting, **setting("new"))
            with pytest.raises(sa.exc.IntegrityError):
                await _SETTING.run(connection, **setting("kept"))

    with pytest.raises(StoreError):
        await swallows()
    assert await count(database) == 1


async def test_nor_is_it_where_sqlalchemy_has_had_its_say(database: Database) -> None:
    """Would catch: the same commit taken for success because it goes through SQLAlchemy."""
    await _set(database, "kept")

    async def swallows() -> None:
        async with database.transaction() as connection:
            await connection.execute(t.setting.insert().values(**setting("new")))
            with pytest.raises(sa.exc.IntegrityError):
                await _SETTING.run(connection, **setting("kept"))

    with pytest.raises(StoreError):
        await swallows()
    assert await count(database) == 1


async def test_an_error_quotes_no_row(database: Database) -> None:
    """Would catch: the server's own words, which hold a whole row, in an error that is logged."""

    async def writes() -> None:
        async with database.transaction() as connection:
            await _SETTING.run(connection, tenant="main", name=None, value={"is": CANARY})

    with pytest.raises(sa.exc.IntegrityError) as raised:
        await writes()
    assert CANARY not in str(raised.value)


async def test_a_column_that_was_widened_meanwhile_costs_one_answer(database: Database) -> None:
    """Would catch: a release that widens a column while this one serves, and half an hour of refusals after it."""
    names = Hot(sa.select(t.setting.c.name))
    await _set(database, "kept")
    for _ in range(6):  # until the server keeps a plan
        async with database.transaction() as connection:
            await names.rows(connection)
    async with database.engine.begin() as other:
        await other.exec_driver_sql("ALTER TABLE setting ALTER COLUMN name TYPE varchar(333)")
    refused = 0
    for _ in range(4):
        try:
            async with database.transaction() as connection:
                assert [one["name"] for one in await names.rows(connection)] == ["kept"]
        except StoreError:
            refused += 1
    assert refused <= 1


@pytest.mark.parametrize("value", ["a\x00b", object()])
async def test_a_value_that_cannot_be_written_is_refused_before_anything_is_sent(
    database: Database, value: object
) -> None:
    """Would catch: one strange character that costs the connection, or the statements that were said before it."""
    async with database.transaction() as connection:
        await rows.add(connection, t.setting, **setting("before"))
        with pytest.raises(StoreError):
            await rows.add(connection, t.setting, tenant="main", name=value, value={})
    assert await count(database) == 1


async def test_a_whole_book_goes_there_and_back(database: Database) -> None:
    """Would catch: two sides that wait for each other to read, once an answer is larger than a socket's memory."""
    book = "écrit " * 400_000
    async with database.transaction() as connection:
        said = [(_SETTING, setting(str(number), book)) for number in range(4)]
        assert [one.count for one in await together(connection, *said)] == [1] * 4
        reading = Hot(sa.select(t.setting.c.value))
        answers = await together(connection, *[(reading, {})] * 3)
        assert all(row["value"]["is"] == book for answer in answers for row in answer.rows())


async def test_a_connection_that_is_cut_in_the_middle_is_replaced(database: Database) -> None:
    """Would catch: a pool that hands the same dead connection out again and again."""
    await _set(database, "kept")

    async def loses() -> None:
        async with database.transaction() as connection:
            await rows.add(connection, t.setting, **setting("lost"))
            await _kill(database, connection)
            await _COUNT.rows(connection)

    with pytest.raises(StoreError) as raised:
        await loses()
    assert isinstance(raised.value, sa.exc.DBAPIError)
    assert raised.value.connection_invalidated
    assert await count(database) == 1


async def test_a_turn_that_is_given_up_leaves_no_lock(database: Database) -> None:
    """Would catch: a cancelled turn whose connection keeps a row locked, or is used again with its answer unread."""
    await _set(database, "kept")
    held = asyncio.Event()
    changing = Hot(t.setting.update().where(t.setting.c.name == sa.bindparam("of")).values(value={"is": 2}))

    async def holds() -> None:
        async with database.transaction() as connection:
            await changing.run(connection, of="kept")
            held.set()
            await Hot(sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)))).rows(
                connection, seconds=30.0
            )

    task = asyncio.create_task(holds())
    await held.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10), database.transaction() as connection:
        assert await changing.run(connection, of="kept") == 1


async def test_a_server_that_has_forgotten_what_was_prepared_is_told_again(database: Database) -> None:
    """Would catch: one DISCARD by a pooler in between, after which every turn fails until the bot is started again."""
    await _set(database, "kept")
    async with database.transaction() as connection:
        await _COUNT.rows(connection)
        await connection.exec_driver_sql("DEALLOCATE ALL")
    with pytest.raises(StoreError):
        await count(database)
    assert await count(database) == 1


async def test_turns_that_are_given_up_while_a_connection_is_tried_take_none_with_them(
    postgres_url: str,
) -> None:
    """Would catch: a silent minute of the server after which the pool is empty although nobody has a connection."""
    where = sa.make_url(postgres_url)
    async with Proxy(("127.0.0.1", where.port or 0)).running() as proxy:
        through = where.set(port=proxy.port).render_as_string(hide_password=False)
        database = open_database(through)
        await migrate(database)
        await asyncio.gather(*(count(database) for _ in range(WRITERS)))
        proxy.switch("silent")
        for _ in range(WRITERS + 2):
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(0.2):
                    await count(database)
        pool = database.engine.sync_engine.pool
        assert isinstance(pool, sa.pool.QueuePool)
        assert pool.checkedout() == 0
        proxy.switch("passing")
        assert set(await asyncio.gather(*(count(database) for _ in range(2 * WRITERS)))) == {0}
        await database.close()
        assert pool.checkedout() == 0


async def _set(database: Database, name: str) -> None:
    async with database.transaction() as connection:
        await rows.add(connection, t.setting, **setting(name))


async def _kill(database: Database, connection: object) -> None:
    assert isinstance(connection, PostgresConnection)
    number = connection.driver.info.backend_pid
    await _COUNT.rows(connection)
    async with database.engine.connect() as other:
        await other.execute(sa.select(sa.func.pg_terminate_backend(number)))
