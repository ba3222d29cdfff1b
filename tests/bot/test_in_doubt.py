"""Messages whose outcome nobody knows: looked up however long that takes, and never sent again and again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.base import Budget, Destination, Sent, TryLaterError, UnknownOutcomeError
from bot import claims
from bot.store import deliveries as store
from bot.store import tables as t
from tests.bot.outboxes import Office, Postbox, office


@dataclass
class SlowHistory(Postbox):
    """A platform whose history takes longer than a claim may be old before a post."""

    finds: int = 0

    async def find(self, to: Destination, key: str) -> Sent | None:
        self.finds += 1
        await asyncio.sleep(0.2)
        return await super().find(to, key)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Office]:
    made = await office(tmp_path, SlowHistory())
    yield made
    await made.close()


async def test_a_slow_look_up_is_followed_by_the_post(room: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a message in doubt that is looked up for days, and each time found too old to be sent."""
    monkeypatch.setattr(claims, "HOLD_SECONDS", 0.1)
    monkeypatch.setattr(claims, "CLAIM_SECONDS", 0.15)
    room.postbox.faults["first"] = deque([UnknownOutcomeError("timeout")])
    await room.writes("first", "second")
    await room.sender.drain()
    await room.later(10)
    assert room.order() == ["first", "second"]


async def test_after_a_slow_look_up_nothing_is_posted_by_who_lost_the_claim(room: Office) -> None:
    """Would catch a replica that was taken for dead during its look-up, and posts beside its successor."""
    room.postbox.faults["first"] = deque([UnknownOutcomeError("timeout")])
    await room.writes("first")
    await room.sender.drain()
    room.clock.moment += timedelta(seconds=10)
    row = (await room.rows())["first"]
    looking = asyncio.create_task(room.sender.sender.work(row["number"]))
    assert isinstance(room.postbox, SlowHistory)
    async with asyncio.timeout(60):
        while room.postbox.finds < 2:  # noqa: ASYNC110 - there is no bell for it
            await asyncio.sleep(0.005)
    async with room.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE delivery SET fence = fence + 1")
    await looking
    assert room.order() == []


async def test_a_look_up_that_is_refused_for_its_rate_closes_the_gate(room: Office) -> None:
    """Would catch a Retry-After of the history that is forgotten at once, and asked for again."""
    room.postbox.limits = (Budget("history", 1000, 100),)
    room.postbox.faults["first"] = deque([UnknownOutcomeError("timeout")])
    room.postbox.deaf = deque([TryLaterError("ratelimited", 40, "history")])
    await room.writes("first")
    await room.sender.drain()
    await room.later(10)
    assert isinstance(room.postbox, SlowHistory)
    assert (room.postbox.finds, room.postbox.tries) == (1, ["first"])


@pytest.mark.parametrize(("can_find", "copies", "state"), [(False, 2, "failed"), (True, 1, "sent")])
async def test_an_adapter_that_breaks_after_its_post_does_not_post_five_times(
    room: Office, *, can_find: bool, copies: int, state: str
) -> None:
    """Would catch five copies for one person because an answer of Teams could not be read."""
    room.postbox.can_find = can_find
    room.postbox.lost["first"] = deque([KeyError("id")] * 9)
    await room.writes("first", "next")
    for _ in range(6):
        await room.later(301)
    assert (room.order(), (await room.rows())["first"]["status"]) == (["first"] * copies + ["next"], state)


async def test_what_an_operator_retries_after_lunch_is_sent_and_not_late(room: Office) -> None:
    """Would catch `deliveries retry` of yesterday's nudges that all end as late instead of going out."""
    await room.writes("first", started_by_bot=True)
    aside = {"status": "failed", "failures": 5, "reason": "set aside: KeyError"}
    async with room.database.transaction() as connection:
        await connection.execute(t.delivery.update().values(**aside))
    room.clock.moment += timedelta(hours=5)
    async with room.database.transaction() as connection:
        assert await store.retry(connection, "main", None, room.clock.now()) == 1
    await room.sender.drain()
    assert room.order() == ["first"]
