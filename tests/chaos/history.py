"""What happened outside the bot, as it happened: one JSON line for each stimulus, call, kill and measure.

A line has `at` (real seconds), `by` (person, slack, runner, bot), `phase` (invoke, then ok, fail or unknown;
note for what stands alone), `op` (what ties the lines of one operation together) and what else belongs to it.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """A file that several processes append to; a line is one write, so lines never mix."""

    path: Path

    def write(self, by: str, phase: str, op: str, **more: Any) -> None:
        """Append a line, with the moment."""
        line = json.dumps({"at": time.time(), "by": by, "phase": phase, "op": op, **more}, ensure_ascii=False)
        end = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(end, line.encode() + b"\n")
        finally:
            os.close(end)

    def lines(self) -> Iterator[Line]:
        """Every line, oldest first."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as text:
            for line in text:
                yield json.loads(line)
