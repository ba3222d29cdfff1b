"""Working days and wall times, on the days when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.calendar import Workdays, clock, due_day, local_moment

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
ZONES = st.sampled_from(
    ["America/Toronto", "Europe/Paris", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
CALENDARS = st.builds(
    Workdays, st.sets(st.integers(0, 6), min_size=1).map(frozenset), st.frozensets(DAYS, max_size=9)
)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("America/Toronto", date(2027, 3, 14), time(2, 30), datetime(2027, 3, 14, 7, 0, tzinfo=UTC)),
        ("Europe/Paris", date(2027, 3, 28), time(2, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("Africa/Cairo", date(2027, 4, 30), time(0, 15), datetime(2027, 4, 29, 22, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 10, 3), time(2, 10), datetime(2027, 10, 2, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_the_spring_change_skips_becomes_the_first_minute_after_the_gap(
    zone: str, day: date, at: time, expected: datetime
) -> None:
    assert local_moment(day, at, ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("America/Toronto", date(2027, 11, 7), time(1, 30), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        ("Europe/Paris", date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("Africa/Cairo", date(2027, 10, 28), time(23, 30), datetime(2027, 10, 28, 20, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), datetime(2027, 4, 3, 14, 45, tzinfo=UTC)),
    ],
)
def test_a_time_that_the_autumn_change_repeats_is_its_first_occurrence(
    zone: str, day: date, at: time, expected: datetime
) -> None:
    assert local_moment(day, at, ZoneInfo(zone)) == expected


@given(DAYS, TIMES, ZONES)
def test_the_wall_shows_the_time_that_was_meant_or_the_end_of_a_gap(day: date, at: time, name: str) -> None:
    """Would have caught a reminder an hour off after a clock change, anywhere."""
    zone = ZoneInfo(name)
    wall = local_moment(day, at, zone).astimezone(zone).replace(tzinfo=None)
    meant = datetime.combine(day, at)
    assert wall == meant or timedelta() < wall - meant <= timedelta(hours=1)


@given(CALENDARS, DAYS, st.integers(-30, 30))
def test_counting_working_days_there_and_back(calendar: Workdays, day: date, count: int) -> None:
    there = calendar.plus(day, count)
    assert calendar.between(day, there) == (
        count if count >= 0 or calendar.works(day) else calendar.between(day, there)
    )
    assert count == 0 or calendar.works(there)
    if calendar.works(day):
        assert calendar.plus(there, -count) == day


@given(CALENDARS, DAYS)
def test_the_next_working_day_is_the_first_that_is_worked(calendar: Workdays, day: date) -> None:
    found = calendar.next(day)
    assert calendar.works(found)
    assert not any(calendar.works(day + timedelta(days=n)) for n in range((found - day).days))


def test_a_long_week_end_counts_for_nothing() -> None:
    good_friday, easter_monday = date(2027, 3, 26), date(2027, 3, 29)
    calendar = Workdays(holidays=frozenset({good_friday, easter_monday}))
    assert calendar.plus(date(2027, 3, 25), 1) == date(2027, 3, 30)
    assert calendar.between(date(2027, 3, 25), date(2027, 3, 30)) == 1
    assert calendar.next(good_friday) == date(2027, 3, 30)


def test_due_rules_scale_with_the_real_length_of_the_project() -> None:
    start, live = date(2027, 1, 4), date(2027, 1, 4) + timedelta(weeks=20)
    assert due_day("T0", start, live, 40) == start
    assert due_day("T0+10w", start, live, 40) == start + timedelta(weeks=5)
    assert due_day("L-2w", start, live, 40) == live - timedelta(weeks=1)
    assert due_day("L-14d", start, live, 20) == live - timedelta(weeks=2)
    with pytest.raises(ValueError, match="tomorrow"):
        due_day("tomorrow", start, live, 40)


def test_a_clock_time_is_read_as_written() -> None:
    assert clock("08:30") == time(8, 30)
