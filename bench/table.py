"""What is measured and how it is told: rows with goals, parts of contenders in turn, and the printed table."""

import statistics
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

T = TypeVar("T")
Figures = dict[str, float]
Measure = Callable[[Path, "Size"], Figures]
"""One round of one contender in a folder of its own part."""
MISSING = "peer not installed: pip install -e .[bench]"


class Size(StrEnum):
    """How long to measure: for the record, for a look, or only whether it works."""

    FULL = "full"
    QUICK = "quick"
    SMOKE = "smoke"

    def of(self, full: T, quick: T, smoke: T) -> T:
        """The one of three that is for this size."""
        return {Size.FULL: full, Size.QUICK: quick, Size.SMOKE: smoke}[self]


class NotHereError(Exception):
    """This contender cannot run on this machine; the words say what is missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the requirements.

    ours, peer: "contender.figure". Where a peer is named, ours ÷ peer is judged, round by round; else the figure
    itself. at_most: small is good.
    """

    number: str
    name: str
    ours: str
    first: float
    goal: float
    unit: str = ""
    peer: str = ""
    at_most: bool = True

    def judged(self, value: float) -> str:
        """Which of the two marks is reached: goal, first step or no."""
        for mark, bound in (("goal", self.goal), ("first step", self.first)):
            if value <= bound if self.at_most else value >= bound:
                return mark
        return "no"

    def wanted(self, bound: float) -> str:
        """A bound in words."""
        return f"{'≤' if self.at_most else '≥'} {_short(bound)}"


@dataclass(frozen=True, slots=True)
class Part:
    """Contenders that are measured in turn, and the rows that come of it. rounds: fewer where one takes minutes."""

    rows: tuple[Row, ...]
    contenders: Mapping[str, Measure]
    rounds: int = 3


@dataclass(slots=True)
class Measured:
    """The rounds of one part: by contender the figures of each round, or why there are none."""

    part: Part
    rounds: dict[str, list[Figures]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def told(self, row: Row) -> dict[str, Any]:
        """The row with medians, ratio and judgement, as it goes to the table and to the file."""
        shape: dict[str, Any] = {
            "row": row.number,
            "name": row.name,
            "first_step": row.wanted(row.first),
            "goal": row.wanted(row.goal),
            "unit": row.unit,
        }
        why = [self.missing[one] for one in _contenders(row) if one in self.missing]
        if why:
            return shape | {"reached": why[0]}
        ours = self._series(row.ours)
        peers = self._series(row.peer) if row.peer else []
        ratios = [mine / other for mine, other in zip(ours, peers, strict=False)]
        value = statistics.median(ratios or ours)
        shape |= {"ours": statistics.median(ours), "reached": row.judged(value)}
        if ratios:
            shape |= {"peer": statistics.median(peers), "peer_name": row.peer, "ratio": value}
        return shape

    def _series(self, where: str) -> list[float]:
        contender, _, figure = where.partition(".")
        return [one[figure] for one in self.rounds[contender]]


def measure(part: Part, folder: Path, size: Size) -> Measured:
    """All rounds of a part, every contender once in each."""
    result = Measured(part)
    for number in range(size.of(part.rounds, min(part.rounds, 1), 1)):
        for name, contender in part.contenders.items():
            if name in result.missing:
                continue
            place = folder / f"{name}-{number}"
            place.mkdir(parents=True)
            try:
                result.rounds.setdefault(name, []).append(contender(place, size))
            except NotHereError as error:
                result.missing[name] = str(error)
            except Exception as error:  # noqa: BLE001 - the other rows are worth having
                traceback.print_exc()
                result.missing[name] = f"failed: {name}, {type(error).__name__}"
    return result


def tell(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """Print the table."""
    table = Table(title=title)
    for heading in ("row", "figure", "ours", "peer or floor", "ratio", "first step", "goal", "reached"):
        table.add_column(heading)
    for row in rows:
        ours = f"{_short(row['ours'])} {row['unit']}" if "ours" in row else ""
        peer = f"{_short(row['peer'])} ({row['peer_name'].partition('.')[0]})" if "peer" in row else ""
        ratio = _short(row["ratio"]) if "ratio" in row else ""
        rest = (row["first_step"], row["goal"], row["reached"])
        table.add_row(row["row"], row["name"], ours.strip(), peer, ratio, *rest)
    Console(width=150).print(table)


def _contenders(row: Row) -> list[str]:
    return [where.partition(".")[0] for where in (row.ours, row.peer) if where]


def _short(value: float) -> str:
    """Three digits that count: 1234, 12.3, 0.0123."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
