"""Invitations that a lead asks for: they come at the next good hour, and a late one begins nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.attention import Hold
from bot.campaigns import Calendar, Launch, NotNow, due
from bot.recipient import OpenRun, Recipient
from bot.store import invitations
from tests.company import MONDAY
from tests.dialogs.checklist_project import GATES, LADDER
from tests.world import company_on

TORONTO = ZoneInfo("America/Toronto")
CLOSED = Launch(
    "impact", "dialog", "impact", frozenset({"STO"}), date(2027, 1, 4), date(2027, 1, 15), time(9, 30)
)
CALENDAR = Calendar((CLOSED,), LADDER, GATES)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2027; the 10th is a Wednesday."""
    return datetime(2027, 3, day, hour, minute, tzinfo=TORONTO).astimezone(UTC)


def asked(when: datetime) -> Recipient:
    return Recipient("ana", "fr-CA", TORONTO, asked=(("impact", when),))


@pytest.mark.parametrize("minutes", [0, 20, 120])
def test_a_launch_in_the_afternoon_goes_out_in_the_afternoon(minutes: int) -> None:
    """Would have caught every launch after 12:30 being recorded as late instead of sent."""
    now = at(10, 15)
    (message,) = due(CALENDAR, [asked(now)], now + timedelta(minutes=minutes)).messages
    assert (message.feature, message.at, message.late) == ("dialog", now, False)


def test_a_launch_in_the_evening_waits_for_the_morning_and_for_the_end_of_a_leave() -> None:
    evening = asked(at(10, 21))
    assert {one.reason for one in due(CALENDAR, [evening], at(10, 22)).skipped} == {NotNow.NOT_YET}
    assert due(CALENDAR, [evening], at(11, 9)).messages[0].at == at(11, 8, 30)
    away = replace(evening, away_until=date(2027, 3, 17))
    assert {one.reason for one in due(CALENDAR, [away], at(17, 10)).skipped} == {Hold.AWAY}
    assert not due(CALENDAR, [away], at(18, 16)).messages[0].late


def test_what_a_lead_asked_for_is_tried_for_fourteen_days_and_once() -> None:
    """Would have caught a window that moved along with today and never closed."""
    known = asked(at(4, 10))
    (message,) = due(CALENDAR, [known], at(18, 9)).messages
    assert due(CALENDAR, [known], at(18, 12)).messages == ()
    assert due(replace(CALENDAR, known=frozenset({message.key})), [known], at(10, 9)).messages == ()
    begun = replace(known, runs=(OpenRun("r", "impact", at(10, 9)),))
    assert NotNow.IN_PROGRESS in {one.reason for one in due(CALENDAR, [begun], at(10, 9, 30)).skipped}


async def test_an_invitation_asked_for_at_three_arrives_at_three(tmp_path: Path) -> None:
    async with company_on("web", tmp_path) as world:
        afternoon = MONDAY + timedelta(hours=6)
        async with world.database.transaction() as connection:
            await invitations.ask_for(connection, "main", "impact", "advisor", afternoon)
        await world.at(afternoon + timedelta(minutes=1))
        advisor = world.person("advisor")
        await advisor.looks()
        assert "La vente en ligne arrive" in advisor.newest()


async def test_an_invitation_that_comes_too_late_begins_no_dialog(tmp_path: Path) -> None:
    """Would have caught people counted as begun by a message that they never got."""
    async with company_on("web", tmp_path) as world:
        await world.change("project", {"id": "main"}, starts_on=date(2026, 11, 2))
        ticked = await world.at(MONDAY + timedelta(hours=6))
        assert ticked.late > 0
        assert [one for one in await world.rows("run") if one["kind"] == "dialog"] == []
        late = [one for one in await world.rows("delivery") if one["status"] == "late"]
        assert {one["feature"] for one in late if one["person"]} == {"dialog"}
