"""What the engine's library says, as lines of our log: only what needs attention, and never a flood."""

import logging
import time

import structlog

log = structlog.get_logger()

QUIET_SECONDS = 30.0
"""The same complaint is written once in that time: its threads ask the database several times a second."""
LONGEST = 200


class EngineLog(logging.Handler):
    """Takes the library's lines. Their arguments are ids and the errors of the database, which hide parameters."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[tuple[str, int], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write the first line of what was said, unless it was said a moment ago."""
        place, now = (record.pathname, record.lineno), time.monotonic()
        if now - self._said.get(place, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._said[place] = now
        why = record.getMessage().partition("\n")[0][:LONGEST]
        log.log(record.levelno, "engine", why=why)


def listen() -> None:
    """Take the library's lines from its own handler, which it adds only when there is none."""
    logger = logging.getLogger("dbos")
    logger.propagate = False
    logger.handlers = [EngineLog()]
