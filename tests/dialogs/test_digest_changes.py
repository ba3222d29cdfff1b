"""Which changes of a week are real, and which three are told."""

from dataclasses import replace

from hypothesis import given, settings

from dialogs.digest_changes import compared, quiet, real_changes, told
from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.measure import Measure
from tests.dialogs.digest_weeks import LEGAL, MODEL, people, week, weeks, with_measures

BEFORE = week(47)


def themes(this: Week, previous: Week = BEFORE) -> list[str]:
    return [one.theme for one in told(real_changes(this, previous))]


def test_at_most_three_are_told_the_strongest_first_with_good_and_bad_mixed():
    """Would catch a digest of good news only while something got worse."""
    this = week(
        gate=GateAhead("G2", MODEL, 14, 13, 13),
        measures=with_measures(
            BEFORE,
            coverage=Measure(1.0, 13),
            readiness=Measure(0.85, 31),
            overdue=Measure(0.25, 25),
            participation=people(0.8, 455),
        ),
    )
    assert len(real_changes(this, BEFORE)) == 5
    assert themes(this) == ["coverage", "gate", "overdue"]
    assert [one.good for one in told(real_changes(this, BEFORE))] == [True, True, False]


def test_one_theme_is_told_once():
    functions = tuple(FunctionFigures(code, LEGAL, {"readiness": Measure(0.1, 8)}) for code in ("LOG", "LEG"))
    better = tuple(replace(one, measures={"readiness": Measure(0.9, 8)}) for one in functions)
    this = replace(week(measures=with_measures(BEFORE, readiness=Measure(0.7, 31))), functions=better)
    assert themes(this, replace(BEFORE, functions=functions)) == ["readiness"]


def test_a_change_within_chance_or_within_two_points_is_stable():
    small = week(measures=with_measures(BEFORE, participation=people(0.45, 455), readiness=Measure(0.57, 31)))
    assert real_changes(small, BEFORE) == ()
    assert quiet(small, BEFORE)


def test_one_real_change_still_makes_a_quiet_week_and_two_do_not():
    one = week(measures=with_measures(BEFORE, readiness=Measure(0.7, 31)))
    assert quiet(one, BEFORE)
    assert not quiet(week(measures=with_measures(one, overdue=Measure(0.1, 25))), BEFORE)
    assert not quiet(one, None)


def test_a_trend_restarts_when_the_population_changes():
    """Would catch a fall in participation that is only a second site being invited."""
    twice = week(measures=with_measures(BEFORE, participation=people(0.2, 900)))
    assert compared("participation", twice, BEFORE) is None
    assert real_changes(twice, BEFORE) == ()
    wider = week(measures=with_measures(BEFORE, participation=people(0.2, 460)))
    change = compared("participation", wider, BEFORE)
    assert change is not None
    assert change.real


def test_another_gate_is_not_compared_with_the_one_before():
    assert themes(week(gate=GateAhead("G3", MODEL, 60, 0, 13))) == []


def test_people_of_a_tiny_function_are_never_told_apart():
    """Would catch a line that shows which of the two lawyers has not answered."""
    legal = FunctionFigures("LEG", LEGAL, {"participation": Measure(0.0, 2)})
    after = replace(legal, measures={"participation": Measure(1.0, 2)})
    assert themes(replace(week(), functions=(after,)), replace(BEFORE, functions=(legal,))) == []
    ten = replace(legal, measures={"participation": Measure(0.0, 10)})
    grown = replace(legal, measures={"participation": Measure(1.0, 10)})
    assert themes(replace(week(), functions=(grown,)), replace(BEFORE, functions=(ten,))) == ["participation"]


@settings(deadline=None)
@given(weeks, weeks)
def test_what_is_told_is_real_sorted_and_of_different_themes(this: Week, previous: Week):
    everything = real_changes(this, previous)
    chosen = told(everything)
    assert len(chosen) <= 3
    assert all(one in everything for one in chosen)
    assert len({one.theme for one in chosen}) == len(chosen)
    assert all(one.change.real and one.change.strength > 1 for one in chosen)
    if everything:
        assert chosen[0] == everything[0]
