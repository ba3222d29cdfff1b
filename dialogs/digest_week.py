"""What a weekly digest is made of: the frozen figures of one week, by function and role, never by person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dialogs.measure import Measure
from dialogs.metrics import FORMULA_VERSION
from dialogs.text import Wording


@dataclass(frozen=True, slots=True)
class GateAhead:
    """The next gate. days: until its date, negative once it has passed. done, total: blocking items."""

    id: str
    label: Wording
    days: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """The measures of one function that may be told apart from the whole."""

    code: str
    label: Wording
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a project, as it was when the digest was made.

    id: in references, such as 2026-W48. number: of the project, from 1.
    measures: by name of the content (participation, coverage, readiness,
    overdue, and readiness_planned beside readiness); a name is absent while there is nothing to measure.
    asked, answered: people invited and people who answered within the window. covered: codes of the functions
    heard well enough. waivers: gate and last day.
    causes: what is known to have moved a figure, by "measure" or "FUNCTION.measure". skewed: some function
    answers much more, or much less, than its share of the staff.
    """

    id: str
    number: int
    start: date
    end: date
    measures: Mapping[str, Measure]
    asked: int
    answered: int
    gate: GateAhead | None = None
    functions: tuple[FunctionFigures, ...] = ()
    closed: int = 0
    blocked: int = 0
    newly_covered: tuple[Wording, ...] = ()
    covered: tuple[str, ...] = ()
    waivers: tuple[tuple[Wording, date], ...] = ()
    causes: Mapping[str, Wording] = field(default_factory=dict)
    skewed: bool = False
    version: int = FORMULA_VERSION
