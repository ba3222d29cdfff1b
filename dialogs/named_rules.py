"""The rules that content calls by name, written once in Python (blueprint 3a, branching i to vi)."""

from typing import TYPE_CHECKING, assert_never

from dialogs.outcome import DONT_KNOW, SKIPPED
from dialogs.schema import RuleName

if TYPE_CHECKING:  # an interview asks these rules
    from dialogs.interview_state import Interview

HEARD_FROM = 5
"""How many colleagues must have said the same before it is offered for one-tap corroboration."""
SMALL_FUNCTION = 5
"""Below this headcount an example would tell who wrote it."""


def named(rule: RuleName, interview: "Interview", round_: int) -> bool:
    """Whether the rule holds in this round of the interview."""
    match rule:
        case "gain":
            return _polarity(interview, round_) in {"gain", "both"}
        case "difficulty":
            return _polarity(interview, round_) == "difficulty"
        case "side_to_come":
            return _polarity(interview, round_) == "both"
        case "heard_before":
            return not _has_gone_on(interview, round_) and heard_from(interview, round_) >= HEARD_FROM
        case "small_function":
            return interview.around.headcounts.get(interview.function() or "", 0) < SMALL_FUNCTION
        case "has_text":
            return interview.saved("impact.statement", round_) not in (None, DONT_KNOW, SKIPPED)
        case "out_of_time":
            return interview.around.seconds > interview.dialog.max_seconds
        case "last_round":
            return interview.dialog.rounds is not None and round_ >= interview.dialog.rounds.max
        case _:
            assert_never(rule)


def asks_colleagues(interview: "Interview", answering: str | None) -> bool:
    """Whether what colleagues reported can matter before the next answer.

    It can while picks are given and until the person has gone on; where they were offered for corroboration, that
    question names how many said so. answering: the id of the step that is being answered; None for the open one.
    Asking the database for them costs more than the rest of a turn in a function of hundreds.
    """
    picks = interview.laid_out.picks
    if not picks:
        return False
    rounds = {round_ for step, round_ in interview.asked() if step in picks}
    if not all(_has_gone_on(interview, round_) for round_ in rounds):
        return True
    if answering is not None:
        return interview.step_id(answering) in picks
    open_ = interview.position()
    return open_ is not None and open_.step.id in picks


def heard_from(interview: "Interview", round_: int) -> int:
    """How many colleagues reported the same function, dimension, side and picks."""
    if not interview.around.echoes:
        return 0
    picks = interview.saved("impact.picks", round_)
    if not isinstance(picks, tuple):
        return 0
    wanted = (
        interview.function(),
        interview.saved("impact.dimension", round_),
        "gain" if named("gain", interview, round_) else "difficulty",
        frozenset(picks),
    )
    same = (
        one
        for one in interview.around.echoes
        if (one.function, one.dimension, one.polarity, frozenset(one.picks)) == wanted
    )
    return sum(one.people for one in same)


def _has_gone_on(interview: "Interview", round_: int) -> bool:
    """Whether the person has gone on from what they report in this round without being asked to corroborate it.

    Then they are not asked any more: colleagues who report the same meanwhile throw nobody back. What is reported
    is the function, dimension, side and picks; whoever changes one of them reports something else.
    """
    laid_out, asked = interview.laid_out, interview.asked()
    if not any((step, round_) in asked for step in laid_out.picks):
        return False
    gone_on = False
    for row in reversed(interview.given):
        step = interview.step_id(row.step)
        if row.round <= round_ and step in laid_out.reported:
            break
        if row.round == round_:
            if step in laid_out.corroborating:
                return False
            gone_on = gone_on or step in laid_out.after_picks
    return gone_on


def _polarity(interview: "Interview", round_: int) -> object:
    return interview.saved("impact.polarity", round_)
