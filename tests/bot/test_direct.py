"""What a turn has written goes out at once, in order, within bounds."""

import asyncio

import pytest

from bot import direct
from bot.direct import AT_ONCE, Direct
from bot.store.deliveries import Written


async def test_one_conversation_is_sent_in_order_while_others_go_on() -> None:
    """Would catch two answers to one person that overtake each other, or one slow person who holds up everybody."""
    done: list[int] = []
    slow = asyncio.Event()

    async def work(number: int) -> None:
        if number == 1:
            await slow.wait()
        done.append(number)

    queue = Direct(work)
    assert queue.take([Written(1, "a"), Written(2, "a")])
    assert queue.take([Written(3, "b")])
    queue.take([Written(4, "a")])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert done == [3]
    slow.set()
    await queue.idle()
    assert done == [3, 1, 2, 4]


async def test_so_many_at_once_and_no_more() -> None:
    """Would catch ten thousand answers of one minute opening ten thousand connections."""
    running = most = 0

    async def work(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    queue = Direct(work)
    queue.take([Written(n, f"lane {n}") for n in range(100)])
    await queue.idle()
    assert most == AT_ONCE


async def test_what_does_not_fit_is_left_to_the_feeder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a queue in memory that grows for as long as the platform is slow."""
    monkeypatch.setattr(direct, "MOST", 3)
    done: list[int] = []

    async def work(number: int) -> None:
        done.append(number)

    queue = Direct(work)
    assert not queue.take([Written(n, "a") for n in range(5)])
    await queue.idle()
    assert done == [0, 1, 2]
    assert queue.take([Written(7, "a")])
    await queue.idle()
    assert done[-1] == 7


async def test_one_that_fails_leaves_the_others_their_turn() -> None:
    """Would catch a database error that ends the direct way for good."""
    done: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise OSError("away")
        done.append(number)

    queue = Direct(work)
    queue.take([Written(1, "a"), Written(2, "a"), Written(3, "b")])
    await queue.idle()
    assert sorted(done) == [2, 3]


async def test_a_stop_ends_what_takes_too_long() -> None:
    """Would catch a shutdown that waits for a platform which never answers."""

    async def work(number: int) -> None:
        await asyncio.Event().wait()

    queue = Direct(work)
    queue.take([Written(n, f"lane {n}") for n in range(AT_ONCE * 3)])
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await queue.stop(0.01)
        await queue.idle()
