"""The clockwork goes on through kills: what is due comes once, and nothing else does."""

from pathlib import Path

import pytest

from tests.chaos.clockwork import clockwork
from tests.postgres import store_url


@pytest.mark.parametrize(("kind", "replicas"), [("sqlite", 1), ("postgresql", 2)])
async def test_whatever_dies_while_messages_become_due_each_comes_once_and_on_its_day(
    kind: str, replicas: int, tmp_path: Path
) -> None:
    """Would catch a reminder that dies with the tick that planned it, one that the next tick plans a second time,
    and an invitation noted as given that nobody got."""
    with store_url(kind, tmp_path) as url:
        run = await clockwork(url, tmp_path, 2, 4, 20, replicas=replicas)
    assert run.faults == ()
    assert run.kills >= 4
    assert run.posted > 40
