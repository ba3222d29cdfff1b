"""Where the bot writes to a person: always to the two of them alone, wherever the person spoke last."""

from pathlib import Path

from bot.store import people
from bot.store.people import Address
from tests.company import SLACK_CHANNEL, TEAMS_CHANNEL
from tests.doubles.slack_person import SlackPerson
from tests.world import World, company_on


async def _kept(world: World, who: str) -> Address:
    async with world.database.transaction() as connection:
        found = await people.address_of(connection, "main", who)
    assert found is not None
    return found


async def test_a_mention_in_a_teams_channel_leaves_later_answers_private(tmp_path: Path) -> None:
    """Would have caught: everything written to a person later, posted as new threads of the channel."""
    async with company_on("teams", tmp_path) as world:
        own, there = world.person("lead"), world.person("lead", in_channel=True)
        await there.says("pret")
        threads = len([one for one in world.double.conversations if one.startswith(TEAMS_CHANNEL)])
        assert (await _kept(world, "lead")).route.get("conversation_type") != "channel"
        await own.says("aide")
        await there.says("pret")
        await own.looks()
        assert "La préparation, vue d'ensemble" in own.newest(1)
        after = len([one for one in world.double.conversations if one.startswith(TEAMS_CHANNEL)])
        assert after == threads


async def test_a_command_between_two_people_is_answered_by_the_bot_and_its_own_talk_is_kept(
    tmp_path: Path,
) -> None:
    """Would have caught: the answer refused for good, and the foreign conversation kept for ever."""
    async with company_on("slack", tmp_path) as world:
        own = world.person("lead")
        assert isinstance(own, SlackPerson)
        await own.says("aide")
        before = await _kept(world, "lead")
        talk, own.channel = own.channel, "D0OTHERS"
        world.double.open_channel("D0OTHERS", own.user, with_bot=False)
        await own.commands("pret")
        own.channel = talk
        assert "La préparation, vue d'ensemble" in own.newest(1)
        assert (await _kept(world, "lead")).conversation == before.conversation == talk
        assert {one["status"] for one in await world.rows("delivery")} == {"sent"}
        await own.calls("pret", SLACK_CHANNEL)
        assert (await _kept(world, "lead")).conversation == talk
