"""An owner acts on one checklist item: closing, planning, asking for help, handing over, putting off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialogs.activity import FieldValue, Submission
from dialogs.card import SelectField, Text
from dialogs.checklist import ACTIONS, chosen_item, submit
from dialogs.item_cards import item_card
from dialogs.item_effects import (
    Blocked,
    Closed,
    HandOverAsked,
    HelpAsked,
    Planned,
    Reopened,
    Unblocked,
    after,
)
from dialogs.item_state import Block, Nudged, maturity
from dialogs.outcome import Asked, Rejected, Stale
from dialogs.ref import Ref
from tests.dialogs.checklist_clicks import card_of, click, effect_of
from tests.dialogs.checklist_project import (
    NOW,
    TODAY,
    around,
    button,
    closed,
    ref,
    speech,
    state,
)

LINK: dict[str, FieldValue] = {"kind": ("link",), "value": "https://example.org/grille"}


def test_done_asks_for_a_proof_and_the_proof_closes_the_item_with_thanks_and_the_gate() -> None:
    """Would have caught an item closed by the mere word "done", and thanks that count the item as still open."""
    one, other = state(), state("LOG3")
    asked = click(one, button(item_card(one, around(one), speech()), "done").ref)
    assert isinstance(asked, Asked)
    assert asked.effects == ()
    form = asked.card.form()
    assert form is not None
    outcome = click(one, form.submit.ref, LINK, around(one, other))
    assert effect_of(outcome) == Closed(after(one, effect_of(outcome), TODAY).evidence[-1])
    assert "Modèle opérationnel\u00a0: 1 sur 2" in card_of(outcome).plain()


def test_the_form_offers_only_the_proofs_that_the_item_takes() -> None:
    one = state()
    numbers = replace(
        one,
        item=one.item.model_copy(
            update={"evidence": one.item.evidence.model_copy(update={"types": ("number",)})}
        ),
    )
    form = card_of(click(numbers, ref("LOG1", "done"))).form()
    assert form is not None
    kind = form.fields[0]
    assert isinstance(kind, SelectField)
    assert [pick.value for pick in kind.options] == ["number"]
    forged = click(numbers, form.submit.ref, LINK)
    assert isinstance(forged, Rejected)
    assert list(forged.errors) == ["kind"]


def test_a_second_click_on_send_is_stale_and_shows_the_item_as_closed() -> None:
    """Would have caught two closures and two proofs from one impatient double click."""
    one = state()
    send = ref("LOG1", "done", "send", 0)
    now = after(one, effect_of(click(one, send, LINK)), TODAY)
    again = click(now, send, LINK)
    assert isinstance(again, Stale)
    assert "fait, avec preuve" in again.card.plain()
    assert "Voici où il en est" in again.note


@pytest.mark.parametrize("step", sorted(ACTIONS - {"show", "evidence", "reopen"}))
def test_no_button_of_an_old_message_does_anything_to_an_item_that_was_closed_meanwhile(step: str) -> None:
    now = closed(revision=3)
    assert isinstance(click(now, ref("LOG1", step, "", 2)), Stale)
    assert isinstance(click(now, ref("LOG1", step, "", 3)), Stale)


@pytest.mark.parametrize("step", ["evidence", "reopen"])
def test_an_open_item_cannot_be_reopened(step: str) -> None:
    assert isinstance(click(state(), ref("LOG1", step)), Stale)


def test_a_control_without_reference_or_with_an_unknown_action_is_stale() -> None:
    assert isinstance(click(state(), None), Stale)
    assert isinstance(click(state(), ref("LOG1", "delete_all")), Stale)
    assert isinstance(click(state(), Ref("run", "LOG1", "done")), Stale)


def test_somebody_who_is_not_the_owner_sees_the_item_without_buttons_and_changes_nothing() -> None:
    """Would have caught a forwarded message, or a hand-over, letting the wrong person close the item."""
    one = state()
    outcome = click(one, ref("LOG1", "done", "send"), LINK, around(one, actor="p9"))
    assert isinstance(outcome, Stale)
    assert list(outcome.card.options()) == []
    assert "quelqu'un d'autre" in outcome.note


def test_in_progress_offers_moments_and_a_tap_is_a_plan() -> None:
    one = state()
    asked = click(one, ref("LOG1", "in_progress"))
    assert [option.label for option in asked.card.options()] == ["mardi, 9 h", "jeudi, 14 h", "Un autre jour"]
    tapped = click(one, button(asked.card, "in_progress", "thu14").ref)
    assert effect_of(tapped) == Planned("thu14")
    assert "jeudi, 14 h" in tapped.card.plain()


def test_a_moment_that_is_no_longer_offered_is_stale() -> None:
    assert isinstance(click(state(), ref("LOG1", "in_progress", "last_year")), Stale)


def test_another_day_may_be_picked_by_hand() -> None:
    outcome = click(state(), ref("LOG1", "other_day", "send"), {"day": "2027-03-15"})
    assert effect_of(outcome) == Planned("2027-03-15")


def test_blocked_asks_what_would_help_and_the_clock_stands_still_until_it_is_unblocked() -> None:
    one = state()
    asked = click(one, ref("LOG1", "blocked"))
    form = asked.card.form()
    assert form is not None
    outcome = click(one, form.submit.ref, {"kind": ("decision",), "note": "Le <prix> n'est pas *fixé*"})
    assert effect_of(outcome) == Blocked("decision", "Le <prix> n'est pas *fixé*")
    quotes = [block for block in outcome.card.blocks if isinstance(block, Text) and block.style == "quote"]
    assert [quote.plain for quote in quotes] == ["Le <prix> n'est pas *fixé*"]
    waiting = after(one, effect_of(outcome), TODAY)
    free = click(waiting, button(outcome.card, "unblocked").ref)
    assert effect_of(free) == Unblocked()
    ten_days_later = after(waiting, Unblocked(), TODAY + timedelta(days=14))
    assert ten_days_later.block is None
    assert ten_days_later.paused == 10


def test_obstacle_is_the_same_as_blocked() -> None:
    outcome = click(state(), ref("LOG1", "obstacle", "send"), {"kind": ("time",)})
    assert effect_of(outcome) == Blocked("time", "")


def test_blocked_without_a_kind_is_refused_and_keeps_what_was_typed() -> None:
    outcome = click(state(), ref("LOG1", "blocked", "send"), {"note": "j'attends"})
    assert isinstance(outcome, Rejected)
    form = outcome.card.form()
    assert form is not None
    assert getattr(form.fields[1], "value", "") == "j'attends"


def test_picking_hand_over_among_the_obstacles_asks_for_a_hand_over() -> None:
    outcome = click(state(), ref("LOG1", "blocked", "send"), {"kind": ("hand_over",), "note": "Magasins"})
    assert effect_of(outcome) == HandOverAsked("Magasins")


@pytest.mark.parametrize("step", ["not_me", "hand_over"])
def test_not_me_asks_who_and_tells_the_lead(step: str) -> None:
    one = state()
    form = click(one, ref("LOG1", step)).card.form()
    assert form is not None
    assert isinstance(click(one, form.submit.ref, {"note": "  "}), Rejected)
    assert effect_of(click(one, form.submit.ref, {"note": "La logistique"})) == HandOverAsked("La logistique")


@pytest.mark.parametrize("kind", ["time", "information", "decision", "person"])
def test_help_takes_one_tap_and_a_word_may_follow(kind: str) -> None:
    """Would have caught the detail being refused as stale because the tap had already been stored."""
    one = state()
    tapped = click(one, ref("LOG1", kind))
    assert effect_of(tapped) == HelpAsked(kind, "")  # type: ignore[arg-type]
    now = after(one, effect_of(tapped), TODAY)
    form = click(now, button(tapped.card, kind, "note").ref).card.form()
    assert form is not None
    told = click(now, form.submit.ref, {"note": "Deux jours"})
    assert effect_of(told) == HelpAsked(kind, "Deux jours")  # type: ignore[arg-type]
    assert after(now, effect_of(told), TODAY).block == Block(kind, "Deux jours", TODAY)  # type: ignore[arg-type]


def test_the_owner_reopens_a_closed_item_and_its_maturity_falls_though_the_proof_is_kept() -> None:
    done = closed(revision=1)
    outcome = click(done, button(item_card(done, around(done), speech()), "reopen").ref)
    assert effect_of(outcome) == Reopened()
    open_again = after(done, Reopened(), TODAY)
    assert open_again.evidence == done.evidence
    assert maturity(open_again) == 1
    assert button(outcome.card, "done").ref.revision == 2


def test_a_closed_item_takes_a_test_later_and_becomes_tested() -> None:
    done = closed(revision=1)
    form = click(done, button(item_card(done, around(done), speech()), "evidence").ref).card.form()
    assert form is not None
    outcome = click(done, form.submit.ref, {**LINK, "tested": "2027-03-09"})
    tested = after(done, effect_of(outcome), TODAY)
    assert maturity(tested) == 3
    assert tested.closed


def test_any_action_counts_as_an_answer_to_what_was_sent() -> None:
    nudged = state(nudges=(Nudged("K1", NOW, False, TODAY), Nudged("K2", NOW, False, TODAY)))
    assert all(one.answered for one in after(nudged, Planned("tue9"), TODAY, commitment_at=NOW).nudges)


def test_a_list_entry_names_the_item_that_it_opens() -> None:
    picked = Submission(Ref("item", "", "show"), {"item": ("LOG3",)})
    assert chosen_item(picked) == "LOG3"
    assert chosen_item(Submission(ref("LOG1", "done"))) == "LOG1"
    assert chosen_item(Submission(Ref("run", "x"))) is None
    opened = submit(state("LOG3", revision=7), picked, around(), speech())
    assert isinstance(opened, Asked)
    assert button(opened.card, "done").ref == ref("LOG3", "done", "", 7)


def test_a_plan_that_lies_ahead_is_told_in_the_owners_own_time() -> None:
    planned = state(commitment_at=datetime(2027, 3, 11, 14, 30, tzinfo=UTC))
    in_paris = replace(around(planned), now=NOW.astimezone(ZoneInfo("Europe/Paris")))
    assert "jeudi 11 mars, 15 h 30" in item_card(planned, in_paris, speech()).plain()
