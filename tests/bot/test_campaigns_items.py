"""What is due about checklist items: plans that owners made, and reminders by the ladder."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from bot.attention import Hold
from bot.campaigns import Calendar, Launch, due
from bot.recipient import OpenRun, Recipient, Started
from dialogs.item_state import Block, ItemState
from dialogs.nudge import Quiet
from tests.bot.campaign_moments import TORONTO, at, one, reasons
from tests.dialogs.checklist_project import GATES, LADDER, closed, state

IMPACT = Launch(
    "impact", "dialog", "impact", frozenset({"all"}), date(2027, 3, 8), date(2027, 3, 19), time(9, 30)
)
QUIZ = Launch(
    "quiz", "quiz", "basics", frozenset({"LOG"}), date(2027, 3, 1), date(2027, 6, 1), time(10, 30), 1, 2
)
EMPTY = Calendar((), LADDER, GATES)
ANA = Recipient("ana", "fr-CA", TORONTO)


def owner(*states: ItemState, **changes: Any) -> Recipient:
    return replace(ANA, items=states, **changes)


def test_the_reminder_of_a_plan_comes_just_before_the_moment_chosen_even_in_silence() -> None:
    ignored = tuple(Started("quiz", at(day), answered=False) for day in (8, 9))
    planned = owner(state("A", due=date(2027, 3, 30), commitment_at=at(11, 14)), started=ignored)
    assert due(EMPTY, [planned], at(11, 13, 49)).messages == ()
    message = one(due(EMPTY, [planned], at(11, 13, 50)))
    assert (message.feature, message.key) == ("reminder", "commitment.A:ana:2027-03-11")


@pytest.mark.parametrize(
    "changes", [{"closed": True}, {"hand_over_asked": True}, {"block": Block("time", "", date(2027, 3, 1))}]
)
def test_no_reminder_comes_for_an_item_that_has_moved_on(changes: dict[str, Any]) -> None:
    planned = owner(state("A", due=date(2027, 3, 30), commitment_at=at(11, 14), **changes))
    assert due(EMPTY, [planned], at(11, 14)).messages == ()


def test_the_first_minute_of_the_day_reminds_of_a_plan_at_its_very_start() -> None:
    planned = owner(state("A", due=date(2027, 3, 30), commitment_at=at(11, 8, 30)))
    assert one(due(EMPTY, [planned], at(11, 8, 30))).at == at(11, 8, 30)


def test_several_items_are_one_message_the_nearest_gate_first() -> None:
    states = [
        state(name, due=date(2027, 3, 12), gates={gate: 2})
        for name, gate in (("B", "G2"), ("A", "G1"), ("D", "G2"), ("C", "G2"))
    ]
    message = one(due(EMPTY, [owner(*states)], at(10)))
    assert message.key == "nudge:ana:2027-03-10"
    assert message.items == (("A", "K1"), ("B", "K1"), ("C", "K1"))


def test_each_item_without_a_reminder_says_why() -> None:
    states = (
        closed("A"),
        state("B", due=date(2027, 5, 1)),
        state("C", due=date(2027, 3, 10), block=Block("time", "", date(2027, 3, 1))),
        state("D", due=date(2027, 3, 10)),
    )
    just_now = (Started("nudge", at(9, 9), answered=True, items=("D",)),)
    plan = due(EMPTY, [owner(*states, started=just_now)], at(10))
    assert plan.messages == ()
    assert [reasons(plan, name) for name in "ABCD"] == [
        {Quiet.CLOSED},
        {Quiet.NOT_YET},
        {Quiet.BLOCKED},
        {Hold.ITEM_RECENT},
    ]


def test_a_gate_item_comes_before_a_resume_before_an_invitation_before_a_quiz() -> None:
    everything = owner(
        state("A", due=date(2027, 3, 10)),
        runs=(OpenRun("r1", "other", at(8)),),
        groups=frozenset({"LOG"}),
    )
    calendar = replace(EMPTY, launches=(replace(QUIZ, weekday=2, at=time(9)), IMPACT))
    plan = due(calendar, [everything], at(10))
    assert [message.feature for message in plan.messages] == ["nudge", "resume"]
    assert reasons(plan, "impact") == reasons(plan, "quiz") == {Hold.MESSAGES_DAY}
    without = due(
        calendar, [owner(state("A", due=date(2027, 3, 10), gates={}), groups=frozenset({"LOG"}))], at(10)
    )
    assert [message.feature for message in without.messages] == ["dialog", "quiz"]
