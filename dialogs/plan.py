"""How a dialog is laid out: its steps by name, what each one saves, and which are gone through again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialogs.calendar import is_day
from dialogs.conditions import Test, test_of
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer
from dialogs.schema import Choosable, Dialog, Function, Later, Step, StepType

SLOT = "slot"
"""The id of the question that offers later moments."""
CARRIED = frozenset({"impact.dimension", "impact.polarity", "impact.partner", "impact.tap"})
"""What a later round takes from the one before it."""

REPORTED = frozenset({"impact.dimension", "impact.polarity", "impact.picks"})
"""What colleagues can have reported as well."""


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
class Line:
    """A question in its place, ready to be passed through.

    leads: whether the answers lead to it; None where they always do. carries: whether a round before may have
    answered it.
    """

    position: Position
    id: str
    round: int
    leads: Test | None
    carries: bool

    @classmethod
    def of(cls, step: Step, round_: int) -> "Line":
        """The line of a step in a round (0 outside the rounds)."""
        carries = round_ > 1 and step.save in CARRIED
        return cls(Position(step, round_), step.id, round_, test_of(step.when), carries)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked up in a dialog again and again.

    made_of: the definition, kept so that another one cannot come to stand at its address. steps: by id, and by
    the id that a step had before. saving: the steps that save under a name. again: the steps of the rounds in
    order; rounds: their ids. more: whether a further round was asked for. function: the step that asks which
    function is meant. functions: all of them, to pick from. orders: every question in order, by the number of
    rounds begun. takes: which answers a step takes, for the steps where that is the same for everybody at any
    time. impact: the names of what an impact is made of, each short, as it is saved,
    and the id of the step that asks where only one does. picks: the ids of the steps
    that save what is at stake; after_picks: those of the steps of the rounds that come after; corroborating: those that
    ask whether it is what colleagues reported. reported: the ids of those that say what is reported.
    """

    made_of: tuple[Dialog, Mapping[str, Function]]
    steps: Mapping[str, Step]
    saving: Mapping[str, tuple[Step, ...]]
    again: tuple[Step, ...]
    rounds: frozenset[str]
    more: Test | None
    function: Step | None
    functions: tuple[Choosable, ...]
    orders: tuple[tuple[Line, ...], ...]
    takes: Mapping[str, Callable[[Answer], bool]]
    impact: tuple[tuple[str, str, str | None], ...]
    picks: frozenset[str]
    after_picks: frozenset[str]
    corroborating: frozenset[str]
    reported: frozenset[str]

    def surely(self, step: Step, round_: int, value: Answer | None) -> bool:
        """Whether this is the valid answer to the step, whatever else was said."""
        if value is None or (round_ > 1 and step.save in CARRIED):
            return False
        if value in (DONT_KNOW, SKIPPED):
            return not step.required and step.required_when is None
        takes = self.takes.get(step.id)
        return takes is not None and takes(value)


def taken(
    kind: StepType, own: tuple[Choosable, ...], brought: tuple[Choosable, ...] | None, max_picks: int
) -> Callable[[Answer], bool]:
    """Which answers a question takes, "I don't know" and "Skip" aside.

    own: the step's options; brought: those from elsewhere, if they come from there; where several may be picked,
    only they. max_picks: 0 for as many as there are.
    """
    options = own if brought is None else brought if kind == "multi" else (*own, *brought)
    ids = frozenset([option.id for option in options])
    match kind:
        case "yesno":
            return lambda value: value in {"yes", "no"}
        case "single":
            return lambda value: value in ids
        case "multi":
            return lambda value: isinstance(value, tuple) and _picked(value, ids, max_picks)
        case "scale5":
            return lambda value: isinstance(value, int) and 1 <= value <= 5  # noqa: PLR2004
        case "num":
            return lambda value: isinstance(value, int | float)
        case "date":
            return lambda value: isinstance(value, str) and is_day(value)
        case "person" | "text":
            return lambda value: isinstance(value, str) and bool(value)


def _picked(value: tuple[str, ...], ids: frozenset[str], max_picks: int) -> bool:
    return 0 < len(value) <= (max_picks or len(ids)) and ids.issuperset(value)


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
    takes = {
        step.id: taken(step.type, step.options, None if step.options_from is None else codes, step.max_picks)
        for step in steps.values()
        if step.options_from in {None, "functions"} and (step.type != "multi" or step.id != paced)
    }
    more = None if dialog.rounds is None else test_of((dialog.rounds.again,))
    picks = frozenset(step.id for step in saving.get("impact.picks", ()))
    last = max((number for number, step in enumerate(again) if step.id in picks), default=len(again))
    return Plan(
        (dialog, functions),
        steps,
        saving,
        again,
        rounds,
        more,
        function,
        codes,
        orders,
        takes,
        tuple(
            (name.removeprefix("impact."), name, by[0].id if len(by) == 1 else None)
            for name, by in saving.items()
            if name.startswith("impact.")
        ),
        picks,
        frozenset(step.id for step in again[last + 1 :]),
        frozenset(step.id for step in again if any(one.rule == "heard_before" for one in step.when)),
        frozenset(
            step.id for step in dialog.steps if step.save in REPORTED or (function and step.id == function.id)
        ),
    )


def _order(steps: tuple[Step, ...], again: tuple[Step, ...], rounds: int) -> tuple[Line, ...]:
    start = steps.index(again[0]) if again else len(steps)
    before, after = steps[:start], steps[start + len(again) :]
    middle = [Line.of(step, number) for number in range(1, rounds + 1) for step in again]
    return (*(Line.of(step, 0) for step in before), *middle, *(Line.of(step, 0) for step in after))


def _slot(later: Later) -> Step:
    options = tuple(Choosable(id=slot.id, label=slot.label) for slot in later.slots)
    return Step(id=SLOT, type="single", ask=later.ask, options=options, required=True)


def _again(dialog: Dialog) -> tuple[Step, ...]:
    if dialog.rounds is None:
        return ()
    ids = [step.id for step in dialog.steps]
    return dialog.steps[ids.index(dialog.rounds.first) : ids.index(dialog.rounds.last) + 1]
