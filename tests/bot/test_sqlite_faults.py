"""The SQLite file is full, damaged, of another release, read-only or in use: each is said, and nothing is lost."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
import structlog

from bot.store.database import open_database
from bot.store.file_lock import FileLock, HeldError
from bot.store.health import UnusableDatabaseError, prepare, writable
from tests.bot.cli_runner import PEOPLE, ROOT, Terminal
from tests.world import World, company_on

NOBODY = 65534


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with company_on("web", tmp_path) as made:
        yield made


async def says(world: World, text: str, key: str) -> int:
    """Say something; the status."""
    body = {"id": key, "as": "advisor", "conversation": "dm:advisor", "kind": "message", "text": text}
    async with world.http.post(f"{world.url}/web/act", json=body) as got:
        return got.status


async def most_pages(world: World, more: int | None) -> None:
    """Let the file grow by so many pages, or as far as it likes."""
    async with world.database.transaction() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar() or 0
        limit = 2**30 if more is None else pages + more
        await connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")


async def test_a_full_disk_refuses_what_is_new_shows_what_is_there_and_recovers(world: World) -> None:
    """Would catch an answer that is acknowledged and not stored, or a bot that stays broken once there is room."""
    await world.settled()
    await most_pages(world, 0)
    long = "é" * 900
    with structlog.testing.capture_logs() as logged:
        told = {key: await says(world, long, key) for key in (str(uuid4()) for _ in range(40))}
    refused = [key for key, status in told.items() if status == 503]
    assert refused
    reasons = {line["reason"] for line in logged if line["event"].startswith("turn refused")}
    assert reasons == {"database or disk is full"}
    async with aiohttp.ClientSession() as http, http.get(f"{world.url}/web/state?as=advisor") as page:
        assert page.status == 200
    await most_pages(world, None)
    for key in refused:
        assert await says(world, long, key) == 200
    events = {row["event"] for row in await world.rows("inbound_event")}
    assert len(events) == len(told)


async def refused(file: Path) -> UnusableDatabaseError:
    """What a bot is told that starts on this file."""
    database = open_database(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(UnusableDatabaseError) as error:
        await prepare(database, thorough=True)
    return error.value


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A sound database file with some rows, closed."""
    async with company_on("web", tmp_path) as made:
        assert await says(made, "/embarque impact", str(uuid4())) == 200
        await made.settled()
    with closing(sqlite3.connect(tmp_path / "embarque.db")) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "embarque.db"


async def test_a_damaged_file_is_refused_at_the_start(file: Path) -> None:
    """Would catch a bot that runs on a broken index for weeks, until its backups are as broken."""
    spoil(file)
    assert (await refused(file)).kind == "damaged"
    spoil(file, b"This was a database once. " * 500)
    assert (await refused(file)).kind == "damaged"


async def test_a_file_of_a_newer_release_is_refused(file: Path) -> None:
    """Would catch an old release that writes rows which the new one cannot read."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = await refused(file)
    assert (found.kind, "9999" in found.reason) == ("newer", True)


def spoil(file: Path, data: bytes | None = None) -> None:
    """Flip the bits of some pages, or write something else."""
    raw = bytearray(file.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 3 * 4096] = bytes(one ^ 0xFF for one in raw[middle : middle + 3 * 4096])
    file.write_bytes(raw if data is None else data)


@contextmanager
def _closed_folder(file: Path) -> Iterator[Path]:
    """A copy of the file that can only be read, in a folder that can only be read."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder, "embarque.db")
        there.write_bytes(file.read_bytes())
        there.chmod(0o444)
        Path(folder).chmod(0o555)
        try:
            yield there
        finally:
            Path(folder).chmod(0o755)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may write everything; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_file_that_may_not_be_written_is_refused(file: Path) -> None:
    """Would catch a bot that starts, greets people and can keep none of their answers."""
    with _closed_folder(file) as there, _as_nobody():
        found = await refused(there)
    assert found.kind == "unusable"
    assert "readonly" in found.reason or "unable to open" in found.reason


async def test_a_sound_file_is_used_and_can_be_written(file: Path) -> None:
    """Would catch a check that refuses what is whole."""
    database = open_database(f"sqlite+aiosqlite:///{file}")
    await prepare(database, thorough=True)
    assert await writable(database) == ""
    await database.close()


def test_one_bot_at_a_time_has_the_file_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    """Would catch two bots that both send what is due, or a lock that outlives a crash."""
    file = tmp_path / "embarque.db"
    code = (
        "import time; from pathlib import Path; from bot.store.file_lock import FileLock;"
        f"held = FileLock(Path({str(file)!r})); print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(HeldError) as held:
            FileLock(file)
        assert held.value.process == str(other.pid)
    finally:
        other.kill()
        other.communicate()
    mine = FileLock(file)
    mine.free()
    FileLock(file).free()


def test_a_second_bot_is_told_who_has_the_file_and_people_can_be_imported_beside_it(tmp_path: Path) -> None:
    """Would catch a lock that keeps the operator out, or that says nothing of which file and what to do."""
    terminal = Terminal(tmp_path)
    terminal.imports(PEOPLE)
    held = FileLock(terminal.database)
    try:
        for lang, word in (("en_CA.UTF-8", "Stop it"), ("fr_CA.UTF-8", "Arrêtez-le")):
            terminal.lang = lang
            done = terminal.types("run", "--dev")
            assert done.exit_code == 1
            assert word in done.output
            assert str(terminal.database) in done.output
            assert str(os.getpid()) in done.output
        assert terminal.imports("id,name\np4,Quatrième Personne\n").exit_code == 0
    finally:
        held.free()
