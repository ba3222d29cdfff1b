"""An owner moves the date of an item, or asks to be asked later."""

from dataclasses import replace
from datetime import date

import pytest

from dialogs.activity import Submission
from dialogs.card import DateField
from dialogs.checklist import submit
from dialogs.item_effects import (
    NewDate,
    Snoozed,
    after,
)
from dialogs.item_state import Nudged
from dialogs.outcome import Asked, Rejected
from tests.dialogs.checklist_clicks import card_of, click, effect_of
from tests.dialogs.checklist_project import (
    GATES,
    NOW,
    TODAY,
    around,
    ref,
    speech,
    state,
)


def test_a_new_date_moves_the_due_date_and_starts_the_ladder_afresh() -> None:
    one = state(nudges=(Nudged("K1", NOW, False, TODAY),), commitment_at=NOW)
    outcome = click(one, ref("LOG1", "new_date", "send"), {"day": "2027-03-20"})
    assert effect_of(outcome) == NewDate(date(2027, 3, 20))
    moved = after(one, effect_of(outcome), TODAY)
    assert (moved.due, moved.snoozes, moved.commitment_at) == (date(2027, 3, 20), 1, None)


def test_snooze_keeps_the_due_date_and_only_waits() -> None:
    outcome = click(state(), ref("LOG1", "snooze", "send"), {"day": "2027-03-12"})
    assert effect_of(outcome) == Snoozed(date(2027, 3, 12))
    put_off = after(state(), effect_of(outcome), TODAY)
    assert (put_off.due, put_off.snoozed_until) == (TODAY, date(2027, 3, 12))


@pytest.mark.parametrize("step", ["new_date", "snooze"])
def test_the_third_delay_asks_what_would_help_instead(step: str) -> None:
    """Would have caught an item put off week after week; a form still open from before is no way around."""
    late = state(snoozes=2)
    for choice in ("", "send"):
        outcome = click(late, ref("LOG1", step, choice), {"day": "2027-03-20"})
        assert isinstance(outcome, Asked)
        assert outcome.effects == ()
        assert {option.ref.step for option in outcome.card.options()} >= {"time", "hand_over"}


@pytest.mark.parametrize("locale", ["fr-CA", "en"])
@pytest.mark.parametrize(
    ("day", "part"),
    [
        ("", ("date", "date")),
        ("demain", ("date", "date")),
        ("2027-02-30", ("date", "date")),
        ("2027-03-10", ("à venir", "to come")),
        ("2027-05-01", ("30 avril 2027", "30 April 2027")),
    ],
)
def test_a_date_that_cannot_be_taken_is_refused_in_the_owners_language(
    day: str, part: tuple[str, str], locale: str
) -> None:
    """The gate of the item is on 30 April: no date may lie after it."""
    words = speech("en") if locale == "en" else speech()
    outcome = submit(state(), Submission(ref("LOG1", "new_date", "send"), {"day": day}), around(), words)
    assert isinstance(outcome, Rejected)
    assert part[locale == "en"] in outcome.errors["day"]


def test_a_refused_date_is_shown_again_in_the_form() -> None:
    card = card_of(click(state(), ref("LOG1", "new_date", "send"), {"day": "2027-09-01"}))
    form = card.form()
    assert form is not None
    field = form.fields[0]
    assert isinstance(field, DateField)
    assert field.value == date(2027, 9, 1)


def test_after_every_gate_of_the_item_a_date_may_lie_thirty_days_ahead() -> None:
    past = replace(around(), gates=(replace(GATES[1], due=date(2027, 1, 1)),))
    fine = click(state(), ref("LOG1", "new_date", "send"), {"day": "2027-04-09"}, past)
    assert effect_of(fine) == NewDate(date(2027, 4, 9))
    assert isinstance(click(state(), ref("LOG1", "new_date", "send"), {"day": "2027-04-10"}, past), Rejected)
