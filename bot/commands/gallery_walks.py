"""Which answers lead to every question of a dialog: one goal for each condition that its content states."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dialogs.interview_state import Circumstances, Echo, Interview, Position
from dialogs.outcome import SKIPPED, Answer, Given
from dialogs.schema import Condition, Dialog, Function, When

RUN = "sample"
MOST_STEPS = 200
_PEOPLE = 5
_MAX_TEXT = 280
LONG_TEXT = ("Un exemple tiré d'une journée ordinaire, assez long pour remplir la place. " * 4)[:_MAX_TEXT]


@dataclass(frozen=True, slots=True)
class Goal:
    """Answers to give on the way, by step, and what the circumstances must be."""

    name: str
    answers: dict[str, Answer] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    function: str | None = None


def goals(dialog: Dialog, functions: dict[str, Function]) -> Iterator[Goal]:
    """The plain way through, one for each function, and one for each condition of the content."""
    yield Goal("plain")
    for code in functions:
        yield Goal(code, function=code)
    for step in dialog.steps:
        yield _goal(f"{step.id}", dialog, step.when)
        for number, variant in enumerate(step.variants, 1):
            yield _goal(f"{step.id}-{number}", dialog, (*variant.when, *step.when))
        if step.required_when:
            yield _goal(f"{step.id}-required", dialog, (*step.required_when, *step.when))
    for closing in dialog.closings:
        yield _goal("closing", dialog, closing.when)
    for one in (dialog.champion, dialog.lead_told, dialog.rounds.again if dialog.rounds else None):
        if one is not None:
            yield _goal("then", dialog, (one,))
    yield Goal("skipped", rules=frozenset({"skip"}))


def walked(
    dialog: Dialog, functions: dict[str, Function], goal: Goal
) -> Iterator[tuple[Interview, Position]]:
    """Every question on the way to the goal, each with the answers before it; last answer left out."""
    headcount = 1 if "small_function" in goal.rules else 50
    seconds = dialog.max_seconds + 1 if "out_of_time" in goal.rules else 0
    around = Circumstances(seconds, goal.function, dict.fromkeys(functions, headcount))
    state = Interview(RUN, dialog, functions, (), around)
    for _ in range(MOST_STEPS):
        position = state.position()
        if position is None:
            return
        yield state, position
        row = Given(position.step.id, position.round, answer_for(state, position, goal))
        state = _heard(replace(state, given=(*state.given, row)), goal, position)


def answer_for(state: Interview, position: Position, goal: Goal) -> Answer:
    """What is answered here on the way to the goal, among what may be answered."""
    step, rounds = position.step, state.dialog.rounds
    kind, options = state.kind(step), [option.id for option in state.options(position)]
    wanted = goal.answers.get(step.id)
    if rounds is not None and step.id == rounds.again.step and "last_round" in goal.rules:
        again = rounds.again.equals
        return again if isinstance(again, str) and again in options else options[-1]
    if wanted is not None and state.valid(position, wanted):
        return wanted
    if "skip" in goal.rules and not state.required(position):
        return SKIPPED
    if step.prefill == "function" and goal.function in options:
        return goal.function
    if rounds is not None and step.id == rounds.again.step:
        return next((one for one in options if one != rounds.again.equals), options[0])
    return sample(kind, options, step.max_picks)


def sample(kind: str, options: list[str], max_picks: int) -> Answer:
    """A typical answer of this kind, as long as answers of its kind get."""
    match kind:
        case "yesno":
            return "yes"
        case "single":
            return options[0] if options else SKIPPED
        case "multi":
            return tuple(options[: max_picks or len(options)]) or SKIPPED
        case "scale5":
            return 3
        case "num":
            return 12.5
        case "date":
            return "2027-03-15"
        case _:
            return LONG_TEXT


def _goal(name: str, dialog: Dialog, when: When) -> Goal:
    answers: dict[str, Answer] = {}
    rules: set[str] = set()
    left, done = list(when), 0
    while done < len(left):
        condition = left[done]
        done += 1
        if condition.step is not None and condition.step not in answers:
            answers[condition.step] = _meeting(condition)
            asked = next((step for step in dialog.steps if step.id == condition.step), None)
            left += asked.when if asked is not None else ()
        if condition.rule is not None:
            rules.add(condition.rule)
            left += _behind(condition.rule, dialog)
        if condition.no_rule == "has_text":
            rules.add("skip")
    return Goal(name, answers, frozenset(rules))


def _meeting(condition: Condition) -> Answer:
    if condition.equals is not None:
        return condition.equals
    if condition.one_of:
        return condition.one_of[0]
    if condition.includes is not None:
        return (condition.includes,)
    if condition.answered is False:
        return SKIPPED
    limit = condition.at_least if condition.at_least is not None else condition.at_most
    return 3 if limit is None else int(limit)


def _behind(rule: str, dialog: Dialog) -> list[Condition]:
    """The answers that a named rule looks at."""
    polarity = {"gain": "gain", "difficulty": "difficulty", "side_to_come": "both"}.get(rule)
    step = next((step for step in dialog.steps if step.save == "impact.polarity"), None)
    return [Condition(step=step.id, equals=polarity)] if polarity and step is not None else []


def _heard(state: Interview, goal: Goal, position: Position) -> Interview:
    """Where the goal wants it, enough colleagues have reported the same as this person."""
    if "heard_before" not in goal.rules or position.round == 0:
        return state
    picks, dimension = (state.saved(name, position.round) for name in ("impact.picks", "impact.dimension"))
    if not isinstance(picks, tuple):
        return state
    gain = state.saved("impact.polarity", position.round) in {"gain", "both"}
    side = "gain" if gain else "difficulty"
    echo = Echo(state.function() or "", str(dimension), side, picks, _PEOPLE)
    return replace(state, around=replace(state.around, echoes=(echo,)))


__all__ = ["Goal", "answer_for", "goals", "sample", "walked"]
