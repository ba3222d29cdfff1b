"""When too many write at once: what a person on Slack sees, and that nothing acknowledged is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.crowd import Crowd
from tests.world import World, company_on

FULL = Crowd(at_once=0, patience=0)
"""A line without a place."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with company_on("slack", tmp_path) as made:
        yield made


async def test_a_click_and_a_command_are_answered_kindly_and_can_be_done_again(world: World) -> None:
    """Would catch: a button that seems dead for three seconds, and a click that counts although it was refused."""
    advisor = world.person("advisor")
    await advisor.says("impact")
    before, stored = advisor.newest(), await world.rows("inbound_event")
    room, world.app.turns._crowd = world.app.turns._crowd, FULL
    await advisor.clicks("Oui")
    assert any("Un instant" in line for line in advisor.heard()), advisor.heard()
    await advisor.commands("aide")
    assert sum("Un instant" in line for line in advisor.heard()) == 2
    assert await world.rows("inbound_event") == stored, "nothing was taken"
    world.app.turns._crowd = room
    await advisor.clicks("Oui")
    assert advisor.newest() != before, "the same button works when there is room"


async def test_a_message_is_refused_and_taken_when_slack_delivers_it_again(world: World) -> None:
    """Would catch: a message answered 200 without being stored, which Slack then never delivers again."""
    advisor = world.person("advisor")
    await advisor.says("aide")
    room, world.app.turns._crowd = world.app.turns._crowd, FULL
    with pytest.raises(AssertionError, match="503"):
        await advisor.says("impact")
    world.app.turns._crowd = room
    assert await world.rows("run") == []
    assert await advisor.redeliver() == 200
    assert len(await world.rows("run")) == 1
