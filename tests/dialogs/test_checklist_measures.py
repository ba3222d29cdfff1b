"""Maturity, gates, readiness and what is past its date, by the formulas of the blueprint."""

from datetime import timedelta

import pytest

from dialogs import metrics
from dialogs.item_state import (
    Block,
    ItemState,
    gate_progress,
    marks,
    maturity,
    missing,
    next_gate,
    open_items,
)
from tests.dialogs.checklist_project import GATES, NOW, TODAY, closed, proof, state


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (state(), 0),
        (state(commitment_at=NOW), 1),
        (state(closed=True), 1),
        (state(evidence=(proof(),)), 1),
        (closed(), 2),
        (closed(tested=TODAY), 3),
        (state(closed=True, evidence=(proof(TODAY), proof())), 2),
    ],
    ids=[
        "unknown",
        "planned",
        "closed without proof",
        "reopened",
        "proof",
        "test",
        "the latest proof counts",
    ],
)
def test_maturity_needs_a_proof_for_two_and_a_dated_test_for_three(one: ItemState, expected: int) -> None:
    assert maturity(one) == expected


def test_a_gate_counts_only_its_blocking_items_at_the_maturity_it_asks() -> None:
    """Would have caught a gate that looks open because minor items were closed."""
    states = [
        closed("A", gates={"G2": 2, "G4": 3}),
        closed("B", gates={"G2": 2}, tested=TODAY),
        state("C", gates={"G2": 1}, commitment_at=NOW),
        state("D", gates={"G2": 2}),
        closed("E", gates={"G2": 2}, blocking=False),
        closed("F", gates={"G1": 2}),
    ]
    assert gate_progress("G2", states) == (3, 4)
    assert gate_progress("G4", states) == (0, 1)
    assert gate_progress("G9", states) == (0, 0)


def readiness(states: list[ItemState]) -> float | None:
    found = metrics.readiness(marks(states, TODAY))
    return found.value if found else None


def planned_readiness(states: list[ItemState]) -> float | None:
    found = metrics.planned_readiness(marks(states, TODAY))
    return found.value if found else None


def late_of(states: list[ItemState]) -> metrics.Lateness:
    return metrics.lateness(open_items(states, TODAY))


def test_what_is_missing_at_a_gate_includes_items_that_do_not_block() -> None:
    states = [closed("A"), state("B"), state("C", blocking=False), state("D", gates={"G1": 2})]
    assert [one.item.id for one in missing("G2", states)] == ["B", "C"]


def test_readiness_weighs_each_item_by_its_maturity() -> None:
    """Blocking weighs 2, others 1, a given weight wins: (2x2 + 1x3 + 5x0) / (3 x 8)."""
    states = [closed("A"), closed("B", blocking=False, tested=TODAY), state("C", weight=5)]
    assert readiness(states) == pytest.approx(7 / 24)
    assert readiness([]) is None


def test_planned_readiness_counts_the_items_due_so_far() -> None:
    """Due today counts, due tomorrow does not: (2x2) / (3 x 4)."""
    states = [state("A", due=TODAY), state("B", due=TODAY + timedelta(days=1))]
    assert planned_readiness(states) == pytest.approx(4 / 12)
    assert planned_readiness([]) is None


def test_items_closed_in_time_as_planned_make_readiness_equal_to_the_plan() -> None:
    states = [
        closed("A"),
        closed("B", gates={"G4": 3}, tested=TODAY),
        state("C", due=TODAY + timedelta(days=1)),
    ]
    assert readiness(states) == planned_readiness(states)


def test_overdue_rate_and_ageing_leave_out_what_is_blocked_or_closed() -> None:
    """Would have caught an owner counted as late for a decision that others owe."""
    days = (3, 10, 20, 45)
    states = [state(f"L{late}", due=TODAY - timedelta(days=late)) for late in days]
    states += [state("T", due=TODAY), closed("D", due=TODAY - timedelta(days=50))]
    states += [state("B", due=TODAY - timedelta(days=9), block=Block("decision", "", TODAY))]
    late = late_of(states)
    assert (late.open, late.overdue) == (5, 4)
    assert late.rate is not None
    assert late.ageing is not None
    assert late.rate.value == pytest.approx(0.8)
    assert late.ageing.value == pytest.approx((3 + 10 + 20 + 30) / 30 / 5)
    assert late.buckets == (1, 1, 1, 1)
    assert late.blocked == 1


@pytest.mark.parametrize(("days", "bucket"), [(1, 0), (7, 0), (8, 1), (14, 1), (15, 2), (30, 2), (31, 3)])
def test_the_edges_of_the_ageing_buckets(days: int, bucket: int) -> None:
    assert late_of([state(due=TODAY - timedelta(days=days))]).buckets[bucket] == 1


def test_nothing_open_is_nothing_overdue() -> None:
    assert late_of([closed()]).rate is None
    assert late_of([]).open == 0


def test_an_item_of_two_gates_speaks_of_the_first_that_it_holds_up() -> None:
    two = {"G1": 1, "G2": 2}
    one, two_, three = (
        next_gate(x, GATES)
        for x in (state(gates=two), state(gates=two, commitment_at=NOW), closed(gates=two))
    )
    assert (one, two_, three) == (GATES[0], GATES[1], GATES[1])
    assert next_gate(state(gates={}), GATES) is None
