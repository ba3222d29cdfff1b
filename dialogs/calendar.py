"""Working days and moments of the day in a person's own zone; holidays are given, not looked up."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DUE = re.compile(r"(T0|L)(?:([+-]\d+)([dw]))?")


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days are worked. weekdays: 0 is Monday."""

    weekdays: AbstractSet[int] = frozenset({0, 1, 2, 3, 4})
    holidays: AbstractSet[date] = field(default_factory=frozenset)

    def works(self, day: date) -> bool:
        """Whether the day is worked."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def plus(self, day: date, count: int) -> date:
        """The day that lies `count` working days after the day, or before it when negative."""
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.works(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Working days from start (not counted) to end (counted); negative when end lies before start."""
        if end < start:
            return -self.between(end, start)
        return sum(1 for n in range(1, (end - start).days + 1) if self.works(start + timedelta(days=n)))

    def next(self, day: date) -> date:
        """The day itself if it is worked, else the next one that is."""
        return day if self.works(day) else self.plus(day, 1)


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a wall time on a local day.

    A time that the spring change skips becomes the first valid minute after the gap; a time that the autumn
    change repeats is its first occurrence.
    """
    wall = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # In the gap fold=0 counts with the offset before it and fold=1 with the one after: between the two instants
    # lies the change, at a whole minute.
    low, high = wall.replace(fold=1).astimezone(UTC), instant
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == wall.utcoffset():
            low = middle
        else:
            high = middle
    return high


def clock(text: str) -> time:
    """A time of the day written HH:MM."""
    return time.fromisoformat(text)


def is_day(text: str) -> bool:
    """Whether the text is a calendar date written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def due_day(rule: str, start: date, go_live: date, weeks: int) -> date:
    """The date of a due rule such as T0+9w or L-2w.

    Offsets are written for a project of `weeks` weeks and scale with the real time between start and go-live.
    """
    match = _DUE.fullmatch(rule)
    if match is None:
        raise ValueError(rule)
    days = int(match[2] or 0) * (7 if match[3] == "w" else 1)
    scaled = round(days * (go_live - start).days / (weeks * 7))
    return (start if match[1] == "T0" else go_live) + timedelta(days=scaled)
