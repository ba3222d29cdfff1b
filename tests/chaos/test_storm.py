"""Many messages at the platform's limit, through refusals, lost answers and the death of a replica."""

from pathlib import Path

from tests.chaos.scenarios import storm


async def test_messages_to_many_people_arrive_once_each_at_the_rate_that_the_platform_allows(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a sender that runs into the limit again and again, that posts twice what it had no answer to, or
    that leaves with the dead what the dead had begun."""
    run, share = await storm(
        postgres_url, tmp_path, 20, 3, rate=20, storms=[(1, 1)], lost=0.05, kill_after=1.5
    )
    assert run.faults == ()
    assert run.posted == 60
    assert run.kills == 1
    assert share < 5, "the long run measures it; here the dead must only be missed in time"
