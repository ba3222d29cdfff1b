"""One delivery at a time: who may send it, what is in doubt, what is given up, what is set aside."""

import asyncio
from collections import Counter, deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.base import Budget, RefusedForGoodError, Sent, TryLaterError, UnknownOutcomeError
from bot.claims import Age
from bot.store import deliveries as store
from bot.store import due, releasing
from bot.store.deliveries import MAYBE_TWICE
from tests.bot.outboxes import NOW, Office, Postbox, office

SOON = datetime(2100, 1, 1, tzinfo=UTC)


async def number_of(room: Office, title: str) -> int:
    return int((await room.rows())[title]["number"])


async def released(room: Office) -> int:
    """What another replica does when it takes this one for dead."""
    async with room.database.transaction() as connection:
        return await releasing.release(connection, "main", (), SOON, room.clock.now())


async def test_a_message_that_was_written_first_goes_first_whoever_asks_for_the_second(room: Office) -> None:
    """Would catch a job of the second message that comes before that of the first."""
    await room.writes("first", "second")
    await room.sender.sender.work(await number_of(room, "second"))
    assert room.order() == []
    await room.sender.drain()
    assert room.order() == ["first", "second"]


async def test_a_worker_that_was_frozen_between_claim_and_post_gives_up(room: Office) -> None:
    """Would catch a message posted by a replica that stood still for a minute, after its successor posted it."""
    await room.writes("first")
    held = await room.sender.sender.claims.take(await number_of(room, "first"))
    assert held is not None
    for age in (Age(held.age.monotonic - 60, held.age.real), Age(held.age.monotonic, held.age.real - 60)):
        assert not await room.sender.sender.claims.passes(replace(held, age=age))
    row = (await room.rows())["first"]
    assert (row["status"], row["attempts"]) == ("pending", 0)
    await room.sender.drain()
    assert room.order() == ["first"]


async def test_what_a_thawed_worker_writes_changes_nothing(room: Office) -> None:
    """Would catch a sent message that goes back to the queue when its first sender wakes up."""
    await room.writes("first")
    claims = room.sender.sender.claims
    held = await claims.take(await number_of(room, "first"))
    assert held is not None
    assert await released(room) == 1
    await room.sender.drain()
    before = (await room.rows())["first"]
    assert before["status"] == "sent"
    assert not await claims.sent(held.delivery, Sent("m-other", "D-other"), None)
    await claims.back(held.delivery, NOW, "thawed")
    await claims.broke(held.delivery.number, held, ValueError())
    assert (await room.rows())["first"] == before


async def test_what_was_posted_before_a_crash_is_found_and_not_posted_again(room: Office) -> None:
    """Would catch a message doubled because its sender died before it could write that it was sent."""
    await room.writes("first", "second")
    held = await room.sender.sender.claims.take(await number_of(room, "first"))
    assert held is not None
    room.postbox.taken.append(("U1", "first"))
    await released(room)
    await room.sender.drain()
    assert room.order() == ["first", "second"]
    assert (await room.rows())["first"]["status"] == "sent"


async def test_what_arrived_late_is_found_just_before_the_next_attempt(room: Office) -> None:
    """Would catch a post that Slack finished after we had looked for it, and that is then posted again."""
    await room.writes("first")
    room.postbox.faults["first"] = deque([UnknownOutcomeError("timeout")])
    await room.sender.drain()
    assert room.order() == []
    room.postbox.taken.append(("U1", "first"))
    await room.later(5)
    assert room.order() == ["first"]
    assert (await room.rows())["first"]["status"] == "sent"


async def test_while_the_platform_cannot_be_asked_nothing_in_doubt_is_sent(room: Office) -> None:
    """Would catch a look-up that was refused for its rate and taken for "not there"."""
    await room.writes("first", "second")
    room.postbox.lost["first"] = deque([UnknownOutcomeError("broken")])
    room.postbox.deaf = deque([TryLaterError("ratelimited", 3), TryLaterError("ratelimited", 3)])
    await room.sender.drain()
    await room.later(4)
    assert room.order() == ["first"]
    await room.later(20)
    assert room.order() == ["first", "second"]
    assert {one["status"] for one in (await room.rows()).values()} == {"sent"}


async def test_where_looking_is_forbidden_it_is_sent_once_more_and_marked(room: Office) -> None:
    """Would catch five copies where the app was installed without the right to read conversations."""
    await room.writes("first")
    room.postbox.lost["first"] = deque([UnknownOutcomeError("broken")])
    room.postbox.deaf = deque([RefusedForGoodError("missing_scope")] * 9)
    for _ in range(9):
        await room.later(400)
    assert room.order() == ["first", "first"]
    row = (await room.rows())["first"]
    assert (row["status"], row["reason"]) == ("sent", MAYBE_TWICE)


async def test_a_long_wait_for_a_rate_goes_back_to_the_queue_and_keeps_its_order(room: Office) -> None:
    """Would catch workers that all stand before one closed gate while other people wait for their answers."""
    room.postbox.limits = (Budget("channel", 1 / 60, 1),)
    await room.writes("first", "second", "third")
    await room.sender.drain()
    assert room.order() == ["first"]
    row = (await room.rows())["second"]
    assert (row["status"], row["attempts"]) == ("pending", 0)
    assert row["due_at"] - NOW > timedelta(seconds=50)
    await room.writes("other", user="U2")
    room.postbox.limits = ()
    await room.later(10)
    assert (room.order(), room.order("U2")) == (["first"], ["other"])
    await room.later(60)
    assert room.order() == ["first", "second", "third"]


async def test_a_short_wait_for_a_rate_is_waited_for(room: Office) -> None:
    """Would catch every second message of an answer put back for the next look at the queue."""
    room.postbox.limits = (Budget("channel", 5, 1),)
    await room.writes("first", "second", "third")
    await room.sender.drain()
    assert room.order() == ["first", "second", "third"]


async def test_a_refusal_for_the_rate_closes_the_gate_for_everybody(room: Office) -> None:
    """Would catch a Retry-After that only the message obeys which was refused."""
    room.postbox.limits = (Budget("workspace", 1000, 100),)
    await room.writes("first")
    room.postbox.faults["first"] = deque([TryLaterError("ratelimited", 40, "workspace")])
    await room.sender.drain()
    await room.writes("hello", user="U2")
    await room.later(1)
    assert room.postbox.tries == ["first"]


async def test_a_stop_puts_back_who_waits_for_a_gate(room: Office) -> None:
    """Would catch messages left in doubt by every polite restart."""
    room.postbox.limits = (Budget("channel", 0.2, 1),)
    await room.writes("first", "second")
    await room.sender.sender.work(await number_of(room, "first"))
    async with room.database.transaction() as connection:
        page = await due.heads(connection, due.Wanted("main", ("slack",), NOW), 10)
    room.sender.send([store.Written(one.number, one.lane) for one in page.heads])
    while not room.sender.sender.in_hand:  # noqa: ASYNC110 - there is no bell for it
        await asyncio.sleep(0.005)
    await room.sender.stop()
    row = (await room.rows())["second"]
    assert (row["status"], row["attempts"]) == ("pending", 0)


async def test_what_always_breaks_is_set_aside_after_five_times_and_an_operator_can_retry_it(
    room: Office,
) -> None:
    """Would catch one odd row that stops a conversation for ever, or that nobody is ever told of."""
    await room.writes("odd", "next")
    room.postbox.faults["odd"] = deque([KeyError("blocks")] * 5)
    for _ in range(10):
        await room.later(301)
    assert room.postbox.tries.count("odd") == 5
    assert room.order() == ["next"]
    async with room.database.transaction() as connection:
        [aside] = await store.set_aside(connection, "main")
    assert (aside["reason"], aside["failures"]) == ("set aside: KeyError", 5)
    async with room.database.transaction() as connection:
        assert await store.retry(connection, "main", aside["number"], room.clock.now()) == 1
        assert await store.retry(connection, "main", None, room.clock.now()) == 0
    await room.sender.drain()
    assert room.order() == ["next", "odd"]


async def test_a_row_that_cannot_be_read_is_set_aside_too(room: Office) -> None:
    """Would catch a card of another version that breaks before it is even claimed, round after round."""
    await room.writes("odd", "next")
    async with room.database.transaction() as connection:
        await connection.exec_driver_sql(
            """UPDATE delivery SET card = '{"no": "card"}' WHERE id = 'U1:odd'"""
        )
    for _ in range(10):
        await room.later(301)
    assert room.order() == ["next"]
    assert (await room.rows())["odd"]["status"] == "failed"


async def test_two_replicas_that_race_for_the_same_rows_send_each_once_and_in_order(
    tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a claim that two transactions of PostgreSQL both believe to have."""
    room = await office(tmp_path, Postbox(), postgres_url)
    other = room.colleague(postgres_url)
    people = [f"U{n}" for n in range(8)]
    titles = [f"m{n}" for n in range(5)]
    for user in people:
        await room.writes(*titles, user=user)
    await asyncio.gather(room.sender.drain(), other.sender.drain(), room.sender.drain(), other.sender.drain())
    while {one["status"] for one in await room.every("delivery")} != {"sent"}:
        await asyncio.gather(room.sender.drain(), other.sender.drain())
    assert max(Counter(room.postbox.taken).values()) == 1
    assert {tuple(room.order(user)) for user in people} == {tuple(titles)}
    await other.close()
    await room.close()
