"""How fast Teams takes what: a conversation's three limits, the tenant's, and which a refusal says is used up."""

from dataclasses import dataclass

from adapters.base import Budget, Destination

MOST_LETTERS = 180


@dataclass(frozen=True, slots=True)
class TeamsRates:
    """What Teams allows: requests a second in one tenant, and for one conversation (name, rate a second, burst).

    Microsoft names 30 requests a second for a tenant on one page and 50 on another, and for a conversation 7 in
    1 second, 60 in 30 seconds, 1800 in an hour. In any window no more than burst + rate x seconds go out.
    """

    requests: float = 20.0
    conversation: tuple[tuple[str, float, int], ...] = (
        ("second", 4.0, 3),
        ("half minute", 1.5, 15),
        ("hour", 0.45, 150),
    )

    def budgets(self, to: Destination) -> tuple[Budget, ...]:
        """The budgets of a post or an update."""
        own = (Budget(f"{_conversation(to)}:{name}", rate, burst) for name, rate, burst in self.conversation)
        return (Budget(f"teams:{to.tenant}", self.requests, max(2, int(self.requests / 4))), *own)

    def used_up(self, to: Destination) -> str:
        """The budget that a 429 closes: a conversation's, since we stay far below what a tenant may do."""
        return f"{_conversation(to)}:{self.conversation[0][0]}"


def _conversation(to: Destination) -> str:
    return f"teams:conv:{to.conversation or to.user}"[:MOST_LETTERS]
