"""The stopwatch of tests counts waiting, and leaves out only what other programs took."""

import asyncio
import multiprocessing
import os
import time

from tests.standstill import Stopwatch


def _compute(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


async def test_whoever_waits_is_seen_to_wait() -> None:
    """Would catch a stopwatch under which no request ever hangs."""
    watch = Stopwatch([os.getpid()])
    await asyncio.sleep(0.3)
    seconds = watch.seconds
    assert seconds > 0.29
    assert watch.wall >= seconds


async def test_what_other_programs_compute_is_not_counted() -> None:
    """Would catch a bound that holds or not by what else the machine does."""
    others = [multiprocessing.get_context("spawn").Process(target=_compute, args=(3,)) for _ in range(4)]
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(kept)})  # they inherit it: all on one core
    try:
        for one in others:
            one.start()
        while not all(one.is_alive() for one in others):  # noqa: ASYNC110 - they come when they come
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        mine, watch = time.thread_time(), Stopwatch()
        while time.thread_time() - mine < 0.3:
            pass
        assert watch.held > 0
        assert watch.seconds < watch.wall
    finally:
        os.sched_setaffinity(0, kept)
        for one in others:
            one.kill()
            one.join()
