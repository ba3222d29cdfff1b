"""The machine, as far as it matters to the figures: no names, no paths."""

import os
import platform
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

SYNCS = 60


def machine(folder: Path) -> dict[str, Any]:
    """Processor, cores, versions, and how long the disk under this folder takes to make 4 kB durable."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "cpu": next(model, platform.machine()),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _postgresql(),
        "fdatasync_ms": round(_fdatasync(folder), 3),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _fdatasync(folder: Path) -> float:
    taken: list[float] = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e3


def _postgresql() -> str:
    from bench.postgres import version  # noqa: PLC0415 - not every run needs one

    return version()
