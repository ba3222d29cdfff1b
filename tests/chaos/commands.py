"""Backup, restore and copy-to under kills: the source stays, the target is as before or whole, and once more helps."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import sqlalchemy as sa

from adapters.base import Destination
from bot.store import copying, deliveries, snapshot
from bot.store import tables as t
from bot.store.database import open_database
from bot.store.deliveries import Delivery
from bot.store.scratch import PREFIX
from bot.store.snapshot import NotABackupError
from dialogs.card import Card
from tests.chaos.history import History
from tests.chaos.measures import Summary, summary
from tests.chaos.pace import Pace
from tests.chaos.shell import Shell
from tests.chaos.stage import Guests, chaos, found

PEOPLE, EACH = 40, 30
MARKS = {"setting", "invitation"}
"""Tables in which the two sides may differ: their own marks, and what a restore notes as given."""
Contents = dict[str, list[str]]


async def killed_commands(
    folder: Path, fresh: Callable[[], str], kills: int, seed: int = 1,
    *, minutes: float | None = None, every: int = 0,
) -> Summary:  # fmt: skip
    """Each command is killed in turn, looked at, and typed again. fresh: the address of one more empty target."""
    history = History(folder / "history.jsonl")
    history.write("runner", "note", "world", finds=True, seed=seed, replicas=0)
    shell = Shell(folder, history, random.Random(seed))
    source = f"sqlite+aiosqlite:///{folder}/source.db"
    await found(source, Guests(), who := [f"p{number:04d}" for number in range(PEOPLE)])
    await _filled(source, who)
    trial = Trial(shell, source, await contents(source), folder, fresh)
    await trial.calm()
    pace, faults = Pace(kills, history.path, minutes, every), []
    for name, attempt in cycle(
        (("backup", trial.backup), ("restore", trial.restore), ("copy-to", trial.copy))
    ):
        if pace.done >= kills or pace.is_over:
            return summary(history, faults)
        faults += [f"{name}: {one}" for one in await attempt()]
        if await contents(source) != trial.whole:
            faults.append(f"{name}: the source has changed")
        pace.killed()
    raise AssertionError


@dataclass(slots=True)
class Trial:
    """A database, and what is tried with it. whole: its rows. fresh: the address of one more empty target.

    Restores go to and fro between two backups, so that what was there before can be told from what is there after.
    """

    shell: Shell
    source: str
    whole: Contents
    folder: Path
    fresh: Callable[[], str]
    target: str = ""
    states: tuple[Contents, ...] = ()
    turns: int = 0

    async def calm(self) -> None:
        """Do everything once undisturbed: what it takes, and what it leaves."""
        self.target, other = self.fresh(), self.fresh()
        for file in ("one", "two"):
            await self._does("backup", f"{self.folder}/{file}.backup")
            await _renamed(self.source, "Somebody else" if file == "one" else "p0000")
        for file in ("two", "one"):
            await self._does("restore", f"{self.folder}/{file}.backup", "--replace", "--yes", to=self.target)
            self.states = (await contents(self.target), *self.states)
        assert self.states[0] != self.states[1]
        await self._does("copy-to", other)
        assert await contents(other) == self.whole

    async def backup(self) -> list[str]:
        """A backup over last night's: what stands under its name is always whole, and no half stays behind."""
        file, faults = self.folder / "nightly.backup", []
        await self.shell.is_killed(self.source, "backup", str(file), "--force")
        if file.exists():
            faults += _unsound(file)
        for half in self.folder.glob(f"{PREFIX}*/*.db"):
            code, said = await self.shell.types(self.fresh(), "restore", str(half))
            if code and (code != 1 or str(half) not in said or "Traceback" in said):
                faults.append(f"half a backup is restored with {code}: {said[-200:]}")
        code, said = await self.shell.types(self.source, "backup", str(file), "--force")
        faults += _unsound(file) if code == 0 else [f"again: {code} {said[-200:]}"]
        return faults + [f"{one.name} is left behind" for one in self.folder.glob(f"{PREFIX}*")]

    async def restore(self) -> list[str]:
        """A restore over a company: all of it is as it was, or all of it as in the backup."""
        self.turns += 1
        now = self.turns % 2
        words = ("restore", f"{self.folder}/{('one', 'two')[now]}.backup", "--replace", "--yes")
        await self.shell.is_killed(self.target, *words)
        faults = [] if await contents(self.target) in self.states else ["the target is a mixture"]
        code, said = await self.shell.types(self.target, *words)
        if code or await contents(self.target) != self.states[now]:
            faults.append(f"again: {code} {said[-200:]}")
        return faults

    async def copy(self) -> list[str]:
        """A copy into an empty database: nothing is there, or everything, and typed again it is done either way."""
        target, faults = self.fresh(), []
        await self.shell.is_killed(self.source, "copy-to", target)
        there = await contents(target)
        if any(there.values()) and there != self.whole:
            faults.append("the target is a mixture")
        code, said = await self.shell.types(self.source, "copy-to", target)
        if code or await contents(target) != self.whole:
            faults.append(f"again: {code} {said[-200:]}")
        return faults

    async def _does(self, *words: str, to: str = "") -> None:
        code, said = await self.shell.types(to or self.source, *words)
        assert code == 0, said


async def restored_under_way(folder: Path, kills: int, seed: int = 1) -> tuple[Summary, list[str]]:
    """A bot on SQLite goes on after a restore that was killed so often, from a backup that was too; what came twice."""
    url, file = f"sqlite+aiosqlite:///{folder}/embarque.db", str(folder / "of-today.backup")
    async with chaos(url, folder, seed=seed, pause=0.2) as stage:
        shell = Shell(folder, stage.history, stage.random)
        await stage.opens()
        await asyncio.sleep(1)
        await shell.types(url, "backup", str(folder / "first.backup"))
        for _ in range(kills):
            await shell.is_killed(url, "backup", file, "--force")
        code, said = await shell.types(url, "backup", file, "--force")
        assert code == 0, said
        await asyncio.sleep(1)
        stage.replicas[0].kill()
        await stage.replicas[0].gone()
        shell.seconds["restore"] = 2 * shell.seconds["backup"]
        for _ in range(kills):
            await shell.is_killed(url, "restore", file, "--replace", "--yes")
        code, said = await shell.types(url, "restore", file, "--replace", "--yes")
        assert code == 0, said
        await stage.replicas[0].start()
        await asyncio.sleep(1)
        await stage.rests()
        twice = [key for key, times in stage.posted().items() if times > 1]
        return summary(stage.history, twice), twice


async def contents(url: str) -> Contents:
    """Every row of every table that is copied; nothing where there is no table yet."""
    kept, found_ = open_database(url), {}
    try:
        async with kept.reading() as connection:
            there = await connection.run_sync(lambda one: set(sa.inspect(one).get_table_names()))
            for table in copying.tables():
                if table.name in there and table.name not in MARKS:
                    rows = (await connection.execute(sa.select(table))).mappings()
                    found_[table.name] = sorted(str(sorted(one.items())) for one in rows)
    finally:
        await kept.close()
    return {name: rows for name, rows in found_.items() if rows}


def _unsound(file: Path) -> list[str]:
    try:
        taken = snapshot.look(file)
    except NotABackupError as error:
        return [f"{file.name} is {error.kind} ({error.reason})"]
    wanted = PEOPLE * EACH
    return (
        [] if taken.rows["delivery"] == wanted else [f"{file.name} has {taken.rows['delivery']} deliveries"]
    )


async def _filled(url: str, who: list[str]) -> None:
    database, now = open_database(url), datetime.now(UTC)
    try:
        async with database.transaction() as connection:
            for number in range(EACH):
                made = [
                    Delivery(
                        f"kept.{number}:{one}", "slack", Destination("T0TEAM", one, one), Card("Kept", (), "en"), now,
                        person=one,
                    )
                    for one in who
                ]  # fmt: skip
                await deliveries.add_many(connection, "main", made, now)
            answers = [
                {"tenant": "main", "run": one, "number": number, "step": "I5", "round": 0, "at": now,
                 "value": {"is": "x" * 200}}
                for one in who for number in range(EACH)
            ]  # fmt: skip
            await connection.execute(t.answer.insert(), answers)
            sent = t.delivery.update().where(t.delivery.c.number % 3 > 0)
            await connection.execute(sent.values(status="sent", sent_at=now, attempts=1))
    finally:
        await database.close()


async def _renamed(url: str, name: str) -> None:
    database = open_database(url)
    try:
        async with database.transaction() as connection:
            await connection.execute(t.person.update().where(t.person.c.id == "p0000").values(name=name))
    finally:
        await database.close()
