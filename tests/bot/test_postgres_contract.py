"""Everything that is promised on SQLite holds on PostgreSQL: the contract suite and the golden conversations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.test_clicks import *  # noqa: F403 - the tests themselves
from tests.contract.test_new_content import *  # noqa: F403
from tests.contract.test_promises import *  # noqa: F403
from tests.contract.test_strangers import *  # noqa: F403
from tests.transcripts.player import Transcript, play, transcripts
from tests.world import World, company_on

pytestmark = pytest.mark.soak


@pytest.fixture(params=["web", "slack", "teams"])
async def world(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> AsyncIterator[World]:
    async with company_on(request.param, tmp_path, url=postgres_url) as made:
        yield made


@pytest.mark.parametrize("platform", ["web", "slack", "teams"])
@pytest.mark.parametrize("transcript", transcripts(), ids=lambda one: f"{one.name}-{one.locale}")
async def test_the_conversation_goes_as_written(
    transcript: Transcript, platform: str, tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a query that only SQLite understands, in whatever corner of a conversation it sits."""
    async with company_on(platform, tmp_path, transcript.locale, url=postgres_url) as world:
        await play(world, transcript)
