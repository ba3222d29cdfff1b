"""When each campaign and summary comes: the day it belongs to, the working day it falls on, and the instant."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from bot.attention import usual_hours
from bot.recipient import Hours, Recipient
from dialogs.calendar import Workdays
from dialogs.schema import Attention


class NotNow(StrEnum):
    """Why a campaign has nothing for somebody now: the key of the sentence in ui.yaml."""

    NOT_AUDIENCE = "tick.reason.not_audience"
    NOT_OPEN = "tick.reason.not_open"
    NOT_YET = "tick.reason.too_early"
    INVITED = "tick.reason.invited"
    SENT = "tick.reason.sent"
    IN_PROGRESS = "tick.reason.in_progress"
    QUIZ_DONE = "tick.reason.quiz_done"


@dataclass(frozen=True, slots=True)
class Launch:
    """A campaign of the content with its days worked out. opens and closes: both included.

    starts: id of the dialog or quiz. weekday: 0 is Monday; with it, or for a quiz, the campaign comes every
    week, else each person is invited once. at: a time of the person's own day. sessions: of a quiz, a week.
    """

    id: str
    kind: Literal["dialog", "quiz"]
    starts: str
    audience: frozenset[str]
    opens: date
    closes: date
    at: time
    weekday: int | None = None
    sessions: int = 1

    @property
    def weekly(self) -> int | None:
        """The weekday on which it comes back; None when it comes once."""
        return self.opens.weekday() if self.weekday is None and self.kind == "quiz" else self.weekday


@dataclass(frozen=True, slots=True)
class DigestPost:
    """The weekly summary of a channel, in the company's zone; on a holiday it waits for a working day."""

    id: str
    channel: str
    weekday: int
    at: time
    zone: ZoneInfo
    workdays: Workdays


@dataclass(frozen=True, slots=True)
class Occasion:
    """One coming of a campaign. nominal: the local date it belongs to, with which its keys end. at: the instant."""

    nominal: date
    at: datetime


def occasion(launch: Launch, recipient: Recipient, now: datetime, usual: Hours) -> Occasion | None:
    """The latest coming up to the end of the person's day; None when none lies in the campaign's days.

    Where and when they work decides, and nothing else: it is the same for all who share zone, days and hours.
    """
    today = recipient.local(now).date()
    nominal = day = today
    if launch.weekly is not None:
        found = weekly(launch.weekly, recipient.workdays, today)
        if found is None:
            return None
        nominal, day = found
    if not launch.opens <= nominal <= launch.closes:
        return None
    return Occasion(nominal, recipient.moment(day, launch.at, usual))


def chance(launch: Launch, recipient: Recipient, now: datetime, attention: Attention) -> Occasion | None:
    """The occasion on which somebody there may get the campaign now, or be recorded as having missed it."""
    usual = usual_hours(attention)
    found = occasion(launch, recipient, now, usual)
    if found is None or found.at > now:
        return None
    return found if is_late(found.at, now, attention) or recipient.at_work(now, usual) else None


def is_late(moment: datetime, now: datetime, attention: Attention) -> bool:
    """Whether a message of this moment comes too late to be of use."""
    return now - moment > timedelta(hours=attention.late_after_hours)


def weekly(weekday: int, workdays: Workdays, today: date) -> tuple[date, date] | None:
    """The latest occurrence up to today: (the day it belongs to, the working day on which it comes)."""
    monday = today - timedelta(days=today.weekday())
    for weeks in (0, 1):
        nominal = monday + timedelta(days=weekday, weeks=-weeks)
        day = workdays.next(nominal)
        if day <= today:
            return nominal, day
    return None
