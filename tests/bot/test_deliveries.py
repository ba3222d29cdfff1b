"""Sending: in order, once, with the reason of every failure, whatever the platform does."""

from collections import deque
from pathlib import Path

import pytest

from adapters.base import RefusedForGoodError, TryLaterError, UnknownOutcomeError
from bot.sender import MAX_ATTEMPTS
from bot.store import health
from bot.store import tables as t
from bot.store.deliveries import MAYBE_TWICE
from tests.bot.outboxes import Office, Postbox, office


async def test_a_conversation_keeps_its_order_when_its_first_message_has_to_wait(room: Office) -> None:
    """Would have caught: the second message sent after two seconds while the first waits for thirty."""
    await room.writes("first", "second")
    room.postbox.faults["first"] = deque([TryLaterError("ratelimited", 30)])
    await room.sender.drain()
    await room.writes("third")
    await room.later(3)
    assert room.order() == []
    await room.later(28)
    assert room.order() == ["first", "second", "third"]


async def test_one_conversation_that_waits_holds_up_no_other(room: Office) -> None:
    """Would have caught: a person whose rate limit stops the messages of everybody."""
    await room.writes("first")
    await room.writes("hello", user="U2")
    room.postbox.faults["first"] = deque([TryLaterError("ratelimited", 3600)])
    await room.sender.drain()
    assert room.order("U2") == ["hello"]


async def test_a_message_that_breaks_the_adapter_stops_neither_the_others_nor_itself(room: Office) -> None:
    """Would have caught: one card that raises, and a sender that leaves all others in doubt until a restart."""
    await room.writes("odd")
    await room.writes("hello", user="U2")
    room.postbox.faults["odd"] = deque([KeyError("blocks")])
    await room.sender.drain()
    assert room.order("U2") == ["hello"]
    assert (await room.rows())["odd"]["status"] == "pending"
    await room.later(5)
    assert room.order() == ["odd"]


async def test_what_the_platform_took_without_saying_so_is_not_sent_again(room: Office) -> None:
    """Would have caught: a message doubled by a connection that broke after the post."""
    await room.writes("first", "second")
    room.postbox.lost["first"] = deque([UnknownOutcomeError("broken")])
    await room.sender.drain()
    assert room.order() == ["first", "second"]
    assert (await room.rows())["first"]["status"] == "sent"


async def test_where_the_platform_cannot_tell_it_is_sent_again(tmp_path: Path) -> None:
    """Would have caught: a message lost because its outcome was unknown."""
    room = await office(tmp_path, Postbox(can_find=False))
    await room.writes("first")
    room.postbox.faults["first"] = deque([UnknownOutcomeError("timeout")])
    await room.sender.drain()
    await room.later(3)
    assert room.order() == ["first"]
    assert (await room.rows())["first"]["reason"] == MAYBE_TWICE
    await room.database.close()


async def test_where_the_platform_cannot_tell_it_is_sent_again_only_once(tmp_path: Path) -> None:
    """Would have caught: five copies of one message in Teams while its answers were lost."""
    room = await office(tmp_path, Postbox(can_find=False))
    await room.writes("first", "second")
    room.postbox.lost["first"] = deque([UnknownOutcomeError("no_answer")] * 9)
    for _ in range(10):
        await room.later(400)
    assert room.order() == ["first", "first", "second"]
    assert (await room.rows())["first"]["status"] == "failed"
    await room.database.close()


async def test_where_the_platform_cannot_tell_what_a_stop_left_in_doubt_is_marked(tmp_path: Path) -> None:
    """Would have caught: a second copy after a crash that no operator is told of."""
    room = await office(tmp_path, Postbox(can_find=False))
    await room.writes("first", "second")
    async with room.database.transaction() as connection:
        first = t.delivery.c.id == "U1:first"
        await connection.execute(t.delivery.update().where(first).values(status="sending", attempts=1))
    await room.sender.start()
    await room.sender.settled()
    assert room.order() == ["first", "second"]
    async with room.database.transaction() as connection:
        [told] = await health.troubled(connection, "main")
    assert (told["status"], told["reason"], told["n"]) == ("sent", MAYBE_TWICE, 1)
    await room.sender.stop()
    await room.database.close()


async def test_a_refusal_for_good_is_recorded_and_not_repeated(room: Office) -> None:
    """Would have caught: a person who blocked the bot and is written to for ever."""
    await room.writes("first", "second")
    room.postbox.faults["first"] = deque([RefusedForGoodError("account_inactive")])
    await room.sender.drain()
    await room.later(3600)
    rows = await room.rows()
    assert (rows["first"]["status"], rows["first"]["reason"]) == ("failed", "account_inactive")
    assert room.order() == ["second"]
    assert room.postbox.tries.count("first") == 1


async def test_after_five_unknown_outcomes_it_is_given_up_with_the_reason_and_the_next_goes_out(
    room: Office,
) -> None:
    """Would have caught: an endless retry, and a conversation that one message blocks for ever."""
    await room.writes("first", "second")
    room.postbox.faults["first"] = deque([UnknownOutcomeError("fatal_error")] * 50)
    for _ in range(20):
        await room.later(60)
    rows = await room.rows()
    assert (rows["first"]["status"], rows["first"]["reason"]) == ("failed", "fatal_error")
    assert rows["first"]["attempts"] == room.postbox.tries.count("first") == MAX_ATTEMPTS
    assert room.order() == ["second"]


async def test_what_is_for_a_platform_that_is_not_set_up_waits_until_it_is(room: Office) -> None:
    """Would have caught: messages given up for good because a token was missing at one start."""
    await room.writes("first", platform="teams")
    await room.sender.drain()
    assert (await room.rows())["first"]["status"] == "pending"


async def test_the_same_key_is_written_once(room: Office) -> None:
    """Would have caught: a nudge doubled by two ticks of the clockwork."""
    await room.writes("first")
    await room.writes("first")
    await room.sender.drain()
    assert room.order() == ["first"]


async def test_a_start_looks_up_what_was_in_doubt_and_sends_what_was_not(room: Office) -> None:
    """Would have caught: after a crash, messages doubled or stuck as "sending"."""
    await room.writes("arrived", "lost")
    async with room.database.transaction() as connection:
        await connection.execute(t.delivery.update().values(status="sending"))
    room.postbox.taken.append(("U1", "arrived"))
    await room.sender.start()
    await room.sender.settled()
    assert room.order() == ["arrived", "lost"]
    assert {one["status"] for one in (await room.rows()).values()} == {"sent"}


async def test_a_stop_ends_although_the_database_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught: a shutdown that waits for ever for a drain that cannot succeed."""
    monkeypatch.setattr("bot.deliveries.STOP_SECONDS", 0.1)
    room = await office(tmp_path, Postbox())
    await room.sender.start()
    await room.sender.settled()
    async with room.database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE delivery")
    room.sender.wake()
    await room.sender.stop()
    await room.database.close()
