"""The branching of the impact interview, rule by rule (blueprint 3a, i to vii)."""

from dataclasses import replace

import pytest

from dialogs import interview
from dialogs.impacts import capacity_flag, impacts
from dialogs.interview_state import Echo
from dialogs.outcome import (
    DONT_KNOW,
    SKIPPED,
    Cancelled,
    Finished,
    LeadTold,
    Rejected,
)
from dialogs.question import CANCEL, EDIT, RESUME
from tests.dialogs.interviewee import AROUND, SPEECH, Interviewee

TO_I4 = {"I0": "start", "I1": "STO", "I2": "processes", "I3": "difficulty"}
TO_I6 = {**TO_I4, "I4": ("stock",), "I5": "On compte deux fois"}
AFTER_I7 = {"I8": "h2", "I8b": "no", "I9": "team"}


def someone(**answers: object) -> Interviewee:
    who = Interviewee()
    who.answers(**answers)  # type: ignore[arg-type]
    return who


def choices(who: Interviewee) -> list[str]:
    return [one.ref.choice for one in who.open_card.options()]


def picks_of(function: str) -> tuple[str, ...]:
    return tuple(one.id for one in Interviewee().functions[function].picks.options)


TO_I6["I4"] = (picks_of("STO")[0],)
AFTER_I7["I8b"] = Interviewee().functions["STO"].tap.options[0].id


def test_i_an_urgent_difficulty_requires_what_would_help_and_asks_whether_the_lead_should_hear() -> None:
    """Would have caught: an urgent difficulty that goes by without a wish for help or the lead's question."""
    who = someone(**TO_I6, I6="4", I7="5", **AFTER_I7)
    assert who.at == "I10.1"
    assert DONT_KNOW not in choices(who)
    assert SKIPPED not in choices(who)
    assert isinstance(who.types("passer"), Rejected)
    who.answers(I10=("time",))
    assert who.at == "I10u.1"
    who.answers(I10u="yes")
    assert who.effects[-1] == LeadTold(1)


@pytest.mark.parametrize(("severity", "likelihood"), [("3", "5"), ("5", "3")])
def test_i_below_four_nothing_is_required_and_the_lead_is_not_mentioned(
    severity: str, likelihood: str
) -> None:
    """Would have caught: "or" instead of "and" in the rule of urgency."""
    who = someone(**TO_I6, I6=severity, I7=likelihood, **AFTER_I7)
    assert SKIPPED in choices(who)
    who.answers(I10=SKIPPED)
    assert who.at == "I11.1"


def test_i_help_that_was_skipped_is_asked_again_when_the_difficulty_becomes_urgent() -> None:
    """Would have caught: a skipped answer that stays valid after the question has become required."""
    who = someone(**TO_I6, I6="2", I7="5", **AFTER_I7, I10=SKIPPED, I11=SKIPPED)
    position = who.state.find("I6.1")
    assert position is not None
    edit = next(
        one
        for card in who.cards
        for one in card.options()
        if one.ref.choice == EDIT and one.ref.step == "I6.1"
    )
    who.presses(edit)
    who.presses(next(one for one in who.cards[-1].options() if one.ref.choice == "5"))
    assert who.at == "I10.1"


def test_i_a_gain_is_never_urgent_and_is_asked_its_conditions_instead_of_help() -> None:
    """Would have caught: a leader told of a gain as if it were a problem."""
    who = someone(**{**TO_I6, "I3": "gain"}, I6="5", I7="5", **AFTER_I7)
    assert who.at == "I10g.1"
    who.answers(I10g=("data",))
    assert who.at == "I11.1"


def test_ii_out_of_time_finishing_comes_first() -> None:
    """Would have caught: a person held up after nearly three minutes."""
    told = someone(**TO_I6, I6="2", I7="2", **AFTER_I7, I10=SKIPPED, I11=SKIPPED)
    assert told.at == "I12.1"
    assert choices(told)[:3] == ["another", "finish", "champion"]
    late = told.copy(around=replace(AROUND, seconds=166))
    assert choices(late)[0] == "finish"
    assert choices(told.copy(around=replace(AROUND, seconds=165)))[0] == "another"


def test_iii_more_than_a_tenth_of_the_week_raises_the_capacity_flag() -> None:
    """Would have caught: a flag at exactly a tenth, and hours that are not summed over the rounds."""
    who = someone(
        **TO_I6, I6="2", I7="2", **{**AFTER_I7, "I8": "h2"}, I10=SKIPPED, I11=SKIPPED, I12="another"
    )
    assert not capacity_flag(impacts(who.state), 20)
    assert capacity_flag(impacts(who.state), 19.9)
    who.answers(I2="culture", I3="difficulty", I4=(picks_of("STO")[1],), I5=SKIPPED, I6="1", I7="1", I8="h6")
    assert not capacity_flag(impacts(who.state), 80)
    assert capacity_flag(impacts(who.state), 79)


@pytest.mark.parametrize(("option", "hours"), [("h0", 0), ("h0_5", 0.5), ("h2", 2), ("h6", 6), ("h10", 10)])
def test_iii_effort_counts_in_hours(option: str, hours: float) -> None:
    """Would have caught: an option's amount changed or lost in the content."""
    who = someone(**TO_I6, I6="2", I7="2", I8=option)
    assert [one.effort_hours for one in impacts(who.state)] == [hours]


def test_iv_partners_are_asked_which_partner() -> None:
    """Would have caught: the partner question asked of everybody, or of nobody."""
    assert someone(**{**TO_I4, "I2": "culture"}).at == "I4.1"
    who = someone(I0="start", I1="STO", I2="partners")
    assert who.at == "I2p.1"
    who.answers(I2p="carrier")
    assert who.at == "I3.1"


def echoed(people: int, polarity: str = "difficulty", dimension: str = "processes") -> Interviewee:
    picks = (picks_of("STO")[0],)
    who = Interviewee(around=replace(AROUND, echoes=(Echo("STO", dimension, polarity, picks, people),)))
    who.answers(**TO_I4, I4=picks)
    return who


def test_v_what_five_colleagues_said_is_confirmed_with_one_tap_and_no_example() -> None:
    """Would have caught: the fifth report that still asks for an example, and a sixth tap too many."""
    who = echoed(5)
    assert who.at == "I4c.1"
    assert who.open_card.title.startswith("5 collègues")
    who.answers(I4c="yes")
    assert who.at == "I6.1"
    who.answers(I6="3")
    assert impacts(who.state)[0].details["corroborates"] == "yes"


def test_v_who_sees_it_otherwise_is_asked_for_the_difference() -> None:
    """Would have caught: a "no" that loses the example."""
    who = echoed(5)
    who.answers(I4c="no", I5d="Chez nous c'est la nuit", I6="3")
    assert impacts(who.state)[0].details["statement"] == "Chez nous c'est la nuit"


@pytest.mark.parametrize(
    ("people", "polarity", "dimension"),
    [(4, "difficulty", "processes"), (9, "gain", "processes"), (9, "difficulty", "culture")],
)
def test_v_another_side_dimension_or_fewer_people_ask_for_an_example(
    people: int, polarity: str, dimension: str
) -> None:
    """Would have caught: corroboration of something that was not the same thing."""
    assert echoed(people, polarity, dimension).at == "I5.1"


def test_vi_a_small_function_is_asked_for_consent_when_there_is_an_example() -> None:
    """Would have caught: an example of a team of two shown under its name without a question."""
    small = {**TO_I4, "I1": "FIN", "I4": (picks_of("FIN")[0],)}
    assert someone(**small, I5="Un exemple").at == "I5c.1"
    assert someone(**small, I5=SKIPPED).at == "I6.1"
    assert someone(**TO_I6).at == "I6.1"
    for headcount, at in ((4, "I5c.1"), (5, "I6.1")):
        who = Interviewee(around=replace(AROUND, headcounts={"FIN": headcount}))
        who.answers(**small, I5="Un exemple")  # type: ignore[arg-type]
        assert who.at == at


def test_vii_who_left_is_offered_to_go_on_or_to_drop_it_and_goes_on_where_they_were() -> None:
    """Would have caught: a resume that begins from the start, or that cannot be declined."""
    who = someone(**TO_I6)
    who.cards.append(interview.resume_card(who.state, SPEECH))
    ways = {one.ref.choice: one for one in who.cards[-1].options()}
    assert set(ways) == {RESUME, CANCEL}
    who.presses(ways[RESUME])
    assert who.cards[-1].title == who.open_card.title
    assert who.at == "I6.1"
    assert isinstance(who.copy().presses(ways[CANCEL]), Finished)
    who.presses(ways[CANCEL])
    assert who.effects[-1] == Cancelled()


def told_round(who: Interviewee, pick: int) -> None:
    who.answers(I4=(picks_of("STO")[pick],), I5=SKIPPED, I6="2", I7="2", I8="h0")


def test_both_asks_the_gain_first_then_the_difficulty_about_the_same_thing() -> None:
    """Would have caught: the dimension, the partner or the function's figure asked a second time."""
    who = someone(I0="start", I1="STO", I2="partners", I2p="carrier", I3="both")
    told_round(who, 0)
    who.answers(I8b=AFTER_I7["I8b"], I9="me", I10g=SKIPPED, I11=SKIPPED)
    assert who.at == "I4.2"
    told_round(who, 1)
    who.answers(I9="team", I10=("time",), I11=SKIPPED)
    assert who.at == "I12.2"
    gain, difficulty = impacts(who.state)
    assert (gain.polarity, gain.dimension, gain.details["partner"]) == ("benefit", "partners", "carrier")
    assert (difficulty.polarity, difficulty.dimension, difficulty.details["partner"]) == (
        "challenge",
        "partners",
        "carrier",
    )


def test_after_two_impacts_finishing_comes_first_and_the_third_is_the_last() -> None:
    """Would have caught: a dialog that pushes for a third impact, or that has no end."""
    who = someone(**TO_I6, I6="2", I7="2", **AFTER_I7, I10=SKIPPED, I11=SKIPPED, I12="another")
    for number in (2, 3):
        who.answers(I2="culture", I3="difficulty")
        told_round(who, number)
        who.answers(I9="me", I10=SKIPPED, I11=SKIPPED)
        assert choices(who)[0] == "finish"
        assert ("another" in choices(who)) == (number == 2)
        who.answers(I12="another" if number == 2 else "finish")
    assert who.at is None
    assert [one.round for one in impacts(who.state)] == [1, 2, 3]
