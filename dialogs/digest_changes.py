"""What really changed from one week to another, and which three changes deserve a line (blueprint 3j)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.measure import Change, Measure, change

MOST = 3
FEWEST = 2
"""With fewer real changes than this the week is quiet."""
SMALL = 5
"""A function with fewer people than this is never told apart where people are counted."""
NEW_POPULATION = 0.10
GATE = "gate"
_LESS_IS_BETTER = {"overdue"}
_OF_PEOPLE = {"participation"}
_NOT_A_POPULATION = {"overdue"}
_WITHOUT_TREND = {"readiness_planned"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One real change. theme: the measure, or "gate"; function: None for the whole project."""

    theme: str
    function: FunctionFigures | None
    before: Measure
    after: Measure
    change: Change
    good: bool

    @property
    def key(self) -> str:
        """The name under which a known cause is given."""
        return self.theme if self.function is None else f"{self.function.code}.{self.theme}"


def compared(name: str, week: Week, previous: Week | None) -> Change | None:
    """A measure of the project against the previous week; None where the two must not be compared.

    A trend restarts with a new version of the formulas, or when the population changed by more than 10 %.
    """
    if previous is None or previous.version != week.version:
        return None
    return _compared(name, week.measures.get(name), previous.measures.get(name))


def real_changes(week: Week, previous: Week | None) -> tuple[Moved, ...]:
    """Every real change, the strongest first."""
    if previous is None or previous.version != week.version:
        return ()
    moved = (
        *_of_project(week, previous),
        *_of_functions(week, previous),
        *_of_gate(week.gate, previous.gate),
    )
    return tuple(sorted(moved, key=lambda one: (-one.change.strength, one.key)))


def told(changes: tuple[Moved, ...]) -> tuple[Moved, ...]:
    """At most three, one per theme, the strongest first; good and bad both appear where there are both."""
    themes: dict[str, Moved] = {}
    for one in changes:
        themes.setdefault(one.theme, one)
    best = list(themes.values())
    chosen, rest = best[:MOST], best[MOST:]
    if len({one.good for one in chosen}) == 1:
        # The other side may also hide behind a stronger change of a theme that is already chosen.
        taken = {one.theme for one in chosen[:-1]}
        others = (one for one in (*rest, *changes) if one.good != chosen[0].good and one.theme not in taken)
        other = next(others, None)
        if other is not None and len(chosen) > 1:
            chosen[-1] = other
    return tuple(chosen)


def quiet(week: Week, previous: Week | None) -> bool:
    """Whether a digest that could compare finds fewer than two real changes."""
    comparable = previous is not None and previous.version == week.version
    return comparable and len(real_changes(week, previous)) < FEWEST


def _of_project(week: Week, previous: Week) -> Iterator[Moved]:
    yield from _moved(None, week.measures, previous.measures)


def _of_functions(week: Week, previous: Week) -> Iterator[Moved]:
    earlier = {function.code: function.measures for function in previous.functions}
    for function in week.functions:
        yield from _moved(function, function.measures, earlier.get(function.code, {}))


def _moved(
    function: FunctionFigures | None, now: Mapping[str, Measure], before: Mapping[str, Measure]
) -> Iterator[Moved]:
    for name, after in now.items():
        found = _compared(name, after, before.get(name))
        if found is None or not found.real or _too_small(name, function, after, before[name]):
            continue
        good = (found.delta < 0) == (name in _LESS_IS_BETTER)
        yield Moved(name, function, before[name], after, found, good)


def _of_gate(now: GateAhead | None, before: GateAhead | None) -> Iterator[Moved]:
    if now is None or before is None or now.id != before.id or not now.total or not before.total:
        return
    earlier, after = (Measure(gate.done / gate.total, gate.total) for gate in (before, now))
    found = _compared(GATE, after, earlier)
    if found is not None and found.real:
        yield Moved(GATE, None, earlier, after, found, found.delta > 0)


def _compared(name: str, now: Measure | None, before: Measure | None) -> Change | None:
    if now is None or before is None or name in _WITHOUT_TREND:
        return None
    if name not in _NOT_A_POPULATION and abs(now.n - before.n) > NEW_POPULATION * before.n:
        return None
    return change(now, before)


def _too_small(name: str, function: FunctionFigures | None, *measures: Measure) -> bool:
    return function is not None and name in _OF_PEOPLE and min(one.n for one in measures) < SMALL
