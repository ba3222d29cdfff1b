"""Statements that are kept compiled say the same on every connection, and their errors say nothing of the values."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import AsyncConnection, budget, events, people, rows, runs
from bot.store import tables as t
from bot.store.compiled import DirectConnection
from bot.store.database import Database, open_database
from bot.store.hot import Hot
from bot.store.migrate import migrate
from bot.store.people import Address
from dialogs.activity import Activity, Kind, Place, Platform
from dialogs.outcome import Given
from tests.bot.outboxes import NOW
from tests.company import hire
from tests.doubles.slack import SlackDouble
from tests.postgres import store_url

US = ("slack", "T0TEAM", "U0STORES")
CANARY = "mon patron ment"


def opened(database: Database, way: str) -> AbstractAsyncContextManager[AsyncConnection]:
    """A transaction: the writer's, or one that goes through SQLAlchemy all the way."""
    return database.transaction() if way == "writer" else database.engine.begin()


@pytest.mark.parametrize(
    ("kind", "way"), [("sqlite", "writer"), ("sqlite", "engine"), ("postgresql", "writer")]
)
async def test_a_turns_statements_say_the_same_everywhere(tmp_path: Path, kind: str, way: str) -> None:
    """Would catch: a statement that is fast on SQLite and refused, or answered otherwise, by PostgreSQL."""
    with store_url(kind, tmp_path) as url:
        database = open_database(url)
        await migrate(database)
        await hire(database, "slack", "fr-CA", SlackDouble())
        async with opened(database, way) as connection:
            event = Activity(Platform.SLACK, US[1], US[2], Kind.MESSAGE, "Ev1", Place("D1"), NOW)
            assert [await events.record(connection, event, NOW) for _ in range(2)] == [True, False]
            company = await people.company(connection, "main")
            assert company is not None
            assert company == await people.company(connection, "main")
            assert company.leads["STO"] == "stores"
            found = await people.met(connection, "main", *US)
            assert found is not None
            person, address = found
            assert person.roles == {("function_lead", "STO")}
            met = Address(*US, person.id, "D9", {"thread": "1"})
            await people.remember_address(connection, "main", met, NOW, address)
            await people.remember_address(connection, "main", Address(*US, person.id, ""), NOW, met)
            assert await people.address_of(connection, "main", person.id) == met, "the way there is kept"
            run = await runs.start(connection, "main", "dialog", "impact", person.id, NOW, {})
            given = (Given("I0", 0, "start"), Given("I4", 1, ("a", "b")), Given("I6", 1, 3))
            await runs.append(connection, "main", run, given, NOW, put_off_until=NOW)
            for again in (
                await runs.run(connection, "main", run.id),
                await runs.open_run(connection, "main", person.id),
                await runs.unfinished(connection, "main", person.id, "dialog", "impact"),
            ):
                assert again is not None
                assert again.given == given
                assert again.last_at == NOW
            await budget.answered(connection, "main", person.id, NOW)
            for number in range(2):
                await rows.put(connection, t.setting, tenant="main", name="n", value={"is": number})
            (kept,) = await rows.rows(connection, t.setting.select())
            assert kept["value"] == {"is": 1}
            await people.change(connection, "main", person.id, locale="en", paused_until=None)
            changed = await people.person(connection, "main", person.id)
            assert changed is not None
            assert changed.locale == "en"
        await database.close()


async def test_a_company_that_has_changed_is_seen_at_once(tmp_path: Path) -> None:
    """Would catch: a lead who hands over and is still told of everything, because the company is remembered."""
    with store_url("sqlite", tmp_path) as url:
        database = open_database(url)
        await migrate(database)
        await hire(database, "slack", "fr-CA", SlackDouble())
        for lead in ("stores", "advisor", "stores"):
            async with database.transaction() as connection:
                mine = t.company_function.update().where(t.company_function.c.code == "STO")
                await connection.execute(mine.values(lead=lead))
                company = await people.company(connection, "main")
            assert company is not None
            assert company.leads["STO"] == lead
        await database.close()


@pytest.mark.parametrize("value", [CANARY, {CANARY}])
async def test_an_error_says_nothing_of_what_was_written(tmp_path: Path, value: object) -> None:
    """Would catch: a person's words in the log, by way of a statement that failed with them."""
    with store_url("sqlite", tmp_path) as url:
        database = open_database(url)
        await migrate(database)
        with pytest.raises(sa.exc.SQLAlchemyError) as failed:  # noqa: PT012 - the block is what is tried
            async with database.transaction() as connection:
                for _ in range(2):
                    await rows.add(connection, t.setting, tenant="main", name="n", value=value)
        assert CANARY not in str(failed.value)
        await database.close()


ODD = 'it\'s "100 %" :name ? $1 \\ %s %(x)s'


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_constants_stand_in_the_sql_and_what_is_given_never_does(tmp_path: Path, kind: str) -> None:
    """Would catch: a plan made anew at each run, a constant that ends its own quotes, or a person's words in SQL."""
    given = sa.bindparam("given", type_=sa.String)
    statement = Hot(sa.select(sa.literal(ODD).label("constant"), given.label("given")))
    with store_url(kind, tmp_path) as url:
        database = open_database(url)
        async with database.transaction() as connection:
            [row] = await statement.rows(connection, given=CANARY + ODD)
            assert isinstance(connection, DirectConnection)
            done = statement.on(connection)
        await database.close()
    assert dict(row) == {"constant": ODD, "given": CANARY + ODD}
    assert [name for name, *_ in done.binds] == ["given"]
    assert CANARY not in done.sql
