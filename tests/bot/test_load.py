"""A small company answers at once over real processes; the long run of it is `python -m bench.load`."""

import asyncio

from bench.load import measure


async def test_every_answer_that_was_taken_is_stored_once_and_answered_once() -> None:
    """Would catch: an answer acknowledged and lost under load, or a reply that is sent twice."""
    told = await asyncio.to_thread(measure, 30, 150, 3)
    assert told["accepted"] == 150, told
    assert told["failed"] == {}, told
    assert (told["lost"], told["unanswered"], told["doubled"]) == (0, 0, 0), told
    assert told["sent"] >= 150, told
