"""How a dialog is laid out: its steps by name, what each one saves, and which are gone through again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.conditions import Scope
from dialogs.outcome import Answer
from dialogs.schema import Choosable, Dialog, Function, Later, RuleName, Step

SLOT = "slot"
"""The id of the question that offers later moments."""


@dataclass(frozen=True, slots=True)
class Position:
    """A question of the run: a step and the round it is asked in (0 outside the rounds)."""

    step: Step
    round: int

    @property
    def key(self) -> str:
        """The question's name in a Ref: I6.1."""
        return f"{self.step.id}.{self.round}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked up in a dialog again and again.

    made_of: the definition, kept so that another one cannot come to stand at its address. steps: by id, and by
    the id that a step had before. saving: the steps that save under a name. again: the steps of the rounds in
    order; rounds: their ids. function: the step that asks which function is meant. functions: all of them, to
    pick from. orders: every question in order, by the number of rounds begun. fixed: the steps whose choices are
    the same for everybody at any time; taken: whether such a step takes an answer, as far as it was asked.
    """

    made_of: tuple[Dialog, Mapping[str, Function]]
    steps: Mapping[str, Step]
    saving: Mapping[str, tuple[Step, ...]]
    again: tuple[Step, ...]
    rounds: frozenset[str]
    function: Step | None
    functions: tuple[Choosable, ...]
    orders: tuple[tuple[Position, ...], ...]
    fixed: frozenset[str]
    taken: dict[tuple[str, type[Answer], Answer], bool] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class Memory:
    """What one state of an interview has worked out; the next state starts with an empty one.

    rows: the values given for a step and round, in order. passed: the answered questions before the open one.
    """

    plan: Plan
    rows: dict[tuple[str, int], list[Answer | None]]
    values: dict[tuple[str, int], Answer | None] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    rules: dict[tuple[RuleName, int], bool] = field(default_factory=dict)
    begun: int = 0
    passed: list[Position] | None = None
    open: Position | None = None


def plan(dialog: Dialog, functions: Mapping[str, Function]) -> Plan:
    """Lay a dialog out, once for as long as the content in use stays the same."""
    key = (id(dialog), id(functions))
    if key not in _PLANS:
        if len(_PLANS) >= KEPT:
            _PLANS.clear()
        _PLANS[key] = _laid_out(dialog, functions)
    return _PLANS[key]


KEPT = 64
_PLANS: dict[tuple[int, int], Plan] = {}


def _laid_out(dialog: Dialog, functions: Mapping[str, Function]) -> Plan:
    steps: dict[str, Step] = {step.was: step for step in dialog.steps if step.was is not None}
    saving: dict[str, tuple[Step, ...]] = {}
    for step in dialog.steps:
        steps[step.id] = step
        if step.save is not None:
            saving[step.save] = (*saving.get(step.save, ()), step)
    if dialog.later is not None:
        steps[SLOT] = _slot(dialog.later)
    again = _again(dialog)
    function = next((step for step in dialog.steps if step.prefill == "function"), None)
    codes = tuple(Choosable(id=one.code, label=one.label) for one in functions.values())
    rounds = frozenset(step.id for step in again)
    most = 0 if dialog.rounds is None else dialog.rounds.max + 1  # one more for the other side of "both"
    orders = tuple(_order(dialog.steps, again, number) for number in range(most + 1))
    paced = None if dialog.rounds is None else dialog.rounds.again.step
    fixed = frozenset(
        step.id
        for step in steps.values()
        if step.options_from is None and step.id != paced and step.type in _OF_CHOICES
    )
    return Plan((dialog, functions), steps, saving, again, rounds, function, codes, orders, fixed)


_OF_CHOICES = {"yesno", "single", "multi", "scale5"}
"""The types of questions that have few answers; others are quick to check."""


def _order(steps: tuple[Step, ...], again: tuple[Step, ...], rounds: int) -> tuple[Position, ...]:
    start = steps.index(again[0]) if again else len(steps)
    before, after = steps[:start], steps[start + len(again) :]
    middle = [Position(step, number) for number in range(1, rounds + 1) for step in again]
    return (*(Position(step, 0) for step in before), *middle, *(Position(step, 0) for step in after))


def _slot(later: Later) -> Step:
    options = tuple(Choosable(id=slot.id, label=slot.label) for slot in later.slots)
    return Step(id=SLOT, type="single", ask=later.ask, options=options, required=True)


def _again(dialog: Dialog) -> tuple[Step, ...]:
    if dialog.rounds is None:
        return ()
    ids = [step.id for step in dialog.steps]
    return dialog.steps[ids.index(dialog.rounds.first) : ids.index(dialog.rounds.last) + 1]
