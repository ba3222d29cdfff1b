"""The only logic that content may hold: conditions on earlier answers and named rules."""

from collections.abc import Callable
from dataclasses import dataclass

from dialogs.outcome import DONT_KNOW, SKIPPED, Answer
from dialogs.schema import Condition, RuleName, When


@dataclass(frozen=True, slots=True)
class Scope:
    """What a condition may look at: the valid answer to a step, and whether a named rule holds."""

    value: Callable[[str], Answer | None]
    rule: Callable[[RuleName], bool]


Test = Callable[[Scope], bool]


def holds(when: When, scope: Scope) -> bool:
    """Whether all conditions hold. A missing answer fails every test on it."""
    for condition in when:
        known = _TESTS.get(id(condition))
        if known is None or known[0] is not condition:
            known = _prepared(condition)
        if not known[1](scope):
            return False
    return True


def test_of(when: When) -> Test | None:
    """The conditions as one test, for those that are asked many times a step; None where there are none."""
    tests = tuple(_test(condition) for condition in when)
    match tests:
        case ():
            return None
        case (only,):
            return only
        case (first, second):
            return lambda scope: first(scope) and second(scope)
        case _:
            return lambda scope: all(test(scope) for test in tests)


_TESTS: dict[int, tuple[Condition, Test]] = {}
MOST_TESTS = 8192


def _prepared(condition: Condition) -> tuple[Condition, Test]:
    """The condition's test, kept with it so that another condition cannot come to stand at its address."""
    if len(_TESTS) >= MOST_TESTS:
        _TESTS.clear()
    _TESTS[id(condition)] = found = (condition, _test(condition))
    return found


def _test(condition: Condition) -> Test:
    rule, no_rule, step = condition.rule, condition.no_rule, condition.step
    if step is None and no_rule is None and rule is not None:
        return lambda scope: scope.rule(rule)
    if step is None and rule is None and no_rule is not None:
        return lambda scope: not scope.rule(no_rule)
    only_equals = {name for name in condition.model_fields_set if getattr(condition, name) is not None}
    if step is not None and only_equals == {"step", "equals"}:
        wanted = condition.equals
        return lambda scope: scope.value(step) == wanted
    return lambda scope: _holds(condition, scope)


def _holds(condition: Condition, scope: Scope) -> bool:
    if condition.rule is not None and not scope.rule(condition.rule):
        return False
    if condition.no_rule is not None and scope.rule(condition.no_rule):
        return False
    if condition.step is None:
        return True
    value = scope.value(condition.step)
    if condition.answered is not None:
        return (value not in (None, DONT_KNOW, SKIPPED)) == condition.answered
    return value is not None and _passes(condition, value)


def _passes(condition: Condition, value: Answer) -> bool:
    if condition.equals is not None and value != condition.equals:
        return False
    if condition.one_of is not None and value not in condition.one_of:
        return False
    if condition.includes is not None and not (isinstance(value, tuple) and condition.includes in value):
        return False
    for limit, sign in ((condition.at_least, 1), (condition.at_most, -1)):
        if limit is not None and not (isinstance(value, int | float) and sign * (value - limit) >= 0):
            return False
    return True
