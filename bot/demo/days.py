"""The days of the demo: when a visit may begin, and what lies before and after that day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import calendars
from bot.demo.company import REGION, ZONE
from dialogs.calendar import Workdays, local_moment

CLOSES, DESK = time(16), time(9, 15)
LAST_DAY = 2
"""Wednesday: later in the week the summary would come before there was anything to tell."""
ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the project. today: of the visit. morning: the next working day. invited: ten working days ago.

    turned: two working days ago, eight weeks into the project. begins, live: first day and launch.
    """

    today: date
    morning: date
    invited: date
    turned: date
    begins: date
    live: date
    workdays: Workdays


def workdays_at(moment: datetime) -> Workdays:
    """The company's working days around a moment."""
    return calendars.workdays(REGION, moment.astimezone(ZoneInfo(ZONE)).year)


def opening(now: datetime) -> datetime:
    """The company's time when the demo begins: now in the hours of a Monday to Wednesday, else 09:15 of one.

    The visitor then sees the next morning, and the weekly summary after it, in the same week.
    """
    zone = ZoneInfo(ZONE)
    workdays, local = workdays_at(now), now.astimezone(zone)
    day = local.date()
    while True:
        if _suits(day, workdays):
            if day > local.date() or local.time() < DESK:
                return local_moment(day, DESK, zone)
            if local.time() < CLOSES:
                return now
        day += timedelta(days=1)


def days(start: datetime) -> Days:
    """The days around the company's first moment, with a launch 40 weeks after the beginning."""
    today = start.astimezone(ZoneInfo(ZONE)).date()
    workdays = workdays_at(start)
    turned = workdays.plus(today, -2)
    begins = turned - 8 * ONE_WEEK
    return Days(
        today,
        workdays.plus(today, 1),
        workdays.plus(today, -10),
        turned,
        begins,
        begins + 40 * ONE_WEEK,
        workdays,
    )


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in the company's zone."""
    return local_moment(day, time(hour, minute), ZoneInfo(ZONE))


def _suits(day: date, workdays: Workdays) -> bool:
    """Whether the day, the morning after and the summary of the week can follow each other."""
    morning = workdays.plus(day, 1)
    thursday = workdays.next(day - timedelta(days=day.weekday()) + timedelta(days=3))
    return day.weekday() <= LAST_DAY and workdays.works(day) and morning <= thursday
