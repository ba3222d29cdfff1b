"""The ladder of reminders: which rung is next, and when the bot keeps quiet."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from dialogs.calendar import Workdays
from dialogs.card import Choice
from dialogs.checklist import ACTIONS
from dialogs.item_effects import Blocked, Closed, NewDate, Planned, Reopened, Snoozed, Unblocked, after
from dialogs.item_state import Block, ItemState, Nudged
from dialogs.nudge import Quiet, next_rung, nudge_card, reminder_card
from dialogs.schema import Nudges, Rung
from tests.dialogs.checklist_project import GATES, LADDER, TODAY, UI, around, proof, speech, state

WEEK = Workdays()
DUE = date(2027, 3, 17)  # a Wednesday; five working days before it is Wednesday the 10th


def on(day: date) -> datetime:
    return datetime.combine(day, time(10), tzinfo=ZoneInfo("America/Toronto"))


def rung_on(one: ItemState, day: date, workdays: Workdays = WEEK, ignored: int = 0) -> str:
    found = next_rung(one, LADDER, on(day), workdays, ignored=ignored)
    return found.id if isinstance(found, Rung) else found.value


def sent(one: ItemState, *rungs: str, answered: bool = True) -> ItemState:
    before = on(one.due - timedelta(days=30))
    return replace(one, nudges=(*one.nudges, *(Nudged(rung, before, answered, one.due) for rung in rungs)))


@pytest.mark.parametrize(
    ("passed", "first_day", "expected"),
    [
        ((), date(2027, 3, 10), "K1"),
        (("K1",), date(2027, 3, 17), "K2"),
        (("K1", "K2"), date(2027, 3, 22), "K3"),
        (("K1", "K2", "K3"), date(2027, 3, 25), "K4"),
    ],
)
def test_each_rung_comes_on_its_working_day_and_not_a_day_before(
    passed: tuple[str, ...], first_day: date, expected: str
) -> None:
    one = sent(state(due=DUE), *passed)
    assert rung_on(one, first_day - timedelta(days=1)) == Quiet.NOT_YET
    assert rung_on(one, first_day) == expected


def test_holidays_are_not_counted_as_working_days() -> None:
    """Would have caught a Friday request that looks late on the Monday after a long week-end."""
    holiday = Workdays(holidays=frozenset({date(2027, 3, 19)}))
    one = sent(state(due=DUE), "K1", "K2")
    assert rung_on(one, date(2027, 3, 22), holiday) == Quiet.NOT_YET
    assert rung_on(one, date(2027, 3, 23), holiday) == "K3"


def test_however_late_the_first_rung_comes_first_and_then_each_in_turn() -> None:
    one, climbed = state(due=DUE), []
    for _ in range(4):
        climbed.append(rung_on(one, date(2027, 6, 1)))
        one = sent(one, climbed[-1])
    assert climbed == ["K1", "K2", "K3", "K4"]
    assert rung_on(one, date(2027, 6, 1)) == Quiet.ALL_SENT


def test_a_rung_is_never_sent_twice_for_one_due_date_but_again_for_a_new_one() -> None:
    one = sent(state(due=DUE), "K1", "K2", "K3", "K4")
    moved = after(one, NewDate(date(2027, 4, 14)), TODAY)
    assert rung_on(moved, date(2027, 4, 6)) == Quiet.NOT_YET
    assert rung_on(moved, date(2027, 4, 7)) == "K1"


def test_after_two_that_were_ignored_the_bot_asks_what_would_help() -> None:
    one = sent(state(due=DUE), "K1", "K2", answered=False)
    assert rung_on(one, DUE + timedelta(days=1)) == "K4"
    assert rung_on(sent(one, "K4", answered=False), date(2027, 9, 1)) == Quiet.ALL_SENT


def test_an_answer_in_between_puts_the_ladder_back_on_its_dates() -> None:
    one = sent(sent(state(due=DUE), "K1", answered=False), "K2")
    assert rung_on(one, DUE + timedelta(days=1)) == Quiet.NOT_YET


def test_somebody_who_answers_nothing_at_all_is_asked_what_would_help_but_not_at_first_sight() -> None:
    assert rung_on(sent(state(due=DUE), "K1", answered=False), DUE, ignored=2) == "K4"
    assert rung_on(state(due=DUE), DUE, ignored=5) == "K1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"closed": True, "evidence": (proof(),)}, Quiet.CLOSED),
        ({"block": Block("time", "", DUE)}, Quiet.BLOCKED),
        ({"hand_over_asked": True}, Quiet.HAND_OVER),
        ({"snoozed_until": date(2027, 5, 2)}, Quiet.SNOOZED),
        ({"commitment_at": datetime(2027, 5, 2, 12, tzinfo=UTC)}, Quiet.PLANNED),
    ],
)
def test_the_bot_keeps_quiet_and_says_why(changes: dict[str, Any], reason: Quiet) -> None:
    assert rung_on(state(due=DUE, **changes), date(2027, 5, 1)) == reason


def test_on_the_day_until_which_it_was_put_off_the_next_rung_comes_once() -> None:
    """Would have caught a snooze that is never woken because the next rung was not due yet."""
    one = after(sent(state(due=DUE), "K1"), Snoozed(date(2027, 3, 12)), TODAY)
    assert rung_on(one, date(2027, 3, 11)) == Quiet.SNOOZED
    assert rung_on(one, date(2027, 3, 12)) == "K2"
    asked = replace(one, nudges=(*one.nudges, Nudged("K2", on(date(2027, 3, 12)), answered=False, due=DUE)))
    assert rung_on(asked, date(2027, 3, 15)) == Quiet.NOT_YET


def test_a_wake_up_is_counted_on_the_owners_own_date() -> None:
    """Half past eight on Lord Howe is the day before in UTC: the next rung would have followed at once."""
    zone = ZoneInfo("Australia/Lord_Howe")
    morning = datetime(2027, 3, 12, 8, 30, tzinfo=zone)
    asked = Nudged("K1", morning.astimezone(UTC), answered=False, due=DUE)
    one = state(due=DUE, snoozed_until=date(2027, 3, 12), nudges=(asked,))
    assert next_rung(one, LADDER, morning + timedelta(hours=2), WEEK) == Quiet.NOT_YET


def test_a_plan_that_has_passed_stands_for_the_rungs_that_ask_for_one() -> None:
    one = after(state(due=DUE), Planned("tue9"), TODAY, commitment_at=on(date(2027, 3, 11)))
    assert rung_on(one, DUE) == Quiet.NOT_YET
    assert rung_on(one, date(2027, 3, 22)) == "K3"


def test_the_clock_stands_still_while_the_item_is_blocked() -> None:
    """Five working days of waiting for others push every later rung by five."""
    one = after(sent(state(due=DUE), "K1", "K2"), Blocked("decision", ""), date(2027, 3, 18))
    free = after(one, Unblocked(), date(2027, 3, 25))
    assert rung_on(free, date(2027, 3, 26)) == Quiet.NOT_YET
    assert rung_on(free, date(2027, 3, 29)) == "K3"


def test_a_reopened_item_goes_on_where_it_was() -> None:
    one = sent(state(due=DUE), "K1", "K2")
    again = after(after(one, Closed(proof()), TODAY), Reopened(), TODAY)
    assert rung_on(again, date(2027, 3, 22)) == "K3"


def entries(*states: ItemState, rung: str = "K1") -> list[tuple[ItemState, Rung]]:
    return [(one, next(found for found in LADDER.rungs if found.id == rung)) for one in states]


def test_one_card_carries_three_items_the_nearest_gate_first_each_with_its_own_buttons() -> None:
    states = [
        state("A", gates={}),
        state("B"),
        state("C", gates={"G1": 2}),
        state("D", due=TODAY - timedelta(days=3)),
    ]
    card = nudge_card(entries(*states), around(*states), speech())
    rows = [block for block in card.blocks if isinstance(block, Choice)]
    assert [row.options[0].ref.subject for row in rows] == ["C", "D", "B"]
    assert card.plain().count("Bonjour Prénom") == 1
    assert card.plain().count("Et aussi, «\u00a0Transporteurs") == 2


def test_after_a_click_the_other_items_of_the_card_can_still_be_answered() -> None:
    """Would have caught a card that dies as a whole when its first item is done."""
    done, open_ = after(state("A"), Closed(proof()), TODAY), state("B")
    card = nudge_card(entries(done, open_), around(done, open_), speech("en"))
    assert "Now: done, with proof" in card.plain()
    assert {option.ref.step for option in card.options() if option.ref.subject == "A"} == {"show"}
    assert {option.ref.step for option in card.options() if option.ref.subject == "B"} >= {"done", "blocked"}


def test_the_planning_rung_offers_the_owners_own_moments() -> None:
    card = nudge_card(entries(state(), rung="K2"), around(), speech())
    assert [option.label for option in card.options()] == ["mardi, 9 h", "jeudi, 14 h", "Un autre jour"]


def test_the_card_names_the_gate_that_waits_and_something_fair_where_there_is_none() -> None:
    assert GATES[1].label.say("fr-CA") in nudge_card(entries(state(), rung="K3"), around(), speech()).plain()
    assert "la suite du projet" in nudge_card(entries(state(gates={}), rung="K3"), around(), speech()).plain()


@pytest.mark.parametrize("locale", ["fr-CA", "en"])
def test_every_reminder_says_that_it_comes_from_a_bot_and_how_to_pause(locale: str) -> None:
    words = speech("en") if locale == "en" else speech()
    assert "pause" in nudge_card(entries(state()), around(), words).plain()


def test_the_reminder_that_was_asked_for_offers_done_another_moment_and_blocked() -> None:
    card = reminder_card(state(), around(), speech())
    assert [option.ref.step for option in card.options()] == ["done", "in_progress", "blocked"]
    assert "vous avez choisi" in card.plain()


@pytest.mark.parametrize("locale", ["fr-CA", "en"])
@pytest.mark.parametrize("rung", ["K1", "K2", "K3", "K4"])
def test_the_ladder_of_the_pack_fits_the_rules_and_is_read_in_fifteen_seconds(rung: str, locale: str) -> None:
    """Would have caught a button of the content that does nothing, or a placeholder that nobody fills."""
    source = UI / "packs" / "ecommerce" / "nudges" / "ladder.yaml"
    ladder = Nudges.model_validate(yaml.safe_load(source.read_text("utf-8")))
    entry = (state(), next(one for one in ladder.rungs if one.id == rung))
    card = nudge_card(
        [entry], replace(around(state()), ladder=ladder), speech("en") if locale == "en" else speech()
    )
    assert {option.ref.step for option in card.options()} <= ACTIONS
    assert len(card.title.split()) <= 45
