"""What one state of an interview has worked out of its rows, so that nothing is worked out twice."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from dialogs.conditions import Scope
from dialogs.outcome import Answer, Given
from dialogs.plan import Plan, Position

if TYPE_CHECKING:
    from dialogs.interview_state import Interview

Name = TypeVar("Name", bound=str)
Found = TypeVar("Found")


class WorkedOut(dict[Name, Found], Generic[Name, Found]):
    """What holds in one round, by name: worked out when it is first looked at, and then found as in any dict."""

    __slots__ = ("_round", "_work_out")

    def __init__(
        self, work_out: Callable[[Name, int], Found], round_: int, known: Mapping[Name, Found] | None = None
    ) -> None:
        if known:
            self.update(known)
        self._work_out = work_out
        self._round = round_

    def __missing__(self, name: Name) -> Found:
        """Work it out and keep it."""
        found = self[name] = self._work_out(name, self._round)
        return found


@dataclass(frozen=True, slots=True)
class Heard:
    """The rows of a run, sorted. rows: the values given for a step and round, in order.

    sure: by round and step, the answers that are valid whatever else was said.
    """

    rows: Mapping[tuple[str, int], tuple[Answer | None, ...]]
    sure: Mapping[int, Mapping[str, Answer | None]]

    def and_then(self, plan: Plan, given: Iterable[Given]) -> "Heard":
        """With the rows given since; those of steps that the content no longer has are left out."""
        rows, sure = dict(self.rows), {round_: dict(known) for round_, known in self.sure.items()}
        for row in given:
            step = plan.steps.get(row.step)
            if step is None:
                continue
            asked = (step.id, row.round)
            rows[asked] = (*rows.get(asked, ()), row.value)
            known = sure.setdefault(row.round, {})
            if plan.surely(step, row.round, row.value):
                known[step.id] = row.value
            else:
                known.pop(step.id, None)
        return Heard(rows, sure)


NOTHING = Heard({}, {})


@dataclass(slots=True)
class Memory:
    """What is known of one state; a state with further rows starts with an empty one.

    passed: the answered questions before the open one. after: the state that came of it.
    """

    plan: Plan
    heard: Heard
    scopes: dict[int, Scope] = field(default_factory=dict)
    begun: int = 0
    passed: list[Position] | None = None
    open: Position | None = None
    after: "Interview | None" = None

    def kept(self) -> "Memory":
        """The same for a state that differs only in its words."""
        return Memory(self.plan, self.heard, self.scopes, self.begun, self.passed, self.open)
