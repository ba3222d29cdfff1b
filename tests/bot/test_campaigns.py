"""What is due at a moment: invitations, quizzes, reminders, resumed dialogs, nudges and the weekly digest."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.attention import Hold
from bot.campaigns import Calendar, DigestPost, Launch, NotNow, due
from bot.recipient import OpenRun, Recipient, Started
from dialogs.calendar import Workdays
from dialogs.item_state import ItemState
from dialogs.schema import Nudges
from tests.bot.campaign_moments import TORONTO, at, one, reasons
from tests.dialogs.checklist_project import GATES, LADDER, state

PARIS = ZoneInfo("Europe/Paris")
IMPACT = Launch(
    "impact", "dialog", "impact", frozenset({"all"}), date(2027, 3, 8), date(2027, 3, 19), time(9, 30)
)
QUIZ = Launch(
    "quiz", "quiz", "basics", frozenset({"LOG"}), date(2027, 3, 1), date(2027, 6, 1), time(10, 30), 1, 2
)
DIGEST = DigestPost("weekly", "leaders", 3, time(10), TORONTO, Workdays())
EMPTY = Calendar((), LADDER, GATES)
ANA = Recipient("ana", "fr-CA", TORONTO)


def test_a_campaign_invites_each_person_once_at_their_own_hour() -> None:
    calendar = replace(EMPTY, launches=(IMPACT,))
    assert due(calendar, [ANA], at(10, 9, 29)).messages == ()
    message = one(due(calendar, [ANA], at(10, 9, 30)))
    assert (message.key, message.feature, message.subject) == (
        "dialog.impact:ana:2027-03-10",
        "dialog",
        "impact",
    )
    bea = replace(ANA, person="bea", zone=PARIS)
    assert [found.person for found in due(calendar, [ANA, bea], at(10, 9, 30, PARIS)).messages] == ["bea"]
    assert reasons(due(calendar, [replace(ANA, invited=frozenset({"impact"}))], at(10)), "impact") == {
        NotNow.INVITED
    }


@pytest.mark.parametrize(("day", "invites"), [(5, False), (8, True), (13, False), (19, True), (22, False)])
def test_invitations_stay_in_their_window_and_out_of_week_ends(day: int, invites: bool) -> None:
    plan = due(replace(EMPTY, launches=(IMPACT,)), [ANA], at(day))
    assert bool(plan.messages) == invites


def test_somebody_on_leave_at_the_opening_is_invited_on_return() -> None:
    calendar, away = replace(EMPTY, launches=(IMPACT,)), replace(ANA, away_until=date(2027, 3, 11))
    assert reasons(due(calendar, [away], at(8)), "impact") == {Hold.AWAY}
    assert one(due(calendar, [away], at(12))).subject == "impact"


def test_an_audience_is_named_by_function_or_role() -> None:
    calendar = replace(EMPTY, launches=(QUIZ,))
    assert reasons(due(calendar, [ANA], at(9, 10, 30)), "quiz") == {NotNow.NOT_AUDIENCE}
    assert one(due(calendar, [replace(ANA, groups=frozenset({"LOG"}))], at(9, 10, 30))).feature == "quiz"


def test_a_weekly_quiz_comes_on_its_day_unless_enough_were_taken() -> None:
    calendar, leo = replace(EMPTY, launches=(QUIZ,)), replace(ANA, groups=frozenset({"LOG"}))
    assert one(due(calendar, [leo], at(9, 11))).key == "quiz.quiz:ana:2027-03-09"
    taken = replace(leo, quiz_sessions=(("basics", 2),))
    assert reasons(due(calendar, [taken], at(9, 11)), "quiz") == {NotNow.QUIZ_DONE}
    assert due(calendar, [replace(leo, quiz_sessions=(("basics", 1),))], at(9, 11)).messages
    assert reasons(
        due(calendar, [replace(leo, runs=(OpenRun("r", "basics", at(9)),))], at(9, 11)), "quiz"
    ) == {NotNow.IN_PROGRESS}


def test_a_weekly_day_that_is_a_holiday_moves_to_the_next_working_day_under_the_same_key() -> None:
    holiday = Workdays(holidays=frozenset({date(2027, 3, 9)}))
    leo = replace(ANA, groups=frozenset({"LOG"}), workdays=holiday)
    calendar = replace(EMPTY, launches=(QUIZ,))
    assert [message.late for message in due(calendar, [leo], at(9, 11)).messages] == [True]  # last week's
    known = replace(calendar, known=frozenset({"quiz.quiz:ana:2027-03-02"}))
    assert due(known, [leo], at(9, 11)).messages == ()
    assert one(due(known, [leo], at(10, 10, 30))).key == "quiz.quiz:ana:2027-03-09"


def test_a_campaign_at_office_hours_reaches_a_night_shift_at_its_start() -> None:
    """Would have caught people on shift who are never invited because 09:30 is their night."""
    night = replace(ANA, hours=(time(22), time(6)))
    calendar = replace(EMPTY, launches=(IMPACT,))
    assert due(calendar, [night], at(10, 9, 30)).messages == ()
    assert one(due(calendar, [night], at(10, 22))).at == at(10, 22)


def test_a_message_whose_moment_passed_too_long_ago_is_recorded_as_late_and_comes_again_next_day() -> None:
    """The bot was down from 9 to 15: nobody gets the morning's invitation in the afternoon."""
    calendar = replace(EMPTY, launches=(IMPACT,))
    assert not one(due(calendar, [ANA], at(10, 13, 30))).late
    message = one(due(calendar, [ANA], at(10, 13, 31)))
    assert (message.late, message.key) == (True, "dialog.impact:ana:2027-03-10")
    known = replace(calendar, known=frozenset({message.key}))
    assert due(known, [ANA], at(10, 14)).messages == ()
    tomorrow = one(due(known, [ANA], at(11, 9, 30)))
    assert (tomorrow.late, tomorrow.key) == (False, "dialog.impact:ana:2027-03-11")


def test_what_was_rightly_held_back_is_not_called_late() -> None:
    calendar = replace(EMPTY, launches=(IMPACT,))
    full = replace(ANA, started=tuple(Started("quiz", at(10, 9), answered=True) for _ in range(2)))
    assert reasons(due(calendar, [full], at(10, 16)), "impact") == {Hold.MESSAGES_DAY}
    assert reasons(due(calendar, [ANA], at(13, 16)), "impact") == {Hold.DAY_OFF}


def test_a_late_message_takes_nothing_from_the_budget() -> None:
    two = (IMPACT, replace(QUIZ, audience=frozenset({"all"}), weekday=2, at=time(14)))
    plan = due(replace(EMPTY, launches=two, ladder=_with(messages_per_day=1)), [ANA], at(10, 15))
    assert [(message.feature, message.late) for message in plan.messages] == [
        ("dialog", True),
        ("quiz", False),
    ]


def test_a_dialog_that_was_left_is_offered_again_once_after_a_day() -> None:
    left = replace(ANA, runs=(OpenRun("r1", "impact", at(9, 16)),))
    assert reasons(due(EMPTY, [left], at(10, 15, 59)), "r1") == {NotNow.NOT_YET}
    message = one(due(EMPTY, [left], at(10, 16)))
    assert (message.feature, message.subject, message.key) == ("resume", "r1", "resume.r1:ana:2027-03-10")
    resumed = replace(ANA, runs=(OpenRun("r1", "impact", at(9, 16), resumed=True),))
    assert reasons(due(EMPTY, [resumed], at(10, 16)), "r1") == {NotNow.SENT}


def test_a_resume_that_falls_in_the_night_waits_for_the_morning_and_is_never_late() -> None:
    left = replace(ANA, runs=(OpenRun("r1", "impact", at(11, 20)),))
    assert reasons(due(EMPTY, [left], at(12, 20)), "r1") == {Hold.QUIET_HOURS}
    message = one(due(EMPTY, [left], at(15, 8, 30)))
    assert (message.late, message.key) == (False, "resume.r1:ana:2027-03-12")


def test_a_dialog_that_was_put_off_comes_back_at_the_moment_chosen_and_not_before() -> None:
    waiting = replace(ANA, runs=(OpenRun("r1", "impact", at(8, 9), put_off_until=at(11, 14)),))
    assert due(EMPTY, [waiting], at(10, 14)).messages == ()
    message = one(due(EMPTY, [waiting], at(11, 14)))
    assert (message.feature, message.asked_for, message.key) == (
        "reminder",
        True,
        "put_off.r1:ana:2027-03-11",
    )


def test_a_moment_chosen_after_hours_becomes_the_next_morning() -> None:
    """Would have caught "in two hours", said at 16:30 on a Friday, that never comes."""
    waiting = replace(ANA, runs=(OpenRun("r1", "impact", at(12, 16, 30), put_off_until=at(12, 18, 30)),))
    assert due(EMPTY, [waiting], at(12, 18, 30)).messages == ()
    message = one(due(EMPTY, [waiting], at(15, 8, 30)))
    assert (message.feature, message.late) == ("reminder", False)


def test_a_put_off_that_was_missed_is_recorded_as_late_and_the_dialog_offered_again_a_day_after() -> None:
    waiting = replace(ANA, runs=(OpenRun("r1", "impact", at(8, 9), put_off_until=at(10, 9)),))
    missed = one(due(EMPTY, [waiting], at(10, 15)))
    assert missed.late
    known = replace(EMPTY, known=frozenset({missed.key}))
    assert one(due(known, [waiting], at(11, 9))).feature == "resume"


def owner(*states: ItemState, **changes: Any) -> Recipient:
    return replace(ANA, items=states, **changes)


def test_asking_twice_or_after_the_clock_went_back_gives_the_same_keys() -> None:
    """Would have caught a second message after a restart, from a replica, or when the clock was set back."""
    calendar = replace(EMPTY, launches=(IMPACT,), digests=(DIGEST,))
    person = owner(state("A", due=date(2027, 3, 11)), runs=(OpenRun("r1", "other", at(9)),))
    first = due(calendar, [person], at(11, 10, 30))
    keys = [message.key for message in first.messages]
    assert len(keys) == len(set(keys)) == 3
    assert due(calendar, [person], at(11, 10, 30)) == first
    known = replace(calendar, known=frozenset(keys))
    for hour, minute in ((10, 31), (10, 5), (11, 0), (9, 31)):
        assert not set(keys) & {
            message.key for message in due(known, [person], at(11, hour, minute)).messages
        }


def test_the_digest_is_posted_on_thursday_at_ten_in_the_companys_zone() -> None:
    calendar = replace(EMPTY, digests=(DIGEST,), known=frozenset({"digest.weekly:leaders:2027-03-04"}))
    assert due(calendar, [], at(11, 9, 59)).messages == ()
    message = one(due(calendar, [], at(11, 10)))
    assert (message.person, message.key) == ("leaders", "digest.weekly:leaders:2027-03-11")
    assert one(due(calendar, [], at(11, 15))).late


def test_a_digest_on_a_holiday_comes_on_the_next_working_day_over_the_week_end() -> None:
    free = Workdays(holidays=frozenset({date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 29)}))
    known = frozenset({"digest.weekly:leaders:2027-03-18"})
    calendar = replace(EMPTY, digests=(replace(DIGEST, workdays=free),), known=known)
    assert due(calendar, [], at(25, 10)).messages == ()
    assert due(calendar, [], at(29, 10)).messages == ()
    message = one(due(calendar, [], at(30, 10)))
    assert (message.key, message.late) == ("digest.weekly:leaders:2027-03-25", False)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", date(2027, 4, 30)),
        ("Africa/Cairo", date(2027, 10, 29)),
        ("America/Toronto", date(2027, 3, 15)),
        ("Europe/Paris", date(2027, 11, 1)),
        ("Australia/Lord_Howe", date(2027, 4, 5)),
    ],
)
def test_around_a_clock_change_an_invitation_goes_out_once_at_the_same_wall_time(
    zone: str, day: date
) -> None:
    """Every quarter of an hour over three days: would have caught a message doubled or an hour off."""
    there = ZoneInfo(zone)
    launch = replace(IMPACT, opens=day, closes=day)
    calendar, person = replace(EMPTY, launches=(launch,)), replace(ANA, zone=there)
    start = datetime.combine(day - timedelta(days=1), time(0), tzinfo=UTC)
    sent: list[datetime] = []
    known: frozenset[str] = frozenset()
    for quarter in range(3 * 96):
        now = start + timedelta(minutes=15 * quarter)
        plan = due(replace(calendar, known=known), [person], now)
        known |= {message.key for message in plan.messages}
        sent += [now.astimezone(there) for _ in plan.messages]
    assert [(moment.date(), moment.time()) for moment in sent] == [(day, time(9, 30))]


def _with(**limits: int) -> Nudges:
    return LADDER.model_copy(update={"attention": LADDER.attention.model_copy(update=limits)})
