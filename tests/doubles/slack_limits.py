"""How fast our Slack takes messages: what is too fast is refused with 429, and taken by nobody."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

Json = dict[str, Any]
TIER_3 = frozenset({"chat.update", "conversations.open", "conversations.history"})


@dataclass(slots=True)
class SlackLimits:
    """Sliding windows. says: in which form the seconds are told.

    workspace: messages in any second. channel, burst: one a second lasts, so many may come at once. tier_3: calls of
    one method in a minute.
    """

    workspace: int = 5
    channel: float = 1.0
    burst: int = 3
    tier_3: int = 50
    says: Literal["number", "date", "nothing"] = "number"
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _taken: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _closed_until: float = 0.0

    def storm(self, seconds: float) -> None:
        """Refuse everything for so long."""
        self._closed_until = self.clock() + seconds

    def refusal(self, method: str, given: Json) -> dict[str, str] | None:
        """The headers of a 429; None when the call is within all limits, against which it then counts."""
        windows = [(method, 60.0, self.tier_3)] if method in TIER_3 else []
        if method == "chat.postMessage":
            window = (self.burst + 1) / self.channel
            windows = [("messages", 1.0, self.workspace), (str(given.get("channel")), window, self.burst * 2)]
        now = self.clock()
        wait = max([self._closed_until - now, *(self._wait(now, *one) for one in windows)])
        if wait > 0:
            self.refused += 1
            return self._told(wait)
        for key, _, _ in windows:
            self._taken[key].append(now)
        return None

    def _wait(self, now: float, key: str, seconds: float, most: int) -> float:
        taken = self._taken[key]
        while taken and taken[0] <= now - seconds:
            taken.popleft()
        return taken[0] + seconds - now if len(taken) >= most else 0.0

    def _told(self, wait: float) -> dict[str, str]:
        whole = int(wait) + 1
        match self.says:
            case "number":
                return {"Retry-After": str(whole)}
            case "date":
                return {
                    "Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=whole), usegmt=True)
                }
            case "nothing":
                return {}
