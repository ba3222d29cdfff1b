"""How much is written in one transaction: as much as keeps nobody waiting, on a fast machine as on a slow one."""

from dataclasses import dataclass

SECONDS = 0.02
"""What writing one portion is to take: somebody who answers meanwhile waits for it."""
LEAST, MOST = 100, 400
"""However slow it is, fewer would only add commits; however fast, more would save no time."""


@dataclass(slots=True)
class Portion:
    """The size of the next portion, in rows."""

    size: int = 100

    def took(self, rows: int, seconds: float) -> None:
        """Learn from the last one: how many rows it had, and how long writing them took."""
        fitting = rows * SECONDS / max(seconds, SECONDS / 100)
        # At most twice as many as before: one quick portion may have been an exception.
        self.size = max(LEAST, min(MOST, 2 * self.size, int(fitting)))
