"""The attention budget: whether one more message that the bot starts may reach a person now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.recipient import Feature, Hours, Recipient, Started
from dialogs.calendar import clock
from dialogs.schema import Attention, Nudges

WEEK = 7


class Hold(StrEnum):
    """Why a message does not go out now: the key of the sentence in ui.yaml."""

    AWAY = "tick.reason.away"
    PAUSED = "tick.reason.paused"
    BLACKOUT = "tick.reason.blackout"
    DAY_OFF = "tick.reason.day_off"
    QUIET_HOURS = "tick.reason.quiet_hours"
    SILENCE = "tick.reason.silence"
    NUDGES_DAY = "tick.reason.nudges_day"
    NUDGES_WEEK = "tick.reason.nudges_week"
    MESSAGES_DAY = "tick.reason.messages_day"
    MESSAGES_WEEK = "tick.reason.messages_week"
    ITEM_RECENT = "tick.reason.item_recent"


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that is due.

    key: unique for rule, person and local date, whatever the clock does. person: person id, or the channel's
    name for a digest. subject: campaign, run, item or digest. at: the moment it was due, UTC. items: item and
    rung of a nudge. asked_for: the person chose this moment. late: to be recorded as late, not sent.
    """

    key: str
    person: str
    feature: Feature
    subject: str
    at: datetime
    items: tuple[tuple[str, str], ...] = ()
    asked_for: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """The message may go out now."""

    planned: Planned


@dataclass(frozen=True, slots=True)
class Held:
    """The message may not go out now."""

    planned: Planned
    reason: Hold


Blackouts = Sequence[tuple[date, date]]
"""First and last days, both included, on which the bot starts nothing."""


def admit(
    planned: Planned, recipient: Recipient, now: datetime, attention: Attention, blackouts: Blackouts = ()
) -> Admitted | Held:
    """Let a message through or hold it (blueprint 3k).

    What the person asked for counts like the rest, but is stopped neither by the silence after unanswered
    messages nor by the pause between two messages on one item. Days are the person's own, a week is any
    seven days in a row, and a message dated after `now` counts too: the clock may have gone back.
    """
    reason = _hold(planned, recipient, now, attention, blackouts)
    return Admitted(planned) if reason is None else Held(planned, reason)


def usual_hours(attention: Attention) -> Hours:
    """The company's hours."""
    return clock(attention.from_time), clock(attention.to_time)


def blackouts_of(nudges: Nudges) -> Blackouts:
    """The blackout weeks of the content, written as pairs of ISO dates. ValueError when one is not."""
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in nudges.blackouts)


def silent(recipient: Recipient, now: datetime, attention: Attention) -> bool:
    """Whether the person is left in peace: told so, or too many messages in a row stayed unanswered."""
    if recipient.silent_until is not None and now < recipient.silent_until:
        return True
    if recipient.ignored() < attention.unanswered:
        return False
    # A message dated far ahead was written while the clock was wrong: it must not silence the bot until then.
    silence = timedelta(days=attention.silent_days)
    return any(abs(now - message.at) < silence for message in recipient.started)


def recent(recipient: Recipient, item: str, now: datetime, attention: Attention) -> bool:
    """Whether a message about this item went out too short a time ago."""
    apart = timedelta(hours=attention.hours_between_on_item)
    return any(item in message.items and abs(now - message.at) < apart for message in recipient.started)


def _hold(
    planned: Planned, recipient: Recipient, now: datetime, attention: Attention, blackouts: Blackouts
) -> Hold | None:
    today = recipient.local(now).date()
    if recipient.away_until is not None and today <= recipient.away_until:
        return Hold.AWAY
    if recipient.paused_until is not None and now < recipient.paused_until:
        return Hold.PAUSED
    if any(first <= today <= last for first, last in blackouts):
        return Hold.BLACKOUT
    if not recipient.at_work(now, usual_hours(attention)):
        # A shift that began yesterday may still be running on a day off, so the hours are asked first.
        return Hold.QUIET_HOURS if recipient.workdays.works(today) else Hold.DAY_OFF
    if not planned.asked_for and any(recent(recipient, item, now, attention) for item, _ in planned.items):
        return Hold.ITEM_RECENT
    over = _over(planned, recipient, today, attention)
    if over is None and not planned.asked_for and silent(recipient, now, attention):
        return Hold.SILENCE
    return over


def _over(planned: Planned, recipient: Recipient, today: date, attention: Attention) -> Hold | None:
    days = [(abs((recipient.local(one.at).date() - today).days), one) for one in recipient.started]
    day = [one for ago, one in days if ago == 0]
    week = [one for ago, one in days if ago < WEEK]
    if planned.feature == "nudge":
        if _nudges(day) >= attention.nudges_per_day:
            return Hold.NUDGES_DAY
        if _nudges(week) >= attention.nudges_per_week:
            return Hold.NUDGES_WEEK
    if len(day) >= attention.messages_per_day:
        return Hold.MESSAGES_DAY
    return Hold.MESSAGES_WEEK if len(week) >= attention.messages_per_week else None


def _nudges(messages: Sequence[Started]) -> int:
    return sum(message.feature == "nudge" for message in messages)
