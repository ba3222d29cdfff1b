"""Rows written by the hundred: the same as one by one, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Destination
from bot.portions import LEAST, MOST, SECONDS, Portion
from bot.store import invitations, many, noted
from bot.store.deliveries import Delivery, add_many
from dialogs.card import Card, Span, Text
from tests.bot.crowd import MORNING, crowd, rows
from tests.postgres import store_url

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
ODD = 'Zoë "D\'A" \\ \n {x} %s :to $1 \u2028 👩‍🚀'


@KINDS
async def test_whatever_is_in_a_row_comes_back_as_it_was(kind: str, tmp_path: Path) -> None:
    """Would catch quotes, placeholders or line ends in a name that change on the way, and times in another zone."""
    card = Card(ODD, (Text((Span(ODD, bold=True),)),), "fr-CA")
    to = Destination("T", "U", "", {"url": ODD})
    first = Delivery("a", "slack", to, card, MORNING, person="U000000", started_by_bot=True)
    second = replace(
        first, id="b", drawn=orjson.Fragment(b'{"title": "other", "blocks": [], "locale": "en"}')
    )
    with store_url(kind, tmp_path) as url:
        async with crowd(url, 1) as database:
            async with database.transaction() as connection:
                assert await add_many(connection, "main", [first, second], MORNING) == {"a", "b"}
            one, other = sorted(await rows(database, "delivery"), key=lambda row: row["number"])
            assert one["card"]["title"] == one["to"]["route"]["url"] == ODD
            assert one["card"]["blocks"][0]["spans"][0] == {"text": ODD, "bold": True}
            assert (one["due_at"], one["status"], one["started_by_bot"]) == (MORNING, "pending", True)
            assert other["card"] == {"title": "other", "blocks": [], "locale": "en"}
            assert one["lane"] == other["lane"] != ""


@KINDS
async def test_what_is_there_stays_and_is_not_called_new(kind: str, tmp_path: Path) -> None:
    """Would catch a message written twice, or one that replaces what was sent already."""
    first = Delivery("a", "slack", Destination("T", "U", "", {}), Card("one", (), "en"), MORNING)
    with store_url(kind, tmp_path) as url:
        async with crowd(url, 1) as database:
            async with database.transaction() as connection:
                assert await add_many(connection, "main", [first], MORNING) == {"a"}
            again = [replace(first, card=Card("two", (), "en")), replace(first, id="b")]
            async with database.transaction() as connection:
                assert await add_many(connection, "main", again, MORNING, "too late") == {"b"}
            found = {row["id"]: row for row in await rows(database, "delivery")}
            assert (found["a"]["card"]["title"], found["a"]["status"]) == ("one", "pending")
            assert (found["b"]["status"], found["b"]["reason"]) == ("late", "too late")


@KINDS
async def test_notes_are_added_or_brought_up_to_date(kind: str, tmp_path: Path) -> None:
    """Would catch an invitation that loses who asked for it, a rung noted twice, and a doubled run kept silent."""
    rung = {"delivery": "d", "item": "A", "person": "U000000", "rung": "r", "due_on": date(2026, 12, 1)}
    later = datetime(2026, 12, 2, 8, tzinfo=UTC)
    with store_url(kind, tmp_path) as url:
        async with crowd(url, 1) as database:
            async with database.transaction() as connection:
                await invitations.ask_for(connection, "main", "impact", "U000000", MORNING)
            async with database.transaction() as connection:
                twice = [("impact", "U000000"), ("impact", "U000000")]
                await invitations.all_sent(connection, "main", twice, later)
                await noted.nudged(connection, "main", [rung], later)
                await noted.nudged(connection, "main", [rung], later)
                await noted.offer(connection, "main", [("run", "impact", "U000000")], later)
            (invited,) = await rows(database, "invitation")
            assert (invited["asked_at"], invited["sent_at"]) == (MORNING, later)
            assert [row["due_on"] for row in await rows(database, "nudge")] == [date(2026, 12, 1)]
            with pytest.raises(sa.exc.IntegrityError) as refused:
                async with database.transaction() as connection:
                    await noted.offer(connection, "main", [("run", "impact", ODD)], later)
            assert "Zo" not in str(refused.value)  # what is logged names nobody


def test_ids_are_fresh_without_end() -> None:
    """Would catch ids that come again where one block of them ends."""
    made = many.new_ids()
    found = [next(made) for _ in range(3 * many.SIDE_BY_SIDE + 1)]
    assert len(set(found)) == len(found)
    assert {len(one) for one in found} == {32}


@given(st.lists(st.floats(1e-6, 2), min_size=1))
def test_portions_stay_within_bounds_and_settle(seconds: list[float]) -> None:
    """Would catch one slow disk, or one quick portion, that makes the next ones endless or tiny."""
    portion = Portion()
    for one in seconds:
        portion.took(portion.size, one)
        assert LEAST <= portion.size <= MOST
    for _ in range(4):
        portion.took(portion.size, portion.size * SECONDS / 250)
    assert portion.size == pytest.approx(250, abs=2)
