"""Backup and restore as an operator does them: whole, checked, refused where they must be, and nothing sent twice."""

import asyncio
import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import copying, snapshot
from bot.store.database import open_database
from bot.store.file_lock import FileLock
from bot.store.migrate import migrate
from tests.bot.cli_runner import PEOPLE, Terminal

EVERYTHING = "select name, sql from sqlite_master where sql is not null order by name"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a backup keeps, but its own marks."""
    kept = {one.name: rows(file, f'select * from "{one.name}"') for one in copying.tables()}
    kept["setting"] = [one for one in kept["setting"] if one[1] not in {"backup", "restored"}]
    return {name: sorted(map(str, found)) for name, found in kept.items()}


def test_a_backup_restores_into_an_empty_database_row_by_row(terminal: Terminal) -> None:
    """Would catch a backup that cannot be restored, which one learns on the worst day."""
    terminal.imports(PEOPLE)
    file = terminal.folder / "backup.db"
    done = terminal.types("backup", str(file))
    assert done.exit_code == 0, done.output
    assert str(file) in done.output
    other = f"sqlite+aiosqlite:///{terminal.folder}/other.db"
    done = terminal.types("restore", str(file), EMBARQUE_DATABASE_URL=other)
    assert done.exit_code == 0, done.output
    assert contents(terminal.folder / "other.db") == contents(terminal.database)
    assert rows(terminal.folder / "other.db", EVERYTHING) == rows(terminal.database, EVERYTHING)


def test_the_file_is_for_its_owner_alone_and_no_trace_of_the_work_stays(terminal: Terminal) -> None:
    """Would catch everybody's answers readable for every account of the machine, or left in a temporary file."""
    terminal.imports(PEOPLE)
    before = {one.name for one in terminal.folder.iterdir()}
    old = os.umask(0)
    try:
        assert terminal.types("backup", str(terminal.folder / "backup.db")).exit_code == 0
    finally:
        os.umask(old)
    after = {one.name for one in terminal.folder.iterdir()} - {"company.db-wal", "company.db-shm"}
    assert after - before == {"backup.db"}
    assert stat.S_IMODE((terminal.folder / "backup.db").stat().st_mode) == 0o600


def test_a_file_is_replaced_only_on_demand_and_never_by_half_a_backup(terminal: Terminal) -> None:
    """Would catch last night's good backup overwritten by today's that failed."""
    terminal.imports(PEOPLE)
    file = terminal.folder / "backup.db"
    file.write_text("precious")
    refused = terminal.types("backup", str(file))
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert file.read_text() == "precious"
    whole = terminal.database.read_bytes()
    terminal.rows("pragma wal_checkpoint(truncate)")
    terminal.database.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    broken = terminal.types("backup", str(file), "--force")
    assert broken.exit_code == 1
    assert file.read_text() == "precious"
    terminal.database.write_bytes(whole)
    assert terminal.types("backup", str(file), "--force").exit_code == 0
    assert terminal.types("backup", str(terminal.database), "--force").exit_code == 1, "the database itself"
    nowhere = terminal.types("backup", str(terminal.folder / "missing" / "backup.db"))
    assert nowhere.exit_code == 1
    assert "missing" in nowhere.output


async def test_a_backup_holds_one_moment_while_the_bot_goes_on_writing(tmp_path: Path) -> None:
    """Would catch a copied file in which half of a transaction is missing."""
    file = tmp_path / "live.db"
    database = open_database(f"sqlite+aiosqlite:///{file}")
    await migrate(database)
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection, connection:
            number = 0
            while not stop.is_set():
                connection.execute("begin immediate")
                for name in (f"left-{number}", f"right-{number}"):
                    connection.execute("insert into setting values ('main', ?, ?)", (name, f'"{"x" * 4000}"'))
                connection.execute("commit")
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counted = []
        for number in range(5):
            await asyncio.sleep(0.2)
            backup = tmp_path / f"backup-{number}.db"
            await snapshot.take(database, backup, datetime.now(UTC), lambda *_: None)
            names = [str(name) for (name,) in rows(backup, "select name from setting where tenant = 'main'")]
            left, right = (sum(one.startswith(side) for one in names) for side in ("left", "right"))
            assert left == right
            counted.append(left)
    finally:
        stop.set()
        writer.join()
        await database.close()
    assert counted == sorted(counted)
    assert counted[-1] > counted[0], "nothing was written meanwhile"


def test_the_engines_tables_and_passing_things_are_not_part_of_it(terminal: Terminal) -> None:
    """Would catch old jobs that come back to life and carry the numbers of other deliveries."""
    terminal.imports(PEOPLE)
    with closing(sqlite3.connect(terminal.database)) as connection, connection:
        connection.execute("create table workflow_status (workflow_uuid text primary key)")
        connection.execute("create table steps (uuid text references workflow_status on delete cascade)")
        connection.execute("insert into workflow_status values ('delivery-1-0')")
        connection.execute("insert into steps values ('delivery-1-0')")
        connection.execute("insert into replica values ('local', '2020-01-01', '2020-01-01')")
    file = terminal.folder / "backup.db"
    terminal.types("backup", str(file))
    names = {one[0] for one in rows(file, "select name from sqlite_master where type = 'table'")}
    assert {"workflow_status", "steps"} & names == set()
    assert rows(file, "select count(*) from replica") == [(0,)]
    terminal.types("restore", str(file), "--replace", "--yes")
    names = {str(one[0]) for one in terminal.rows("select name from sqlite_master where type = 'table'")}
    assert {"workflow_status", "steps"} & names == set(), "jobs of deliveries that are other ones now"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_is_no_sound_backup_of_ours_is_refused_and_changes_nothing(
    terminal: Terminal, lang: str
) -> None:
    """Would catch a database replaced by a holiday picture, or by half of a download."""
    terminal.imports(PEOPLE)
    good = terminal.folder / "good.db"
    terminal.types("backup", str(good))
    whole = good.read_bytes()
    damaged, cut, foreign, newer = (
        terminal.folder / f"{name}.db" for name in ("damaged", "cut", "foreign", "newer")
    )
    damaged.write_bytes(whole[:8192] + bytes(b ^ 0xFF for b in whole[8192:60000]) + whole[60000:])
    cut.write_bytes(whole[: len(whole) // 2])
    with closing(sqlite3.connect(foreign)) as connection, connection:
        connection.execute("create table photo (id integer)")
    newer.write_bytes(whole)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")
    picture = terminal.folder / "picture.png"
    picture.write_bytes(b"\x89PNG" + b"0" * 5000)
    before = contents(terminal.database)
    for file in (damaged, cut, foreign, newer, picture, terminal.database, terminal.folder / "missing.db"):
        done = terminal.types("restore", str(file), "--replace", "--yes", "--lang", lang)
        assert done.exit_code == 1, file
        assert str(file) in done.output
    assert contents(terminal.database) == before


def test_a_database_with_people_is_replaced_only_by_whoever_says_so(terminal: Terminal) -> None:
    """Would catch a company deleted by a command from the shell's history."""
    terminal.imports(PEOPLE)
    file = terminal.folder / "backup.db"
    terminal.types("backup", str(file))
    with closing(sqlite3.connect(terminal.database)) as connection, connection:
        connection.execute("update person set name = 'Later' where id = 'p1'")
    assert "--replace" in terminal.types("restore", str(file)).output
    asked = terminal.types("restore", str(file), "--replace", stdin="yes\n")
    assert asked.exit_code == 1
    assert ("Later",) in terminal.rows("select name from person")
    french = terminal.types("restore", str(file), "--replace", "--lang", "fr", stdin="remplacer\n")
    assert french.exit_code == 0, french.output
    assert ("Later",) not in terminal.rows("select name from person")


def test_a_running_bot_is_not_restored_under_its_feet(terminal: Terminal) -> None:
    """Would catch a bot that goes on sending from what it remembers of the database before."""
    terminal.imports(PEOPLE)
    file = terminal.folder / "backup.db"
    terminal.types("backup", str(file))
    lock = FileLock(terminal.database)
    try:
        done = terminal.types("restore", str(file), "--replace", "--yes")
    finally:
        lock.free()
    assert done.exit_code == 1
    assert str(os.getpid()) in done.output
    assert terminal.types("restore", str(file), "--replace", "--yes").exit_code == 0


async def test_an_older_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    """Would catch a backup that is worth nothing after an update of the bot."""
    from alembic import command

    from bot.store.moves import config

    old = open_database(f"sqlite+aiosqlite:///{tmp_path}/old.db")
    async with old.engine.connect() as connection:
        await connection.run_sync(lambda one: command.upgrade(config(one), "0001"))
        await connection.commit()
    taken = await snapshot.take(old, tmp_path / "backup.db", datetime.now(UTC), lambda *_: None)
    await old.close()
    assert taken.revision == "0001"
    (tmp_path / "scratch").mkdir()
    async with (
        snapshot.opened(tmp_path / "backup.db", tmp_path / "scratch") as database,
        database.reading() as connection,
    ):
        assert await copying.counts(connection)
    assert snapshot.look(tmp_path / "backup.db").revision == "0001", "the backup itself is not touched"
