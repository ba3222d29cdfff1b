"""How far a long run is: a line on stderr now and then, and whether its time is up."""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.checker import POST

EVERY = 50
"""Kills between two lines."""


@dataclass(slots=True)
class Pace:
    """kills: how many there are to be. minutes: after which no more are begun, if there is such a limit.

    every: kills between two lines; 0 is silence. history: of the run, read on from where it was left.
    """

    kills: int
    history: Path
    minutes: float | None = None
    every: int = 0
    done: int = 0
    _begun: float = field(default_factory=time.monotonic)
    _read: int = 0
    _posted: Counter[str] = field(default_factory=Counter)
    _acknowledged: int = 0
    _ready: float = 0

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.minutes is not None and time.monotonic() - self._begun > 60 * self.minutes

    def killed(self) -> None:
        """One more has died; tell how it goes when there were enough of them."""
        self.done += 1
        if self.every and self.done % self.every == 0:
            self.tell()

    def tell(self, faults: int | None = None) -> None:
        """Say how far it is. faults: what the checker found when everything rested; between rests it is not asked,
        and only messages that stand twice in a conversation can be counted."""
        self._follow()
        doubled = sum(1 for times in self._posted.values() if times > 1)
        found = f"{doubled} doubled so far" if faults is None else f"at rest {faults} faults"
        sys.stderr.write(
            f"{self.done} of {self.kills} kills, {self._acknowledged} acknowledged, {len(self._posted)} posted,"
            f" {found}, ready after {self._ready:.2f} s at worst, {(time.monotonic() - self._begun) / 60:.1f} min\n"
        )
        sys.stderr.flush()

    def _follow(self) -> None:
        with self.history.open("rb") as text:
            text.seek(self._read)
            for written in text:
                if not written.endswith(b"\n"):
                    break
                self._read += len(written)
                line = json.loads(written)
                match line["by"], line["phase"]:
                    case "slack", "ok" | "unknown" if line["method"] == POST:
                        self._posted[line["key"]] += 1
                    case "person", "ok":
                        self._acknowledged += 1
                    case "runner", "note" if line["op"] == "ready":
                        self._ready = max(self._ready, line["seconds"])
                    case _:
                        pass
