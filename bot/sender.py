"""Sending one delivery: claimed, let through the gates, posted, recorded; in doubt, it is looked up before that.

Where the platform cannot be asked, an unknown outcome is sent again once, what a stop left in doubt once for each
stop, and the row keeps a mark that it may have arrived twice. A claim that has grown old, since the process was
frozen, is given up before the post; whatever is written about it later changes nothing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import structlog

from adapters.base import Outbound, RefusedForGoodError, SendError, Sent, TryLaterError, UnknownOutcomeError
from bot import measures
from bot.claims import Age, Claims, Held
from bot.clock import Clock
from bot.delayed import Drop, given_up
from bot.store import StoreError
from bot.store.database import Database
from bot.store.deliveries import MAYBE_TWICE, Delivery
from bot.store.sending import BACK_OFF, MOST_FAILURES

log = structlog.get_logger()

MAX_ATTEMPTS = 5
"""Sends with an unknown outcome, where the platform can be asked what became of each."""
MAX_BLIND_ATTEMPTS = 2
"""The same where it cannot: each one more may be one more copy for the person."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds to wait for a platform that takes nothing; doubled each time, unless it asks for more."""
SEND_SECONDS = 60.0
"""After that long without an answer the outcome counts as unknown, whatever the adapter thinks."""
MOST_PAUSES = 10_000


@dataclass(frozen=True, slots=True)
class _Blind:
    """The platform does not let us look."""


class Sender:
    """Does the job of one delivery, on whichever way it came here; a second one for it does nothing.

    in_hand: numbers of the deliveries that this process is at.
    """

    def __init__(
        self,
        database: Database,
        outbounds: Mapping[str, Outbound],
        clock: Clock,
        real: Clock,
        tenant: str,
        replica: str,
    ) -> None:
        self.claims = Claims(database, outbounds, clock, real, tenant, replica)
        self.in_hand: set[int] = set()
        self._clock = clock
        self._pauses: dict[int, float] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def work(self, number: int, hop: int = 0) -> None:
        """Send the delivery, if it is due, its turn has come and nobody else has it; see `bot.jobs.Work`.

        An error of the database is raised: what was begun is then settled by the next audit.
        """
        if number in self.in_hand or self.claims.stopping.is_set():
            if hop:
                await self.claims.not_taken(number, hop)
            return
        self.in_hand.add(number)
        self._idle.clear()
        held: Held | None = None
        try:
            held = await self.claims.take(number)
            if held is not None:
                await self._carry_out(held)
            elif hop:
                await self.claims.not_taken(number, hop)
        except StoreError:
            raise
        except Exception as error:  # one message that cannot be sent must not hold up the others
            log.exception("sending broke", delivery=number, hop=hop)
            # Nobody knows whether the platform has it: where nobody can look, it is not tried five times.
            blind = held is not None and _cannot_look(held)
            await self.claims.broke(number, held, error, MAX_BLIND_ATTEMPTS if blind else MOST_FAILURES)
        finally:
            self.in_hand.discard(number)
            if not self.in_hand:
                self._idle.set()

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        await self._idle.wait()

    def stop(self) -> None:
        """Begin nothing more. Whoever waits for a gate puts the delivery back; what is being posted is finished."""
        self.claims.stopping.set()

    async def _carry_out(self, held: Held) -> None:
        blind = held.delivery.attempts > 1 and _cannot_look(held)
        if held.asks == "find":
            if not await self.claims.passes(held):
                return
            match await self._looked_up(held):
                case Sent() as found:
                    await self._sent(held.delivery, found)
                    return
                case TryLaterError() as error:
                    await self._not_taken(held.delivery, error)
                    return
                case _Blind():
                    blind = True
                case None:
                    pass
                case never:
                    assert_never(never)
            renewed = await self.claims.renewed(held)
            if renewed is None:
                return
            held = renewed
        if await self.claims.passes(held):
            await self._post(held, blind=blind)

    async def _post(self, held: Held, *, blind: bool) -> None:
        delivery = held.delivery
        self.claims.failpoint("claimed")
        try:
            sent = await _answer_of(held.outbound, delivery)
        except RefusedForGoodError as error:
            await self._drop(delivery, Drop("failed", error.reason))
        except TryLaterError as error:
            await self._not_taken(delivery, error)
        except UnknownOutcomeError as error:
            await self._unknown(held, error, blind=blind)
        else:
            self.claims.failpoint("sent")
            await self._sent(delivery, sent, MAYBE_TWICE if blind else None)

    async def _not_taken(self, delivery: Delivery, error: TryLaterError) -> None:
        """The platform did not take it, however often it was tried: only its age ends that."""
        now = self._clock.now()
        over = given_up(delivery, error.reason, now)
        if over is not None:
            await self._drop(delivery, over)
            return
        if len(self._pauses) > MOST_PAUSES:
            self._pauses.clear()
        pause = self._pauses.get(delivery.number, FIRST_PAUSE)
        self._pauses[delivery.number] = min(pause * 2, LONGEST_PAUSE)
        at = now + timedelta(seconds=max(pause, error.seconds))
        await self.claims.back(delivery, at, error.reason, closes=(error.gate, error.seconds))

    async def _unknown(self, held: Held, error: SendError, *, blind: bool) -> None:
        delivery = held.delivery
        closes = ("", 0.0)
        if held.outbound.can_find and delivery.operation == "post":
            match await self._looked_up(replace(held, age=Age.begun())):
                case Sent() as found:
                    await self._sent(delivery, found)
                    return
                case _Blind():
                    blind = True
                case TryLaterError() as later:
                    closes = (later.gate, later.seconds)
                case None:
                    pass  # looked up again before it is sent again
        most = MAX_BLIND_ATTEMPTS if blind or _cannot_look(held) else MAX_ATTEMPTS
        if delivery.attempts >= most:
            await self._drop(delivery, Drop("failed", error.reason))
            return
        pause = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
        at = self._clock.now() + timedelta(seconds=pause)
        await self.claims.back(delivery, at, error.reason, counted=True, closes=closes)

    async def _looked_up(self, held: Held) -> Sent | TryLaterError | _Blind | None:
        """What the platform says became of an earlier send; None when it has nothing of it."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await held.outbound.find(held.delivery.to, held.delivery.id)
        except RefusedForGoodError as error:
            log.warning("look-up refused", delivery=held.delivery.number, reason=error.reason)
            return _Blind()
        except TryLaterError as error:
            return error
        except (SendError, StoreError, TimeoutError) as error:
            return TryLaterError(getattr(error, "reason", type(error).__name__), FIRST_PAUSE)

    async def _sent(self, delivery: Delivery, result: Sent | None, mark: str | None = None) -> None:
        self._pauses.pop(delivery.number, None)
        if await self.claims.sent(delivery, result, mark):
            self.claims.failpoint("told")
            measures.DELIVERIES.labels(delivery.platform, "sent").inc()

    async def _drop(self, delivery: Delivery, why: Drop) -> None:
        self._pauses.pop(delivery.number, None)
        await self.claims.drop(delivery, why)


async def _answer_of(outbound: Outbound, delivery: Delivery) -> Sent | None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            if delivery.operation == "update" and delivery.message is not None:
                await outbound.update(delivery.to, delivery.message, delivery.card)
                return None
            return await outbound.send(delivery.to, delivery.card, delivery.id)
    except (StoreError, TimeoutError) as error:
        raise UnknownOutcomeError(type(error).__name__) from error


def _cannot_look(held: Held) -> bool:
    """Whether nobody can tell what became of an earlier send; an update twice does no harm."""
    return not held.outbound.can_find and held.delivery.operation == "post"
