"""Taking a delivery in hand and letting it go: the claim, the wait at the gates, and what is written about it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

import structlog

from adapters.base import Outbound, Sent
from bot import measures
from bot.clock import Clock
from bot.delayed import Drop, Wait, is_delayed, still_due
from bot.store import AsyncConnection, StoreError, deliveries, due, gates, people, sending
from bot.store.database import Database
from bot.store.deliveries import Delivery, Written
from bot.store.sending import MOST_FAILURES
from bot.together import Together

log = structlog.get_logger()

HOLD_SECONDS = 10.0
"""So long a delivery may wait in hand for its turn at the gates; for longer it goes back."""
CLAIM_SECONDS = HOLD_SECONDS + 5
"""A claim older than that is not posted any more: somebody else may have it before the post is through."""
TAKE_SECONDS, RECORD_SECONDS = 70.0, 100.0
"""So long it is tried to take a delivery, and to write down what became of it, while the database is away."""
MOST_CARDS = 1000
FOR_ITS_RATE = "waits for the platform's rate"
STOPPED = "the bot was stopped before it was sent"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago something was, by two clocks: one stands still while a machine sleeps, the other may be set."""

    monotonic: float
    real: float

    @classmethod
    def begun(cls) -> "Age":
        """Now."""
        return cls(time.monotonic(), time.time())

    def seconds(self) -> float:
        """The longer of the two."""
        return max(time.monotonic() - self.monotonic, time.time() - self.real)


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in hand. asks: post, update or find, whatever comes first. wait: seconds until the gates open."""

    delivery: Delivery
    outbound: Outbound
    asks: str
    wait: float
    age: Age


@dataclass
class Claims:
    """The claims of one process. clock: the company's; real: the machine's."""

    database: Database
    outbounds: Mapping[str, Outbound]
    clock: Clock
    real: Clock
    tenant: str
    replica: str
    failpoint: Callable[[str], None] = lambda _: None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._cards: OrderedDict[int, Written] = OrderedDict()
        self._taking = Together(self._take, self._leave)
        self._noting = Together(self._note)
        self._leaving: set[asyncio.Task[None]] = set()

    def knows(self, written: Iterable[Written]) -> None:
        """Remember what these hold, as far as it is not much: they need not be read to be sent from here."""
        self._cards.update((one.number, one) for one in written if one.card is not None)
        while len(self._cards) > MOST_CARDS:
            self._cards.popitem(last=False)

    async def take(self, number: int) -> Held | None:
        """Claim it and a place at its gates; None when it is not to be sent from here and now."""
        return await self._patiently(lambda: self._taking.one(number), TAKE_SECONDS)

    def _leave(self, held: Held | None) -> None:
        """Put back what was claimed for somebody who has gone meanwhile."""
        if held is not None:
            task = asyncio.create_task(self.back(held.delivery, self.clock.now(), STOPPED))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def left(self) -> None:
        """Wait until everything is put back that was claimed for nobody."""
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _take(self, numbers: Sequence[int]) -> list[Held | None]:
        """Claim these in one transaction, with the places at their gates."""
        async with self.database.transaction() as connection:
            age, now = Age.begun(), self.clock.now()
            cards = {number: self._cards.pop(number, None) for number in numbers}
            rows = await sending.claim(
                connection, self.tenant, numbers, tuple(self.outbounds), self.replica, now, self.real.now()
            )
            held: dict[int, Held] = {}
            for number, row in sorted(rows.items()):
                delivery = deliveries.made(row, cards[number])
                if await self._is_due(connection, delivery, now):
                    outbound = self.outbounds[delivery.platform]
                    asks = "find" if _in_doubt(delivery, outbound) else delivery.operation
                    held[number] = Held(delivery, outbound, asks, 0.0, age)
            let_through = await self._reserve(connection, tuple(held.values()), HOLD_SECONDS)
        return [let_through.get(number) for number in numbers]

    async def _is_due(self, connection: AsyncConnection, delivery: Delivery, now: datetime) -> bool:
        """Whether it is to be sent now; if not, what becomes of it is written."""
        decided = await self._still_due(connection, delivery, now)
        match decided:
            case None:
                return True
            case Wait(until):
                reason = deliveries.OUT_OF_HOURS
                await sending.back(connection, self.tenant, delivery, until, reason, uncounted=True)
            case Drop():
                await sending.dropped(connection, self.tenant, delivery, decided.status, decided.reason)
                _told(delivery, decided)
            case never:
                assert_never(never)
        return False

    async def not_taken(self, number: int, hop: int) -> None:
        """A job ended and left its delivery as it was: it is free for another job at once."""
        async with self.database.transaction() as connection:
            await due.free(connection, self.tenant, number, hop)

    async def renewed(self, held: Held) -> Held | None:
        """After a look-up, the same claim for the post, however long the platform took; None when it went back."""
        age, delivery = Age.begun(), held.delivery
        async with self.database.transaction() as connection:
            if not await sending.still_held(connection, self.tenant, delivery):
                return None
            again = replace(held, asks=delivery.operation, age=age)
            return (await self._reserve(connection, (again,), HOLD_SECONDS)).get(delivery.number)

    async def passes(self, held: Held) -> bool:
        """Wait for the gates; False when the delivery was let go instead."""
        wait, delivery = held.wait, held.delivery
        measures.GATE_WAIT.observe(wait)
        budgets = held.outbound.budgets(delivery.to, held.asks)
        while wait > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.stopping.wait()
            if self.stopping.is_set():
                await self.back(delivery, self.clock.now(), STOPPED)
                return False
            async with self.database.transaction() as connection:
                if not await sending.still_held(connection, self.tenant, delivery):
                    return False
                wait = 0
                if await gates.closed(connection, budgets):
                    left = max(HOLD_SECONDS - held.age.seconds(), 0)
                    again = (await self._reserve(connection, (held,), left)).get(delivery.number)
                    if again is None:
                        return False
                    wait = again.wait
        if held.age.seconds() > CLAIM_SECONDS:
            log.warning("claim given up", delivery=delivery.number, seconds=round(held.age.seconds()))
            await self.back(delivery, self.clock.now(), deliveries.TOO_OLD)
            return False
        return True

    async def back(
        self,
        delivery: Delivery,
        at: datetime,
        reason: str,
        *,
        counted: bool = False,
        closes: tuple[str, float] = ("", 0.0),
    ) -> None:
        """Put it back until then. counted: the platform may have taken it. closes: a gate, for so many seconds."""
        log.info("delivery put off", delivery=delivery.number, reason=reason)

        async def write(connection: AsyncConnection) -> None:
            await sending.back(connection, self.tenant, delivery, at, reason, uncounted=not counted)
            if closes[0]:
                await gates.close(connection, *closes)

        await self._recorded(write)

    async def sent(self, delivery: Delivery, result: Sent | None, mark: str | None) -> bool:
        """Write that it is sent; False when somebody else has it by now."""
        taken = sending.Taken(delivery, result, mark)
        return await self._patiently(lambda: self._noting.one(taken), RECORD_SECONDS)

    async def _note(self, taken: Sequence[sending.Taken]) -> list[bool]:
        """Write of these that they are sent, in one transaction."""
        async with self.database.transaction() as connection:
            return await sending.sent(connection, self.tenant, taken, self.clock.now())

    async def drop(self, delivery: Delivery, why: Drop) -> None:
        """Write that it will not be sent."""
        where = (self.tenant, delivery, why.status, why.reason)
        if await self._recorded(lambda connection: sending.dropped(connection, *where)):
            _told(delivery, why)

    async def broke(
        self, number: int, held: Held | None, error: Exception, most: int = MOST_FAILURES
    ) -> None:
        """Count that handling it broke, for another try or, when it did so for the last time, to set it aside."""
        fence = held.delivery.fence if held is not None else None
        what, now = type(error).__name__, self.clock.now()
        state = await self._recorded(
            lambda connection: sending.broke(connection, self.tenant, number, fence, what, now, most)
        )
        if state == "failed":
            log.error("delivery set aside", delivery=number, reason=what)
            measures.DELIVERIES.labels(held.delivery.platform if held else "", "failed").inc()

    async def _still_due(
        self, connection: AsyncConnection, delivery: Delivery, now: datetime
    ) -> Drop | Wait | None:
        if not is_delayed(delivery, now):
            return None
        found = delivery.person and await people.person(connection, self.tenant, delivery.person)
        return still_due(delivery, found or None, now)

    async def _reserve(
        self, connection: AsyncConnection, held: Sequence[Held], most: float
    ) -> dict[int, Held]:
        """Take a place at the gates of each; by number, with its wait, those that need not wait for too long.

        The others are put back.
        """
        budgets = [one.outbound.budgets(one.delivery.to, one.asks) for one in held]
        near: dict[int, Held] = {}
        for one, wait in zip(held, await gates.reserve_all(connection, budgets, most), strict=True):
            if wait <= most:
                near[one.delivery.number] = replace(one, wait=wait)
                continue
            measures.GATE_PUT_BACK.inc()
            at = self.clock.now() + timedelta(seconds=wait)
            await sending.back(connection, self.tenant, one.delivery, at, FOR_ITS_RATE, uncounted=True)
        return near

    async def _recorded(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def work() -> T:
            async with self.database.transaction() as connection:
                return await write(connection)

        return await self._patiently(work, RECORD_SECONDS)

    async def _patiently(self, work: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Do it; a database that is away for a while is waited for.

        What became of a post is known here only. What could not be taken would wait until its job is given up.
        """
        pause, began = 0.1, time.monotonic()
        while True:
            try:
                return await work()
            except StoreError:
                if time.monotonic() - began > seconds or (
                    seconds < RECORD_SECONDS and self.stopping.is_set()
                ):
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2)


def _in_doubt(delivery: Delivery, outbound: Outbound) -> bool:
    """Whether an earlier send may have arrived and the platform can be asked; an update twice does no harm."""
    return delivery.attempts > 1 and outbound.can_find and delivery.operation == "post"


def _told(delivery: Delivery, why: Drop) -> None:
    log.warning(
        "delivery given up",
        delivery=delivery.number,
        platform=delivery.platform,
        status=why.status,
        reason=why.reason,
    )
    measures.DELIVERIES.labels(delivery.platform, why.status).inc()
