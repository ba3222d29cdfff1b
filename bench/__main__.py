"""Run the benchmarks: python -m bench [--quick] [ROW…]. Prints a table and writes out/bench.json."""

import argparse
import importlib
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.table import Measured, Part, Size, measure, tell

PARTS = {
    "slack_turns": ("1", "2", "3", "4"),
    "teams": ("5",),
    "durable": ("6",),
    "instructions": ("7",),
    "digest": ("8",),
    "hot": ("9",),
    "load_rows": ("10", "16", "17"),
    "sending": ("11",),
    "render": ("12",),
    "clock": ("13", "19", "20"),
    "start": ("14", "15"),
    "memory": ("15",),
    "suite": ("18",),
}

ON_REQUEST = {"suite": "takes minutes, only when asked for: python -m bench 18"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, tell it and keep it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of everything, for a look")
    parser.add_argument(
        "--smoke", action="store_true", help="only whether it works; the figures mean nothing"
    )
    parser.add_argument("--out", type=Path, default=Path("out/bench.json"), help="the file to write")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows of the table, such as 1 8 12; none: all")
    asked = parser.parse_args(arguments)
    size = Size.SMOKE if asked.smoke else Size.QUICK if asked.quick else Size.FULL
    kept = run(asked.rows, size)
    tell(kept["rows"], _title(kept["machine"], size))
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def run(wanted: Sequence[str], size: Size) -> dict[str, Any]:
    """Measure these rows, or all: the machine, the judged rows and every round, as the file keeps them."""
    rows: list[dict[str, Any]] = []
    rounds: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        here = machine(folder)
        for module, numbers in PARTS.items():
            if wanted and not set(wanted) & set(numbers):
                continue
            part: Part = importlib.import_module(f"bench.{module}").PART
            began = time.perf_counter()
            if not wanted and module in ON_REQUEST:
                measured = Measured(part, missing=dict.fromkeys(part.contenders, ON_REQUEST[module]))
            else:
                measured = measure(part, folder / module, size)
            seconds[module] = round(time.perf_counter() - began, 1)
            rounds[module] = measured.rounds
            rows += [measured.told(row) for row in part.rows if not wanted or row.number in wanted]
    rows.sort(key=lambda row: int(row["row"]))
    return {"machine": here, "size": size, "rows": rows, "rounds": rounds, "seconds": seconds}


def _title(here: dict[str, Any], size: Size) -> str:
    versions = f"Python {here['python']}, SQLite {here['sqlite']}, PostgreSQL {here['postgresql'] or 'none'}"
    machine_ = f"{here['cores']} × {here['cpu']}, {versions}, fdatasync {here['fdatasync_ms']} ms"
    return f"Embarque, {size}: medians on {machine_}"


if __name__ == "__main__":
    main()
