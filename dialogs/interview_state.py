"""Where a person stands in a dialog: derived from the answers given, never stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dialogs.conditions import Scope, holds
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer, Given
from dialogs.schema import Choosable, Dialog, Function, Step, StepType
from dialogs.text import Value, Wording

CARRIED = frozenset({"impact.dimension", "impact.polarity", "impact.partner", "impact.tap"})
"""What a later round takes from the one before it."""
ROUNDS = frozenset(str(n) for n in range(12))
SLOT = "slot"
"""The id of the question that offers later moments."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What colleagues of a function have already reported, and how many of them."""

    function: str
    dimension: str
    polarity: str
    picks: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules need to know besides the answers.

    seconds: active time spent so far. headcounts: people of each function. placeholders: project, lead, date.
    """

    seconds: float = 0
    function: str | None = None
    headcounts: Mapping[str, int] = field(default_factory=dict)
    echoes: tuple[Echo, ...] = ()
    placeholders: Mapping[str, Value] = field(default_factory=dict)


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
class Interview:
    """One run of a dialog: its definition, the rows given so far and the circumstances."""

    run: str
    dialog: Dialog
    functions: Mapping[str, Function]
    given: tuple[Given, ...]
    around: Circumstances
    # Nothing in here changes, so what was worked out once holds; a copy with more answers starts empty.
    _known: dict[tuple[str, int], Answer | None] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _inside: frozenset[str] = field(init=False, default=frozenset(), compare=False, repr=False)

    def __post_init__(self) -> None:
        rounds, ids = self.dialog.rounds, [step.id for step in self.dialog.steps]
        if rounds is not None:
            inside = frozenset(ids[ids.index(rounds.first) : ids.index(rounds.last) + 1])
            object.__setattr__(self, "_inside", inside)

    def step(self, step_id: str) -> Step | None:
        """The step of this id, or the one that says it was called so."""
        if step_id == SLOT and self.dialog.later is not None:
            return _slot_step(self.dialog)
        found = next((step for step in self.dialog.steps if step.id == step_id), None)
        return found or next((step for step in self.dialog.steps if step.was == step_id), None)

    def revision(self, position: Position) -> int:
        """How many rows the question has: a control asked under another number is stale."""
        return sum(1 for row in self.given if self._is(row, position))

    def latest(self, position: Position) -> Answer | None:
        """The latest row of the question, whether or not it is still valid."""
        rows = (row.value for row in reversed(self.given) if self._is(row, position))
        return next(rows, None)

    def value(self, step_id: str, round_: int) -> Answer | None:
        """The valid answer to a step; inside the rounds that of this round."""
        step = self.step(step_id)
        if step is None:
            return None
        position = Position(step, round_ if step.id in self._inside else 0)
        key = (step.id, position.round)
        if key not in self._known:
            value = self._carried(position)
            if value is None:
                value = self.latest(position)
                value = value if value is not None and self.valid(position, value) else None
            self._known[key] = value
        return self._known[key]

    def saved(self, name: str, round_: int) -> Answer | None:
        """The valid answer saved under this name of the content, such as impact.severity."""
        steps = [step for step in self.dialog.steps if step.save == name]
        if len(steps) > 1:  # the same thing asked in two ways: the way that was taken counts
            steps = [step for step in steps if holds(step.when, self.scope(round_))]
        return next(
            (value for value in (self.value(step.id, round_) for step in steps) if value is not None), None
        )

    def function(self) -> str | None:
        """The function that the answers are about: the one answered, else the person's own."""
        step = next((step for step in self.dialog.steps if step.prefill == "function"), None)
        answered = None if step is None else self.value(step.id, 0)
        return answered if isinstance(answered, str) and answered in self.functions else self.around.function

    def kind(self, step: Step) -> StepType:
        """The type of a step; a question of the function brings its own."""
        if step.options_from != "function_tap":
            return step.type
        function = self.functions.get(self.function() or "")
        return function.tap.type if function else step.type

    def wording(self, position: Position) -> Wording:
        """What is asked: the first variant that holds, the function's question, or the step's own."""
        step = position.step
        for variant in step.variants:
            if holds(variant.when, self.scope(position.round)):
                return variant.ask
        if step.options_from not in {"function_picks", "function_tap"}:
            return step.ask
        function = self.functions.get(self.function() or "")
        if function is None:
            return step.ask
        return function.picks.ask if step.options_from == "function_picks" else function.tap.ask

    def options(self, position: Position) -> tuple[Choosable, ...]:
        """What may be picked, in the order shown."""
        step = position.step
        match step.options_from:
            case None:
                return self._paced(position, step.options)
            case "functions":
                return tuple(Choosable(id=one.code, label=one.label) for one in self.functions.values())
            case "function_picks" | "function_tap":
                function = self.functions.get(self.function() or "")
                asked = (
                    None
                    if function is None
                    else function.tap
                    if step.options_from == "function_tap"
                    else function.picks
                )
                return asked.options if asked else ()

    def required(self, position: Position) -> bool:
        """Whether the question accepts neither "I don't know" nor "Skip"."""
        when = position.step.required_when
        return position.step.required or (when is not None and holds(when, self.scope(position.round)))

    def valid(self, position: Position, value: Answer) -> bool:
        """Whether the content, as it is now, takes this answer."""
        if value in (DONT_KNOW, SKIPPED):
            return not self.required(position)
        ids = {option.id for option in self.options(position)}
        match self.kind(position.step), value:
            case "yesno", str():
                return value in {"yes", "no"}
            case "single", str():
                return value in ids or value in {option.id for option in position.step.options}
            case "multi", tuple():
                limit = position.step.max_picks or len(ids)
                return 0 < len(value) <= limit and set(value) <= ids
            case "scale5", int():
                return 1 <= value <= 5  # noqa: PLR2004
            case "num", int() | float():
                return True
            case (("date" | "person" | "text"), str()):
                return bool(value)
            case _:
                return False

    def position(self) -> Position | None:
        """The first question that is due and has no valid answer; None at the end."""
        return next((one for one in self.due() if self.value(one.step.id, one.round) is None), None)

    def due(self) -> Iterator[Position]:
        """Every question that the answers so far lead to, in order, answered or not."""
        for step in self.dialog.steps:
            if self.dialog.rounds is not None and step.id == self.dialog.rounds.first:
                yield from self._rounds()
            if step.id not in self._inside:
                yield from self._due(Position(step, 0))

    def before(self, position: Position) -> Position | None:
        """The answered question before this one."""
        previous = None
        for one in self.due():
            if one == position:
                return previous
            if self.latest(one) is not None:
                previous = one
        return previous

    def find(self, key: str) -> Position | None:
        """The position named in a Ref, if the content still has it."""
        step_id, _, round_ = key.rpartition(".")
        step = self.step(step_id)
        return Position(step, int(round_)) if step is not None and round_ in ROUNDS else None

    def put_off(self) -> str | None:
        """The later moment that was picked, while the dialog waits for it."""
        value = self.value(SLOT, 0) if self.dialog.later and self._wants_later() else None
        return value if isinstance(value, str) else None

    def scope(self, round_: int) -> Scope:
        """What conditions may look at in this round."""
        from dialogs.named_rules import named  # noqa: PLC0415 - the rules read the interview

        return Scope(lambda step: self.value(step, round_), lambda rule: named(rule, self, round_))

    def last_round(self) -> int:
        """The number of rounds begun."""
        return max((one.round for one in self.due()), default=0)

    def _rounds(self) -> Iterator[Position]:
        rounds = self.dialog.rounds
        if rounds is None:
            return
        inside = [step for step in self.dialog.steps if step.id in self._inside]
        for number in range(1, rounds.max + 2):
            yield from (one for step in inside for one in self._due(Position(step, number)))
            scope = self.scope(number)
            more = number < rounds.max and holds((rounds.again,), scope)
            if not more and not scope.rule("side_to_come"):
                return

    def _due(self, position: Position) -> Iterator[Position]:
        later = self.dialog.later
        if self._carried(position) is None and holds(position.step.when, self.scope(position.round)):
            yield position
            if later is not None and later.step == position.step.id and self._wants_later():
                yield Position(_slot_step(self.dialog), 0)

    def _wants_later(self) -> bool:
        later = self.dialog.later
        return later is not None and self.value(later.step, 0) == later.equals

    def _carried(self, position: Position) -> Answer | None:
        """What a later round need not ask again.

        After "both" the next round is the difficulty, about the same dimension and partner; the figure of the
        function is asked once.
        """
        save, before = position.step.save, position.round - 1
        if before < 1 or save not in CARRIED:
            return None
        if save == "impact.tap":
            return self.saved(save, before)
        if self.saved("impact.polarity", before) != "both":
            return None
        return "difficulty" if save == "impact.polarity" else self.saved(save, before)

    def _paced(self, position: Position, options: tuple[Choosable, ...]) -> tuple[Choosable, ...]:
        """Where a further round is offered: finishing comes first after a while; the last offers none."""
        rounds = self.dialog.rounds
        if rounds is None or position.step.id != rounds.again.step:
            return options
        scope, again = self.scope(position.round), rounds.again.equals
        if scope.rule("last_round"):
            return tuple(option for option in options if option.id != again)
        if scope.rule("out_of_time") or position.round >= rounds.at_ease:
            return tuple(sorted(options, key=lambda option: option.id == again))
        return options

    def _is(self, row: Given, position: Position) -> bool:
        return row.round == position.round and row.step in {position.step.id, position.step.was}


def _slot_step(dialog: Dialog) -> Step:
    later = dialog.later
    if later is None:
        raise KeyError(SLOT)
    options = tuple(Choosable(id=slot.id, label=slot.label) for slot in later.slots)
    return Step(id=SLOT, type="single", ask=later.ask, options=options, required=True)
