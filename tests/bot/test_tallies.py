"""The figures that are kept up to date are those of a full recount, whatever happened in between."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store import rows as r
from bot.store import tables as t
from bot.store import tallies
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.store.recount import recount
from tests.company import MONDAY
from tests.postgres import store_url

DIALOGS = {"impact": "impact", "again": "impact", "culture": "culture"}
FUNCTIONS = ("FIN", "STO", "MKT", None)
WINDOW = timedelta(days=28)


class Days:
    """People of a company who are invited, answer, move and leave at random."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.any, self.now = database, random.Random(seed), MONDAY
        self.runs = 0

    async def hire(self, count: int) -> None:
        person = {"tenant": "main", "locale": "fr-CA", "zone": "America/Toronto", "region": "CA-QC"}
        async with self.database.transaction() as connection:
            for number in range(count):
                values = {"id": f"p{number}", "name": "x", "function": self.any.choice(FUNCTIONS)}
                await connection.execute(t.person.insert().values(**person, **values))

    async def go_on(self, events: int) -> None:
        for _ in range(events):
            self.now += timedelta(hours=self.any.uniform(0, 6))
            await self.any.choice(
                (self._invited, self._invited, self._finished, self._finished, self._told, self._changed)
            )(f"p{self.any.randrange(12)}")

    async def _do(self, *statements: Any) -> None:
        async with self.database.transaction() as connection:
            for statement in statements:
                await connection.execute(statement)

    async def _invited(self, person: str) -> None:
        key = {"tenant": "main", "campaign": self.any.choice((*DIALOGS, "quiz")), "person": person}
        at = self.any.choice((self.now, self.now, None))
        async with self.database.transaction() as connection:
            await r.put(connection, t.invitation, **key, sent_at=at)

    async def _finished(self, person: str) -> None:
        self.runs += 1
        row = {
            "tenant": "main", "id": f"r{self.runs}", "kind": self.any.choice(("dialog", "dialog", "quiz")),
            "dialog": self.any.choice(("impact", "culture")), "person": person, "subject": {},
            "status": "open", "started_at": self.now, "last_at": self.now,
        }  # fmt: skip
        mine = t.run.c.id == row["id"]
        ended = {"status": self.any.choice(("finished", "finished", "cancelled")), "ended_at": self.now}
        await self._do(
            t.run.insert().values(**row),
            t.run.update().where(mine).values(**ended, no_impact=self.any.random() < 0.3),
        )

    async def _told(self, person: str) -> None:
        run = f"r{self.any.randrange(self.runs + 1)}"
        row = {
            "tenant": "main", "run": run, "round": self.runs, "person": person,
            "function": self.any.choice(FUNCTIONS[:3]), "dimension": "culture", "polarity": "pain",
            "picks": [], "details": {}, "at": self.now,
        }  # fmt: skip
        gone = t.impact.delete().where(t.impact.c.run == run)
        await self._do(gone, *([t.impact.insert().values(**row)] if self.any.random() < 0.7 else []))

    async def _changed(self, person: str) -> None:
        away = self.any.choice((None, self.now.date() + timedelta(days=self.any.randrange(60))))
        values = {
            "function": self.any.choice(FUNCTIONS),
            "active": self.any.random() < 0.8,
            "away_until": away,
        }
        await self._do(t.person.update().where(t.person.c.id == person).values(**values))


async def both(
    database: Database, now: datetime, *, fold: bool = True
) -> tuple[tallies.Counted | None, tallies.Counted]:
    where: tuple[Any, ...] = ("main", DIALOGS, now - WINDOW, now, now.date() + WINDOW)
    async with database.transaction() as connection:
        while fold and await tallies.fold(connection, "main", DIALOGS, 5):
            pass
        return await tallies.counted(connection, *where), await recount(connection, *where)


async def erase(database: Database, person: str, *, first: bool) -> None:
    """Delete somebody and everything of theirs. first: the person before their answers."""
    answers = [(t.impact, "person"), (t.run, "person"), (t.invitation, "person")]
    async with database.transaction() as connection:
        for table, column in [(t.person, "id"), *answers] if first else [*answers, (t.person, "id")]:
            await connection.execute(table.delete().where(table.c[column] == person))


@pytest.mark.parametrize("seed", range(2))
async def test_figures_kept_up_to_date_are_those_of_a_full_recount(database: Database, seed: int) -> None:
    """Would have caught a figure that misses an erased impact, a second campaign, a move or somebody who left."""
    days = Days(database, seed)
    await days.hire(12)
    for _ in range(6):
        await days.go_on(15)
        for later in (timedelta(), timedelta(minutes=7), timedelta(days=27, minutes=30)):
            kept, counted = await both(database, days.now + later)
            assert kept == counted


async def test_sums_that_do_not_stand_for_a_window_are_not_given(database: Database) -> None:
    """Would have caught the figures of last month taken from sums that know this week's answers."""
    days = Days(database, 7)
    await days.hire(12)
    await days.go_on(40)
    assert (await both(database, days.now))[0] is not None
    assert (await both(database, days.now - timedelta(days=8)))[0] is None
    await days.go_on(30)
    assert (await both(database, days.now, fold=False))[0] is None


async def test_other_campaigns_and_an_erased_person_begin_the_sums_again(database: Database) -> None:
    """Would have caught sums that still hold what the content no longer asks, or somebody who is erased."""
    days = Days(database, 3)
    await days.hire(12)
    await days.go_on(60)
    await both(database, days.now)
    async with database.transaction() as connection:
        window = (days.now - WINDOW, days.now, date.max)
        while await tallies.fold(connection, "main", {"culture": "culture"}):
            pass
        kept = await tallies.counted(connection, "main", {"culture": "culture"}, *window)
        assert kept == await recount(connection, "main", {"culture": "culture"}, *window)
    for person, first in (("p3", True), ("p4", False)):
        await erase(database, person, first=first)
        kept, counted = await both(database, days.now)
        assert kept == counted, f"the person first: {first}"


async def test_somebody_who_answers_nothing_new_is_not_counted_again(database: Database) -> None:
    """Would have caught every turn making work for the clockwork."""
    days = Days(database, 5)
    await days.hire(12)
    await both(database, days.now)
    values = {
        "tenant": "main",
        "run": "r1",
        "number": 0,
        "step": "I1",
        "round": 0,
        "value": {"is": 1},
        "at": days.now,
    }
    async with database.transaction() as connection:
        await connection.execute(t.answer.insert().values(**values))
        await connection.execute(t.person.update().values(paused_until=days.now))
        assert await connection.scalar(sa.select(sa.func.count()).where(sa.not_(t.person.c.counted))) == 0


async def test_a_turn_that_commits_while_people_are_counted_is_counted_next_time(postgres_url: str) -> None:
    """Would have caught an answer that no figure ever knows, since it was written while its person was counted."""
    database = open_database(postgres_url)
    days = Days(database, 5)
    await days.hire(12)
    mine = {"tenant": "main", "campaign": "impact", "person": "p3"}
    async with database.transaction() as turn:
        await turn.execute(t.invitation.insert().values(**mine, sent_at=days.now))
        kept, counted = await both(database, days.now)
        assert kept is None or kept == counted
    kept, counted = await both(database, days.now)
    assert kept == counted
    assert sum(counted.invited.values()) == 1
    await database.close()


async def counted_by(database: Database, dialogs: dict[str, str], limit: int) -> int:
    """One portion in a transaction of its own, as the clockwork counts."""
    async with database.transaction() as connection:
        return await tallies.fold(connection, "main", dialogs, limit)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("limit", [1, 4, 5, 12])
async def test_everybody_is_counted_again_in_portions_that_anybody_may_go_on_with(
    kind: str, limit: int, tmp_path: Path
) -> None:
    """Would catch a transaction that holds up every turn while a whole company is reset, sums that are given before
    everybody is counted, and a replica that takes over and begins from the start, or counts somebody twice."""
    with store_url(kind, tmp_path) as url:
        here, there = open_database(url), open_database(url)
        await migrate(here)
        days = Days(here, limit)
        await days.hire(12)
        await days.go_on(40)
        await both(here, days.now)
        changed = {"impact": "impact", "culture": "culture"}

        async def figures() -> tuple[tallies.Counted | None, tallies.Counted]:
            window = (days.now - WINDOW, days.now, days.now.date() + WINDOW)
            async with there.reading() as connection:
                kept = await tallies.counted(connection, "main", changed, *window)
                return kept, await recount(connection, "main", changed, *window)

        taken = 0
        while done := await counted_by((here, there)[taken % 2], changed, limit):
            assert done <= limit
            taken += 1
            if taken == 1:  # somebody who was counted already, and somebody who was not, go on
                await days.go_on(10)
            if taken == 2:  # and somebody is erased, which begins it all once more
                await erase(here, "p9", first=False)
            kept, again = await figures()
            assert kept in (None, again)
        kept, again = await figures()
        assert kept == again
        async with here.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).where(t.figure.c.person == "p9")) == 0
        assert taken >= 12 // limit
        await here.close()
        await there.close()
