"""What colleagues reported is read from the database only where it can matter, and conditions are worked out once."""

from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import interview
from dialogs.activity import FieldValue, Submission
from dialogs.card import Option
from dialogs.conditions import Scope, holds
from dialogs.interview_state import Echo, Interview
from dialogs.named_rules import asks_colleagues
from dialogs.outcome import Outcome
from dialogs.question import EDIT
from dialogs.ref import Ref
from dialogs.schema_dialog import Condition
from tests.dialogs.interviewee import AROUND, IMPACT, PACK, SPEECH, Interviewee

DIMENSIONS = [
    option.id for step in IMPACT.steps if step.save == "impact.dimension" for option in step.options
]
PICKS = [(option.id,) for option in PACK.functions["STO"].picks.options]
EVERYBODY = tuple(
    Echo("STO", dimension, side, picks, 7)
    for dimension, side, picks in product(DIMENSIONS, ("gain", "difficulty"), PICKS)
)


class Watched(Interviewee):
    """Somebody whose colleagues have said everything already; each step is also taken as if they had not."""

    asked = 0

    def presses(self, option: Option, **values: FieldValue) -> Outcome:
        submission = Submission(option.ref, values)
        step = option.ref.step.rpartition(".")[0]
        self._compare(step, lambda state: interview.submit(state, submission, SPEECH))
        return super().presses(option, **values)

    def types(self, text: str) -> Outcome:
        self._compare(None, lambda state: interview.type_in(state, text, SPEECH))
        return super().types(text)

    def _compare(self, step: str | None, take: Any) -> None:
        alone: Interview = replace(self.state, around=replace(self.around, echoes=()))
        if asks_colleagues(alone, step):
            self.asked += 1
        else:
            assert take(alone) == take(self.state), f"{step} at {self.at} depends on what colleagues said"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_where_colleagues_are_not_asked_about_they_make_no_difference(data: st.DataObject) -> None:
    """Would catch: the sixth person who reports the same and is asked for an example all the same."""
    who = Watched(around=replace(AROUND, echoes=EVERYBODY))
    who.looks()
    for _ in range(data.draw(st.integers(1, 25))):
        shown = [option for card in who.cards for option in card.options()]
        match data.draw(st.integers(0, 3)):
            case 0 if shown:
                who.presses(data.draw(st.sampled_from(shown)))
            case 1:
                who.types(data.draw(st.sampled_from(("1", "oui", "retour", "passer", "stop", "mot"))))
            case _ if who.at is not None:
                who.goes_on()


def test_they_are_asked_about_from_the_picks_on_and_not_before() -> None:
    """Would catch: hundreds of rows read for a button that only says "start", or none read where it matters."""
    who = Watched(around=replace(AROUND, echoes=EVERYBODY))
    who.answers(I0="start", I1="STO", I2="processes", I3="difficulty")
    assert who.asked == 0
    who.answers(I4=PICKS[0])
    assert who.asked == 1
    assert who.at == "I4c.1", "colleagues said the same"


def test_colleagues_who_report_the_same_meanwhile_throw_nobody_back() -> None:
    """Would catch: somebody far on who is asked again about their picks, since a fifth colleague said the same."""
    who = Interviewee()
    who.answers(I0="start", I1="STO", I2="processes", I3="difficulty", I4=PICKS[0], I5="Chaque matin")
    here = who.at
    who.around = replace(AROUND, echoes=EVERYBODY)
    assert who.at == here
    who.presses(Option("", Ref("run", "run1", "I4.1", EDIT)))
    form = who.cards[-1].form()
    assert form is not None
    who.presses(form.submit, value=PICKS[1])
    assert who.at == "I4c.1", "other picks are another report, which they may have heard"


def test_whoever_changes_what_they_report_is_asked_about_that() -> None:
    """Would catch: an answer about colleagues that is kept for another dimension, of which none of them spoke."""
    only = tuple(one for one in EVERYBODY if one.dimension == "processes")
    who = Interviewee(around=replace(AROUND, echoes=only))
    who.answers(I0="start", I1="STO", I2="processes", I3="difficulty", I4=PICKS[0], I4c="yes")
    who.presses(Option("", Ref("run", "run1", "I2.1", EDIT)))
    form = who.cards[-1].form()
    assert form is not None
    who.presses(form.submit, value="culture")
    assert who.at == "I5.1", "nobody reported it there: an example is asked for"
    who.answers(I5="Chaque matin")
    who.presses(Option("", Ref("run", "run1", "I2.1", EDIT, 0)))
    form = who.cards[-1].form()
    assert form is not None
    who.presses(form.submit, value="processes")
    assert who.at != "I5.1"


def test_a_new_condition_is_not_taken_for_one_that_is_gone() -> None:
    """Would catch: content reloaded in place of the old, and asked by the old conditions."""
    for number in range(2000):
        scope = Scope(lambda _: "yes", lambda _: False)
        wanted = "yes" if number % 2 else "no"
        assert holds((Condition(step="I0", equals=wanted),), scope) == (wanted == "yes")


def test_figures_and_words_that_look_alike_are_not_mixed_up() -> None:
    """Would catch: 3 remembered as a valid answer, and 3.0 or "3" taken for it in another run."""
    who = Interviewee()
    position = who.state.find("I6.1")
    assert position is not None
    assert who.state.valid(position, 3)
    assert not who.state.valid(position, 3.5)
    assert not who.state.valid(position, "3")
    assert who.state.valid(position, 3)
