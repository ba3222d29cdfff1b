"""The moments at which anything can be due: the clock of the demo stops at each of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import calendars, project
from bot.campaigns import JUST_BEFORE, RESUME_AFTER
from bot.store.people import Company
from dialogs.calendar import clock, local_moment
from dialogs.catalog import Pack


def due_moments(
    pack: Pack, company: Company, chosen: Iterable[datetime], after: datetime, until: datetime
) -> list[datetime]:
    """Every moment after the first and up to the last, in order, at which the calendar may have something.

    Those are the opening of each working day, when nudges go and whatever came in the night is taken up; the
    time of each campaign and summary on its days; and what people chose themselves (`chosen`).
    """
    zone = ZoneInfo(company.zone)
    first, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    found = {
        local_moment(first + timedelta(days=n), clock(at), zone)
        for n in range((last - first).days + 1)
        for at in _times(pack, company, first + timedelta(days=n))
    }
    for moment in chosen:
        found |= {moment, moment - JUST_BEFORE, moment + RESUME_AFTER}
    return sorted(moment for moment in found if after < moment <= until)


def _times(pack: Pack, company: Company, day: date) -> set[str]:
    workdays = calendars.workdays(company.region, day.year)
    if not workdays.works(day):
        return set()
    ladder = next(iter(pack.nudges.values()))
    times = {ladder.attention.from_time}
    for digest in pack.digests.values():
        times |= {digest.at} if _falls(digest.day, day, company.region) else set()
    for campaign in pack.campaigns.values():
        opens = project.day_of(campaign.opens, pack, company)
        closes = project.day_of(campaign.closes, pack, company)
        open_ = opens <= day <= closes + timedelta(days=4)  # what moved over a holiday still comes
        weekly = campaign.day is None or _falls(campaign.day, day, company.region)
        times |= {campaign.at} if open_ and weekly else set()
    return times


def _falls(name: str, day: date, region: str) -> bool:
    """Whether this day of the week, or the working day that it moved to, is the given day."""
    monday = day - timedelta(days=day.weekday())
    nominal = monday + timedelta(days=calendars.DAYS.index(name))
    moved = calendars.workdays(region, day.year).next
    return day in {moved(nominal), moved(nominal - timedelta(days=7))}
