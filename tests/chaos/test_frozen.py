"""A replica that stands still for longer than the others wait, and then goes on as if nothing had been."""

from pathlib import Path

from tests.chaos.scenarios import frozen


async def test_a_frozen_replica_that_thaws_doubles_nothing_and_undoes_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a thawed replica that sends what its successor has sent, or sets back what is recorded."""
    run = await frozen(postgres_url, tmp_path, 4)
    assert run.faults == ()
