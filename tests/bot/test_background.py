"""Background work outlives whatever breaks in it, keeps its pace, and ends when it is told to."""

import asyncio

from structlog.testing import capture_logs

from bot.background import Background
from bot.store import StoreError


class Rounds:
    """Work of a few rounds, each of which may break, that is rung when the last has begun."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults = list(faults)
        self.last = asyncio.Event()
        self.ended = False

    async def work(self) -> None:
        if not self.faults:
            self.last.set()
            try:
                await asyncio.Event().wait()  # never: it has to be stopped in the middle of this round
            finally:
                self.ended = True
        fault = self.faults.pop(0)
        if fault is not None:
            raise fault


async def test_a_round_that_breaks_is_told_and_the_next_one_comes() -> None:
    """Would catch a clockwork that one bad hour of the database ends for good, in silence."""
    rounds = Rounds(None, StoreError("away"), ValueError("what somebody wrote"))
    counting = Background("counting", rounds.work, lambda _: 0.0, away=(StoreError,))
    with capture_logs() as logs:
        counting.start()
        async with asyncio.timeout(60):
            await rounds.last.wait()
        await counting.stop()
    assert [(one["log_level"], one["event"], one.get("reason")) for one in logs] == [
        ("warning", "counting failed, trying again", StoreError.__name__),
        ("error", "counting broke, trying again", None),
    ]
    assert rounds.ended


async def test_what_is_away_for_a_moment_is_tried_again_sooner() -> None:
    """Would catch a night's tidying that is lost until tomorrow since the database was away for a second."""
    rounds = Rounds(StoreError("away"))
    tidying = Background("tidying", rounds.work, lambda _: 86_400.0, away=(StoreError,), soon=0.0)
    tidying.start()
    async with asyncio.timeout(60):
        await rounds.last.wait()
    await tidying.stop()


async def test_what_is_broken_keeps_its_pace() -> None:
    """Would catch a fault of ours that is met again, and fills the log, all night."""
    pauses: list[float] = []

    def rest(took: float) -> float:
        pauses.append(took)
        return 0.0

    rounds = Rounds(ValueError("a fault of ours"), StoreError("away"))
    tidying = Background("tidying", rounds.work, rest, away=(StoreError,), soon=0.0)
    tidying.start()
    async with asyncio.timeout(60):
        await rounds.last.wait()
    await tidying.stop()
    assert len(pauses) == 1


async def test_work_that_was_never_started_is_stopped_as_well() -> None:
    """Would catch a bot without a ticker that cannot be stopped."""
    idle = Background("nothing", Rounds().work, lambda _: 0.0)
    await idle.stop()
    assert not idle.started
