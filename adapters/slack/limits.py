"""How fast Slack takes what: the budgets of a call, and which of them a refusal says is used up."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.base import Budget, Destination

TIER_3 = 50 / 60
"""Calls a second; Slack counts fifty a minute, in any order."""
TIER_3_BURST = 20
MOST_CLOSED = 1000


@dataclass(frozen=True, slots=True)
class SlackRates:
    """What Slack allows, as it documents it but for `messages`: new ones a second in the workspace.

    channel, channel_burst: messages a second in one channel, and how many at once. tier_3: calls a second.
    """

    messages: float = 5.0
    channel: float = 1.0
    channel_burst: int = 3
    tier_3: float = TIER_3
    tier_3_burst: int = TIER_3_BURST


@dataclass(slots=True)
class SlackLimits:
    """Budgets of the calls of one bot. monotonic: seconds of a clock that never goes back."""

    rates: SlackRates
    monotonic: Callable[[], float] = time.monotonic
    _closed: dict[str, float] = field(default_factory=dict)

    def of(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The budgets of a whole post, update or look-up, with the conversation that it may have to open."""
        opening = () if to.conversation else (self._tier_3(to.tenant, "conversations.open"),)
        match operation:
            case "update":
                return (*opening, self._tier_3(to.tenant, "chat.update"))
            case "find":
                return (*opening, self._tier_3(to.tenant, "conversations.history"))
            case _:
                rates = self.rates
                everywhere = Budget(
                    workspace(to.tenant), rates.messages, max(2, math.ceil(rates.messages / 4))
                )
                return (*opening, everywhere, Budget(channel(to), rates.channel, rates.channel_burst))

    def used_up(self, to: Destination, seconds: float) -> str:
        """The budget that a refused post says is used up.

        Slack does not tell a channel's limit from the workspace's: one channel is taken at its word, and when
        a second one is refused while the first is closed, it is the workspace.
        """
        now, mine = self.monotonic(), channel(to)
        self._closed = {key: until for key, until in self._closed.items() if until > now}
        others = any(key != mine for key in self._closed)
        if len(self._closed) < MOST_CLOSED:
            self._closed[mine] = now + seconds
        return workspace(to.tenant) if others else mine

    def _tier_3(self, team: str, name: str) -> Budget:
        return Budget(method(team, name), self.rates.tier_3, self.rates.tier_3_burst)


def workspace(team: str) -> str:
    """The gate of all new messages of a workspace."""
    return method(team, "chat.postMessage")


def method(team: str, name: str) -> str:
    """The gate of a method, which Slack counts for each workspace."""
    return f"slack:{team}:{name}"


def channel(to: Destination) -> str:
    """The gate of a conversation; before it is known, that of the person whose it will be."""
    return f"slack:{to.tenant}:ch:{to.conversation or to.user}"
