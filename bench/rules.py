"""The rules alone: one answer of the impact interview, from the rows to the outcome with its cards."""

import statistics
import time

from bench.interviews import SPEECH, one_impact, state
from dialogs import interview

REPEATS = 200


def measure() -> dict[str, float]:
    """One round: µs of processor time a step, the median over the steps and the slowest of them."""
    taken: list[float] = []
    for step in one_impact():
        began = time.process_time()
        for _ in range(REPEATS):
            interview.submit(state(step.given), step.submission, SPEECH)
        taken.append((time.process_time() - began) / REPEATS * 1e6)
    return {"median_us": statistics.median(taken), "slowest_us": max(taken), "steps": len(taken)}
