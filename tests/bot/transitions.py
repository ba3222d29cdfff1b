"""Every change of the clock from 2026 to 2040, in every zone that this machine knows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo, available_timezones

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
STILL = ("Asia/Tokyo", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Phoenix")
"""Zones whose clocks never change are asked about one day as well."""


def zones() -> list[str]:
    """Names of places; what is left out are abbreviations that no person lives in."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """The first minute after each change, in UTC."""
    return tuple(_changes(ZoneInfo(name)))


def table() -> list[tuple[str, datetime]]:
    """Every zone with each of its changes."""
    found = [(name, change) for name in zones() for change in changes(name)]
    return found + [(name, FIRST + timedelta(days=100)) for name in zones() if not changes(name)]


def sample(random: Random, count: int) -> list[tuple[str, datetime]]:
    """So many zones, each with one of its changes: the whole table takes long to find."""
    names = random.sample(zones(), count)
    return [(name, random.choice(changes(name) or (FIRST + timedelta(days=100),))) for name in names]


def first_occurrence(wall: datetime, zone: ZoneInfo, around: datetime) -> datetime:
    """By looking at every minute: when clocks there first show this time, or else a later one.

    The time lies within eleven hours of the change.
    """
    start = around - timedelta(hours=13)
    later = None
    for minute in range(26 * 60):
        moment = start + minute * MINUTE
        shown = moment.astimezone(zone).replace(tzinfo=None)
        if shown == wall:
            return moment
        if later is None and shown > wall:
            later = moment
    assert later is not None
    return later


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    day = FIRST
    before = day.astimezone(zone).utcoffset()
    while day < LAST:
        low, high = day, day + DAY
        after = high.astimezone(zone).utcoffset()
        if before != after:
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high
        day, before = day + DAY, after
