"""Where a person stands in a dialog: derived from the answers given, never stored."""

from collections.abc import Iterator, KeysView, Mapping
from dataclasses import InitVar, dataclass, field

from dialogs.circumstances import Circumstances, Echo
from dialogs.conditions import Scope, holds
from dialogs.interview_memory import NOTHING, Memory, WorkedOut
from dialogs.named_rules import named
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer, Given
from dialogs.plan import CARRIED, SLOT, Line, Plan, Position, plan, taken
from dialogs.schema import Choosable, Dialog, Function, RuleName, Step, StepType
from dialogs.text import Value, Wording

__all__ = ["CARRIED", "SLOT", "Circumstances", "Echo", "Interview", "Position"]

ROUNDS = frozenset(str(n) for n in range(12))


@dataclass(frozen=True, slots=True)
class Interview:
    """One run of a dialog: its definition, the rows given so far and the circumstances."""

    run: str
    dialog: Dialog
    functions: Mapping[str, Function]
    given: tuple[Given, ...]
    around: Circumstances
    memory: InitVar[Memory | None] = None
    _memory: Memory = field(init=False, compare=False, repr=False)

    def __post_init__(self, memory: Memory | None) -> None:
        if memory is None:
            laid_out = plan(self.dialog, self.functions)
            memory = Memory(laid_out, NOTHING.and_then(laid_out, self.given))
        object.__setattr__(self, "_memory", memory)

    def after(self, rows: tuple[Given, ...]) -> "Interview":
        """The interview once these rows are added; asked again for the same rows it is the same one."""
        before, given = self._memory, (*self.given, *rows)
        if before.after is None or before.after.given != given:
            memory = Memory(before.plan, before.heard.and_then(before.plan, rows))
            before.after = Interview(self.run, self.dialog, self.functions, given, self.around, memory)
        return before.after

    def worded(self, placeholders: Mapping[str, Value]) -> "Interview":
        """The same interview with what its sentences are filled in with: no rule looks at that."""
        now = self.around
        around = Circumstances(now.seconds, now.function, now.headcounts, now.echoes, placeholders)
        return Interview(self.run, self.dialog, self.functions, self.given, around, self._memory.kept())

    @property
    def laid_out(self) -> Plan:
        """How its dialog is laid out."""
        return self._memory.plan

    def step(self, step_id: str) -> Step | None:
        """The step of this id, or the one that says it was called so."""
        return self._memory.plan.steps.get(step_id)

    def step_id(self, name: str) -> str | None:
        """The present id of a step by its id, or by the one that it had before."""
        return getattr(self._memory.plan.steps.get(name), "id", None)

    def saving(self, name: str) -> tuple[Step, ...]:
        """The steps that save under this name of the content."""
        return self._memory.plan.saving.get(name, ())

    def asked(self) -> KeysView[tuple[str, int]]:
        """The steps, with their rounds, that something was answered to."""
        return self._memory.heard.rows.keys()

    def revision(self, position: Position) -> int:
        """How many rows the question has: a control asked under another number is stale."""
        return len(self._memory.heard.rows.get((position.step.id, position.round), ()))

    def latest(self, position: Position) -> Answer | None:
        """The latest row of the question, whether or not it is still valid."""
        rows = self._memory.heard.rows.get((position.step.id, position.round))
        return rows[-1] if rows else None

    def value(self, step_id: str, round_: int) -> Answer | None:
        """The valid answer to a step; inside the rounds that of this round."""
        return self.scope(round_).value(step_id)

    def saved(self, name: str, round_: int) -> Answer | None:
        """The valid answer saved under this name of the content, such as impact.severity."""
        steps, scope = self._memory.plan.saving.get(name, ()), self.scope(round_)
        if len(steps) > 1:  # the same thing asked in two ways: the way that was taken counts
            steps = tuple([step for step in steps if holds(step.when, scope)])
        for step in steps:
            value = scope.value(step.id)
            if value is not None:
                return value
        return None

    def function(self) -> str | None:
        """The function that the answers are about: the one answered, else the person's own."""
        step = self._memory.plan.function
        answered = None if step is None else self.scope(0).value(step.id)
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
        if step.variants:
            scope = self.scope(position.round)
            for variant in step.variants:
                if holds(variant.when, scope):
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
                return self._paced(position, step.options) if step.options else ()
            case "functions":
                return self._memory.plan.functions
            case "function_picks" | "function_tap":
                function = self.functions.get(self.function() or "")
                if function is None:
                    return ()
                return (function.tap if step.options_from == "function_tap" else function.picks).options

    def required(self, position: Position) -> bool:
        """Whether the question accepts neither "I don't know" nor "Skip"."""
        when = position.step.required_when
        return position.step.required or (when is not None and holds(when, self.scope(position.round)))

    def valid(self, position: Position, value: Answer) -> bool:
        """Whether the content, as it is now, takes this answer."""
        if value in (DONT_KNOW, SKIPPED):
            return not self.required(position)
        step = position.step
        takes = self._memory.plan.takes.get(step.id)
        if takes is None:  # which answers it takes depends on the person's function, or on the round
            takes = taken(self.kind(step), step.options, self.options(position), step.max_picks)
        return takes(value)

    def position(self) -> Position | None:
        """The first question that is due and has no valid answer; None at the end."""
        passed = self._memory.passed
        if passed is None:
            passed = self._memory.passed = []
            for one, scope in self._due():
                if scope.value(one.id) is None:
                    self._memory.open = one.position
                    break
                passed.append(one.position)
        return self._memory.open

    def due(self) -> Iterator[Position]:
        """Every question that the answers so far lead to, in order, answered or not."""
        return (one.position for one, _ in self._due())

    def _due(self) -> Iterator[tuple[Line, Scope]]:
        laid_out, later, scope = self._memory.plan, self.dialog.later, self.scope(0)
        put_off, round_ = None if later is None else later.step, 0
        for one in laid_out.orders[self._begun()]:
            if one.round != round_:
                scope, round_ = self.scope(one.round), one.round
            if one.leads is not None and not one.leads(scope):
                continue
            if one.carries and self._carried(one.position) is not None:
                continue
            yield one, scope
            if one.id == put_off and self._wants_later():
                yield Line.of(laid_out.steps[SLOT], 0), scope

    def is_due(self, position: Position) -> bool:
        """Whether the answers so far lead to this question, answered or not."""
        step, round_, later = position.step, position.round, self.dialog.later
        if step.id == SLOT and later is not None:
            first = Position(self._memory.plan.steps[later.step], 0)
            return round_ == 0 and self._wants_later() and self._leads_to(first)
        inside = step.id in self._memory.plan.rounds
        reached = 1 <= round_ <= self._begun() if inside else round_ == 0
        return reached and self._leads_to(position)

    def before(self, position: Position) -> Position | None:
        """The answered question before this one."""
        open_ = self.position()
        if open_ is not None and open_.key == position.key and self._memory.passed:
            return self._memory.passed[-1]
        previous = None
        for one in self.due():
            if one.key == position.key:
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
        scope = self._memory.scopes.get(round_)
        if scope is None:
            known = self._memory.heard.sure.get(round_)
            values, rules = WorkedOut(self._value, round_, known), WorkedOut(self._rule, round_)
            scope = self._memory.scopes[round_] = Scope(values.__getitem__, rules.__getitem__)
        return scope

    def _rule(self, rule: RuleName, round_: int) -> bool:
        return named(rule, self, round_)

    def last_round(self) -> int:
        """The last round that has a question; 0 when none has."""
        again = self._memory.plan.again
        numbers = range(self._begun(), 0, -1)
        return next((n for n in numbers if any(self._leads_to(Position(step, n)) for step in again)), 0)

    def _begun(self) -> int:
        """How many rounds the answers lead into, the other side of "both" counted."""
        rounds, memory = self.dialog.rounds, self._memory
        again = memory.plan.more
        if rounds is None or again is None:
            return 0
        if memory.begun == 0:
            for number in range(1, rounds.max + 2):
                memory.begun = number
                scope = self.scope(number)
                more = number < rounds.max and again(scope)
                if not more and not scope.rule("side_to_come"):
                    break
        return memory.begun

    def _leads_to(self, position: Position) -> bool:
        step = position.step
        if position.round > 1 and step.save in CARRIED and self._carried(position) is not None:
            return False
        return not step.when or holds(step.when, self.scope(position.round))

    def _wants_later(self) -> bool:
        later = self.dialog.later
        return later is not None and self.value(later.step, 0) == later.equals

    def _value(self, step_id: str, round_: int) -> Answer | None:
        memory = self._memory
        step = memory.plan.steps.get(step_id)
        if step is None:
            return None
        if round_ and step.id not in memory.plan.rounds:
            return self.scope(0).value(step.id)
        carried = self._carried(Position(step, round_)) if round_ > 1 and step.save in CARRIED else None
        if carried is not None:
            return carried
        rows = memory.heard.rows.get((step.id, round_))
        value = rows[-1] if rows else None
        return value if value is not None and self.valid(Position(step, round_), value) else None

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
