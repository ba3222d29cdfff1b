"""What comes at the same moment is done at once, and nobody suffers from whom they came with."""

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from bot.together import MOST, Together


class Desk:
    """Doubles numbers, keeps count of its groups, and breaks at some."""

    def __init__(self, broken: int | None = None, error: Exception | None = None) -> None:
        self.groups: list[list[int]] = []
        self._broken, self._error = broken, error or ValueError("cannot")

    async def work(self, numbers: Sequence[int]) -> list[int]:
        self.groups.append(list(numbers))
        await asyncio.sleep(0)
        if self._broken in numbers:
            raise self._error
        return [2 * one for one in numbers]


async def test_who_comes_meanwhile_goes_together() -> None:
    """Would catch: a transaction for each of a hundred messages, or one so large that the first waits for the last."""
    desk = Desk()
    together = Together(desk.work)
    assert await asyncio.gather(*map(together.one, range(100))) == [2 * one for one in range(100)]
    assert len(desk.groups) < 10
    assert max(map(len, desk.groups)) == MOST


async def test_one_that_cannot_be_done_harms_nobody_else() -> None:
    """Would catch: a damaged row that keeps every message in whose company it is claimed from being sent."""
    together = Together(Desk(broken=3).work)
    results = await asyncio.gather(*map(together.one, range(6)), return_exceptions=True)
    assert isinstance(results.pop(3), ValueError)
    assert results == [0, 2, 4, 8, 10]
    assert await together.one(7) == 14


async def test_while_the_database_is_away_nobody_is_tried_alone() -> None:
    """Would catch: an outage that makes each message wait for its own refusal, one after the other."""
    away = sa.exc.TimeoutError("all connections are in use")
    desk = Desk(broken=3, error=away)
    together = Together(desk.work)
    results = await asyncio.gather(*map(together.one, range(6)), return_exceptions=True)
    assert results == [away] * 6
    assert len(desk.groups) == 1


class LockedError(Exception):
    """What psycopg raises for a lock that did not come."""

    sqlstate = "55P03"


async def test_somebody_elses_lock_holds_up_one_and_not_its_company() -> None:
    """Would catch: one row that an operator has locked, and a replica that sends nothing to anybody meanwhile."""
    locked = sa.exc.OperationalError("UPDATE …", None, LockedError())
    desk = Desk(broken=3, error=locked)
    together = Together(desk.work)
    results = await asyncio.gather(*map(together.one, range(6)), return_exceptions=True)
    assert results == [0, 2, 4, locked, 8, 10]


async def test_what_was_done_for_somebody_who_has_gone_is_given_back() -> None:
    """Would catch: a message that is claimed for a sender who was stopped, and then belongs to nobody."""
    left: list[int] = []
    together = Together(Desk().work, left.append)
    tasks = [asyncio.create_task(together.one(one)) for one in (1, 2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the group is under way
    tasks[0].cancel()
    assert await tasks[1] == 4
    assert left == [2]


async def test_nobody_waits_for_a_task_that_was_ended() -> None:
    """Would catch: a stop that hangs because those in line wait for what nobody will do."""
    together = Together(Desk().work)
    tasks = [asyncio.create_task(together.one(one)) for one in (1, 2)]
    await asyncio.sleep(0)
    (work,) = [one for one in asyncio.all_tasks() if one not in (*tasks, asyncio.current_task())]
    work.cancel()
    async with asyncio.timeout(5):
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in results)
    assert await together.one(4) == 8


async def test_who_went_away_is_not_waited_for() -> None:
    """Would catch: a cancelled sender whose place in the group ends the work for all who come after."""
    desk = Desk()
    together = Together(desk.work)
    first, second = (asyncio.create_task(together.one(one)) for one in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 4
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await together.one(5) == 10
