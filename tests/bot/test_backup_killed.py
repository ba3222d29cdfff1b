"""Backups and restores that are killed: what they leave behind holds people's answers, and goes by itself."""

import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.store.scratch import PREFIX, scratch
from tests.bot.cli_runner import PEOPLE, ROOT, Terminal
from tests.bot.test_backup import contents

DIES = """
import os, signal, sys
from bot.cli import main
from bot.store import copying, snapshot

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

where, name = {"backup": (snapshot, "_finish"), "restore": (copying, "clear")}[sys.argv[1]]
setattr(where, name, die)
sys.argv = ["embarque", *sys.argv[1:]]
main()
"""
"""A command that dies when all the work is done, but for the last step."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def killed(terminal: Terminal, *words: str) -> Path:
    """Type a command that dies; the folder that it leaves behind, in the terminal's or among temporary things."""
    temporary = terminal.folder / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {**terminal.environment({}), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", DIES, *words],
        cwd=terminal.folder, env=environment | {"TMPDIR": str(temporary)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    where = terminal.folder if words[0] == "backup" else temporary
    [left] = where.glob(f"{PREFIX}*")
    return left


def test_what_a_killed_backup_left_goes_with_the_next_one_and_what_runs_stays(terminal: Terminal) -> None:
    """Would catch everybody's answers that lie about for ever, and a backup that loses its file to another one."""
    terminal.imports(PEOPLE)
    left = killed(terminal, "backup", "monday.db")
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    assert (left / "backup.db").stat().st_size > 0
    theirs, photos = terminal.folder / ".theirs.part", terminal.folder / "photos"
    theirs.write_text("of another program")
    photos.mkdir()
    (photos / "photo.jpg").write_text("precious")
    link = terminal.folder / f"{PREFIX}link"
    link.symlink_to(photos)
    with scratch(terminal.folder) as running:
        assert not left.exists(), "whoever works here next removes it"
        (running / "backup.db").write_text("half")
        left = killed_beside(terminal)
        assert terminal.types("backup", str(terminal.folder / "tuesday.db")).exit_code == 0
        assert not left.exists()
        assert (running / "backup.db").read_text() == "half"
    assert not running.exists()
    assert theirs.exists()
    assert (photos / "photo.jpg").read_text() == "precious"
    assert not (terminal.folder / "monday.db").exists()


def killed_beside(terminal: Terminal) -> Path:
    """What somebody else left who was killed meanwhile: a folder that nobody has locked."""
    left = terminal.folder / f"{PREFIX}other"
    left.mkdir(0o700)
    (left / "backup.db").write_text("answers")
    return left


def test_what_a_killed_restore_left_goes_with_the_next_restore_or_backup(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a copy of the whole company among temporary things, of which nobody knows."""
    terminal.imports(PEOPLE)
    file = str(terminal.folder / "backup.db")
    assert terminal.types("backup", file).exit_code == 0
    before = contents(terminal.database)
    for again in (("restore", file, "--replace", "--yes"), ("backup", file, "--force")):
        left = killed(terminal, "restore", file, "--replace", "--yes")
        assert (left / "backup.db").stat().st_size > 0
        assert contents(terminal.database) == before
        monkeypatch.setattr(tempfile, "tempdir", str(left.parent))
        assert terminal.types(*again).exit_code == 0
        assert list(left.parent.iterdir()) == []
