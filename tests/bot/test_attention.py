"""The attention budget: one limit for everything that the bot starts, whatever asks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.attention import Admitted, Held, Hold, Planned, admit, blackouts_of
from bot.campaigns import NotNow
from bot.recipient import Feature, Recipient, Started
from dialogs.calendar import Workdays
from tests.dialogs.checklist_project import ATTENTION, LADDER, words

TORONTO = ZoneInfo("America/Toronto")
NOW = datetime(2027, 3, 10, 10, 0, tzinfo=TORONTO)  # a Wednesday
PERSON = Recipient("p1", "fr-CA", TORONTO)


def planned(
    feature: Feature = "nudge", *, asked: bool = False, items: tuple[str, ...] = ("LOG1",)
) -> Planned:
    return Planned("key", "p1", feature, "x", NOW, tuple((one, "K1") for one in items), asked_for=asked)


def reason(
    recipient: Recipient, now: datetime = NOW, what: Planned | None = None, **more: object
) -> Hold | None:
    answer = admit(what or planned(), recipient, now, ATTENTION, **more)  # type: ignore[arg-type]
    return answer.reason if isinstance(answer, Held) else None


def had(
    *ago: float, feature: Feature = "dialog", answered: bool = True, items: tuple[str, ...] = ()
) -> Recipient:
    started = tuple(Started(feature, NOW - timedelta(days=days), answered, items) for days in ago)
    return replace(PERSON, started=started)


def test_somebody_at_work_with_room_left_gets_the_message() -> None:
    assert isinstance(admit(planned(), PERSON, NOW, ATTENTION), Admitted)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (time(8, 29, 59), Hold.QUIET_HOURS),
        (time(8, 30), None),
        (time(17, 29, 59), None),
        (time(17, 30), Hold.QUIET_HOURS),
        (time(3, 0), Hold.QUIET_HOURS),
    ],
)
def test_the_edges_of_the_working_day(at: time, expected: Hold | None) -> None:
    assert reason(PERSON, datetime.combine(NOW.date(), at, tzinfo=TORONTO)) == expected


@pytest.mark.parametrize("zone", ["America/Vancouver", "Europe/Paris", "Africa/Cairo", "Australia/Lord_Howe"])
def test_hours_are_those_of_the_persons_own_clock(zone: str) -> None:
    """Would have caught one reminder time for both coasts."""
    there = replace(PERSON, zone=ZoneInfo(zone))
    assert reason(there, datetime(2027, 3, 10, 9, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)) is None
    assert (
        reason(there, datetime(2027, 3, 10, 18, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)) == Hold.QUIET_HOURS
    )


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Toronto", date(2027, 3, 15)),
        ("America/Toronto", date(2027, 11, 8)),
        ("Europe/Paris", date(2027, 3, 29)),
        ("Africa/Cairo", date(2027, 4, 30)),
        ("Australia/Lord_Howe", date(2027, 10, 4)),
        ("Australia/Lord_Howe", date(2027, 4, 5)),
    ],
)
def test_the_day_of_a_clock_change_keeps_its_hours(zone: str, day: date) -> None:
    there = replace(PERSON, zone=ZoneInfo(zone))
    opening = datetime.combine(day, time(8, 30), tzinfo=ZoneInfo(zone))
    assert reason(there, opening) is None
    assert reason(there, opening.astimezone(UTC) - timedelta(minutes=1)) == Hold.QUIET_HOURS


def test_week_ends_and_holidays_are_free() -> None:
    assert reason(PERSON, NOW + timedelta(days=3)) == Hold.DAY_OFF
    assert reason(replace(PERSON, workdays=Workdays(holidays=frozenset({NOW.date()})))) == Hold.DAY_OFF


def test_a_night_shift_is_written_to_on_shift_only() -> None:
    """The shift of Wednesday night runs into Thursday morning, and that of Friday into Saturday."""
    night = replace(PERSON, hours=(time(22), time(6)))
    wednesday = datetime(2027, 3, 10, 23, 0, tzinfo=TORONTO)
    assert reason(night, wednesday) is None
    assert reason(night, wednesday + timedelta(hours=6)) is None
    assert reason(night, NOW) == Hold.QUIET_HOURS
    assert reason(night, wednesday + timedelta(days=2, hours=4)) is None
    assert reason(night, wednesday + timedelta(days=3)) == Hold.DAY_OFF


def test_leave_lasts_through_its_last_day() -> None:
    away = replace(PERSON, away_until=NOW.date())
    assert reason(away) == Hold.AWAY
    assert reason(away, NOW + timedelta(days=1)) is None


def test_a_pause_is_honoured_at_once_even_for_what_was_asked_for() -> None:
    paused = replace(PERSON, paused_until=NOW + timedelta(seconds=1))
    assert reason(paused, what=planned("reminder", asked=True)) == Hold.PAUSED
    assert reason(paused, NOW + timedelta(seconds=1)) is None


def test_blackout_weeks_are_written_in_the_content() -> None:
    weeks = blackouts_of(LADDER.model_copy(update={"blackouts": (("2027-03-08", "2027-03-10"),)}))
    assert reason(PERSON, blackouts=weeks) == Hold.BLACKOUT
    assert reason(PERSON, NOW + timedelta(days=1), blackouts=weeks) is None


@pytest.mark.parametrize(
    ("recipient", "feature", "expected"),
    [
        (had(0.05, feature="nudge"), "nudge", Hold.NUDGES_DAY),
        (had(0.05, feature="nudge"), "dialog", None),
        (had(1, 2, 6, feature="nudge"), "nudge", Hold.NUDGES_WEEK),
        (had(1, 2, 7, feature="nudge"), "nudge", None),
        (had(0.01, 0.05), "quiz", Hold.MESSAGES_DAY),
        (had(0.01, 1), "quiz", None),
        (had(1, 2, 3, 4, 5), "resume", Hold.MESSAGES_WEEK),
        (had(1, 2, 3, 4, 7), "resume", None),
    ],
)
def test_caps_count_everything_that_the_bot_started(
    recipient: Recipient, feature: Feature, expected: Hold | None
) -> None:
    assert reason(recipient, what=planned(feature, items=())) == expected


def test_yesterday_evening_is_another_day_but_the_same_morning_is_not() -> None:
    """Days are local: 20:00 on Tuesday in Toronto is Wednesday in UTC."""
    evening = replace(
        PERSON, started=(Started("nudge", datetime(2027, 3, 9, 20, tzinfo=TORONTO), answered=True),)
    )
    assert reason(evening) is None


def test_a_clock_that_went_back_does_not_open_the_budget_again() -> None:
    ahead = had(-0.1, feature="nudge", items=("LOG1",))
    assert reason(ahead) == Hold.ITEM_RECENT
    assert reason(ahead, what=planned(items=("LOG9",))) == Hold.NUDGES_DAY


def test_two_messages_on_one_item_lie_two_days_apart() -> None:
    assert reason(had(1.99, feature="nudge", items=("LOG1",))) == Hold.ITEM_RECENT
    assert reason(had(2, feature="nudge", items=("LOG1",))) is None
    assert reason(had(1.5, feature="nudge", items=("LOG2",))) is None


def test_after_two_unanswered_messages_the_bot_is_silent_for_seven_days_then_writes_once() -> None:
    ignored = had(3, 2, answered=False)
    assert reason(ignored) == Hold.SILENCE
    assert reason(ignored, what=planned("quiz")) == Hold.SILENCE
    later = NOW + timedelta(days=5)
    assert reason(ignored, later) is None
    again = replace(ignored, started=(*ignored.started, Started("nudge", later)))
    assert reason(again, later + timedelta(days=3)) == Hold.SILENCE


def test_one_answer_ends_the_silence() -> None:
    recovered = replace(
        had(4, 3, answered=False), started=(*had(4, 3, answered=False).started, had(2).started[0])
    )
    assert reason(recovered) is None


def test_silence_does_not_stop_what_the_person_asked_for_but_the_caps_do() -> None:
    """Would have caught a promised reminder that never comes, and a back door around the daily limit."""
    asked = planned("reminder", asked=True)
    assert reason(had(1, 0.9, answered=False), what=asked) is None
    assert reason(had(1, feature="nudge", items=("LOG1",)), what=asked) is None
    assert reason(had(0.01, 0.05, answered=False), what=asked) == Hold.MESSAGES_DAY


def test_a_silence_that_was_set_by_hand_holds_too() -> None:
    assert reason(replace(PERSON, silent_until=NOW + timedelta(hours=1))) == Hold.SILENCE


def test_every_reason_has_words_in_both_languages() -> None:
    for reason_ in (*Hold, *NotNow):
        wording = words()[reason_.value]
        assert wording.say("fr-CA") != wording.say("en")
