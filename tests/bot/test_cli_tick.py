"""`embarque tick` beside a bot that runs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.commands.held import unserved
from bot.commands.setup import file_of
from bot.store import replicas
from bot.store import tables as t
from bot.store.database import open_database
from bot.store.file_lock import FileLock, HeldError
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.postgres import store_url

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:1/"}


async def beats(url: str) -> None:
    opened = open_database(url)
    async with opened.transaction() as connection:
        await replicas.beat(connection, "the bot", SystemClock().now())
    await opened.close()


async def waiting(url: str) -> list[tuple[str, int]]:
    """States of the messages, and how often they were claimed."""
    opened = open_database(url)
    columns = (t.delivery.c.status, t.delivery.c.fence)
    async with opened.reading() as connection:
        statement = sa.select(*columns).distinct().where(t.delivery.c.status != "late")
        found = [(str(status), int(fence)) for status, fence in (await connection.execute(statement)).all()]
    await opened.close()
    return found


@contextmanager
def running(url: str) -> Iterator[None]:
    """A bot that works on this database."""
    file = file_of(url)
    if file is None:
        asyncio.run(beats(url))
        yield
        return
    lock = FileLock(file)
    try:
        yield
    finally:
        lock.free()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_beside_a_running_bot_a_tick_writes_and_leaves_the_sending_to_it(tmp_path: Path, kind: str) -> None:
    """Would catch each message twice: the bot takes what the tick has in hand for its own, forgotten."""
    terminal = Terminal(tmp_path)
    with store_url(kind, tmp_path) as url:
        starts = ("--starts", "2026-09-28", "--goes-live", "2027-07-05")
        terminal.imports(PEOPLE, *starts, EMBARQUE_DATABASE_URL=url)
        with running(url):
            words = ("tick", "--at", "2026-10-14T14:00:00-04:00")
            done = terminal.types(*words, **SLACK, EMBARQUE_DATABASE_URL=url)
        assert done.exit_code == 0, done.output
        assert "The running bot sends them." in done.output
        assert asyncio.run(waiting(url)) == [("pending", 0)]


async def test_while_a_tick_sends_no_bot_can_start_on_its_file(tmp_path: Path) -> None:
    """Would catch a bot that starts in the middle of a tick and sends the same messages."""
    file = tmp_path / "embarque.db"
    url = f"sqlite+aiosqlite:///{file}"
    opened = open_database(url)
    async with unserved(opened, url) as alone:
        assert alone
        with pytest.raises(HeldError):
            FileLock(file)
    FileLock(file).free()
    await opened.close()
