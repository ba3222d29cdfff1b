"""SQLite's clock in milliseconds, on every version: before 3.42 it counts in whole seconds or answers nothing.

The durable engine stamps its rows with `unixepoch('subsec')` or `strftime('%s','now')`, which one depends on the
Python that made its tables. The stamp decides who comes first, so both must be exact on every connection that
writes such rows.
"""

import sqlite3
import time
from collections.abc import Callable


def clock_functions(connection: sqlite3.Connection) -> None:
    """Make both functions exact on this connection; with any other arguments they stay what they were."""
    built_in = _BuiltIn()
    connection.create_function("unixepoch", 1, built_in.exact("unixepoch", ("subsec",)))
    connection.create_function("strftime", 2, built_in.exact("strftime", ("%s", "now")))


class _BuiltIn:
    """SQLite's own functions, asked through a database in memory: a function cannot call the one it replaces."""

    def __init__(self) -> None:
        self._memory: sqlite3.Connection | None = None

    def exact(self, name: str, now: tuple[str, ...]) -> Callable[..., float | int | str | None]:
        """The function of this name, which for these arguments tells the moment in seconds with their fraction."""

        def told(*given: float | str | None) -> float | int | str | None:
            return time.time() if given == now else self._ask(name, given)

        return told

    def _ask(self, name: str, given: tuple[float | str | None, ...]) -> float | int | str | None:
        if self._memory is None:
            self._memory = sqlite3.connect(":memory:", check_same_thread=False)
        places = ",".join("?" * len(given))
        answer: tuple[float | int | str | None] = self._memory.execute(
            f"SELECT {name}({places})",
            given,
        ).fetchone()
        return answer[0]

    def __del__(self) -> None:
        if self._memory is not None:
            self._memory.close()
