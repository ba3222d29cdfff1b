"""The company's clock of a chaos run: a file that says how far it is ahead, for bots that come and go."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SharedClock:
    """Ahead of the machine's clock by the seconds in a file, which every process reads each time."""

    path: Path

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + timedelta(seconds=float(self.path.read_text("ascii")))

    def put(self, moment: datetime) -> None:
        """Let it be this moment now, for everybody at once."""
        ahead = moment - datetime.now(UTC)
        new = self.path.with_suffix(".new")
        new.write_text(str(ahead.total_seconds()), "ascii")
        new.replace(self.path)
