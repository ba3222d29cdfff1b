"""Backups, restores and copies that are killed: nothing is half there afterwards, and typing them again is enough."""

from itertools import count
from pathlib import Path

import pytest

from tests.chaos.commands import killed_commands, restored_under_way
from tests.postgres import shared


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_command_that_dies_leaves_all_or_nothing_and_does_its_work_when_it_is_typed_again(
    kind: str, tmp_path: Path
) -> None:
    """Would catch half a backup under the name of a whole one, a company of which half is restored, a copy that
    nobody can tell from a complete one, and a lock or a leftover in the way of the second attempt."""
    number = count()

    def fresh() -> str:
        if kind == "postgresql":
            return shared().database(migrated=False)
        return f"sqlite+aiosqlite:///{tmp_path}/target{next(number)}.db"

    run = await killed_commands(tmp_path, fresh, 3)
    assert run.faults == ()


async def test_after_a_restore_that_was_killed_a_bot_sends_nothing_a_second_time(tmp_path: Path) -> None:
    """Would catch messages of before the backup that a bot finds unsent, since a restore stopped half way."""
    run, twice = await restored_under_way(tmp_path, 1)
    assert twice == []
    assert run.posted > 10
