"""Commands of `embarque` in processes of their own, let to their end or killed at any instant."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.history import History
from tests.chaos.nursery import Errand
from tests.chaos.processes import lives, nursery

LONGEST = 60.0
"""Seconds that no command takes, also on a machine that does much else."""

HALF, WRITING = 0.5, 0.1
"""So many are killed within these seconds of their first write, which is a small part of the time they take."""


@dataclass(slots=True)
class Shell:
    """A terminal in a folder. seconds: how long each command took that was let to its end first."""

    folder: Path
    history: History
    random: random.Random
    seconds: dict[str, float] = field(default_factory=dict)

    async def types(self, database: str, *words: str) -> tuple[int, str]:
        """Run a command to its end; its exit code and what it said."""
        begun = time.monotonic()
        pid = self._begin(database, words)
        while lives(pid):
            assert time.monotonic() < begun + LONGEST, words
            await asyncio.sleep(0.005)
        code = int((self.folder / "end").read_text("ascii"))
        self.seconds.setdefault(words[0], time.monotonic() - begun)
        return code, (self.folder / "log").read_text("utf-8")

    async def is_killed(self, database: str, *words: str) -> bool:
        """Run a command and kill it, at any instant or as soon as it writes; whether that was before its end."""
        pid, before = self._begin(database, words), self._files()
        end = time.monotonic() + self.random.uniform(0, self.seconds[words[0]])
        soon = self.random.random() < HALF
        while time.monotonic() < end and not (soon and self._files() != before):  # noqa: ASYNC110 - a file tells no one
            await asyncio.sleep(0.002)
        if time.monotonic() < end:  # it has begun to write
            await asyncio.sleep(self.random.uniform(0, WRITING))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while lives(pid):  # noqa: ASYNC110 - it takes the system an instant
            await asyncio.sleep(0.002)
        if (self.folder / "end").exists():
            return False
        self.history.write("runner", "note", "kill", name=words[0], point="random")
        return True

    def _files(self) -> set[tuple[str, int]]:
        """The files of the folder and their sizes, without what a command says."""
        found = set()
        for one in os.scandir(self.folder):
            with suppress(FileNotFoundError):
                found.add((one.name, one.stat().st_size))
        return {one for one in found if one[0] not in {"log", "end"}}

    def _begin(self, database: str, words: Sequence[str]) -> int:
        for name in ("log", "end"):
            (self.folder / name).unlink(missing_ok=True)
        environment = {"EMBARQUE_DATABASE_URL": database, "LANG": "en_CA.UTF-8"}
        log, end = str(self.folder / "log"), str(self.folder / "end")
        return nursery().bear(Errand([*words, "--lang", "en"], environment, log, end))
