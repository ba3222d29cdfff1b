"""The database goes away, or takes a COMMIT and never says so: everything goes on by itself, nothing twice."""

from pathlib import Path

from tests.chaos.scenarios import lost_commits, outage


async def test_an_outage_of_the_database_is_refused_quickly_and_ends_by_itself(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a request that hangs until Slack gives it up, a refusal without a hint, a loop that stands still,
    and a pool that stays broken. Times are without those in which other programs had the cores: whoever waits for
    the database waits for eight seconds on any machine."""
    run = await outage(postgres_url, tmp_path, [("refusing", 1), ("passing", 0.5), ("silent", 8)])
    assert run.faults == ()
    assert run.refused > 0
    assert run.hinted == 1
    assert run.own_slowest < 3
    assert run.own_stall < 1
    assert run.computed < 1


async def test_a_commit_that_nobody_heard_of_is_neither_lost_nor_done_twice(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a turn that is repeated because its COMMIT seemed to fail, and a message recorded as unsent."""
    run, lost = await lost_commits(postgres_url, tmp_path, 6)
    assert run.faults == ()
    assert lost >= 4
