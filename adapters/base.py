"""What every edge promises: how a request is let in, how a card is drawn, how a message is sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dialogs.activity import Activity, Platform, Reply
from dialogs.card import Card

Turn = Callable[[Activity], Awaitable[Reply]]
"""The application's door for one authenticated activity. It has committed when it returns."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A drawn card.

    payload: what the platform's API takes for this surface. text: the plain words for notifications and
    screen readers. downgrades: what the platform could not show as meant, one sentence each; `embarque check`
    fails on any, so nothing is ever lost silently.
    """

    payload: dict[str, Any]
    text: str
    downgrades: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The request is turned away with this 4xx (or 503 when keys cannot be had) and an empty body.

    reason: a word for the log, never the content of the request.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Response:
    """What the edge answers to the platform over HTTP."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Edge(Protocol):
    """The inbound half of an adapter. The ingress calls the three steps in this order, for every request."""

    @property
    def platform(self) -> Platform:
        """Which platform it is."""
        ...

    @property
    def path(self) -> str:
        """Where the platform posts to."""
        ...

    @property
    def max_body(self) -> int:
        """The most bytes that a request may have."""
        ...

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        """Whether the platform delivers such a request again by itself when it is told to come later."""
        ...

    async def admit(self, headers: Mapping[str, str], now: datetime) -> object:
        """Check what can be known from the headers alone; raise Refused. The result goes to `verify`."""
        ...

    async def verify(self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime) -> object:
        """Check the raw bytes, parse them within limits, check tenant and app; raise Refused.

        The result, the trusted payload, goes to `dispatch`.
        """
        ...

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        """Turn the payload into an activity, wait for the turn, answer as the platform wants it."""
        ...


class Listener(Protocol):
    """An adapter that fetches what people do over a connection of its own, where there is no public address."""

    @property
    def platform(self) -> Platform:
        """Which platform it is."""
        ...

    async def start(self, turn: Turn, full: Callable[[], bool]) -> None:
        """Listen from now on; it does not wait for the connection, which may come late or go at any time.

        full: whether there is no place for a turn; what the platform delivers again by itself is then left to it.
        """
        ...

    async def stop(self) -> None:
        """Take nothing more, finish the turns under way, hang up."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes. user: the platform's user id, or empty for a channel.

    conversation: the platform's conversation id where it is known. route: as in Place.
    """

    tenant: str
    user: str = ""
    conversation: str = ""
    route: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took the message. message: its reference; conversation and route: where it stands."""

    message: str
    conversation: str
    route: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a platform takes through one of its gates.

    key: what the limit holds for (a channel, a workspace, a method), unique over all platforms. per_second: the
    rate that may last. burst: how many may come at once after a rest; at least 1.
    """

    key: str
    per_second: float
    burst: int = 1


class SendError(Exception):
    """A message did not go out. reason: the platform's word for it, for the delivery row and the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLaterError(SendError):
    """The platform certainly did not take it; try again after `seconds`.

    gate: the key of the budget that the platform said is used up; empty when it is only this message's own trouble.
    """

    def __init__(self, reason: str, seconds: float, gate: str = "") -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.gate = gate


class RefusedForGoodError(SendError):
    """The platform will never take it: the person blocked the bot, the channel is gone, the card is wrong."""


class UnknownOutcomeError(SendError):
    """The platform may have taken it: look with `find` before trying again."""


class Outbound(Protocol):
    """The outbound half of an adapter. Nothing in it retries; deliveries do."""

    platform: Platform
    can_find: bool

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        """Post a card; `key` is the delivery's unique key, sent along as metadata where the platform can."""
        ...

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Put the card in the place of a message of ours."""
        ...

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The limits that this call counts against. operation: post, update or find."""
        ...

    async def find(self, to: Destination, key: str) -> Sent | None:
        """The message that was posted with this key, if the platform can tell."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


Render = Callable[[Card, str], Rendered]
"""(card, surface) -> Rendered, where surface is "message", "modal" or "home". Pure and total."""
