"""Whatever people press and editors change: nobody is stuck, no answer is lost, nothing stale is stored."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.impacts import impacts
from dialogs.interview_state import Interview, Position
from dialogs.outcome import Answer, Asked, Finished, Given, Rejected, Stale
from dialogs.question import CANCEL, answered_card, question_card
from tests.dialogs.interview_content import changed, dialogs
from tests.dialogs.interviewee import SPEECH, WORDS, Interviewee, plausible

ENDS_WITHIN = 150
"""Answers: more than the longest dialog has questions in all its rounds."""
TYPED = st.sampled_from(
    (
        "1",
        "2",
        "oui",
        "non",
        "4",
        "3,5",
        "2026-12-03",
        "Une phrase",
        "?",
        "passer",
        "retour",
        "stop",
        "",
        "🙂" * 300,
    )
)


def wanders(draw: Any, who: Interviewee) -> None:
    """Do one thing: press anything that was ever shown, type something, or answer as asked."""
    match draw(st.integers(0, 3)):
        case 0 if who.at is not None:
            who.goes_on()
        case 0 | 1:
            who.types(draw(TYPED))
        case _:
            card = draw(st.sampled_from(who.cards))
            pressable = [one for one in card.options() if one.ref.choice != CANCEL]
            if not pressable:
                return
            option = draw(st.sampled_from(pressable))
            before, revision = who.given, _revision(who.state, option.ref.step)
            value = plausible(card) if card.form() else ""
            outcome = who.presses(option, value=draw(st.sampled_from((value, "o1", ("o0", "o2"), ""))))
            if isinstance(outcome, Stale | Rejected):
                assert who.given == before
            if option.ref.step and revision != option.ref.revision and who.given != before:
                raise AssertionError("a stale control stored an answer")


def _revision(state: Interview, key: str) -> int | None:
    position = state.find(key)
    return None if position is None else state.revision(position)


def ends(who: Interviewee) -> None:
    """From here, taking the first way on again and again leads to the end."""
    for _ in range(ENDS_WITHIN):
        if who.state.position() is None:
            return
        before = who.given
        who.goes_on()
        assert who.given != before, f"no way on from:\n{who.open_card.plain()}"
    raise AssertionError("the dialog does not end")


def expected(who: Interviewee, position: Position) -> Answer | None:
    """The latest row of the question by its id or former id, told without the code under test."""
    names = {position.step.id, position.step.was}
    rows = [row.value for row in who.given if row.step in names and row.round == position.round]
    return rows[-1] if rows else None


def can_be_drawn(state: Interview) -> None:
    """Every question that is due has its card, and every answer its own."""
    for position in state.due():
        question_card(state, position, SPEECH)
        value = state.value(position.step.id, position.round)
        if value is not None:
            answered_card(state, position, value, SPEECH)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_is_pressed_and_typed_the_dialog_goes_on_and_ends(data: Any) -> None:
    """Would have caught: a card without a way on, and an old card whose click writes over a newer answer."""
    who = Interviewee(data.draw(dialogs()))
    who.looks()
    for _ in range(data.draw(st.integers(0, 25))):
        wanders(data.draw, who)
    ends(who)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_content_that_changes_under_way_loses_no_answer_and_nobody(data: Any) -> None:
    """Would have caught: the crash on a text answer to what is now a date, and answers lost by a new name."""
    who = Interviewee(data.draw(dialogs()))
    who.looks()
    for _ in range(data.draw(st.integers(1, 12))):
        wanders(data.draw, who)
    who.dialog = data.draw(changed(who.dialog))
    state = who.state
    for position in (Position(step, round_) for step in who.dialog.steps for round_ in range(5)):
        kept = expected(who, position)
        assert state.latest(position) == kept
        if kept is not None and state.valid(position, kept) and state.is_due(position):
            assert state.value(position.step.id, position.round) == kept
    can_be_drawn(state)
    for _ in range(data.draw(st.integers(0, 8))):
        wanders(data.draw, who)
    ends(who)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_the_position_follows_from_the_rows_alone(data: Any) -> None:
    """Would have caught: a place that is remembered beside the answers and drifts away from them."""
    who = Interviewee(data.draw(dialogs()))
    who.looks()
    for _ in range(data.draw(st.integers(0, 20))):
        wanders(data.draw, who)
        asked = [one for one in who.state.due() if who.state.value(one.step.id, one.round) is None]
        assert who.state.position() == (asked[0] if asked else None)
        assert all(who.state.is_due(one) for one in who.state.due())


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_state_that_goes_on_is_the_one_that_its_rows_make(data: Any) -> None:
    """Would catch: what one state has worked out, kept where the next answer changes it."""
    who = Interviewee(data.draw(dialogs()))
    who.looks()
    state = who.state
    for _ in range(data.draw(st.integers(1, 20))):
        can_be_drawn(state)
        before = who.given
        wanders(data.draw, who)
        state = state.after(who.given[len(before) :]).worded({**WORDS, "lead": "quelqu'un"})
        assert state.position() == who.state.position()
        assert list(state.due()) == list(who.state.due())
        assert impacts(state) == impacts(who.state)
        assert (state.put_off(), state.last_round()) == (who.state.put_off(), who.state.last_round())


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_the_same_click_twice_counts_once(data: Any) -> None:
    """Would have caught: a double click that answers the next question too."""
    who = Interviewee(data.draw(dialogs()))
    for _ in range(data.draw(st.integers(0, 6))):
        if who.at is not None:
            who.goes_on()
    if who.at is None:
        return
    card = who.looks()
    form = card.form()
    option = form.submit if form else next(iter(card.options()))
    value = plausible(card) if form else ""
    first = who.presses(option, value=value)
    stored = who.given
    assert isinstance(first, Asked | Finished)
    assert isinstance(who.presses(option, value=value), Stale)
    assert who.given == stored


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_real_interview_takes_anything_and_ends(data: Any) -> None:
    """Would have caught: a dead end in the impact interview after any mix of answers, edits and ways back."""
    who = Interviewee()
    who.looks()
    for _ in range(data.draw(st.integers(0, 40))):
        wanders(data.draw, who)
    ends(who)
    assert all(isinstance(row, Given) for row in who.given)
