"""Sending late: an outage loses nothing, and nothing reaches a person at a time when it would disturb."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.base import Destination, TryLaterError
from bot.store import deliveries as store
from bot.store import invitations
from bot.store import tables as t
from bot.store.deliveries import Delivery
from tests.bot.outboxes import NOW, Office, card

EVENING = datetime(2026, 11, 20, 22, 20, tzinfo=UTC)
"""Friday, ten minutes before the reader's working day in Montreal ends."""


def out(room: Office, title: str, seconds: float = 1) -> None:
    """The platform takes nothing with this title until the fault is lifted."""
    room.postbox.faults[title] = deque([TryLaterError("unreachable", seconds)] * 1000)


async def status(room: Office, title: str) -> tuple[str, str | None]:
    row = (await room.rows())[title]
    return row["status"], row["reason"]


async def test_an_outage_of_hours_loses_no_message_and_keeps_the_order(room: Office) -> None:
    """Would have caught: the weekly summary given up for good after twenty seconds without a network."""
    await room.writes("first", "second")
    out(room, "first")
    for _ in range(60):
        await room.later(300)
    assert room.order() == []
    room.postbox.faults.clear()
    await room.later(301)
    assert room.order() == ["first", "second"]
    assert (await room.rows())["first"]["attempts"] == 1


async def test_the_pauses_grow_while_the_platform_takes_nothing(room: Office) -> None:
    """Would have caught: a platform that is down asked every second for a day, or not again for hours."""
    await room.writes("first")
    out(room, "first")
    for _ in range(3600):
        await room.later(1)
    assert 12 <= room.postbox.tries.count("first") <= 22


async def test_a_longer_pause_that_the_platform_asks_for_is_kept(room: Office) -> None:
    """Would have caught: a rate limit answered with another try after two seconds."""
    await room.writes("first")
    out(room, "first", 900)
    await room.sender.drain()
    await room.later(899)
    assert room.postbox.tries == ["first"]
    await room.later(2)
    assert room.postbox.tries == ["first", "first"]


async def test_an_answer_is_given_up_after_a_day_and_the_next_one_goes_out(room: Office) -> None:
    """Would have caught: a conversation that one message blocks for ever."""
    await room.writes("first", "second")
    out(room, "first", 3600)
    for _ in range(30):
        await room.later(3601)
    assert await status(room, "first") == ("failed", "unreachable")
    assert room.order() == ["second"]


async def test_what_the_bot_starts_becomes_late_after_hours_of_trying(room: Office) -> None:
    """Would have caught: an invitation of this morning that arrives in the evening."""
    await room.writes("invitation", started_by_bot=True)
    out(room, "invitation", 1800)
    for _ in range(9):
        await room.later(1801)
    room.postbox.faults.clear()
    await room.later(1801)
    assert room.order() == []
    assert await status(room, "invitation") == ("late", "its moment had passed: unreachable")


async def test_somebody_who_paused_meanwhile_gets_nothing_that_waited(room: Office) -> None:
    """Would have caught: an invitation held by a rate limit and sent on Saturday at 3:00, after "pause"."""
    await room.writes("invitation", started_by_bot=True)
    await room.writes("answer")
    room.postbox.faults["invitation"] = deque([TryLaterError("ratelimited", 3600)])
    await room.sender.drain()
    await room.marie(paused_until=NOW + timedelta(days=7))
    await room.later(3601)
    assert room.order() == ["answer"]
    assert await status(room, "invitation") == ("cancelled", "the person has asked for a pause")


async def test_what_waited_past_the_end_of_the_day_is_late_and_not_sent_at_night(room: Office) -> None:
    """Would have caught: a nudge on Friday night because the platform was busy at five."""
    room.clock.moment = EVENING
    await room.writes("invitation", started_by_bot=True)
    room.postbox.faults["invitation"] = deque([TryLaterError("ratelimited", 1800)])
    await room.sender.drain()
    await room.later(1801)
    assert room.order() == []
    assert await status(room, "invitation") == ("late", "its moment had passed: ratelimited")


async def test_before_the_day_begins_it_waits_for_the_hours_and_lets_answers_pass(room: Office) -> None:
    """Would have caught: a message at 6:00, or an answer that waits behind it until the morning."""
    room.clock.moment = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    await room.writes("invitation", started_by_bot=True)
    room.clock.moment += timedelta(minutes=5)
    await room.sender.drain()
    await room.writes("answer")
    await room.later(60)
    assert room.order() == ["answer"]
    await room.later(3600 * 2.5)
    assert room.order() == ["answer", "invitation"]


async def test_what_was_written_long_before_a_start_is_late(room: Office) -> None:
    """Would have caught: yesterday's invitations sent when the process comes back."""
    await room.writes("invitation", started_by_bot=True)
    await room.writes("answer")
    room.clock.moment += timedelta(hours=5)
    await room.sender.drain()
    assert room.order() == ["answer"]
    assert (await status(room, "invitation"))[0] == "late"


async def test_an_invitation_that_never_went_out_is_not_counted_as_given(room: Office) -> None:
    """Would have caught: somebody who paused for a day and is never asked about their work again."""
    key = "dialog.impact-launch:marie:2026-11-23"
    one = Delivery(key, "slack", Destination("T1", "U1"), card("invitation"), NOW, feature="dialog")
    async with room.database.transaction() as connection:
        written = replace(one, person="marie", started_by_bot=True)
        assert await store.add(connection, "main", written, NOW)
        await invitations.sent(connection, "main", "impact-launch", "marie", NOW)
    await room.marie(paused_until=NOW + timedelta(days=1))
    await room.later(120)
    async with room.database.transaction() as connection:
        [kept] = await invitations.every(connection, "main")
    assert (room.order(), kept["sent_at"]) == ([], None)


async def test_a_nudge_that_never_went_out_is_not_counted_as_a_step_of_the_ladder(room: Office) -> None:
    """Would have caught: an owner who was away, and whose lead is told that they were nudged three times."""
    key = "nudge:marie:2026-11-23"
    one = Delivery(key, "slack", Destination("T1", "U1"), card("nudge"), NOW, feature="nudge", person="marie")
    rung = {"item": "A1", "person": "marie", "rung": "due", "due_on": NOW.date(), "at": NOW}
    async with room.database.transaction() as connection:
        assert await store.add(connection, "main", replace(one, started_by_bot=True), NOW)
        await connection.execute(t.nudge.insert().values(tenant="main", delivery=key, **rung))
    await room.marie(away_until=NOW.date())
    await room.later(120)
    assert room.order() == []
    assert await room.every("nudge") == []
