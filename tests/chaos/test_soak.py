"""The bad days at length; `python -m tests.chaos.soak` runs one of them with other numbers and another seed."""

from pathlib import Path

import pytest

from tests.chaos.soak import DAYS, Knobs
from tests.postgres import Postgres

MINUTES = 8
"""After that no more kills are begun, and what happened so far is checked."""


@pytest.mark.soak
@pytest.mark.parametrize("day", DAYS)
async def test_a_bad_day_at_length_loses_and_doubles_nothing(day: str, tmp_path: Path) -> None:
    """Would catch a gap of some microseconds that a dozen kills do not hit, and what a second's outage forgives."""
    server = Postgres.start()
    try:
        told = await DAYS[day](server, tmp_path, Knobs(minutes=MINUTES))
    finally:
        server.close()
    assert told.is_kept, told.line
