"""Time zones and clocks that jump: one message a person and local day, in working hours, whatever happens."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import calendars
from bot.attention import Hold
from bot.campaigns import Calendar, due
from bot.launches import Launch, chance
from bot.recipient import OpenRun, Recipient, Started
from dialogs.calendar import Workdays, local_moment
from tests.bot.transitions import DAY, changes, first_occurrence, sample, table, zones
from tests.dialogs.checklist_project import ATTENTION, GATES, LADDER, state

SEED = 20260101
DAILY = LADDER.model_copy(
    update={
        "attention": ATTENTION.model_copy(
            update={"nudges_per_week": 20, "messages_per_week": 20, "hours_between_on_item": 1}
        )
    }
)
"""A budget that leaves room for one nudge on each working day."""
LONG_DUE = (state("A", due=date(2020, 1, 6), gates={"G1": 2}),)
OPEN, CLOSE = time(8, 30), time(17, 30)


def check_moments(name: str, change: datetime, random: Random) -> None:
    """Times around a change, among them the very edges of the gap or of the overlap."""
    zone = ZoneInfo(name)
    shown = [(change + timedelta(minutes=m)).astimezone(zone).replace(tzinfo=None) for m in (-1, 0)]
    gap = shown[1] - shown[0]
    walls = {*shown, shown[0] + gap / 2, shown[0] + timedelta(minutes=1), shown[1] - timedelta(minutes=1)}
    walls |= {shown[0] + timedelta(minutes=random.randrange(-600, 600)) for _ in range(2)}
    for wall in (one.replace(second=0, microsecond=0) for one in walls):
        wanted = first_occurrence(wall, zone, change)
        assert local_moment(wall.date(), wall.time(), zone) == wanted, (name, wall)


def check_jumps(name: str, change: datetime, random: Random, jumps: int) -> None:
    """The clock goes wherever it likes around a change; what was sent is kept, as in the store."""
    zone = ZoneInfo(name)
    free = frozenset({(change + 2 * DAY).date(), (change - 3 * DAY).date()})
    away, work = (change - 6 * DAY).date(), Workdays(holidays=free)
    pause = change - 5 * DAY
    person = Recipient("p", "en", zone, work, items=LONG_DUE, away_until=away, paused_until=pause)
    calendar, known, sent, able = Calendar((), DAILY, GATES), frozenset[str](), [], set[date]()
    for _ in range(jumps):
        now = change + timedelta(minutes=random.randrange(-9 * 1440, 9 * 1440))
        if random.random() < 0.02:
            now += timedelta(days=365) * random.choice((-1, 1))
        there = now.astimezone(zone)
        works = there.weekday() < 5 and there.date() not in free and OPEN <= there.time() < CLOSE
        if works and there.date() > away and now >= pause:
            able.add(there.date())
        for message in due(replace(calendar, known=known), [person], now).messages:
            assert works, (name, there)
            assert there.date() > away
            assert now >= pause
            known |= {message.key}
            sent.append(there.date())
            started = Started("nudge", now, answered=True)
            person = replace(person, started=(*person.started, started))
    assert Counter(sent) == dict.fromkeys(able, 1), (name, change)


def test_all_zones_are_there() -> None:
    """Would have caught a machine, or a package of zones, with too few of them to prove anything."""
    assert len(zones()) >= 200
    assert len(changes("America/Toronto")) == 30


def test_a_time_in_a_gap_or_an_overlap_is_the_first_that_clocks_show() -> None:
    """Would have caught 02:30 an hour off, a day without its message, or an evening's that comes twice."""
    random = Random(SEED)
    for name, change in sample(random, 150):
        check_moments(name, change, random)
    for name in ("Africa/Cairo", "Asia/Beirut", "Asia/Gaza", "Africa/Casablanca", "America/St_Johns"):
        check_moments(name, changes(name)[0], random)
    for name in ("Australia/Lord_Howe", "Pacific/Chatham", "Antarctica/Troll", "America/Havana"):
        for change in changes(name)[:2]:
            check_moments(name, change, random)


def test_one_nudge_a_person_and_local_day_wherever_the_clock_jumps() -> None:
    """Would have caught a nudge at night, on a holiday, in somebody's leave, twice on a day or not at all."""
    random = Random(SEED)
    for name, change in sample(random, 200):
        check_jumps(name, change, random, 250)
    for name in ("Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "Antarctica/Troll"):
        check_jumps(name, changes(name)[0], random, 1000)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(8))
def test_the_complete_table_of_zones_and_changes(part: int) -> None:
    """Would have caught what the sample misses: every zone, every change from 2026 to 2040, 1 000 jumps each."""
    random = Random(part)
    for name, change in table()[part::8]:
        check_moments(name, change, random)
        check_jumps(name, change, random, 1000)


@pytest.mark.parametrize(
    ("name", "wall", "expected"),
    [
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 30)),  # noqa: DTZ001
        ("Africa/Cairo", datetime(2027, 4, 30, 0, 30), datetime(2027, 4, 29, 22, 0)),  # noqa: DTZ001
        ("America/St_Johns", datetime(2027, 11, 7, 1, 30), datetime(2027, 11, 7, 4, 0)),  # noqa: DTZ001
        ("Pacific/Apia", datetime(2011, 12, 30, 9, 0), datetime(2011, 12, 30, 10, 0)),  # noqa: DTZ001
    ],
)
def test_odd_changes_by_hand(name: str, wall: datetime, expected: datetime) -> None:
    """Half an hour, midnight, a half-hour zone, and a day that never was."""
    assert local_moment(wall.date(), wall.time(), ZoneInfo(name)) == expected.replace(tzinfo=UTC)


def test_names_of_zones_that_moved_or_are_none() -> None:
    """Would have caught one odd name that stops the clock for everybody."""
    summer = datetime(2027, 7, 1, tzinfo=UTC)
    toronto = ZoneInfo("America/Toronto")
    montreal = calendars.zone("America/Montreal")
    assert summer.astimezone(montreal).utcoffset() == summer.astimezone(toronto).utcoffset()
    for odd in (
        "",
        "Eastern Standard Time",
        "../etc/passwd",
        "/etc/passwd",
        "x" * 5000,
        "a\0b",
        "América/Lima",
    ):
        assert calendars.zone(odd, "America/Toronto") is toronto
    assert calendars.zone("nowhere").key == "UTC"


PLACES = st.sampled_from(["America/Toronto", "Africa/Cairo", "Asia/Gaza", "Pacific/Chatham", "Asia/Tokyo"])
MOMENTS = st.datetimes(datetime(2027, 3, 1), datetime(2027, 4, 30)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
LAUNCHES = st.builds(
    Launch,
    st.just("one"),
    st.sampled_from(["dialog", "quiz"]),
    st.just("x"),
    st.sampled_from([frozenset({"all"}), frozenset({"STO"})]),
    st.dates(date(2027, 2, 20), date(2027, 4, 1)),
    st.dates(date(2027, 3, 20), date(2027, 5, 1)),
    st.times(),
    st.none() | st.integers(0, 6),
)


@settings(max_examples=300, deadline=None)
@given(PLACES, MOMENTS, st.lists(LAUNCHES, max_size=3), st.sampled_from([frozenset(), frozenset({"STO"})]))
def test_what_is_worked_out_once_for_many_is_what_each_would_get(
    zone: str, now: datetime, launches: list[Launch], groups: frozenset[str]
) -> None:
    """Would have caught people missed or disturbed because the calendar takes them all for alike."""
    launches = [replace(one, id=f"c{number}") for number, one in enumerate(launches)]
    crowd = [Recipient(f"p{n}", "en", ZoneInfo(zone), groups=groups) for n in range(3)]
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    single = [replace(one, paused_until=long_ago) for one in crowd]  # whoever has a pause is looked at alone
    some = due(Calendar(tuple(launches), LADDER, GATES), single[:1], now).messages[:1]
    calendar = Calendar(tuple(launches), LADDER, GATES, known=frozenset(one.key for one in some))
    plan = due(calendar, crowd, now)
    assert plan == due(calendar, single, now)
    assert due(calendar, crowd, now, reasons=False).messages == plan.messages
    for message in plan.messages:  # and the store is asked for exactly those campaigns
        launch = next(one for one in launches if one.id == message.subject)
        assert chance(launch, crowd[0], now, LADDER.attention) is not None


WRONG = timedelta(days=365)
NOW = datetime(2027, 3, 10, 15, 0, tzinfo=UTC)
"""A Wednesday, 11:00 in Toronto."""
ANA = Recipient("ana", "en", ZoneInfo("America/Toronto"))


def test_messages_of_a_year_that_was_not_do_not_silence_the_bot() -> None:
    """The clock stood a year ahead for an hour: would have caught a bot that keeps silent until it is that year."""
    ahead = tuple(Started("nudge", NOW + WRONG + timedelta(days=n)) for n in range(2))
    owner = replace(ANA, items=LONG_DUE, started=ahead)
    assert len(due(Calendar((), LADDER, GATES), [owner], NOW).messages) == 1
    held = due(Calendar((), LADDER, GATES), [owner], NOW + WRONG + 4 * DAY).skipped
    assert Hold.SILENCE in {one.reason for one in held}


def test_what_was_asked_or_left_while_the_clock_ran_ahead_is_not_lost() -> None:
    """Would have caught an invitation, or the way back into a dialog, that comes a year late."""
    launch = Launch("impact", "dialog", "impact", frozenset({"STO"}), NOW.date(), NOW.date(), time(9, 30))
    asked = replace(ANA, asked=(("impact", NOW + WRONG),))
    calendar = Calendar((launch,), LADDER, GATES)
    (message,) = due(calendar, [asked], NOW).messages
    again = due(replace(calendar, known=frozenset({message.key})), [asked], NOW + DAY)
    assert again.messages == ()
    left = replace(ANA, runs=(OpenRun("r", "other", NOW + WRONG),))
    (back,) = due(Calendar((), LADDER, GATES), [left], NOW).messages
    assert back.feature == "resume"
    assert due(Calendar((), LADDER, GATES, known=frozenset({back.key})), [left], NOW + DAY).messages == ()
    just = replace(
        ANA, runs=(OpenRun("r", "other", NOW + timedelta(hours=1)),)
    )  # an hour is no reason to hurry
    assert due(Calendar((), LADDER, GATES), [just], NOW).messages == ()
