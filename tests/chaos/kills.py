"""Bots that die at named points and at any instant, again and again, while people talk to them."""

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.measures import Summary, summary
from tests.chaos.pace import Pace
from tests.chaos.processes import DEATH_SECONDS, Replica
from tests.chaos.scenarios import HASTY, write
from tests.chaos.stage import Stage, chaos

POINTS = ("recorded", "decided", "committed", "claimed", "sent", "told")
"""Where a bot may be told to die with people talking: within a turn and after its commit, before and after a message
is posted, and after that is recorded. There is one more, "fed", after work was given to the engine."""
ROUND = 50
"""Deaths after which everything comes to rest once and is checked: what short lives leave unsent would keep the next
ones from dying of messages that are sent at once."""
YOUNG = 0.15
"""So many of those who die at random do so before they are ready."""
LIFE, LONGEST = 0.5, 4.0
"""Seconds that the others live once they are ready, on average and at most: the engine starts within them."""
Death = tuple[str, int] | None
"""A point and its hit; None is any instant."""


async def kills_on_sqlite(
    folder: Path, named: Sequence[tuple[str, int]], at_random: int, seed: int = 1,
    *, finds: bool = True, minutes: float | None = None, every: int = 0,
) -> Summary:  # fmt: skip
    """One bot on SQLite: it dies at each of these points and at random, with traffic all the time."""
    async with chaos(f"sqlite+aiosqlite:///{folder}/embarque.db", folder, finds=finds, seed=seed) as stage:
        pace = Pace(len(named) + at_random, stage.history.path, minutes, every)
        await _dying(stage, [*named, *[None] * at_random], pace)
        return summary(stage.history, stage.faults())


async def kills_on_postgres(
    url: str, folder: Path, named: Sequence[tuple[str, int]], at_random: int, seed: int = 1,
    *, settings: dict[str, Any] | None = None, minutes: float | None = None, every: int = 0,
) -> Summary:  # fmt: skip
    """Two replicas on PostgreSQL, each of which dies and comes back whatever the other does."""
    async with chaos(
        url, folder, replicas=2, seed=seed, settings=HASTY if settings is None else settings
    ) as stage:
        pace = Pace(len(named) + at_random, stage.history.path, minutes, every)
        await _dying(stage, [*named, *[None] * at_random], pace)
        return summary(stage.history, stage.faults())


async def killed_when_fed(folder: Path, seed: int = 1) -> Summary:
    """One bot on SQLite that dies when it has given its engine the work that the clockwork wrote."""
    url = f"sqlite+aiosqlite:///{folder}/embarque.db"
    async with chaos(url, folder, seed=seed) as stage:
        everybody = [talker.who for talker in stage.talkers]
        await write(url, everybody, 2)
        await stage.replicas[0].start("fed")
        for batch in range(2, 12):
            if not stage.replicas[0].alive():
                break
            # Not written by a turn, so the feeder's, which gives it to the engine once that is launched.
            await write(url, everybody, 1, first=batch)
            await stage.replicas[0].gone(3, surely=False)
        await stage.replicas[0].gone()
        await stage.replicas[0].start()
        await stage.settled()
        return summary(stage.history, stage.faults())


async def _dying(stage: Stage, deaths: list[Death], pace: Pace) -> None:
    """Let the bots die all these deaths in any order; everything is at rest at the end, and checked now and then."""
    stage.random.shuffle(deaths)
    for first in range(0, len(deaths), ROUND):
        stage.talks()
        left = deque(deaths[first : first + ROUND])
        await asyncio.gather(*(lives(stage, bot, left, pace) for bot in stage.replicas))
        await stage.rests(300)
        if pace.every:
            found = len(stage.faults())
            pace.tell(found)
            if found:
                return
        if pace.is_over:
            return


async def lives(
    stage: Stage, bot: Replica, deaths: deque[Death], pace: Pace, patience: float = DEATH_SECONDS
) -> None:
    """Die of what is left, one death after the other, and live on in the end.

    patience: seconds until a bot that does not reach its point dies where it is.
    """
    bot.kill()
    await bot.gone()
    while deaths and not pace.is_over:
        match deaths.popleft():
            case (point, hit):
                await bot.start(point, hit)
                await bot.gone(patience, surely=False)
            case None:
                await _some_time(stage, bot)
        bot.kill()
        await bot.gone()
        pace.killed()
    await bot.start()


async def _some_time(stage: Stage, bot: Replica) -> None:
    """Live until any instant: while starting, as soon as there is work, or long after."""
    if stage.random.random() < YOUNG:
        bot.begin()
        await asyncio.sleep(stage.random.uniform(0, 0.3))
        return
    await bot.start()
    await asyncio.sleep(min(stage.random.expovariate(1 / LIFE), LONGEST))
