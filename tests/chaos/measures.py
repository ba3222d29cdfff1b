"""The figures of a chaos run, from its history: how fast it was ready, how slow a refusal, how long a stall."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos import checker
from tests.chaos.history import History


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to; what never was is 0. named: of the kills, those at a named point.

    span: from the first post that Slack took to the last. slowest: of all requests, acknowledged or not. hinted: the
    share of the refusals that say when to come again. stall: the longest that a loop stood still; computed: the most
    that its process computed meanwhile. own_slowest, own_stall: the same without what a busy machine adds to them.
    """

    seed: int
    kills: int
    named: int
    acknowledged: int
    posted: int
    refused: int
    limited: int
    ready_p99: float
    ready_worst: float
    slowest: float
    hinted: float
    stall: float
    computed: float
    own_slowest: float
    own_stall: float
    span: float
    faults: tuple[str, ...]

    def line(self, name: str) -> str:
        """Everything on one line, then the first faults."""
        figures = (
            f"{name}: seed {self.seed}, {self.kills} kills ({self.named} at named points),"
            f" {self.acknowledged} acknowledged, {self.posted} posted, {self.refused} requests refused"
            f" ({self.hinted:.0%} with Retry-After), {self.limited} posts refused, ready p99 {self.ready_p99:.2f} s,"
            f" at worst {self.ready_worst:.2f} s, slowest request {self.slowest:.2f} s, longest stall"
            f" {1000 * self.stall:.0f} ms (computing {1000 * self.computed:.0f} ms), span {self.span:.1f} s,"
            f" {len(self.faults)} faults"
        )
        return "\n".join([figures, *(f"  {one}" for one in self.faults[:20])])


def summary(history: History, faults: Sequence[str]) -> Summary:
    """The figures of a history, which may be too long to be held. faults: what the checker found."""
    told = checker.told(history.lines())
    seed, limited, slowest = 0, 0, [(0.0, 0.0)]
    ready, stalls, hinted = [0.0], [(0.0, 0.0, 0.0)], []
    for line in history.lines():
        match line["by"], line["phase"], line["op"]:
            case _, "note", "world":
                seed = line["seed"]
            case _, "note", "ready":
                ready.append(line["seconds"])
            case _, "note", "stall":
                still = line["seconds"]
                stalls.append((still, min(still, line["all"]), still - line["held"]))
            case "person", "ok" | "fail" as phase, _:
                slowest.append((line["seconds"], line["seconds"] - line["held"]))
                if phase == "fail" and line["status"]:
                    hinted.append(bool(line["retry"]))
            case "slack", "fail", _:
                limited += line["error"] == "ratelimited"
            case _:
                pass
    moments = [one["at"] for one in told.posted] or [0]
    return Summary(
        seed=seed,
        kills=told.kills,
        named=told.named,
        acknowledged=len(told.acknowledged),
        posted=len(told.posted),
        refused=len(hinted),
        limited=limited,
        ready_p99=sorted(ready)[round(0.99 * (len(ready) - 1))],
        ready_worst=max(ready),
        slowest=max(wall for wall, _ in slowest),
        hinted=sum(hinted) / len(hinted) if hinted else 1,
        stall=max(one for one, _, _ in stalls),
        computed=max(one for _, one, _ in stalls),
        own_slowest=max(own for _, own in slowest),
        own_stall=max(own for _, _, own in stalls),
        span=max(moments) - min(moments),
        faults=tuple(faults),
    )
