"""When a question comes back: sooner after a mistake, later after a sure right answer, in whole days."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from fsrs import Rating
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.quiz_memory import (
    Memory,
    after_review,
    after_review_by_ladder,
    grade,
    ladder_days,
    mastered,
    memory,
    recall,
)

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)


def answered(*answers: tuple[bool, bool | None], retention: float = 0.85) -> Memory:
    known: Memory | None = None
    for correct, sure in answers:
        now = known.due if known else NOW
        known = after_review(known, correct=correct, sure=sure, retention=retention, now=now)
    assert known is not None
    return known


def days(known: Memory) -> int:
    return (known.due - known.last_review).days


def test_the_grades_are_those_of_the_plan():
    assert grade(correct=False, sure=True, streak_sure=9) is Rating.Again
    assert grade(correct=True, sure=False, streak_sure=9) is Rating.Hard
    assert grade(correct=True, sure=None, streak_sure=9) is Rating.Good
    assert grade(correct=True, sure=True, streak_sure=0) is Rating.Good
    assert grade(correct=True, sure=True, streak_sure=1) is Rating.Easy


def test_a_wrong_answer_returns_the_next_day_and_a_right_one_later():
    assert days(answered((False, True))) == 1
    assert days(answered((False, True))) < days(answered((True, False))) < days(answered((True, True)))


def test_intervals_grow_and_a_higher_retention_asks_sooner():
    """Would catch learning steps of minutes, which make no sense in two sessions a week."""
    spans = [days(answered(*[(True, True)] * n)) for n in range(1, 5)]
    assert spans == sorted(set(spans))
    assert days(answered((True, True), (True, True), retention=0.90)) < days(
        answered((True, True), (True, True))
    )


def test_sure_and_wrong_is_remembered_until_the_next_answer():
    assert answered((False, True)).misjudged
    assert not answered((False, False)).misjudged
    assert not answered((False, True), (True, False)).misjudged


def test_mastery_needs_two_right_days_apart_and_a_right_last_answer():
    """Would catch mastery after one lucky day."""
    once = after_review(None, correct=True, sure=True, retention=0.85, now=NOW)
    assert not mastered(once, NOW)
    day_after = after_review(once, correct=True, sure=True, retention=0.85, now=NOW + timedelta(days=1))
    assert not mastered(day_after, NOW + timedelta(days=1))
    third = NOW + timedelta(days=3)
    apart = after_review(day_after, correct=True, sure=True, retention=0.85, now=third)
    assert apart.right_days == (NOW.date(), third.date())
    assert mastered(apart, third)
    assert not mastered(apart, third + timedelta(days=4000))
    wrong = after_review(apart, correct=False, sure=False, retention=0.85, now=third + timedelta(days=1))
    assert not mastered(wrong, third + timedelta(days=1))


def test_the_ladder_is_one_three_seven_twenty_one_sixty_and_a_hundred_and_twenty_days():
    assert [ladder_days(n) for n in range(8)] == [1, 1, 3, 7, 21, 60, 120, 120]
    known, spans = None, []
    for correct in (True, True, True, False, True, True):
        known = after_review_by_ladder(known, correct=correct, sure=True, now=NOW)
        spans.append(days(known))
    assert spans == [1, 3, 7, 1, 1, 3]


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([True, False, None]), st.integers(0, 300)),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_any_history_gives_whole_days_and_survives_storage(
    history: list[tuple[bool, bool | None, int]], ladder: bool
):
    """Would catch a random or fractional interval, and a field forgotten on the way to the database."""
    known, now = None, NOW
    for correct, sure, gap in history:
        now += timedelta(days=gap)
        again = known
        if ladder:
            known = after_review_by_ladder(known, correct=correct, sure=sure, now=now)
        else:
            known = after_review(known, correct=correct, sure=sure, retention=0.85, now=now)
            assert known == after_review(again, correct=correct, sure=sure, retention=0.85, now=now)
        assert known.due - now >= timedelta(days=1)
        assert (known.due - now).seconds == 0
        assert known.due.tzinfo is UTC
        assert 0 <= recall(known, now + timedelta(days=gap)) <= 1
        assert memory(json.loads(json.dumps(known.plain()))) == known
    assert known is not None
    assert known.reps == len(history)
    assert (known.streak_right > 0) == history[-1][0]


@pytest.mark.parametrize(
    "damage",
    [
        {"stability": float("nan")},
        {"stability": 0},
        {"due": "2026-11-26"},
        {"due": "soon"},
        {"right_days": None},
        {"difficulty": 99},
    ],
)
def test_a_damaged_memory_is_refused_with_a_way_out(damage: dict[str, object]):
    """Would catch a broken row that makes every later session fail inside the scheduler."""
    with pytest.raises(ValueError):  # noqa: PT011
        memory(answered((True, True)).plain() | damage)
    with pytest.raises(ValueError, match="ask the question as a new one"):
        memory({"stability": 1.0})


def test_the_day_of_a_right_answer_is_the_persons_own():
    evening = datetime(2026, 11, 26, 20, 0, tzinfo=timezone(timedelta(hours=-5)))
    known = after_review(None, correct=True, sure=True, retention=0.85, now=evening)
    assert known.right_days == (date(2026, 11, 26),)
