"""A company on each platform in turn: what is promised holds on all of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, company_on


@pytest.fixture(params=["web", "slack", "teams"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with company_on(request.param, tmp_path) as made:
        yield made
