"""The measures against their published vectors and against a second, naive way to count."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.adoption_index import TARGETS, WEIGHTS_AFTER, WEIGHTS_BEFORE, adoption_index
from dialogs.measure import Measure, change, confidence, half_width, share, wilson
from dialogs.metrics import (
    Heard,
    ItemMark,
    OpenItem,
    completion,
    counted_maturity,
    coverage,
    covered,
    depth,
    gate_progress,
    lateness,
    mastery,
    needed_respondents,
    participation,
    planned_readiness,
    readiness,
)

people = st.frozensets(st.integers(0, 30))
heard = st.builds(
    Heard, st.integers(0, 60), st.integers(0, 60), st.integers(0, 3), st.booleans(), st.integers(0, 8)
)
marks = st.builds(
    ItemMark,
    st.integers(0, 10),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(1, 3),
)
opened = st.builds(OpenItem, st.none() | st.integers(-60, 90), st.booleans())


def test_people_on_leave_for_the_whole_window_count_on_neither_side():
    """Would catch a holiday that looks like resistance."""
    measure = participation({1, 2, 3, 4, 5}, {1, 2, 5, 99}, away={5})
    assert measure is not None
    assert (measure.value, measure.n) == (0.5, 4)
    assert participation({1}, {1}, away={1}) is None


def test_the_published_vectors_hold():
    assert completion(4, 3) == share(3, 4)
    assert mastery(12, 25) == Measure(0.48, 25, half_width(12, 25))
    assert [needed_respondents(n) for n in (0, 1, 2, 3, 12, 30, 31, 41, 70, 2000)] == [
        0,
        1,
        2,
        3,
        3,
        3,
        4,
        5,
        7,
        200,
    ]
    assert depth(Heard(10, 3, 4, cells=6)) == 0.75
    index = adoption_index({"P": 0.42, "IC": 0.80, "R": 0.55, "QM": 0.48, "BI": 0.60})
    assert index is not None
    assert round(index.value, 1) == 68.4
    assert not index.partial


def test_a_function_is_covered_only_when_enough_people_said_something():
    assert covered(Heard(headcount=40, respondents=4, impacts=1))
    assert not covered(Heard(headcount=40, respondents=3, impacts=9))
    assert not covered(Heard(headcount=40, respondents=4, impacts=0))
    assert covered(Heard(headcount=40, respondents=4, impacts=0, no_impact=True))
    assert covered(Heard(headcount=2, respondents=2, impacts=1))


def test_a_claim_without_evidence_never_counts_for_more_than_a_third():
    items = [ItemMark(2, 3, proven=True), ItemMark(1, 3, proven=False)]
    measure = readiness(items)
    assert measure is not None
    assert measure.value == pytest.approx(7 / 9)
    gate = [
        ItemMark(2, 3, proven=False, blocking=True, threshold=2),
        ItemMark(2, 2, proven=True, blocking=True, threshold=2),
    ]
    assert gate_progress([*gate, ItemMark(1, 3, proven=True)]) == (1, 2)
    planned = planned_readiness([ItemMark(2, 0, proven=False, due=True), ItemMark(1, 3, proven=True)])
    assert planned is not None
    assert planned.value == pytest.approx(2 / 3)


def test_blocked_items_are_counted_apart_and_ageing_stops_at_thirty_days():
    late = lateness(
        [OpenItem(3), OpenItem(10), OpenItem(45), OpenItem(0), OpenItem(None), OpenItem(20, blocked=True)]
    )
    assert late.rate == Measure(0.75, 4)
    assert late.ageing is not None
    assert late.ageing.value == pytest.approx((0.1 + 1 / 3 + 1) / 4)
    assert late.buckets == (1, 1, 0, 1)
    assert late.blocked == 1


@pytest.mark.parametrize(("day", "bucket"), [(1, 0), (7, 0), (8, 1), (14, 1), (15, 2), (30, 2), (31, 3)])
def test_each_late_day_falls_in_its_bucket(day: int, bucket: int):
    assert lateness([OpenItem(day)]).buckets.index(1) == bucket


def test_the_interval_is_wilsons():
    low, high = wilson(8, 10, z=1.96)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="count each one once"):
        wilson(3, 2)


def test_only_a_change_beyond_two_points_and_beyond_its_interval_is_real():
    assert change(Measure(0.58, 90, 0.03), Measure(0.52, 90, 0.04)).real
    assert not change(Measure(0.58, 30, 0.06), Measure(0.52, 30, 0.06)).real
    assert not change(Measure(0.54, 13), Measure(0.52, 13)).real
    assert change(Measure(0.55, 13), Measure(0.52, 13)).real


def test_confidence_follows_response_number_and_width():
    assert confidence(0.47, 214, 0.056) == "medium"
    assert confidence(0.70, 214, 0.04) == "high"
    assert confidence(0.70, 214, 0.04, skewed=True) == "medium"
    assert confidence(0.20, 214, 0.04) == "low"
    assert confidence(0.70, 10, 0.04, skewed=True) == "low"


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="it goes from 0 to 3"):
        counted_maturity(4, proven=True)
    with pytest.raises(ValueError, match="each kind of impact once"):
        depth(Heard(1, 1, 1, cells=9))
    assert coverage([]) is None
    assert readiness([]) is None
    assert planned_readiness([]) is None
    assert lateness([OpenItem(None)]).rate is None
    assert adoption_index({"P": None}) is None


@given(people, people, people)
def test_participation_agrees_with_counting_heads(
    invited: frozenset[int], completed: frozenset[int], away: frozenset[int]
):
    here = [one for one in invited if one not in away]
    done = [one for one in here if one in completed]
    measure = participation(invited, completed, away)
    assert (measure.value if measure else None) == (len(done) / len(here) if here else None)


@given(st.lists(heard, max_size=13))
def test_coverage_agrees_with_a_naive_count(functions: list[Heard]):
    """Would catch a tenth rounded down, and a small function that can never be covered."""
    count = 0
    for one in functions:
        tenth = math.ceil(Fraction(one.headcount, 10))
        wanted = min(one.headcount, max(3, tenth))
        if one.respondents >= wanted and (one.impacts >= 1 or one.no_impact):
            count += 1
    measure = coverage(functions)
    assert (measure.value if measure else None) == (count / len(functions) if functions else None)


@given(st.lists(marks, max_size=20))
def test_readiness_agrees_with_a_naive_sum_and_planned_lies_in_bounds(items: list[ItemMark]):
    top = bottom = Fraction(0)
    for one in items:
        maturity = one.maturity if one.proven or one.maturity < 1 else 1
        top += one.weight * maturity
        bottom += 3 * one.weight
    measure, planned = readiness(items), planned_readiness(items)
    if bottom == 0:
        assert measure is None
        assert planned is None
        return
    assert measure is not None
    assert planned is not None
    assert measure.value == pytest.approx(float(top / bottom))
    assert 0 <= measure.value <= 1
    assert 0 <= planned.value <= 1
    done, total = gate_progress(items)
    assert 0 <= done <= total == len([one for one in items if one.blocking])


@given(st.lists(opened, max_size=20))
def test_lateness_agrees_with_a_naive_count(items: list[OpenItem]):
    dated, late, aged = 0, 0, Fraction(0)
    for one in items:
        if one.blocked or one.days_late is None:
            continue
        dated += 1
        if one.days_late > 0:
            late += 1
            aged += Fraction(min(one.days_late, 30), 30)
    found = lateness(items)
    assert sum(found.buckets) == late
    assert found.blocked == sum(1 for one in items if one.blocked)
    if dated:
        assert found.rate is not None
        assert found.ageing is not None
        assert found.rate.value == late / dated
        assert found.ageing.value == pytest.approx(float(aged / dated))
        assert 0 <= found.ageing.value <= found.rate.value <= 1 + 1e-12


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_contains_its_share_and_stays_between_none_and_all(hits: int, more: int):
    n = hits + more
    low, high = wilson(hits, n)
    assert 0 <= low <= high <= 1
    if n:
        assert low - 1e-9 <= hits / n <= high + 1e-9
    assert 0 <= half_width(hits, n) <= 0.5


@given(st.dictionaries(st.sampled_from([*TARGETS]), st.none() | st.floats(0, 1)), st.booleans())
def test_the_index_lies_between_five_and_a_hundred_and_says_when_it_is_partial(
    parts: dict[str, float | None], after: bool
):
    weights = WEIGHTS_AFTER if after else WEIGHTS_BEFORE
    assert sum(weights.values()) == pytest.approx(1)
    index = adoption_index(parts, after_launch=after)
    known = [name for name in weights if parts.get(name) is not None]
    if not known:
        assert index is None
    else:
        assert index is not None
        assert 5 - 1e-9 <= index.value <= 100 + 1e-9
        assert index.partial == (len(known) < len(weights))
