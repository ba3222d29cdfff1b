"""The clockwork over a crowd: everybody once, whoever ticks, whatever breaks, with whatever zone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.campaigns import Plan
from bot.store import AsyncConnection, locks
from bot.store.database import Database
from bot.ticker import AT_ONCE
from tests.bot.crowd import MORNING, change, crowd, invited, rows, ticker, twice
from tests.postgres import store_url

CROWD = 450
"""More than are looked at together, and several transactions."""


async def test_everybody_is_invited_once_with_a_run_and_a_note_of_it(tmp_path: Path) -> None:
    """Would have caught people at the edge of a chunk who are passed over, or written to twice."""
    async with crowd(tmp_path, CROWD) as database:
        done = await ticker(database).tick(MORNING)
        everybody = {row["id"] for row in await rows(database, "person")}
        assert await invited(database) == everybody
        assert done.sent == len(
            [row for row in await rows(database, "delivery") if row["person"] is not None]
        )
        runs = {row["id"]: row["person"] for row in await rows(database, "run")}
        assert set(runs.values()) == everybody
        for row in await rows(database, "delivery"):
            if row["feature"] == "dialog":  # the buttons belong to the reader's own run
                assert all(runs[ref.split("|")[1]] == row["person"] for ref in refs(row["card"]))
        assert (await ticker(database).tick(MORNING + timedelta(minutes=1))).sent == 0
        assert await twice(database) == []


def refs(card: object) -> list[str]:
    if isinstance(card, dict):
        mine = [card["ref"]] if "ref" in card else []
        return mine + [ref for one in card.values() for ref in refs(one)]
    return [ref for one in card for ref in refs(one)] if isinstance(card, list) else []


class Unsteady:
    """A database that answers now sooner, now later, so that tickers overtake each other."""

    def __init__(self, database: Database, random: Random) -> None:
        self._database, self._random = database, random
        self.engine, self.transaction, self.close = database.engine, database.transaction, database.close

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.reading() as connection:
            yield connection
        await asyncio.sleep(self._random.random() / 10)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_keys_alone_keep_two_tickers_from_doing_anything_twice(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught a lock that hides a missing key: here every replica believes that it holds it."""

    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr(locks, "hold_at_once", always)
    with store_url(kind, tmp_path) as url:
        async with crowd(url, CROWD) as database:
            await ticker(database).tick(MORNING - timedelta(days=2))  # on Saturday: makes the items
            await change(database, "item", {"tenant": "main"}, due_on=MORNING.date())
            unsteady = [ticker(Unsteady(database, Random(seed))) for seed in range(4)]
            done = await asyncio.gather(*(one.tick(MORNING) for one in unsteady))
            written = [row for row in await rows(database, "delivery") if row["person"] is not None]
            assert await twice(database) == []
            assert {row["id"] for row in await rows(database, "person")} == await invited(database)
            assert sum(one.sent for one in done) == len(written)
            numbers = [row["number"] for row in await rows(database, "delivery")]
            assert len(numbers) == len(set(numbers))
            assert [row for row in await rows(database, "delivery") if row["feature"] == "nudge"]


async def test_of_two_replicas_one_does_the_work_and_the_other_leaves_it(postgres_url: str) -> None:
    """Would have caught every replica drawing every card, and a lock that is kept for ever."""
    async with crowd(postgres_url, CROWD) as database:
        async with database.transaction() as elsewhere:
            assert await locks.hold_at_once(elsewhere, "tick main")
            assert (await ticker(database).tick(MORNING)).sent == 0
        assert (await ticker(database).tick(MORNING)).sent >= CROWD
        assert await twice(database) == []


class Failing:
    """A database that is gone after some transactions, the last of them undone."""

    def __init__(self, database: Database, after: int) -> None:
        self._database, self._left = database, after
        self.engine, self.reading, self.close = database.engine, database.reading, database.close

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        self._left -= 1
        async with self._database.transaction() as connection:
            yield connection
            if self._left < 0:
                raise ConnectionError("gone")


async def test_a_tick_that_breaks_anywhere_goes_on_at_the_next_without_doubling(tmp_path: Path) -> None:
    """Would have caught invitations noted for messages that were never written, and the other way round."""
    async with crowd(tmp_path, 3 * AT_ONCE) as database:
        for after in range(8):
            try:
                await ticker(Failing(database, after)).tick(MORNING)
            except ConnectionError:
                assert {row["person"] for row in await rows(database, "run")} == await invited(database)
                assert {row["person"] for row in await rows(database, "invitation")} == await invited(
                    database
                )
        await ticker(database).tick(MORNING)
        assert await invited(database) == {row["id"] for row in await rows(database, "person")}
        assert await twice(database) == []


async def test_a_zone_that_the_machine_does_not_know_delays_nobody(tmp_path: Path) -> None:
    """Would have caught one odd name of a zone that ends the tick for the whole company."""
    async with crowd(tmp_path, 8) as database:
        odd = ("America/Montreal", "Eastern Standard Time", "", "../../etc/passwd", "x" * 300, "Mars/Olympus")
        for number, zone in enumerate(odd):
            await change(database, "person", {"id": f"U{number:06}"}, zone=zone[:80])
        await ticker(database).tick(MORNING)
        assert await invited(database) == {row["id"] for row in await rows(database, "person")}


async def test_after_a_day_of_downtime_the_missed_is_late_once_and_tomorrow_is_as_usual(
    tmp_path: Path,
) -> None:
    """Would have caught the morning's invitation in the evening, lost for good, or recorded at every tick."""
    async with crowd(tmp_path, 30) as database:
        everybody = {row["id"] for row in await rows(database, "person")}
        for hours in (6, 6.01, 7, 12):
            await ticker(database).tick(MORNING + timedelta(hours=hours))
        dialogs = [row for row in await rows(database, "delivery") if row["feature"] == "dialog"]
        assert {row["person"] for row in dialogs} == everybody
        assert {row["status"] for row in dialogs} == {"late"}
        assert len(dialogs) == len(everybody)
        assert await rows(database, "run") == []
        await ticker(database).tick(MORNING + timedelta(days=1))
        assert await invited(database) == everybody
        assert await twice(database) == []


async def test_a_clock_that_jumps_about_doubles_nothing(tmp_path: Path) -> None:
    """A year ahead and back, a day, an hour: would have caught a second invitation under another date."""
    async with crowd(tmp_path, 5) as database:
        jumps = (0, 365 * 24, 1, -24, 24, -1, 0, 2, 48, 0, 24)
        for hours in jumps:
            await ticker(database).tick(MORNING + timedelta(hours=hours))
        dialogs = [
            row["person"]
            for row in await rows(database, "delivery")
            if row["feature"] == "dialog" and row["status"] != "late"
        ]
        assert sorted(dialogs) == sorted(row["id"] for row in await rows(database, "person"))
        assert [row for row in await twice(database) if row[0] != "nudge"] == []


async def test_whoever_has_begun_since_the_plan_was_made_is_not_invited(tmp_path: Path) -> None:
    """Would have caught an invitation, and a second run, for a dialog that somebody is in the middle of."""

    def begins(plan: Plan) -> None:
        if plan.messages and plan.messages[0].feature != "digest":  # between the plan and its writing
            with closing(sqlite3.connect(tmp_path / "e.db")) as file, file:
                file.execute(
                    "INSERT INTO run (tenant, id, kind, dialog, person, subject, status, started_at, last_at)"
                    " VALUES ('main', 'r', 'dialog', 'impact', 'U000001', '{}', 'open', ?, ?)",
                    (MORNING.strftime("%F %T.000000"),) * 2,
                )

    async with crowd(tmp_path, 3) as database:
        await ticker(database).tick(MORNING, told=begins)
        assert [row["id"] for row in await rows(database, "run") if row["person"] == "U000001"] == ["r"]
        assert {"U000000", "U000002"} <= await invited(database)
        assert "U000001" not in await invited(database)


async def test_who_asks_is_told_of_everybody(tmp_path: Path) -> None:
    """Would have caught a dry run that writes, or leaves out whoever gets nothing."""
    async with crowd(tmp_path, CROWD) as database:
        parts: list[Plan] = []
        await ticker(database).tick(MORNING - timedelta(hours=3), dry_run=True, told=parts.append)
        whole = Plan.whole(parts)
        assert {one.person for one in whole.skipped} >= {row["id"] for row in await rows(database, "person")}
        for table in ("delivery", "invitation", "run", "item"):
            assert await rows(database, table) == []
