"""The measures of a project as exact formulas over plain numbers (blueprint 3j); each lies in 0 to 1."""

import math
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from dialogs.measure import Measure, share

FORMULA_VERSION = 1
"""Printed with every figure; a trend never crosses a change of it."""
MIN_RESPONDENTS = 3
CELLS = 8
"""Four dimensions (culture, processes, partners, people) as a gain and as a difficulty."""
FULL_MATURITY = 3
UNPROVEN_MATURITY = 1
AGEING_CAP = 30


def participation(
    invited: AbstractSet[object], completed: AbstractSet[object], away: AbstractSet[object] = frozenset()
) -> Measure | None:
    """P: distinct people who completed an invited dialog ÷ distinct people invited.

    away: people on leave for the whole window of 28 days, who count on neither side. Sets of opaque ids.
    Vector: 5 invited, 1 of them away, 2 completed and present gives 0.5.
    """
    counted = invited - away
    return share(len(counted & completed), len(counted))


def completion(started: int, completed: int) -> Measure | None:
    """Completed runs ÷ started runs. Vector: 3 of 4 gives 0.75."""
    return share(completed, started)


def mastery(mastered: int, assigned: int) -> Measure | None:
    """QM: mastered (person, question) pairs ÷ pairs assigned 14 days ago or more.

    Vector: 12 of 25 gives 0.48.
    """
    return share(mastered, assigned)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one function in scope.

    respondents: distinct people who answered. impacts: reported ones. no_impact: somebody said expressly
    that there is none. cells: how many of the 8 kinds of impact are filled.
    """

    headcount: int
    respondents: int
    impacts: int
    no_impact: bool = False
    cells: int = 0


def needed_respondents(headcount: int) -> int:
    """How many must be heard: a tenth of the headcount, at least 3, or everyone where there are fewer.

    Vectors: 2 gives 2, 12 gives 3, 41 gives 5, 70 gives 7.
    """
    # A tenth rounded up, in whole numbers so that no last bit of a float can ask for one person more.
    return min(headcount, max(MIN_RESPONDENTS, -(-headcount // 10)))


def covered(heard: Heard) -> bool:
    """Whether a function counts as covered: enough people heard, and an impact or an express "none"."""
    enough = heard.respondents >= needed_respondents(heard.headcount)
    return enough and (heard.impacts > 0 or heard.no_impact)


def coverage(functions: Iterable[Heard]) -> Measure | None:
    """IC: functions covered ÷ functions in scope. Vector: 8 of 10 gives 0.8."""
    heard = tuple(functions)
    return Measure(sum(map(covered, heard)) / len(heard), len(heard)) if heard else None


def depth(heard: Heard) -> float:
    """Filled cells ÷ 8. Vector: 6 cells give 0.75."""
    if not 0 <= heard.cells <= CELLS:
        raise ValueError(f"{heard.cells} cells of {CELLS}: count each kind of impact once")
    return heard.cells / CELLS


@dataclass(frozen=True, slots=True)
class ItemMark:
    """One applicable item of the checklist. maturity: 0 to 3. proven: it has valid evidence.

    due: its date has come. blocking, threshold: whether a gate waits for it, and from which maturity on.
    """

    weight: int
    maturity: int
    proven: bool
    due: bool = False
    blocking: bool = False
    threshold: int = FULL_MATURITY


def counted_maturity(maturity: int, *, proven: bool) -> int:
    """The maturity that counts: without evidence 1 at most."""
    if not 0 <= maturity <= FULL_MATURITY:
        raise ValueError(f"a maturity of {maturity}: it goes from 0 to {FULL_MATURITY}")
    return maturity if proven else min(maturity, UNPROVEN_MATURITY)


def readiness(items: Iterable[ItemMark]) -> Measure | None:
    """R: Σ weight × counted maturity ÷ Σ 3 × weight. It never opens a gate by itself.

    Vector: weight 2 at 3 proven, weight 1 at 3 unproven gives (6 + 1) ÷ 9 = 0.778.
    """
    marks = tuple(items)
    possible = sum(FULL_MATURITY * one.weight for one in marks)
    reached = sum(one.weight * counted_maturity(one.maturity, proven=one.proven) for one in marks)
    return Measure(reached / possible, len(marks)) if possible else None


def planned_readiness(items: Iterable[ItemMark]) -> Measure | None:
    """What R would be now if each item due so far had the maturity that is asked of it, and no other were begun.

    Vectors: weights 2 (due, threshold 3) and 1 (not due) give 6 ÷ 9 = 0.667; a threshold of 2 gives 4 ÷ 9.
    """
    marks = tuple(items)
    possible = sum(FULL_MATURITY * one.weight for one in marks)
    planned = sum(one.weight * one.threshold for one in marks if one.due)
    return Measure(planned / possible, len(marks)) if possible else None


def gate_progress(items: Iterable[ItemMark]) -> tuple[int, int]:
    """Blocking items at their threshold, and all blocking items of the gate. Vector: 8 of 13."""
    marks = tuple(one for one in items if one.blocking)
    return sum(counted_maturity(one.maturity, proven=one.proven) >= one.threshold for one in marks), len(
        marks
    )


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item that is not closed.

    days_late: days since its due date, 0 or less when there is time, None without a date. blocked: it waits
    for somebody else.
    """

    days_late: int | None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the open items are.

    rate: OR. ageing: OA. buckets: items late by 1-7, 8-14, 15-30 and more than 30 days. blocked: those that
    wait for somebody else, counted here and nowhere above.
    """

    rate: Measure | None
    ageing: Measure | None
    buckets: tuple[int, int, int, int]
    blocked: int

    @property
    def open(self) -> int:
        """Open items with a due date that wait for nobody else."""
        return 0 if self.rate is None else self.rate.n

    @property
    def overdue(self) -> int:
        """Those of them that are late."""
        return sum(self.buckets)


def lateness(items: Iterable[OpenItem]) -> Lateness:
    """OR = overdue ÷ open items with a due date; OA = Σ min(days late, 30)/30 ÷ the same items.

    Vector: late by 3, 10 and 45 days, one in time, one without a date, one blocked: OR 3 ÷ 4 = 0.75,
    OA (0.1 + 1/3 + 1) ÷ 4 = 0.358, buckets 1, 1, 0, 1, blocked 1.
    """
    everything = tuple(items)
    days = [one.days_late for one in everything if one.days_late is not None and not one.blocked]
    late, n = [day for day in days if day > 0], len(days)
    aged = math.fsum(min(day, AGEING_CAP) / AGEING_CAP for day in late)
    bounds = ((1, 7), (8, 14), (15, 30), (31, math.inf))
    first, second, third, fourth = (sum(low <= day <= high for day in late) for low, high in bounds)
    return Lateness(
        rate=Measure(len(late) / n, n) if n else None,
        ageing=Measure(aged / n, n) if n else None,
        buckets=(first, second, third, fourth),
        blocked=sum(one.blocked for one in everything),
    )
