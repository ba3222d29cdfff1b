"""A bot that is killed at any point and started again: nothing acknowledged is lost, nothing happens twice."""

from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.bot.crash_world import PEOPLE, CrashWorld, Kill, at_random, crash_world

TURN = ("recorded", "decided", "committed")
SENDING = ("claimed", "sent")
EVERY_POINT_TWICE = [Kill(point, hit) for point in (*TURN, *SENDING) for hit in (1, 4)]
SOAK_KILLS = 400


async def nothing_is_lost_or_doubled(world: CrashWorld) -> None:
    for who in PEOPLE:
        acknowledged = [step for step in world.said[who] if step is not None]
        assert await world.answers(who) == acknowledged
    assert {one["status"] for one in await world.rows("delivery")} == {"sent"}
    posted = world.posted()
    assert {one["id"] for one in await world.rows("delivery")} == set(posted)


async def test_killed_at_every_point_nothing_acknowledged_is_lost_and_no_message_comes_twice(
    tmp_path: Path,
) -> None:
    """Would have caught: an acknowledgement before the commit, an answer counted twice when Slack delivers again,
    and a message that went out before the kill and goes out again after it."""
    async with crash_world(tmp_path) as world:
        await world.survives([*EVERY_POINT_TWICE, *at_random(3, seed=1)])
        await nothing_is_lost_or_doubled(world)
        assert max(world.posted().values()) == 1


async def test_where_the_platform_cannot_be_asked_a_message_comes_at_most_once_more_for_a_kill(
    tmp_path: Path,
) -> None:
    """Would have caught: a message lost because its sending was in doubt, or repeated at every start."""
    async with crash_world(tmp_path, finds=False) as world:
        kills = [Kill(point, hit) for point in SENDING for hit in (2, 3)]
        await world.survives(kills)
        await nothing_is_lost_or_doubled(world)
        again = [count - 1 for count in world.posted().values()]
        assert max(again) <= len(kills), "once more for a kill"
        assert sum(again) <= len(kills) * len(PEOPLE), "only what was under way"


@pytest.mark.soak
async def test_hundreds_of_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Would have caught: a gap of a few microseconds that a dozen kills do not hit."""
    async with crash_world(tmp_path) as world:
        named = list(
            islice(
                cycle([Kill(point, hit) for hit in range(1, 7) for point in (*TURN, *SENDING)]),
                SOAK_KILLS // 2,
            )
        )
        await world.survives([*named, *at_random(SOAK_KILLS // 2, seed=2)])
        await nothing_is_lost_or_doubled(world)
        assert max(world.posted().values()) == 1
