"""The figures of a chaos run, from its history: how fast it was ready, how slow a refusal, how long a stall."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos import checker
from tests.chaos.history import Line


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to; what never was is 0. span: from the first post that Slack took to the last.

    slowest: of all requests, acknowledged or not. hinted: the share of the refusals that say when to come again.
    stall: the longest that a loop stood still; computed: the most that its process computed meanwhile, without what
    a busy machine adds.
    """

    seed: int
    kills: int
    acknowledged: int
    posted: int
    refused: int
    limited: int
    ready_p99: float
    slowest: float
    hinted: float
    stall: float
    computed: float
    span: float
    faults: tuple[str, ...]

    def line(self, name: str) -> str:
        """Everything on one line, then the first faults."""
        figures = (
            f"{name}: seed {self.seed}, {self.kills} kills, {self.acknowledged} acknowledged, {self.posted} posted,"
            f" {self.refused} requests refused ({self.hinted:.0%} with Retry-After), {self.limited} posts refused,"
            f" ready p99 {self.ready_p99:.2f} s, slowest request {self.slowest:.2f} s, longest stall"
            f" {1000 * self.stall:.0f} ms (computing {1000 * self.computed:.0f} ms), span {self.span:.1f} s,"
            f" {len(self.faults)} faults"
        )
        return "\n".join([figures, *(f"  {one}" for one in self.faults[:20])])


def summary(lines: Sequence[Line], faults: Sequence[str]) -> Summary:
    """The figures of a history. faults: what the checker found."""
    told = checker.told(lines)
    notes = [one for one in lines if one["phase"] == "note"]
    ready = sorted(one["seconds"] for one in notes if one["op"] == "ready")
    asked = [one for one in lines if one["by"] == "person" and one["phase"] in ("ok", "fail")]
    refused = [one for one in asked if one["phase"] == "fail" and one["status"]]
    moments = [one["at"] for one in told.posted]
    return Summary(
        seed=next((one["seed"] for one in notes if one["op"] == "world"), 0),
        kills=told.kills,
        acknowledged=len(told.acknowledged),
        posted=len(told.posted),
        refused=len(refused),
        limited=sum(1 for one in lines if one["by"] == "slack" and one.get("error") == "ratelimited"),
        ready_p99=ready[int(0.99 * (len(ready) - 1))] if ready else 0,
        slowest=max((one["seconds"] for one in asked), default=0),
        hinted=sum(1 for one in refused if one["retry"]) / len(refused) if refused else 1,
        stall=max((one["seconds"] for one in notes if one["op"] == "stall"), default=0),
        computed=max((min(one["seconds"], one["all"]) for one in notes if one["op"] == "stall"), default=0),
        span=max(moments) - min(moments) if moments else 0,
        faults=tuple(faults),
    )
