"""A person as the calendar sees them: where and when they work, what they own, what they were sent."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dialogs.calendar import Workdays, local_moment
from dialogs.item_state import ItemState
from dialogs.text import Locale

Feature = Literal["nudge", "dialog", "quiz", "resume", "reminder", "digest"]


Hours = tuple[time, time]
"""From (included) and to (not included) on the person's clock; to may lie on the next day."""


@dataclass(frozen=True, slots=True)
class Started:
    """A message that the bot started. items: ids of the items it was about. answered: the person reacted."""

    feature: Feature
    at: datetime
    answered: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A dialog or quiz that was begun and not ended.

    last_at: the last answer. resumed: the card that offers to take it up again, or the reminder of the moment
    chosen, went out already. put_off_until: the later moment that the person chose.
    """

    run: str
    dialog: str
    last_at: datetime
    resumed: bool = False
    put_off_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person the bot may write to.

    hours: from and to of the working day or shift where it is not the company's; a shift may pass midnight.
    paused_until, silent_until: instants. away_until: the last day of leave. groups: codes of functions and
    roles that audiences name. invited: campaigns that went out to them already. asked: campaigns to which a
    lead asked to invite them, and when, not sent so far. quiz_sessions: quiz id to the sessions done this week.
    """

    person: str
    locale: Locale
    zone: ZoneInfo
    workdays: Workdays = field(default_factory=Workdays)
    hours: Hours | None = None
    paused_until: datetime | None = None
    silent_until: datetime | None = None
    away_until: date | None = None
    groups: frozenset[str] = frozenset()
    items: tuple[ItemState, ...] = ()
    started: tuple[Started, ...] = ()
    runs: tuple[OpenRun, ...] = ()
    invited: frozenset[str] = frozenset()
    asked: tuple[tuple[str, datetime], ...] = ()
    quiz_sessions: tuple[tuple[str, int], ...] = ()

    def local(self, now: datetime) -> datetime:
        """The instant on this person's clock."""
        return now.astimezone(self.zone)

    def ignored(self) -> int:
        """How many messages in a row, the latest included, were left unanswered."""
        count = 0
        for message in sorted(self.started, key=lambda one: one.at, reverse=True):
            if message.answered:
                break
            count += 1
        return count

    def at_work(self, now: datetime, usual: Hours) -> bool:
        """Whether the instant lies in a worked day's hours, the end not included; own hours come first."""
        start, end = self.hours or usual
        moment = self.local(now)
        if start <= end:
            return start <= moment.time() < end and self.workdays.works(moment.date())
        if moment.time() >= start:
            return self.workdays.works(moment.date())
        return moment.time() < end and self.workdays.works(moment.date() - timedelta(days=1))

    def moment(self, day: date, at: time, usual: Hours) -> datetime:
        """The instant of a time on this person's clock; a time out of their hours becomes their start."""
        start, end = self.hours or usual
        inside = start <= at < end if start <= end else at >= start or at < end
        return local_moment(day, at if inside else start, self.zone)

    def opening(self, moment: datetime, usual: Hours) -> datetime:
        """The instant itself if it lies in worked hours, else the start of the next ones."""
        if self.at_work(moment, usual):
            return moment
        day = self.workdays.next(self.local(moment).date())
        start = local_moment(day, (self.hours or usual)[0], self.zone)
        if start < moment:
            start = local_moment(self.workdays.plus(day, 1), (self.hours or usual)[0], self.zone)
        return start
