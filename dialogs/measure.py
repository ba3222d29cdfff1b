"""One figure with what it was counted over, how sure it is, and whether it has really changed."""

import math
from dataclasses import dataclass
from typing import Literal

Z90 = 1.6448536269514722
"""The 95th percentile of the normal law: half of a two-sided 90 % interval."""
REAL_CHANGE = 0.02
"""Two points: a smaller change is called stable whatever its interval."""

Confidence = Literal["low", "medium", "high"]
_LEVELS: tuple[Confidence, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. value: 0 to 1. n: what it was counted over.

    half_width: of its 90 % interval; 0 where everything was counted and nothing depends on who answered.
    """

    value: float
    n: int
    half_width: float = 0.0


def wilson(hits: int, n: int, z: float = Z90) -> tuple[float, float]:
    """The interval of a share (Wilson 1927; Brown, Cai, DasGupta 2001): low and high, 0 to 1.

    Without any count nothing is known: 0 to 1. Vector: 8 of 10 at z = 1.96 gives 0.490 to 0.943.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share: count each one once")
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def half_width(hits: int, n: int) -> float:
    """Half of the 90 % Wilson interval of a share."""
    low, high = wilson(hits, n)
    return (high - low) / 2


def share(hits: int, n: int) -> Measure | None:
    """A share with its interval; None when there is nothing to count over. Vector: 42 of 100 gives 0.42."""
    return Measure(hits / n, n, half_width(hits, n)) if n else None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against an earlier one.

    delta: -1 to 1. strength: how many times it exceeds what chance explains. real: worth an arrow.
    """

    delta: float
    strength: float
    real: bool


def change(now: Measure, before: Measure) -> Change:
    """A figure against an earlier one: real if |Δ| > max(2 points, half-width of the 90 % interval of Δ).

    Vector: 0.58 ± 0.03 after 0.52 ± 0.04 has a half-width of 0.05 and is real, 1.2 times.
    """
    delta = now.value - before.value
    least = max(REAL_CHANGE, math.hypot(now.half_width, before.half_width))
    # Rounded so that a change of exactly two points is not made real by the last bit of a float.
    strength = round(abs(delta) / least, 9)
    return Change(delta, strength, strength > 1)


def confidence(response: float, n: int, half: float, *, skewed: bool = False) -> Confidence:
    """How far a figure may be trusted.

    skewed: a function's share of respondents differs from its share of staff by more than 15 points.
    Vector: response 0.47, n 214, half-width 0.056 gives medium.
    """
    grades = ((0.60, 30, 0.05), (0.35, 15, 0.10))
    met = [response >= share_ and n >= least and half <= widest for share_, least, widest in grades]
    level = 2 if met[0] else 1 if met[1] else 0
    return _LEVELS[max(0, level - skewed)]
