"""Working days of a region, from the holidays library, and the next weekly moment."""

import importlib.util
import sys
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from dialogs.calendar import Workdays, clock, local_moment

log = structlog.get_logger()

RENAMED = {"America/Montreal": "America/Toronto"}
"""Names that newer systems keep apart, and what they mean since 1970."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@lru_cache(maxsize=1024)
def zone(name: str, otherwise: str = "UTC") -> ZoneInfo:
    """The time zone of this name, or of another for a name that this machine does not know.

    One person with such a name must not keep the others waiting; the log says it once.
    """
    for known in (name, RENAMED.get(name, name)):
        try:
            return ZoneInfo(known)
        except (KeyError, ValueError, OSError):  # what zoneinfo raises depends on what is odd about the name
            continue
    log.warning("unknown time zone", zone=name[:60], used=otherwise)
    return ZoneInfo(RENAMED.get(otherwise, otherwise))


@lru_cache(maxsize=256)
def workdays(region: str, year: int) -> Workdays:
    """Monday to Friday without the public holidays of a region such as CA-QC or FR, around a year.

    A region that the library does not know has no holidays; `embarque doctor` names it.
    """
    return Workdays(holidays=public_holidays(region, (year - 1, year, year + 1)) or frozenset())


def public_holidays(region: str, years: tuple[int, ...]) -> frozenset[date] | None:
    """Public holidays of the region in these years; None when the library does not know the region."""
    country, _, part = region.partition("-")
    try:
        return frozenset(_library().country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError:
        return None


def _library() -> Any:
    """The holidays library, imported when it is first asked for, since it takes a while.

    Its package of countries would import all two hundred and fifty of them, though each is looked up by its own
    module: so the package gets its place without being run.
    """
    import holidays  # noqa: PLC0415

    name = "holidays.countries"
    spec = importlib.util.find_spec(name)
    if spec is not None and name not in sys.modules:
        sys.modules.setdefault(name, importlib.util.module_from_spec(spec))
    return holidays


def next_weekly(now: datetime, day: str, at: str, zone: ZoneInfo, region: str) -> datetime:
    """The next occurrence of a weekly moment after now, in UTC; on a holiday it moves to the next working day."""
    moments = _weekly(now.astimezone(zone).date(), day, at, zone, region)
    return next(moment for moment in moments if moment > now)


@lru_cache(maxsize=256)
def _weekly(today: date, day: str, at: str, zone: ZoneInfo, region: str) -> tuple[datetime, ...]:
    """The moments of this week and the two after it."""
    calendar = workdays(region, today.year)
    monday = today - timedelta(days=today.weekday())
    days = (monday + timedelta(days=7 * week + DAYS.index(day)) for week in range(3))
    return tuple(local_moment(calendar.next(one), clock(at), zone) for one in days)
