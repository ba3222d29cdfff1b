"""Sending what is written: claimed, sent once, recorded; what a crash left in doubt is looked up first."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from adapters.base import Outbound, RefusedForGoodError, SendError, Sent, TryLaterError, UnknownOutcomeError
from bot.clock import Clock
from bot.store import deliveries as store
from bot.store.database import Database
from bot.store.deliveries import Delivery

log = structlog.get_logger()

MAX_ATTEMPTS = 5
AT_ONCE = 8
BACK_OFF = (2, 10, 60, 300)
"""Seconds before the second, third, fourth and fifth attempt at a send that did not go out."""


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

    async def start(self) -> None:
        """Settle what was in doubt when the process ended, then send what is pending, from now on."""
        async with self._database.transaction() as connection:
            doubtful = await store.in_doubt(connection, self._tenant)
        for delivery in doubtful:
            await self._settle(delivery)
        self._task = asyncio.create_task(self._run())
        self.wake()

    async def stop(self) -> None:
        """Finish the drain that is under way, then stop."""
        if self._task is not None:
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
            async with self._database.transaction() as connection:
                ready = await store.ready(connection, self._tenant, self._clock.now())
            if not ready:
                return handled
            lanes: dict[tuple[str, str, str], list[Delivery]] = defaultdict(list)
            for delivery in ready:
                lanes[
                    delivery.platform,
                    delivery.to.conversation if not delivery.to.user else "",
                    delivery.to.user,
                ].append(delivery)
            gate = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._lane(lane, gate) for lane in lanes.values()))
            handled += len(ready)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.drain()
            except Exception:  # a full disk or a locked database must not end the sender
                log.exception("sending failed, trying again")
                await asyncio.sleep(1)
                self._wake.set()
            if not self._wake.is_set():
                self._idle.set()

    async def _lane(self, lane: list[Delivery], gate: asyncio.Semaphore) -> None:
        async with gate:
            for number, delivery in enumerate(lane):
                if not await self._deliver(delivery):
                    # Those behind it wait too: a conversation keeps its order.
                    await self._hold(lane[number + 1 :], self._clock.now() + timedelta(seconds=BACK_OFF[0]))
                    return

    async def _deliver(self, delivery: Delivery) -> bool:
        async with self._database.transaction() as connection:
            if not await store.claim(connection, self._tenant, delivery):
                return True
        outbound = self._outbounds.get(delivery.platform)
        if outbound is None:
            await self._fail(delivery, f"{delivery.platform} is not set up")
            return True
        try:
            sent = await _send(outbound, delivery)
        except RefusedForGoodError as error:
            await self._fail(delivery, error.reason)
            return True
        except TryLaterError as error:
            return await self._later(delivery, error, self._clock.now() + timedelta(seconds=error.seconds))
        except UnknownOutcomeError as error:
            return await self._unknown(outbound, delivery, error)
        await self._sent(delivery, sent)
        return True

    async def _unknown(self, outbound: Outbound, delivery: Delivery, error: SendError) -> bool:
        found = await _found(outbound, delivery)
        if found is not None:
            await self._sent(delivery, found)
            return True
        return await self._later(delivery, error, self._clock.now() + timedelta(seconds=_back_off(delivery)))

    async def _later(self, delivery: Delivery, error: SendError, at: datetime) -> bool:
        if delivery.attempts + 1 >= MAX_ATTEMPTS:
            await self._fail(delivery, error.reason)
            return True
        log.info("delivery put off", delivery=delivery.id, reason=error.reason)
        async with self._database.transaction() as connection:
            await store.again(connection, self._tenant, delivery, at, error.reason)
        asyncio.get_running_loop().call_later(max((at - self._clock.now()).total_seconds(), 0.05), self.wake)
        return False

    async def _hold(self, rest: list[Delivery], at: datetime) -> None:
        async with self._database.transaction() as connection:
            for delivery in rest:
                await store.again(connection, self._tenant, delivery, at, "waits for the message before it")
        if rest:
            asyncio.get_running_loop().call_later(BACK_OFF[0], self.wake)

    async def _settle(self, delivery: Delivery) -> None:
        outbound = self._outbounds.get(delivery.platform)
        found = (
            None if outbound is None or delivery.operation == "update" else await _found(outbound, delivery)
        )
        if found is not None:
            await self._sent(delivery, found)
            return
        async with self._database.transaction() as connection:
            await store.again(connection, self._tenant, delivery, self._clock.now(), "in doubt after a stop")

    async def _sent(self, delivery: Delivery, result: Sent | None) -> None:
        async with self._database.transaction() as connection:
            await store.sent(connection, self._tenant, delivery, result, self._clock.now())

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        log.warning("delivery failed", delivery=delivery.id, platform=delivery.platform, reason=reason)
        async with self._database.transaction() as connection:
            await store.failed(connection, self._tenant, delivery, reason)


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


def _back_off(delivery: Delivery) -> float:
    return BACK_OFF[min(delivery.attempts, len(BACK_OFF) - 1)]
