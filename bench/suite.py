"""Row 18: the whole test suite, once; only when it is asked for."""

import subprocess
import sys
import time
from pathlib import Path

from bench.processes import ROOT
from bench.table import Figures, NotHereError, Part, Row, Size


def measure(folder: Path, size: Size) -> Figures:
    """Minutes that pytest takes; a failing test is told in the table, not here."""
    del folder
    if size is Size.SMOKE:
        raise NotHereError("not in a smoke run")
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout[-1000:])
    return {"minutes": (time.perf_counter() - began) / 60}


PART = Part(
    (Row("18", "the whole test suite", "pytest.minutes", 10, 3, "min"),), {"pytest": measure}, rounds=1
)
