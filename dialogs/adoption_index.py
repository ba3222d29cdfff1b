"""The adoption index: one figure out of those of the project (blueprint 3j)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

TARGETS = {"P": 0.60, "IC": 1.0, "R": 1.0, "QM": 0.80, "BI": 0.75, "B": 1.0}
WEIGHTS_BEFORE = {"P": 0.15, "IC": 0.15, "R": 0.25, "QM": 0.15, "BI": 0.30}
WEIGHTS_AFTER = {"B": 0.35, "BI": 0.25, "QM": 0.15, "R": 0.15, "P": 0.10}
INDEX_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class Index:
    """value: 0 to 100. partial: a component is missing and the others were weighted up."""

    value: float
    partial: bool


def adoption_index(parts: Mapping[str, float | None], *, after_launch: bool = False) -> Index | None:
    """AI = 100 × Π max(min(1, value ÷ target), 0.05) ^ weight; None without any component.

    parts: P, IC, R, QM, BI (and B after launch), None where missing or suppressed.
    Vector before launch: P .42, IC .80, R .55, QM .48, BI .60 gives 68.4.
    """
    weights = WEIGHTS_AFTER if after_launch else WEIGHTS_BEFORE
    known = {name: value for name in weights if (value := parts.get(name)) is not None}
    total = sum(weights[name] for name in known)
    if not known:
        return None
    logs = (
        weights[name] * math.log(max(min(1, value / TARGETS[name]), INDEX_FLOOR))
        for name, value in known.items()
    )
    return Index(100 * math.exp(math.fsum(logs) / total), partial=len(known) < len(weights))
