"""The benchmarks run: every row of the requirements is measured, tiny, and tells what it could not measure."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from bench.table import MISSING, Row

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "rows",
    [
        ("8", "12"),
        *(pytest.param(rows, marks=pytest.mark.soak) for rows in (("5", "11"), tuple("69"), tuple("1234"))),
    ],
)
def test_rows_are_measured_and_kept_with_the_machine(tmp_path: Path, rows: tuple[str, ...]) -> None:
    """Would have caught a benchmark that broke months before somebody runs it again."""
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "bench", "--smoke", "--out", str(out), *rows]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    kept = json.loads(out.read_text())
    assert {row["row"] for row in kept["rows"]} == set(rows)
    for row in kept["rows"]:
        assert "failed" not in row["reached"], f"{row}\n{done.stderr}"
        assert row["reached"] == MISSING or math.isfinite(row["ours"])
        assert row["name"] in " ".join(done.stdout.split()) or len(row["name"]) > 30
    assert kept["machine"]["cores"] >= 1
    assert not {"host", "path", "user"} & kept["machine"].keys()


def test_a_row_is_judged_by_its_two_marks() -> None:
    """Would have caught a table that says "goal" for a figure that is on the wrong side of it."""
    small = Row("1", "", "ours.x", 2, 0.75)
    assert [small.judged(one) for one in (0.75, 1.9, 2.1)] == ["goal", "first step", "no"]
    big = Row("2", "", "ours.x", 2, 8, at_most=False)
    assert [big.judged(one) for one in (8, 2, 1.9)] == ["goal", "first step", "no"]
