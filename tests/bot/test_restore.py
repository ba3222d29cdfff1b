"""After a restore nobody gets a message twice, whatever went out since the backup, and the bot goes on."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.restore import fill
from bot.store import snapshot
from bot.store import tables as t
from tests.company import MONDAY, STARTS
from tests.world import World, company_on


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with company_on("slack", tmp_path) as made:
        yield made


def sent(world: World) -> Counter[str]:
    """How often each message that the bot starts reached Slack, by the key in its metadata."""
    keys = [
        call.arguments["metadata"]["event_payload"]["key"]
        for call in world.double.calls("chat.postMessage")
        if call.arguments.get("metadata")
    ]
    return Counter(keys)


async def restored(world: World, file: Path) -> int:
    taken = snapshot.look(file)
    return await fill(world.database, file, taken, world.app.library, world.clock.now(), lambda *_: None)


async def backed_up(world: World, file: Path) -> Path:
    await snapshot.take(world.database, file, world.clock.now(), lambda *_: None)
    return file


async def live(world: World, begin: datetime, hours: int) -> None:
    for hour in range(3, hours + 1, 3):
        await world.at(begin + timedelta(hours=hour))


@pytest.mark.parametrize("hours", [3, 72])
async def test_invitations_and_summaries_that_went_out_after_the_backup_do_not_go_out_again(
    world: World, tmp_path: Path, hours: int
) -> None:
    """Would catch a whole company that is invited a second time, under the key of another day."""
    begin = datetime(STARTS.year, STARTS.month, STARTS.day, 13, tzinfo=UTC) + timedelta(days=15)
    await world.at(begin)
    file = await backed_up(world, tmp_path / "backup.db")
    await live(world, begin, hours)
    before = sent(world)
    assert any(key.startswith("dialog.impact:") for key in before)
    assert hours < 72 or any(key.startswith("digest.") for key in before)
    await restored(world, file)
    await world.at(begin + timedelta(hours=hours))
    await live(world, begin + timedelta(hours=hours), 24 * 8)
    after = sent(world)
    assert not [key for key, number in after.items() if number > 1]
    invited = Counter(key.rpartition(":")[0] for key in after if key.startswith("dialog.impact:"))
    assert not [who for who, number in invited.items() if number > 1]
    assert any(key.startswith("digest.") for key in set(after) - set(before)), "the bot fell silent for good"


async def test_reminders_that_went_out_after_the_backup_do_not_go_out_again(
    world: World, tmp_path: Path
) -> None:
    """Would catch Monday's reminders sent twice, also one that a weekend had held since before the backup."""
    friday = MONDAY + timedelta(days=4)
    world.clock.moment = friday
    advisor = world.person("advisor")
    await advisor.commands("impact")
    await advisor.clicks("Oui")
    saturday = friday + timedelta(days=1, hours=5)
    world.clock.moment = saturday
    file = await backed_up(world, tmp_path / "backup.db")
    await live(world, saturday, 48)
    before = sent(world)
    assert {key.partition(".")[0].partition(":")[0] for key in before} >= {"resume", "nudge"}
    await restored(world, file)
    await world.at(saturday + timedelta(hours=48))
    await live(world, saturday + timedelta(hours=48), 24 * 3)
    after = sent(world)
    assert not [key for key, number in after.items() if number > 1]
    later = {key for key in set(after) - set(before) if key.startswith("nudge:")}
    assert later, "the bot fell silent for good"
    monday = (MONDAY + timedelta(days=7)).date().isoformat()
    assert not [key for key in later if key.endswith(monday)]


async def test_what_waited_when_the_backup_was_taken_is_given_up_unless_its_time_is_still_to_come(
    world: World, tmp_path: Path
) -> None:
    """Would catch an answer of last week, or a reminder that somebody has long had, sent by a restored bot."""
    now = world.clock.now()
    common = {"tenant": "main", "operation": "post", "person": "advisor", "platform": "slack", "card": {},
              "to": {}, "created_at": now}  # fmt: skip
    written = (
        (1, "pending", "reply", False, now, 0),
        (2, "sending", "nudge", True, now, 1),
        (3, "pending", "nudge", True, now + timedelta(days=3), 0),
        (4, "pending", "nudge", True, now + timedelta(days=3), 1),
        (5, "pending", "digest", False, now, 0),
        (6, "sent", "nudge", True, now, 1),
    )
    async with world.database.transaction() as connection:
        for number, status, feature, started, due_at, attempts in written:
            values = {"id": f"d{number}", "number": number, "status": status, "feature": feature, "due_at": due_at,
                      "started_by_bot": started, "attempts": attempts}  # fmt: skip
            await connection.execute(t.delivery.insert().values(**common, **values))
    file = await backed_up(world, tmp_path / "backup.db")
    world.clock.moment += timedelta(days=1)
    assert await restored(world, file) == 4
    found = {one["number"]: (one["status"], one["reason"]) for one in await world.rows("delivery")}
    assert found == {
        1: ("cancelled", "restored"),
        2: ("late", "restored"),
        3: ("pending", None),
        4: ("late", "restored"),
        5: ("late", "restored"),
        6: ("sent", None),
    }
