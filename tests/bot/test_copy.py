"""From one database to another and back: everything, in the same values, or nothing at all."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.commands.restore import fill
from bot.library import BUILT_IN, Library
from bot.store import StoreError, copying, snapshot
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.store.file_lock import FileLock
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.postgres import database as fresh_postgres

MOMENT = datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)
MANY = 1201
PASSWORD = "postgres-secret"


def company(folder: Path) -> Terminal:
    """A company with a few awkward values and more rows than are copied at once."""
    made = Terminal(folder)
    made.imports(PEOPLE)
    asyncio.run(_fill(made))
    return made


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return company(tmp_path)


@pytest.fixture
def postgres() -> Iterator[str]:
    with fresh_postgres(migrated=False) as url:
        yield url.replace("embarque@", f"embarque:{PASSWORD}@")


async def _fill(terminal: Terminal) -> None:
    opened = open_database(f"sqlite+aiosqlite:///{terminal.database}")
    async with opened.transaction() as connection:
        answer = {"tenant": "main", "run": "r", "step": "I1", "round": 0, "at": MOMENT}
        values: list[Any] = [None, True, 0.1, 2**53, "é\u2028👩‍🚀", {"b": [1, {"a": None}]}, ""]
        rows = [{**answer, "number": one, "value": {"is": values[one % 7]}} for one in range(MANY)]
        await connection.execute(t.answer.insert(), rows)
        delivery = {"tenant": "main", "operation": "post", "feature": "nudge", "person": "p1", "platform": "slack",
                    "to": {"user": "U1"}, "card": {"title": "T"}, "created_at": MOMENT, "due_at": MOMENT}  # fmt: skip
        many = [
            {**delivery, "id": f"nudge:p1:{n}", "number": 10**15 + n, "status": "sent"} for n in range(MANY)
        ]
        await connection.execute(t.delivery.insert(), many)
        await connection.execute(
            t.person.update()
            .where(t.person.c.id == "p2")
            .values(name="O'Nil\0l \\ %s", away_until=date(2027, 2, 28))
        )
    await opened.close()


async def _beats(url: str) -> None:
    opened = open_database(url)
    async with opened.transaction() as connection:
        now = datetime.now(UTC)
        await connection.execute(t.replica.insert().values(id="replica-7", started_at=now, beat_at=now))
    await opened.close()


async def everything(opened: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows that are copied, as the program reads them."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with opened.reading() as connection:
        for table in copying.tables():
            rows = [dict(one) for one in (await connection.execute(sa.select(table))).mappings()]
            marks = {"moved", "backup", "restored"}
            kept = [one for one in rows if table is not t.setting or one["name"] not in marks]
            found[table.name] = sorted(
                kept, key=lambda one: str([one[key.name] for key in table.primary_key])
            )
    return found


async def of(url: str) -> dict[str, list[dict[str, Any]]]:
    opened = open_database(url)
    try:
        return await everything(opened)
    finally:
        await opened.close()


def test_a_company_moves_to_postgresql_and_back_without_losing_a_value(
    terminal: Terminal, postgres: str
) -> None:
    """Would catch a moment an hour off, a number rounded, an empty text made nothing, or a row left behind."""
    source = f"sqlite+aiosqlite:///{terminal.database}"
    done = terminal.types("copy-to", postgres)
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert str(MANY) in done.output
    ours, theirs = asyncio.run(of(source)), asyncio.run(of(postgres))
    [named] = [one for one in ours["person"] if one["id"] == "p2"]
    named["name"] = named["name"].replace("\0", "")  # PostgreSQL has no such letter
    assert theirs == ours
    back = f"sqlite+aiosqlite:///{terminal.folder}/back.db"
    done = terminal.types("copy-to", back, EMBARQUE_DATABASE_URL=postgres)
    assert done.exit_code == 0, done.output
    assert asyncio.run(of(back)) == ours


def test_new_deliveries_are_numbered_after_those_that_came_along(terminal: Terminal, postgres: str) -> None:
    """Would catch the first message after the move, which gets the number of one sent long ago."""
    assert terminal.types("copy-to", postgres).exit_code == 0

    async def following() -> int:
        opened = open_database(postgres)
        async with opened.transaction() as connection:
            number = await connection.scalar(sa.text("SELECT nextval('delivery_number')"))
        await opened.close()
        return int(number or 0)

    assert asyncio.run(following()) == 10**15 + MANY


def test_nothing_is_copied_over_people_or_from_under_a_running_bot(terminal: Terminal, postgres: str) -> None:
    """Would catch two companies mixed into one, and answers that come in while the copy is under way."""
    other = f"sqlite+aiosqlite:///{terminal.folder}/other.db"
    terminal.imports("id,name\nx1,Somebody\n", EMBARQUE_DATABASE_URL=other)
    refused = terminal.types("copy-to", other)
    assert refused.exit_code == 1
    assert "other.db" in refused.output
    itself = terminal.types(
        "copy-to", f"sqlite+aiosqlite:///{terminal.folder}/../{terminal.folder.name}/company.db"
    )
    assert itself.exit_code == 1
    assert terminal.types("copy-to", "mysql://somewhere/db").exit_code == 1
    lock = FileLock(terminal.database)
    try:
        running = terminal.types("copy-to", postgres)
    finally:
        lock.free()
    assert running.exit_code == 1
    assert terminal.types("copy-to", postgres).exit_code == 0
    asyncio.run(_beats(postgres))
    replica = terminal.types(
        "copy-to", f"sqlite+aiosqlite:///{terminal.folder}/new.db", EMBARQUE_DATABASE_URL=postgres
    )
    assert replica.exit_code == 1
    assert "replica-7" in replica.output


def test_a_row_that_the_target_refuses_stops_the_whole_copy_and_is_not_quoted(
    terminal: Terminal, postgres: str
) -> None:
    """Would catch half a company on the new database, and somebody's answer in the terminal."""
    with closing(sqlite3.connect(terminal.database)) as connection, connection:
        connection.execute("update setting set name = name")
        connection.execute("update person set site = ? where id = 'p3'", ("private words " * 50,))
    done = terminal.types("copy-to", postgres)
    assert done.exit_code == 1
    assert "person" in done.output
    assert "private words" not in done.output
    assert not any(asyncio.run(of(postgres)).values())
    assert "moved" not in str(terminal.rows("select name from setting"))


def test_the_doctor_says_of_the_old_database_that_it_is_out_of_date(terminal: Terminal) -> None:
    """Would catch a bot that is started on yesterday's database after the move."""
    other = f"sqlite+aiosqlite:///{terminal.folder}/other.db"
    assert terminal.types("copy-to", other).exit_code == 0
    assert "out of date" in terminal.types("doctor").output
    assert "out of date" not in terminal.types("doctor", EMBARQUE_DATABASE_URL=other).output


def test_nobody_writes_into_a_database_while_it_is_copied(terminal: Terminal, postgres: str) -> None:
    """Would catch people who are imported into a database that is being left."""

    async def tried(url: str) -> None:
        left, other = open_database(url), open_database(url)
        row = {"tenant": "main", "name": "late", "value": {"is": 1}}
        try:
            async with copying.still(left) as read:
                before = await copying.counts(read)
                with pytest.raises(StoreError):
                    async with other.transaction() as connection:
                        await connection.execute(t.setting.insert().values(**row))
                assert await copying.counts(read) == before
            async with other.transaction() as connection:
                await connection.execute(t.setting.insert().values(**row))
        finally:
            await left.close()
            await other.close()

    assert terminal.types("copy-to", postgres).exit_code == 0
    for url in (f"sqlite+aiosqlite:///{terminal.database}", postgres):
        asyncio.run(tried(url))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_backup_of_postgresql_restores_into_either_kind(
    tmp_path: Path, postgres: str, kind: str
) -> None:
    """Would catch a company that can go to PostgreSQL but whose backups cannot come back."""
    source = Terminal(tmp_path)
    await asyncio.to_thread(source.imports, PEOPLE)
    await _fill(source)
    done = await asyncio.to_thread(source.types, "copy-to", postgres)
    assert done.exit_code == 0, done.output
    running = open_database(postgres)
    file = tmp_path / "backup.db"
    taken = await snapshot.take(running, file, datetime.now(UTC) - timedelta(minutes=1), lambda *_: None)
    assert taken.rows["delivery"] == taken.rows["answer"] == MANY
    with fresh_postgres() as other:
        url = other if kind == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/other.db"
        target = open_database(url)
        if kind == "sqlite":
            await _migrated(target)
        await fill(
            target, file, snapshot.look(file), Library.open(BUILT_IN), datetime.now(UTC), lambda *_: None
        )
        wanted, found = await everything(running), await everything(target)
        await target.close()
    await running.close()
    wanted.pop("invitation")  # those that may have gone out since are noted as given
    found.pop("invitation")
    assert found == wanted


async def _migrated(target: Database) -> None:
    from bot.store.migrate import migrate

    await migrate(target)


async def test_a_backup_of_postgresql_holds_one_moment_while_the_bot_goes_on_writing(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a backup whose answers belong to runs that are not in it."""
    running = open_database(postgres_url)
    begun, stop = asyncio.Event(), asyncio.Event()

    async def write() -> int:
        number = 0
        while not stop.is_set():
            async with running.transaction() as connection:
                for side in ("left", "right"):
                    row = {"tenant": "main", "name": f"{side}-{number}", "value": {"is": "x" * 500}}
                    await connection.execute(t.setting.insert().values(**row))
            number += 1
            begun.set()
        return number

    writing = asyncio.create_task(write())
    await begun.wait()
    counted = []
    for number in range(3):
        file = tmp_path / f"{number}.db"
        await snapshot.take(running, file, datetime.now(UTC), lambda *_: None)
        with closing(sqlite3.connect(file)) as connection, connection:
            names = [one for (one,) in connection.execute("select name from setting where tenant = 'main'")]
        left, right = (sum(one.startswith(side) for one in names) for side in ("left", "right"))
        assert left == right
        counted.append(left)
    stop.set()
    await writing
    await running.close()
    assert counted[-1] > counted[0] > 0
