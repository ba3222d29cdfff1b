"""The figures of a week: who counts as taking part, which week a summary is of, and what it is compared with."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import reports
from bot.store import people
from bot.store import tables as t
from dialogs.digest_week import Week
from tests.company import MONDAY
from tests.world import World, company_on


async def measured(world: World, now: datetime, day: date | None = None) -> Week:
    async with world.database.transaction() as connection:
        company = await people.company(connection, "main")
        assert company is not None
        pack = world.app.library.catalog.packs["ecommerce"]
        return await reports.measured(connection, "main", pack, company, now, day)


async def invite(world: World, campaign: str, person: str, sent_at: datetime) -> None:
    async with world.database.transaction() as connection:
        row = {"tenant": "main", "campaign": campaign, "person": person, "sent_at": sent_at}
        await connection.execute(t.invitation.insert().values(**row))


async def finish(
    world: World, person: str, ended_at: datetime, kind: str = "dialog", dialog: str = "impact"
) -> None:
    row: dict[str, Any] = {
        "tenant": "main", "id": f"{person}{kind}", "kind": kind, "dialog": dialog, "person": person, "subject": {},
        "status": "finished", "started_at": ended_at, "last_at": ended_at, "ended_at": ended_at,
    }  # fmt: skip
    async with world.database.transaction() as connection:
        await connection.execute(t.run.insert().values(**row))


async def test_only_dialogs_that_people_were_invited_to_count_as_taking_part(tmp_path: Path) -> None:
    """Would have caught a participation fed by quizzes and by dialogs that people began themselves."""
    async with company_on("web", tmp_path) as world:
        day = timedelta(days=1)
        for person in ("advisor", "stores", "finance"):
            await invite(world, "impact", person, MONDAY - 3 * day)
        await invite(world, "quiz", "sponsor", MONDAY - 3 * day)
        await finish(world, "advisor", MONDAY - day)
        await finish(world, "stores", MONDAY - day, kind="quiz", dialog="basics")
        await finish(world, "finance", MONDAY - 4 * day)
        await finish(world, "lead", MONDAY - day)
        week = await measured(world, MONDAY)
        assert (week.asked, week.answered) == (3, 1)
        gone = await measured(world, MONDAY + 26 * day)
        assert (gone.asked, gone.answered) == (0, 0)


async def test_a_summary_that_a_holiday_pushed_into_the_next_week_is_not_repeated(tmp_path: Path) -> None:
    """Would have caught the figures of the Monday after a holiday posted again on the Thursday of that week."""
    async with company_on("web", tmp_path) as world:
        # Thanksgiving is a Thursday, and in Texas the Friday is off too.
        await world.change("project", {"id": "main"}, region="US-TX")
        await world.at(datetime(2026, 11, 27, 15, 1, tzinfo=UTC))
        assert await world.rows("snapshot") == []
        await world.at(datetime(2026, 11, 30, 15, 1, tzinfo=UTC))
        await world.at(datetime(2026, 12, 3, 15, 1, tzinfo=UTC))
        kept = await world.rows("snapshot")
        assert sorted(one["week"] for one in kept) == ["2026-W48", "2026-W49"]
        assert [one["data"]["start"] for one in kept] == ["2026-11-23", "2026-11-30"]


async def test_the_comparison_is_with_the_newest_week_at_least_four_weeks_older(tmp_path: Path) -> None:
    async with company_on("web", tmp_path) as world:
        pack = world.app.library.catalog.packs["ecommerce"]
        for weeks in (7, 5, 3, 1):
            now = MONDAY - timedelta(weeks=weeks)
            week = await measured(world, now)
            async with world.database.transaction() as connection:
                company = await people.company(connection, "main")
                assert company is not None
                await reports.freeze(connection, "main", week, now)
        async with world.database.transaction() as connection:
            last = await reports.latest(connection, "main", pack)
            assert last is not None
            earlier = await reports.month_before(connection, "main", pack, last[0])
            assert earlier is not None
            assert (last[0].id, earlier.id) == ("2026-W47", "2026-W43")
            assert await reports.month_before(connection, "main", pack, earlier) is None
