"""The clockwork under kills: days go by on the company's clock while bots die, and everything due comes once."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import project
from bot.clock import FixedClock
from bot.library import BUILT_IN, Library
from bot.store import people
from bot.store import tables as t
from bot.store.database import Database, open_database
from bot.ticker import Ticked, Ticker
from tests.chaos import facts
from tests.chaos.facts import Facts, local_day
from tests.chaos.kills import Death, lives
from tests.chaos.measures import Summary, summary
from tests.chaos.pace import Pace
from tests.chaos.scenarios import HASTY
from tests.chaos.shared_clock import SharedClock
from tests.chaos.stage import Guests, Stage, chaos, found

AT_FIRST: tuple[Death, ...] = (("planned", 1), None, ("ticked", 1), None)
"""How a bot dies first on a day: with messages written but not committed, when they just were, or whenever."""
THEN: tuple[Death, ...] = (
    ("claimed", 1),
    ("sent", 1),
    None,
    ("told", 2),
    ("claimed", 3),
    ("sent", 2),
    None,
    ("told", 1),
)
"""How it dies after that: before and after one of them is posted, and when that is recorded."""
BRISK = {"bot.ticker.EVERY_SECONDS": 0.2, "bot.ticker.SHARE": 0.5}
MONTREAL = ZoneInfo("America/Toronto")
FIRST = datetime(2026, 11, 23, 10, 0, tzinfo=MONTREAL)
"""A Monday: half an hour before, everybody was to be asked for the first interview."""
STEP = timedelta(minutes=15)
PATIENCE = 5.0
"""Seconds in which a point is reached, if there is anything left to do on that day."""
DAY_SECONDS = 90.0
"""No day's messages take that long, also on a machine that does much else."""
Written = Counter[tuple[str, str, str, bool]]
"""How often (feature, person or channel, local date, whether too late) was written."""


def mornings(count: int) -> list[datetime]:
    """A moment of so many weekdays in a row, each a little later than the one before, until afternoon."""
    every = [FIRST + timedelta(days=n) for n in range(2 * count)]
    return [one + STEP * (n % 16) for n, one in enumerate(one for one in every if one.weekday() < 5)][:count]


async def clockwork(
    url: str, folder: Path, days: int, kills: int, people_: int = 130, seed: int = 1,
    *, replicas: int = 1, minutes: float | None = None, every: int = 0,
) -> Summary:  # fmt: skip
    """Bots that start messages by themselves die so often in so many days; a calm company's days tell what was due.

    url: a migrated database, or the file of one to be made.
    """
    who = [f"p{number:04d}" for number in range(people_)]
    expected = await _calm(folder, who, days)
    clock = SharedClock(folder / "clock")
    clock.put(FIRST - timedelta(hours=3))
    settings = {**BRISK, **(HASTY if replicas > 1 else {})}
    async with (
        chaos(url, folder, replicas=replicas, people=people_, seed=seed, settings=settings, clock=clock) as stage,
        _opened(url) as database,
    ):  # fmt: skip
        await _put_to_work(database, who)
        pace = Pace(kills, stage.history.path, minutes, every)
        first, next_ = cycle(AT_FIRST), cycle(THEN)
        lived = 0
        for morning in mornings(days):
            if pace.is_over:
                break
            here = kills // days + (lived < kills % days)
            deaths = [*islice(first, min(here, 1)), *islice(next_, max(here - 1, 0))]
            for bot in stage.replicas:  # they find the new day when they come back, and die of it
                bot.kill()
                await bot.gone()
            await _reacted(database, who, morning)
            clock.put(morning)
            lived += 1
            await _day(stage, deaths, pace, expected[lived - 1].total())
        await asyncio.sleep(1)  # a few more ticks, which find nothing to do
        wanted, got = expected[lived - 1], _written(facts.read(url))
        lost = [f"never written: {one} {times} times" for one, times in (wanted - got).items()]
        strange = [f"not due: {one} {times} times" for one, times in (got - wanted).items()]
        return summary(stage.history, [*stage.faults(), *sorted(lost), *sorted(strange)])


async def _day(stage: Stage, deaths: list[Death], pace: Pace, written: int) -> None:
    """Die these deaths in this day, and wait until as many messages as there should be by now have an end."""
    left = deque(deaths)
    await asyncio.gather(*(lives(stage, bot, left, pace, PATIENCE) for bot in stage.replicas))
    end = time.monotonic() + DAY_SECONDS
    while time.monotonic() < end:  # after that, what is missing is told at the end of the run
        states = await asyncio.to_thread(stage.states)
        if states.total() >= written and not states["pending"] and not states["sending"]:
            return
        await asyncio.sleep(0.05)


async def _calm(folder: Path, who: list[str], days: int) -> list[Written]:
    """What is written in the same company until the end of each day, when nothing ever breaks."""
    url = f"sqlite+aiosqlite:///{folder}/calm.db"
    await found(url, Guests(), who)
    library, seen = Library.open(BUILT_IN), []
    async with _opened(url) as database:
        await _put_to_work(database, who)
        for morning in mornings(days):
            await _reacted(database, who, morning)
            ticker = Ticker(database, library, FixedClock(morning), Nobody(), "main")
            while await ticker.tick(morning) != Ticked():
                pass
            seen.append(_written(facts.read(url)))
    return seen


class Nobody:
    """Sends nothing."""

    def wake(self) -> None:
        """There is something to send, which nobody does."""


async def _put_to_work(database: Database, who: list[str]) -> None:
    """A project that began three weeks ago, and for each item of its checklists somebody to be reminded of it."""
    library = Library.open(BUILT_IN)
    async with database.transaction() as connection:
        await connection.execute(t.project.update().values(starts_on=FIRST.date() - timedelta(days=21)))
        company = await people.company(connection, "main")
        assert company is not None
        pack = library.catalog.packs[company.pack]
        await project.ensure_items(connection, "main", pack, company)
        for number, item in enumerate(project.checklist_items(pack)):
            mine = t.item.update().where(t.item.c.id == item)
            await connection.execute(mine.values(owner=who[number % len(who)]))


async def _reacted(database: Database, who: list[str], morning: datetime) -> None:
    """Everybody reacts to what came so far, or it would stop, and each week's work is due in that week.

    Once, a third begins the interview that they were asked for, and another puts it off.
    """
    async with database.transaction() as connection:
        mine, today = t.delivery.c, morning.date()
        open_ = t.delivery.update().where(mine.started_by_bot, mine.answered_at.is_(None))
        await connection.execute(open_.values(answered_at=morning))
        if morning.weekday() == 0:
            for number, one in enumerate(who):
                due_on = today + timedelta(days=number % 5)
                await connection.execute(t.item.update().where(t.item.c.owner == one).values(due_on=due_on))
        if today == FIRST.date() + timedelta(days=1):
            begun = t.run.update().where(t.run.c.status == "invited")
            later = {"status": "put_off", "put_off_until": morning + timedelta(days=1)}
            await connection.execute(begun.where(t.run.c.person.in_(who[::3])).values(status="open"))
            await connection.execute(begun.where(t.run.c.person.in_(who[1::3])).values(**later))


def _written(kept: Facts) -> Written:
    def told(one: facts.Row) -> tuple[str, str, str, bool]:
        day = local_day(one["created_at"], MONTREAL)
        return one["feature"], one["person"] or one["channel"], day, one["status"] == "late"

    return Counter(map(told, kept.deliveries.values()))


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()
