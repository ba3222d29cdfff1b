"""Row 7: the dialog's rules alone, in µs, and in instructions beside botbuilder-dialogs."""

import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench import rules
from bench.processes import ROOT
from bench.table import Figures, NotHereError, Part, Row, Size


def microseconds(folder: Path, size: Size) -> Figures:
    """One round: µs of processor time a step."""
    del folder, size
    return rules.measure()


def instructions(kind: str, folder: Path, size: Size) -> Figures:
    """Instructions a step, by callgrind; they repeat to a fraction of a per cent, so one round tells all."""
    if size is Size.SMOKE:
        raise NotHereError("not measured in a smoke run: callgrind takes half a minute")
    if shutil.which("valgrind") is None or shutil.which("callgrind_control") is None:
        raise NotHereError("not measured here: valgrind is not installed")
    steps, out = size.of(90, 30, 0), folder / "callgrind.out"
    command = [
        *("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"),
        *(sys.executable, "-m", "bench.counted", kind, str(steps)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "not installed" in done.stderr:
        raise NotHereError(done.stderr.strip().splitlines()[-1])
    found = re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE) if out.exists() else None
    if found is None:
        raise RuntimeError(f"callgrind counted nothing:\n{done.stderr[-2000:]}")
    return {"instructions": int(found[1]) / steps}


def _once(kind: str, folder: Path, size: Size) -> Figures:
    """The count of the first round, for all rounds."""
    if kind not in _COUNTED:
        _COUNTED[kind] = instructions(kind, folder, size)
    return _COUNTED[kind]


_COUNTED: dict[str, Figures] = {}

PART = Part(
    (
        Row("7", "dialog rules alone, a step", "rules.median_us", 100, 10, "µs"),
        Row(
            "7",
            "instructions a step ÷ botbuilder-dialogs",
            "ours.instructions",
            0.5,
            0.07,
            peer="botbuilder.instructions",
        ),
    ),
    {
        "rules": microseconds,
        "ours": partial(_once, "ours"),
        "botbuilder": partial(_once, "botbuilder"),
    },
)
