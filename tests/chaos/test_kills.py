"""Bots that are killed at any point and started again: nothing acknowledged is lost, nothing comes twice."""

from pathlib import Path

from tests.chaos.kills import POINTS, killed_when_fed, kills_on_postgres, kills_on_sqlite

SENDING = ("claimed", "sent")


async def test_killed_at_every_point_nothing_acknowledged_is_lost_and_no_message_comes_twice(
    tmp_path: Path,
) -> None:
    """Would catch an acknowledgement before the commit, an answer counted twice when Slack delivers again, and a
    message that went out before the kill and goes out again after it."""
    run = await kills_on_sqlite(tmp_path, [(point, hit) for hit in (1, 3) for point in POINTS], 3)
    assert run.faults == ()
    assert run.kills == 2 * len(POINTS) + 3


async def test_where_the_platform_cannot_be_asked_a_message_comes_at_most_once_more_for_a_kill(
    tmp_path: Path,
) -> None:
    """Would catch a message lost because its sending was in doubt, or repeated at every start."""
    run = await kills_on_sqlite(tmp_path, [(point, 2) for point in SENDING], 1, finds=False)
    assert run.faults == ()
    assert run.kills == 3


async def test_two_replicas_on_postgresql_lose_and_double_nothing_while_one_or_the_other_dies(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch two replicas that both send a message, or one that nobody sends because its replica is dead."""
    run = await kills_on_postgres(postgres_url, tmp_path, [(point, 2) for point in POINTS], 1)
    assert run.faults == ()
    assert run.kills == len(POINTS) + 1


async def test_work_that_was_given_to_the_engine_before_a_kill_is_done_after_it_and_once(
    tmp_path: Path,
) -> None:
    """Would catch jobs that die with their process, and rows that are marked as given and never looked at again."""
    run = await killed_when_fed(tmp_path)
    assert run.faults == ()
    assert run.kills == 1
    assert run.posted >= 24
