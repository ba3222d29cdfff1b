"""Moments of March 2027 for the calendar's tests, and what a plan holds."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.attention import Planned
from bot.campaigns import Plan

TORONTO = ZoneInfo("America/Toronto")


def at(day: int, hour: int = 10, minute: int = 0, zone: ZoneInfo = TORONTO, month: int = 3) -> datetime:
    """A moment of March 2027; the 10th is a Wednesday."""
    return datetime(2027, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def one(plan: Plan) -> Planned:
    (message,) = plan.messages
    return message


def reasons(plan: Plan, subject: str) -> set[object]:
    return {skipped.reason for skipped in plan.skipped if skipped.subject == subject}
