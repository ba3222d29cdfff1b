"""Sending what is written: claimed, sent, recorded; what is in doubt is looked up before it is sent again.

Where the platform cannot look, an unknown outcome is sent again once, what a stop left in doubt once for each
stop, and the row keeps a mark that it may have arrived twice.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from adapters.base import Outbound, RefusedForGoodError, SendError, Sent, TryLaterError, UnknownOutcomeError
from bot.clock import Clock
from bot.delayed import Drop, Wait, given_up, is_delayed, still_due
from bot.measures import DELIVERIES
from bot.store import deliveries as store
from bot.store import people
from bot.store.database import Database
from bot.store.deliveries import Delivery

log = structlog.get_logger()

MAX_ATTEMPTS = 5
"""Sends with an unknown outcome, where the platform can be asked what became of each."""
MAX_BLIND_ATTEMPTS = 2
"""The same where it cannot: each one more may be one more copy for the person."""
AT_ONCE = 8
BACK_OFF = (2, 10, 60, 300)
"""Seconds before the second, third, fourth and fifth attempt at a send whose outcome is unknown."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds to wait for a platform that takes nothing; doubled each time, unless it asks for more."""
STOP_SECONDS = 10
"""How long a stop waits for what is under way; the next start settles the rest."""

Lane = tuple[str, str, str]
"""Platform, conversation and user: what is written for one lane arrives in the order in which it was written."""


class Deliveries:
    """The sender. One drain runs at a time; within it, a conversation gets its messages in order."""

    def __init__(
        self, database: Database, outbounds: Mapping[str, Outbound], clock: Clock, tenant: str
    ) -> None:
        self._database = database
        self._outbounds = outbounds
        self._clock = clock
        self._tenant = tenant
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._pauses: dict[str, float] = {}
        self.failpoint: Callable[[str], None] = lambda _: None

    async def start(self) -> None:
        """Settle what was in doubt when the process ended, then send what is pending, from now on."""
        await self._settle()
        self._task = asyncio.create_task(self._run())
        self.wake()

    async def stop(self) -> None:
        """Finish the drain that is under way, within a limit, then stop."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._idle.wait()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """There is something new to send."""
        self._idle.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing that is due is left."""
        await self._idle.wait()

    async def drain(self) -> int:
        """Send everything that is due; the number of deliveries that were taken in hand."""
        handled = 0
        while True:
            now = self._clock.now()
            async with self._database.transaction() as connection:
                ready = await store.ready(connection, self._tenant, now, tuple(self._outbounds))
                waiting = await store.tried(connection, self._tenant, now) if ready else []
            if not ready:
                return handled
            # A lane whose first message waits for another try lets nothing overtake it.
            blocked = {_lane_of(one): one.due_at for one in waiting}
            lanes: dict[Lane, list[Delivery]] = defaultdict(list)
            for delivery in ready:
                lanes[_lane_of(delivery)].append(delivery)
            gate = asyncio.Semaphore(AT_ONCE)
            under_way = (self._lane(one, gate, blocked.get(key)) for key, one in lanes.items())
            for broken in await asyncio.gather(*under_way, return_exceptions=True):
                if broken is not None:
                    raise broken
            handled += len(ready)

    async def _run(self) -> None:
        broken = False
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if broken:
                    await self._settle()
                broken = False
                await self.drain()
            except Exception:  # a full disk or a locked database must not end the sender
                log.exception("sending failed, trying again")
                broken = True
                await asyncio.sleep(1)
                self._wake.set()
            if not self._wake.is_set():
                self._idle.set()

    async def _lane(self, lane: list[Delivery], gate: asyncio.Semaphore, blocked: datetime | None) -> None:
        async with gate:
            if blocked is not None:
                await self._hold(lane, blocked)
                return
            for number, delivery in enumerate(lane):
                again = await self._deliver(delivery)
                if again is not None:
                    # Those behind it wait too: a conversation keeps its order.
                    await self._hold(lane[number + 1 :], again)
                    return

    async def _deliver(self, delivery: Delivery) -> datetime | None:
        """Send one; the moment of the next try when it has to wait."""
        if not await self._claim(delivery):
            return None
        self.failpoint("claimed")
        outbound = self._outbounds.get(delivery.platform)
        if outbound is None:
            await self._drop(delivery, Drop("failed", f"{delivery.platform} is not set up"))
            return None
        try:
            sent = await _send(outbound, delivery)
        except RefusedForGoodError as error:
            await self._drop(delivery, Drop("failed", error.reason))
            return None
        except TryLaterError as error:
            return await self._not_taken(delivery, error)
        except UnknownOutcomeError as error:
            return await self._unknown(outbound, delivery, error)
        except Exception as error:  # one message that cannot be sent must not hold up the others
            log.exception("sending broke", delivery=delivery.id, platform=delivery.platform)
            return await self._unknown(outbound, delivery, UnknownOutcomeError(type(error).__name__))
        self.failpoint("sent")
        blind = delivery.attempts > 0 and _most_attempts(outbound, delivery) == MAX_BLIND_ATTEMPTS
        await self._sent(delivery, sent, store.MAYBE_TWICE if blind else None)
        return None

    async def _claim(self, delivery: Delivery) -> bool:
        """Take it for sending, unless somebody else has or it is not to be sent now."""
        now = self._clock.now()
        decided: Drop | Wait | None = None
        async with self._database.transaction() as connection:
            if is_delayed(delivery, now):
                found = delivery.person and await people.person(connection, self._tenant, delivery.person)
                decided = still_due(delivery, found or None, now)
            match decided:
                case None:
                    return await store.claim(connection, self._tenant, delivery)
                case Wait(until):
                    await store.again(connection, self._tenant, delivery, until, store.OUT_OF_HOURS)
                    self._wake_at(until)
                    return False
        await self._drop(delivery, decided)
        return False

    async def _not_taken(self, delivery: Delivery, error: TryLaterError) -> datetime | None:
        """The platform did not take it, however often it was tried: only its age ends that."""
        now = self._clock.now()
        over = given_up(delivery, error.reason, now)
        if over is not None:
            await self._drop(delivery, over)
            return None
        pause = self._pauses.get(delivery.id, FIRST_PAUSE)
        self._pauses[delivery.id] = min(pause * 2, LONGEST_PAUSE)
        at = now + timedelta(seconds=max(pause, error.seconds))
        return await self._again(delivery, error, at, uncounted=True)

    async def _unknown(self, outbound: Outbound, delivery: Delivery, error: SendError) -> datetime | None:
        found = await _found(outbound, delivery)
        if found is not None:
            await self._sent(delivery, found)
            return None
        if delivery.attempts + 1 >= _most_attempts(outbound, delivery):
            await self._drop(delivery, Drop("failed", error.reason))
            return None
        return await self._again(delivery, error, self._clock.now() + timedelta(seconds=_back_off(delivery)))

    async def _again(
        self, delivery: Delivery, error: SendError, at: datetime, *, uncounted: bool = False
    ) -> datetime:
        log.info("delivery put off", delivery=delivery.id, reason=error.reason)
        async with self._database.transaction() as connection:
            await store.again(connection, self._tenant, delivery, at, error.reason, uncounted=uncounted)
        self._wake_at(at)
        return at

    def _wake_at(self, at: datetime) -> None:
        # A little after the moment: a timer that fires early would find nothing due.
        seconds = max((at - self._clock.now()).total_seconds(), 0) + 0.05
        asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _hold(self, rest: list[Delivery], at: datetime) -> None:
        async with self._database.transaction() as connection:
            for delivery in rest:
                await store.again(connection, self._tenant, delivery, at, store.BEHIND)

    async def _settle(self) -> None:
        """Look up what was begun and never recorded; what is not found is sent again."""
        async with self._database.transaction() as connection:
            doubtful = await store.in_doubt(connection, self._tenant)
        for delivery in doubtful:
            outbound = self._outbounds.get(delivery.platform)
            looks = outbound is not None and delivery.operation != "update"  # an update twice does no harm
            found = await _found(outbound, delivery) if outbound is not None and looks else None
            if found is not None:
                await self._sent(delivery, found)
                continue
            async with self._database.transaction() as connection:
                await store.again(
                    connection, self._tenant, delivery, self._clock.now(), "in doubt after a stop"
                )

    async def _sent(self, delivery: Delivery, result: Sent | None, mark: str | None = None) -> None:
        self._pauses.pop(delivery.id, None)
        async with self._database.transaction() as connection:
            await store.sent(connection, self._tenant, delivery, result, self._clock.now(), mark)
        DELIVERIES.labels(delivery.platform, "sent").inc()

    async def _drop(self, delivery: Delivery, why: Drop) -> None:
        self._pauses.pop(delivery.id, None)
        log.warning(
            "delivery given up",
            delivery=delivery.id,
            platform=delivery.platform,
            status=why.status,
            reason=why.reason,
        )
        async with self._database.transaction() as connection:
            await store.dropped(connection, self._tenant, delivery, why.status, why.reason)
        DELIVERIES.labels(delivery.platform, why.status).inc()


async def _send(outbound: Outbound, delivery: Delivery) -> Sent | None:
    if delivery.operation == "update" and delivery.message is not None:
        await outbound.update(delivery.to, delivery.message, delivery.card)
        return None
    return await outbound.send(delivery.to, delivery.card, delivery.id)


async def _found(outbound: Outbound, delivery: Delivery) -> Sent | None:
    if not outbound.can_find:
        return None
    try:
        return await outbound.find(delivery.to, delivery.id)
    except SendError:
        return None
    except Exception:  # looking is a courtesy: not finding out must not end the sender
        log.exception("look-up broke", delivery=delivery.id, platform=delivery.platform)
        return None


def _lane_of(delivery: Delivery) -> Lane:
    return delivery.platform, "" if delivery.to.user else delivery.to.conversation, delivery.to.user


def _most_attempts(outbound: Outbound, delivery: Delivery) -> int:
    """How often it may be sent without knowing what became of it; an update twice does no harm."""
    blind = not outbound.can_find and delivery.operation == "post"
    return MAX_BLIND_ATTEMPTS if blind else MAX_ATTEMPTS


def _back_off(delivery: Delivery) -> float:
    return BACK_OFF[min(delivery.attempts, len(BACK_OFF) - 1)]
