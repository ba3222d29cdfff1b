"""What time it is: the only place that asks the machine."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, always in UTC."""

    def now(self) -> datetime:
        """The moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC)


class MovedClock:
    """A clock that runs ahead of the machine's by an offset that can only grow: for the demo and for tests."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self.offset

    def move_to(self, moment: datetime) -> None:
        """Go forward to a moment; a moment that has passed changes nothing."""
        self.offset = max(self.offset, moment - datetime.now(UTC))


class FixedClock:
    """A clock that stands where it was put."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment."""
        return self.moment
