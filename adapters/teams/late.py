"""Teams' two halves, made when they are first needed: botbuilder and what reads tokens take half a second to import."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock

import structlog

from adapters.base import Budget, Destination, Edge, Outbound, Response, Sent, TryLaterError, Turn
from adapters.teams.limits import TeamsRates
from dialogs.activity import Platform
from dialogs.card import Card

log = structlog.get_logger()

LOAD_AGAIN_SECONDS = 30.0


class Halves:
    """The door and the sender of Teams. make: imports and makes both; called once, in a thread."""

    def __init__(self, make: Callable[[], tuple[Edge, Outbound]]) -> None:
        self._make = make
        self._lock = Lock()
        self.made: tuple[Edge, Outbound] | None = None

    def load(self) -> tuple[Edge, Outbound]:
        """Make them unless they are made; blocks, so for threads only. Raises what `make` raises."""
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made

    async def both(self) -> tuple[Edge, Outbound]:
        """Door and sender as soon as they are made; the loop goes on meanwhile."""
        made = self.made
        return await asyncio.to_thread(self.load) if made is None else made


class LateEdge:
    """The door as `bot/ingress` knows it; see adapters.teams.app.TeamsEdge."""

    platform = Platform.TEAMS
    path = "/api/messages"
    max_body = 256 * 1024

    def __init__(self, halves: Halves) -> None:
        self._halves = halves

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        """Nothing does."""
        del headers
        return False

    async def admit(self, headers: Mapping[str, str], now: datetime) -> object:
        """Check content type and token."""
        edge, _ = await self._halves.both()
        return await edge.admit(headers, now)

    async def verify(self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime) -> object:
        """Parse the body within limits, then hold it against the token, the hosts and the tenants."""
        edge, _ = await self._halves.both()
        return await edge.verify(admitted, headers, raw, now)

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        """Run the turn and answer."""
        edge, _ = await self._halves.both()
        return await edge.dispatch(payload, turn, now)


class LateOutbound:
    """The sender as deliveries know it; see adapters.teams.outbound.TeamsOutbound."""

    platform = Platform.TEAMS
    can_find = False

    def __init__(self, halves: Halves, rates: TeamsRates) -> None:
        self._halves = halves
        self._rates = rates

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        """Post a card to a conversation, to a person, or as a new thread of a channel."""
        return await (await self._outbound()).send(to, card, key)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Put the card in the place of a message of ours."""
        await (await self._outbound()).update(to, message, card)

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The limits that a post or an update counts against; a look-up asks nobody."""
        return () if operation == "find" else self._rates.budgets(to)

    async def find(self, to: Destination, key: str) -> Sent | None:
        """Return None: Teams gives a bot no history to look in."""
        return await (await self._outbound()).find(to, key)

    async def _outbound(self) -> Outbound:
        try:
            _, outbound = await self._halves.both()
        except (
            Exception
        ) as error:  # a full disk, a missing library: nothing was sent, and the operator reads why
            log.exception("Teams cannot be loaded")
            raise TryLaterError(f"not loaded: {type(error).__name__}", LOAD_AGAIN_SECONDS) from error
        return outbound

    async def close(self) -> None:
        """Give back connections, if there are any."""
        if self._halves.made is not None:
            await self._halves.made[1].close()
