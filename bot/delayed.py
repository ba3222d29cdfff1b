"""Whether a message that had to wait is still worth sending: age, hours and the person's own word decide."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot import calendars
from bot.recipient import Hours, Recipient
from bot.store.deliveries import Delivery
from bot.store.people import Person

LATE_AFTER = timedelta(hours=4)
"""How old a message that the bot starts may be when it goes out."""
GIVE_UP_AFTER = timedelta(hours=24)
"""How long an answer, or a post in a channel, is tried again while the platform certainly did not take it."""
FRESH = timedelta(minutes=1)
"""So soon after it was written, what let the message through still holds."""
HOURS: Hours = (time(8, 30), time(17, 30))
LATE = "its moment had passed"


@dataclass(frozen=True, slots=True)
class Drop:
    """It will not be sent. status: late or cancelled."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits for the person's next working hours."""

    until: datetime


def is_delayed(delivery: Delivery, now: datetime) -> bool:
    """Whether it is a message of the bot's own that did not go out at once."""
    return delivery.started_by_bot and _age(delivery, now) > FRESH


def still_due(delivery: Delivery, person: Person | None, now: datetime) -> Drop | Wait | None:
    """What becomes of a delayed message that the bot started; None when it is to be sent now."""
    if _age(delivery, now) > LATE_AFTER:
        return Drop("late", _late(delivery.reason))
    if person is None:
        return None
    if not person.active:
        return Drop("cancelled", "the person is not active any more")
    if person.paused_until is not None and now < person.paused_until:
        return Drop("cancelled", "the person has asked for a pause")
    zone = calendars.zone(person.zone)
    today = now.astimezone(zone).date()
    if person.away_until is not None and today <= person.away_until:
        return Drop("cancelled", "the person is away")
    there = Recipient(person.id, person.locale, zone, calendars.workdays(person.region, today.year))
    opening = there.opening(now, HOURS)
    if opening <= now:
        return None
    if opening - _written(delivery) > LATE_AFTER:
        return Drop("late", _late(delivery.reason))
    return Wait(opening)


def given_up(delivery: Delivery, reason: str, now: datetime) -> Drop | None:
    """What becomes of a message that the platform has not taken for a long time; None: it is tried again."""
    if delivery.started_by_bot:
        return Drop("late", _late(reason)) if _age(delivery, now) > LATE_AFTER else None
    return Drop("failed", reason) if _age(delivery, now) > GIVE_UP_AFTER else None


def _late(reason: str | None) -> str:
    return f"{LATE}: {reason}" if reason else LATE


def _age(delivery: Delivery, now: datetime) -> timedelta:
    return now - _written(delivery)


def _written(delivery: Delivery) -> datetime:
    return delivery.written_at or delivery.due_at
