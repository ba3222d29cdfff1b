"""A copy that was killed before it could say that it was done: typed again it is, or else nothing is given up."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.cli_runner import ROOT, Terminal
from tests.bot.test_copy import MANY, company, of
from tests.postgres import database as fresh_postgres

DIES = """
import os, signal, sys
from bot.cli import main
from bot.store import standing

async def moved(*_):
    os.kill(os.getpid(), signal.SIGKILL)

standing.moved = moved
sys.argv = ["embarque", "copy-to", sys.argv[1]]
main()
"""
"""A copy that dies when the target has everything and the source does not know it yet."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return company(tmp_path)


@pytest.fixture
def postgres() -> Iterator[str]:
    with fresh_postgres(migrated=False) as url:
        yield url


def killed_before_its_note(terminal: Terminal, target: str) -> None:
    """Copy, and die between the two commits."""
    environment = {**terminal.environment({}), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", DIES, target],
        cwd=terminal.folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert terminal.rows("select 1 from setting where name = 'moved'") == []


def of_kind(kind: str, terminal: Terminal, postgres: str) -> str:
    return postgres if kind == "postgresql" else f"sqlite+aiosqlite:///{terminal.folder}/other.db"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_copy_that_was_killed_before_its_note_is_done_when_it_is_typed_again(
    terminal: Terminal, postgres: str, kind: str
) -> None:
    """Would catch an operator who is told that nothing is copied, and a bot that goes on with yesterday's database."""
    target = of_kind(kind, terminal, postgres)
    killed_before_its_note(terminal, target)
    whole = asyncio.run(of(target))
    again = terminal.types("copy-to", target)
    assert again.exit_code == 0, again.output
    assert str(MANY) in again.output
    assert asyncio.run(of(target)) == whole
    assert "out of date" in terminal.types("doctor").output
    assert "out of date" not in terminal.types("doctor", EMBARQUE_DATABASE_URL=target).output
    french = terminal.types("copy-to", target, "--lang", "fr")
    assert french.exit_code == 0, french.output
    assert "La copie est terminée" in french.output


CHANGES = {
    "a row more in the source": ("company", "insert into setting values ('main', 'new', '{}')"),
    "a row more in the target": ("other", "insert into setting values ('main', 'new', '{}')"),
    "an answer changed in the source": (
        "company", "update answer set value = '{\"is\":\"other\"}' where run = 'r' and number = 700",
    ),
    "an answer changed in the target": (
        "other", "update answer set value = '{\"is\":\"other\"}' where run = 'r' and number = 700",
    ),
    "a message sent meanwhile": (
        "company", "update delivery set attempts = attempts + 1 where id = 'nudge:p1:3'",
    ),
    "somebody else of the same name": ("other", "update person set id = 'p9' where id = 'p3'"),
}  # fmt: skip


def test_a_database_is_not_given_up_for_one_that_differs(terminal: Terminal) -> None:
    """Would catch answers that came after the copy and are lost with the database that nobody uses any more."""
    killed_before_its_note(terminal, f"sqlite+aiosqlite:///{terminal.folder}/other.db")
    for number, (change, (where, statement)) in enumerate(CHANGES.items()):
        here = Terminal(terminal.folder / str(number))
        here.folder.mkdir()
        for file in terminal.folder.glob("*.db*"):
            shutil.copy(file, here.folder)
        target = f"sqlite+aiosqlite:///{here.folder}/other.db"
        with closing(sqlite3.connect(here.folder / f"{where}.db")) as connection, connection:
            assert connection.execute(statement).rowcount == 1
        kept = asyncio.run(of(target))
        again = here.types("copy-to", target)
        assert again.exit_code == 1, change
        assert "not empty" in again.output
        assert asyncio.run(of(target)) == kept
        assert here.rows("select 1 from setting where name = 'moved'") == []
