"""Times without what a busy machine adds: a thread that could run and got no core was kept waiting by others.

Linux counts that for each thread. Waiting for an answer, a timer or a lock is not in it, so whatever makes a request
hang is still seen, on any machine. Where the system does not tell, times are those of the clock.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

OWN = Path("/proc/thread-self/schedstat")


def held_up(pids: Sequence[int] = ()) -> float:
    """Seconds so far in which this thread, and the main threads of these processes, were ready and got no core.

    pids: of processes, or of single threads.
    """
    return sum(map(_delay, (OWN, *(Path(f"/proc/{pid}/schedstat") for pid in pids))))


class Stopwatch:
    """Runs from when it is made. pids: of processes whose waiting for a core does not count either."""

    def __init__(self, pids: Sequence[int] = ()) -> None:
        self._pids = tuple(pids)
        self._held, self._began = held_up(self._pids), time.monotonic()

    @property
    def wall(self) -> float:
        """Seconds of the clock."""
        return time.monotonic() - self._began

    @property
    def held(self) -> float:
        """Of them, those in which others had the cores; less than none would be a process that ended meanwhile."""
        return max(0.0, held_up(self._pids) - self._held)

    @property
    def seconds(self) -> float:
        """What is left: what the program itself took and waited."""
        return max(0.0, self.wall - self.held)


def other_threads() -> list[int]:
    """The threads of this process but the one that asks, as `pids`."""
    mine = str(threading.get_native_id())
    return [int(one.name) for one in Path("/proc/self/task").glob("[0-9]*") if one.name != mine]


def children(pid: int) -> list[int]:
    """The processes that this one has begun, as a server of PostgreSQL has for each connection."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def _delay(file: Path) -> float:
    try:
        return int(file.read_text("ascii").split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
