"""What may have gone out between a backup and its restore: nobody remembers, so it does not go out again."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def maybe_sent(key: str, at: datetime, zone: ZoneInfo, restored_at: datetime | None) -> bool:
    """Whether a planned message may have gone out before the database was restored; None: it never was.

    key and at: of the planned message. zone: of the person, or of the company for a channel. Whatever has its
    moment before the restore may have; a nudge has no moment of its own, the day in its key decides.
    """
    if restored_at is None:
        return False
    if at < restored_at:
        return True
    if not key.startswith("nudge:"):
        return False
    return date.fromisoformat(key.rpartition(":")[2]) <= restored_at.astimezone(zone).date()
