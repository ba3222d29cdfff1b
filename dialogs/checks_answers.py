"""Which answers a step can have, and whether conditions on them can hold together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dialogs.outcome import DONT_KNOW, SKIPPED
from dialogs.schema import Condition, Function, Step

ANY = "*"
"""Some answer that has no name: a text, a number, several picks."""
ABSENT = "_absent"
_NONE = frozenset({ABSENT, DONT_KNOW, SKIPPED})
_YES_NO = frozenset({"yes", "no"})
_SCALE = frozenset({"1", "2", "3", "4", "5"})
_RULES: Mapping[str, tuple[str, frozenset[str] | None]] = {
    "gain": ("impact.polarity", frozenset({"gain", "both"})),
    "difficulty": ("impact.polarity", frozenset({"difficulty"})),
    "side_to_come": ("impact.polarity", frozenset({"both"})),
    "has_text": ("impact.statement", None),
    "heard_before": ("impact.picks", None),
}
"""The saved answer that a named rule reads, and the values that make it hold (None: any answer)."""


def named(step: Step, functions: Mapping[str, Function]) -> frozenset[str] | None:
    """The answers of a step that a condition can name; None when it has none such, or they are not known."""
    match step.options_from:
        case "functions":
            return frozenset(functions)
        case "function_picks":
            return frozenset(one.id for function in functions.values() for one in function.picks.options)
        case "function_tap":
            return None
        case _:
            pass
    by_type = {"yesno": _YES_NO, "scale5": _SCALE, "single": frozenset(one.id for one in step.options)}
    return by_type.get("single" if step.type == "multi" else step.type)


def reads(rule: str | None) -> str | None:
    """The name under which an answer must be saved for a named rule to ever hold."""
    return _RULES[rule][0] if rule is not None and rule in _RULES else None


@dataclass(slots=True)
class Left:
    """The answers to one step that conditions have left possible."""

    values: frozenset[str]
    low: float = float("-inf")
    high: float = float("inf")
    picks: set[str] = field(default_factory=set)


def contradiction(
    conditions: Iterable[Condition], steps: Mapping[str, Step], functions: Mapping[str, Function]
) -> str | None:
    """The step on which the conditions cannot all hold, counting what those steps need to be asked at all.

    None when an answer to each step lets all of them hold.
    """
    left: dict[str, Left] = {}
    wanted: dict[str, bool] = {}
    queue, asked = list(conditions), set[str]()
    while queue:
        condition = queue.pop(0)
        step = _step_of(condition, steps)
        if step is None:
            for rule, value in ((condition.rule, True), (condition.no_rule, False)):
                if rule is not None and wanted.setdefault(rule, value) != value:
                    return str(rule)
            continue
        state = left.setdefault(step.id, Left((named(step, functions) or frozenset()) | {ANY} | _NONE))
        _narrow(state, condition, step, closed=named(step, functions) is not None and step.type != "multi")
        if not state.values or state.low > state.high or len(state.picks) > (step.max_picks or 100):
            return step.id
        if ABSENT not in state.values and step.id not in asked:
            asked.add(step.id)
            queue.extend(step.when)
    return None


def _step_of(condition: Condition, steps: Mapping[str, Step]) -> Step | None:
    """The step that a condition looks at, itself or through a named rule."""
    if condition.step is not None:
        return steps.get(condition.step)
    saved = reads(condition.rule or condition.no_rule)
    savers = [step for step in steps.values() if saved is not None and step.save == saved]
    return savers[0] if len(savers) == 1 else None


def _narrow(state: Left, condition: Condition, step: Step, *, closed: bool) -> None:
    """Keep the answers that pass. closed: every answer of the step has a name."""
    if closed:
        state.values -= {ANY}
    rule = condition.rule or condition.no_rule
    if condition.step is None and rule is not None:
        holding = _RULES[rule][1]
        if condition.rule is not None:
            state.values = state.values - _NONE if holding is None else state.values & holding
        elif holding is not None:
            state.values -= holding
        return
    if condition.answered is not None:
        state.values = state.values - _NONE if condition.answered else state.values & _NONE
    for picked in (None if condition.equals is None else (condition.equals,), condition.one_of):
        if picked is not None and (closed or set(map(str, picked)) <= _NONE):
            state.values &= frozenset(str(one) for one in picked)
        elif picked is not None:
            state.values -= _NONE
    if condition.includes is not None:
        state.picks.add(str(condition.includes))
        state.values -= _NONE
    if condition.at_least is not None or condition.at_most is not None:
        state.low = max(state.low, state.low if condition.at_least is None else condition.at_least)
        state.high = min(state.high, state.high if condition.at_most is None else condition.at_most)
        state.values -= _NONE
        if step.type == "scale5":
            state.values = frozenset(
                one for one in state.values if one.isdigit() and state.low <= int(one) <= state.high
            )
