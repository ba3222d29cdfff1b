"""Run all benchmarks: python -m bench. Prints a table of medians and ratios and writes out/bench.json."""

import asyncio
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import rules, start, turns

ROUNDS = 3
SERVERS = ("floor", "bolt", "ours")
OUT = Path("out/bench.json")
Figures = dict[str, float]


def main() -> None:
    """Measure in paired rounds, tell and keep the medians."""
    rounds: dict[str, list[Figures]] = {name: [] for name in (*SERVERS, "rules", "start")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start.measure(folder)  # makes the demo company
        for _ in range(ROUNDS):
            for kind in SERVERS:
                rounds[kind].append(asyncio.run(turns.measure(kind, folder)))
            rounds["rules"].append(rules.measure())
            rounds["start"].append(start.measure(folder))
    medians = {what: _medians(found) for what, found in rounds.items()}
    tell(medians)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"machine": machine(), "medians": medians, "rounds": rounds}, indent=2) + "\n")


def tell(medians: dict[str, Figures]) -> None:
    """Print the table."""
    table = Table(title=f"Embarque on {machine()}, median of {ROUNDS} rounds")
    for heading in ("what", "figure", "÷ floor", "÷ bolt", "goal"):
        table.add_column(heading)
    for what, unit in (
        ("median_ms", "ms"),
        ("p99_ms", "ms"),
        ("cpu_us", "µs CPU"),
        ("cpu_us_together", "µs CPU"),
        ("per_second_together", "/s"),
    ):
        for kind in SERVERS:
            figure = medians[kind][what]
            ratios = [f"{figure / medians[peer][what]:.2f}" for peer in ("floor", "bolt")]
            goal = "< 20 ms" if (kind, what) == ("ours", "median_ms") else ""
            table.add_row(f"signed turn, {kind}, {what}", f"{figure:.2f} {unit}", *ratios, goal)
    table.add_row("rules, a step", f"{medians['rules']['median_us']:.0f} µs", "", "", "≤ 100 µs")
    table.add_row("rules, slowest step", f"{medians['rules']['slowest_us']:.0f} µs")
    table.add_row("demo, warm start to ready", f"{medians['start']['ready_s']:.2f} s", "", "", "< 2 s")
    table.add_row("demo, resident", f"{medians['start']['resident_mb']:.0f} MB", "", "", "< 150 MB")
    Console(width=110).print(table)


def machine() -> str:
    """The machine, as far as it matters to the figures."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}"


def _medians(found: list[Figures]) -> Figures:
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


if __name__ == "__main__":
    main()
