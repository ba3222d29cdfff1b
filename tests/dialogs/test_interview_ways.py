"""The ways through the impact interview beside the straight one: not concerned, later, back, old cards."""

import pytest

from dialogs.impacts import impacts, told_no_impact
from dialogs.outcome import SKIPPED, Asked, ChampionOffered, PutOff, Stale
from dialogs.question import BACK, EDIT, RESUME
from tests.dialogs.test_interview import AFTER_I7, TO_I6, someone


def test_nothing_changes_for_me_counts_and_ends_at_once() -> None:
    """Would have caught: a person not concerned who is asked on, or whose word is lost for the coverage."""
    who = someone(I0="not_concerned", I0b="no_link")
    assert who.at is None
    assert told_no_impact(who.state)
    assert impacts(who.state) == ()


def test_a_change_of_mind_at_the_start_takes_the_impacts_back() -> None:
    """Would have caught: impacts that stay in the figures after "nothing changes for me"."""
    who = someone(**TO_I6, I6="2")
    assert len(impacts(who.state)) == 1
    edit = next(
        one
        for card in who.cards
        for one in card.options()
        if (one.ref.choice, one.ref.step) == (EDIT, "I0.0")
    )
    who.presses(edit)
    who.presses(next(one for one in who.cards[-1].options() if one.ref.choice == "not_concerned"))
    assert impacts(who.state) == ()
    assert len(who.given) == len(TO_I6) + 2


def test_later_picks_a_moment_and_going_on_begins_where_it_would_have() -> None:
    """Would have caught: a put-off that counts as an answer to the first question."""
    who = someone(I0="later", slot="next_morning")
    assert PutOff("next_morning") in who.effects
    assert who.at is None
    resume = next(one for one in who.cards[-1].options() if one.ref.choice == RESUME)
    who.presses(resume)
    assert who.at == "I0.0"


def test_a_champion_is_offered_and_the_dialog_ends() -> None:
    """Would have caught: an offer that is thanked for and passed on to nobody."""
    who = someone(**TO_I6, I6="2", I7="2", **AFTER_I7, I10=SKIPPED, I11=SKIPPED, I12="champion")
    assert ChampionOffered() in who.effects
    assert who.at is None


def test_back_shows_the_question_before_with_its_answer_and_stores_nothing() -> None:
    """Would have caught: a way back that throws the answer away."""
    who = someone(**TO_I6)
    back = next(one for one in who.open_card.options() if one.ref.choice == BACK)
    before = who.given
    assert isinstance(who.presses(back), Asked)
    form = who.cards[-1].form()
    assert form is not None
    assert form.fields[0].value == "On compte deux fois"
    assert who.given == before


def test_an_old_card_says_that_it_is_old_and_shows_what_was_answered() -> None:
    """Would have caught: a click on Tuesday's card that changes Monday's answer."""
    who = someone(I0="start")
    old = next(one for one in who.cards[0].options() if one.ref.choice == "not_concerned")
    outcome = who.presses(old)
    assert isinstance(outcome, Stale)
    assert "Oui" in outcome.card.plain()
    assert who.at == "I1.0"


def test_an_address_in_an_example_is_asked_about_before_it_is_kept() -> None:
    """Would have caught: a customer's address stored because nobody looked."""
    who = someone(**{name: value for name, value in TO_I6.items() if name != "I5"})
    before = who.given
    who.answer("Écrire à client@example.com")
    assert who.given == before
    form = who.cards[-1].form()
    assert form is not None
    who.presses(form.submit, value="Écrire à client@example.com")
    assert who.given[-1].value == "Écrire à client@example.com"


def test_a_step_that_was_removed_leads_to_the_question_that_is_due() -> None:
    """Would have caught: a button of a deleted question that breaks the turn."""
    who = someone(**TO_I6, I6="2")
    who.looks()
    steps = tuple(step for step in who.dialog.steps if step.id != "I7")
    after = who.copy(dialog=who.dialog.model_copy(update={"steps": steps}))
    outcome = after.presses(next(iter(who.cards[-1].options())))
    assert isinstance(outcome, Stale)
    assert after.at == "I8.1"
    assert outcome.card.title == after.open_card.title


@pytest.mark.parametrize("kind", ["date", "num", "scale5", "multi", "single", "yesno"])
def test_a_question_of_another_type_is_asked_again_and_shows_nothing_odd(kind: str) -> None:
    """Would have caught: the crash at every turn of a person whose typed answer now belongs to a date."""
    who = someone(**TO_I6)
    changes: dict[str, object] = {"type": kind, "variants": (), "options": ()}
    if kind in ("multi", "single"):
        changes["options"] = who.dialog.steps[0].options
    steps = tuple(step.model_copy(update=changes) if step.id == "I5" else step for step in who.dialog.steps)
    after = who.copy(dialog=who.dialog.model_copy(update={"steps": steps}))
    assert after.at == "I5.1"
    after.goes_on()
    assert after.at == "I6.1"
    assert "On compte deux fois" not in after.cards[-2].plain()
