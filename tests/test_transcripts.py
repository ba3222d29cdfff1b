"""Golden conversations, in French and in English, on every platform."""

from pathlib import Path

import pytest

from tests.transcripts.player import Transcript, play, transcripts
from tests.world import company_on


@pytest.mark.parametrize("platform", ["web", "slack", "slack over sockets", "teams"])
@pytest.mark.parametrize("transcript", transcripts(), ids=lambda one: f"{one.name}-{one.locale}")
async def test_the_conversation_goes_as_written(
    transcript: Transcript, platform: str, tmp_path: Path
) -> None:
    """Would have caught: a word, a button or a way on that is missing in one language or on one platform."""
    name, _, sockets = platform.partition(" over ")
    there = company_on(name, tmp_path, transcript.locale, sockets=bool(sockets), http=not sockets)
    async with there as world:
        await play(world, transcript)
