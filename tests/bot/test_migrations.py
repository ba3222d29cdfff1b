"""Migrations run while the release before serves, from several replicas at once, up and down, on both databases."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.migrate import NewerSchemaError, head, migrate
from bot.store.moves import config
from tests.bot.outboxes import NOW
from tests.postgres import database as on_postgresql
from tests.postgres import shared
from tests.standstill import Stopwatch, children, other_threads

KINDS = ["sqlite", "postgresql"]
REVISIONS = [one.revision for one in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))]


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/embarque.db"
        return
    with on_postgresql(migrated=False) as url:
        yield url


@pytest.fixture
async def database(empty: str) -> AsyncIterator[Database]:
    made = open_database(empty)
    yield made
    await made.close()


async def shape(database: Database) -> dict[str, object]:
    """Every table with its columns, keys and indexes."""

    def read(connection: sa.Connection) -> dict[str, object]:
        found = sa.inspect(connection)
        return {
            name: (
                sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)),
                sorted(str(one["name"]) for one in found.get_indexes(name)),
                sorted(found.get_pk_constraint(name)["constrained_columns"]),
            )
            for name in found.get_table_names()
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(read)


async def test_the_migrations_lead_to_exactly_the_tables_of_the_code(database: Database) -> None:
    """Would catch a column in the code that no migration makes, seen first in production, on one database."""

    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert context.get_current_revision() == head()
        return list(compare_metadata(context, META))

    await migrate(database)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_each_migration_can_be_taken_back_and_leads_to_the_same_again(database: Database) -> None:
    """Would catch a release that cannot be rolled back, or whose second attempt fails."""
    shapes = []
    for revision in REVISIONS:
        await migrate(database, revision)
        shapes.append(await shape(database))
    for revision, before in zip(reversed(REVISIONS), reversed(shapes), strict=True):
        await migrate(database, revision)
        assert await shape(database) == before, revision
    await migrate(database, "base")
    assert set(await shape(database)) <= {"alembic_version"}
    await migrate(database)
    assert await shape(database) == shapes[-1]


async def test_replicas_that_start_at_once_migrate_once(empty: str) -> None:
    """Would catch the second replica that dies because a table is there already."""
    all_ = [open_database(empty) for _ in range(4 if empty.startswith("postgresql") else 1)]
    await asyncio.gather(*(migrate(one) for one in all_))
    for one in all_:
        await one.close()


@dataclass
class OldRelease:
    """A replica of the release before: it knows the tables as they were, and writes and reads all the time.

    slowest: seconds of its slowest turn, without those in which programs that have nothing to do with it had the cores.
    """

    database: Database
    tables: sa.MetaData
    written: list[str] = field(default_factory=list)
    slowest: float = 0

    async def works(self) -> None:
        """Until cancelled. Raises on the first failure."""
        while True:
            key, watch = f"old-{len(self.written)}", Stopwatch(self._at_work())
            try:
                await self._turn(key)
            except sa.exc.OperationalError as error:
                # PostgreSQL gives up one side of a deadlock, it may be this one: the platform delivers it again.
                if not isinstance(error.orig, psycopg.errors.DeadlockDetected):
                    raise
                continue
            self.written.append(key)
            self.slowest = max(self.slowest, watch.seconds)
            await asyncio.sleep(0.002)

    def _at_work(self) -> list[int]:
        """Whoever a turn may wait for: the migration's thread, and the server's processes."""
        on_server = self.database.engine.dialect.name == "postgresql"
        return other_threads() + (children(shared().pid) if on_server else [])

    async def _turn(self, key: str) -> None:
        delivery, run = self.tables.tables["delivery"], self.tables.tables["run"]
        async with self.database.transaction() as connection:
            await connection.execute(run.insert().values(_run(key)))
            await connection.execute(delivery.insert().values(_delivery(key)))
            await connection.execute(
                delivery.update().where(delivery.c.id == key).values(status="sent", sent_at=NOW)
            )
            found = await connection.execute(sa.select(delivery).where(delivery.c.id == key))
            assert found.one().status == "sent"


def _run(key: str) -> dict[str, object]:
    times = dict.fromkeys(("started_at", "last_at"), NOW)
    same = {"kind": "dialog", "dialog": "impact", "person": "ana", "status": "open", "subject": {}}
    return {"tenant": "main", "id": key, **same, **times}


def _delivery(key: str) -> dict[str, object]:
    times = dict.fromkeys(("created_at", "due_at"), NOW)
    same = {"operation": "post", "feature": "reply", "platform": "slack", "status": "pending"}
    return {"tenant": "main", "id": key, "number": time.monotonic_ns(), "to": {}, "card": {}, **same, **times}


@asynccontextmanager
async def old_release(url: str) -> AsyncIterator[OldRelease]:
    """The release before, at work until the end of the block; its first failure is raised there."""
    database, tables = open_database(url), sa.MetaData()
    async with database.engine.connect() as connection:
        await connection.run_sync(tables.reflect)
    old = OldRelease(database, tables)
    at_work = [asyncio.create_task(old.works())]
    try:
        yield old
    finally:
        done = [one for one in at_work if one.done()]
        for one in at_work:
            one.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*at_work)
        await database.close()
        assert not done


@pytest.mark.parametrize("before", REVISIONS[:-1])
async def test_the_release_before_works_on_while_the_schema_goes_up_and_down(
    empty: str, database: Database, before: str
) -> None:
    """Would catch a new column without a default, a lock that stops everybody, and a rollback that loses rows."""
    await migrate(database, before)
    async with old_release(empty) as old:
        await asyncio.sleep(0.1)
        await migrate(database)
        await asyncio.sleep(0.1)
        assert len(old.written) > 2
        await migrate(database, before)
        await asyncio.sleep(0.1)
        written, slowest = list(old.written), old.slowest
    assert slowest < 2
    await migrate(database)
    async with database.transaction() as connection:
        kept = set((await connection.scalars(sa.select(META.tables["delivery"].c.id))).all())
    assert set(written) <= kept


async def test_a_migration_waits_for_a_table_in_use_without_holding_up_the_others() -> None:
    """Would catch an ALTER that stands behind one long query, with every other query standing behind it."""
    with on_postgresql(migrated=False) as url:
        database, long = open_database(url), open_database(url)
        await migrate(database, REVISIONS[0])
        async with old_release(url) as old:
            async with long.transaction() as connection:
                await connection.execute(sa.text("SELECT count(*) FROM delivery"))
                migrating = asyncio.create_task(migrate(database))
                await asyncio.sleep(8)
                assert not migrating.done()
                before = len(old.written)
                assert before > 10
            await migrating
            slowest = old.slowest
        assert slowest < 4, "whoever stands behind the migration waits as long as the query takes"
        await database.close()
        await long.close()


async def test_new_numbers_of_deliveries_stand_above_all_old_ones() -> None:
    """Would catch a message that overtakes those that waited when the release was installed."""
    with on_postgresql(migrated=False) as url:
        database = open_database(url)
        await migrate(database, REVISIONS[0])
        number = 987_654_321_000
        async with database.transaction() as connection:
            await connection.execute(
                sa.text(
                    'INSERT INTO delivery (tenant, id, number, operation, feature, platform, "to", card, status,'
                    " created_at, due_at) VALUES ('main', 'a', :number, 'post', 'reply', 'slack', '{}', '{}',"
                    " 'pending', now(), now())"
                ),
                {"number": number},
            )
        await migrate(database)
        async with database.transaction() as connection:
            assert (await connection.scalar(sa.text("SELECT nextval('delivery_number')")) or 0) > number
        await database.close()


async def test_a_release_that_finds_a_newer_schema_says_so(database: Database) -> None:
    """Would catch an old replica that starts on new tables after a rollback of the program alone."""
    await migrate(database)
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchemaError, match="9999"):
        await migrate(database)
