"""The clockwork: what is due becomes deliveries, once, under the keys that `due` gives."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot import project, reports, started_rows
from bot.background import Background
from bot.campaigns import Plan, due
from bot.clock import Clock
from bot.digest_posts import DigestPosts
from bot.library import Library
from bot.portions import Portion
from bot.recipients import TOGETHER, Moment, digests, moment, recipients
from bot.started_cards import Drawing
from bot.started_rows import Readers
from bot.store import AsyncConnection, fanout, locks, people
from bot.store.database import Database
from bot.store.fanout import Candidates
from dialogs.catalog import Pack

log = structlog.get_logger()

EVERY_SECONDS = 20
SHARE = 4
"""A tick that takes long is followed by so many times its length of rest."""
AT_ONCE = 100
"""Messages written in the first transaction; the next ones have as many as take some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did. sent: written for people; in_channels: written for channels; late: recorded as late."""

    sent: int = 0
    in_channels: int = 0
    late: int = 0


class Sending(Protocol):
    """Whoever sends what is written."""

    def wake(self) -> None:
        """There is something new to send."""
        ...


class Ticker:
    """Asks what is due, now and then, and writes it; on every replica, since unique keys decide who did."""

    def __init__(
        self, database: Database, library: Library, clock: Clock, deliveries: Sending, tenant: str
    ) -> None:
        self._database = database
        self._library = library
        self._clock = clock
        self._deliveries = deliveries
        self._tenant = tenant
        self.failpoint: Callable[[str], None] = lambda _: None
        """Told where a tick stands, by tests that stop the program there."""
        self._ticks = Background("tick", self._tick_now, lambda took: max(EVERY_SECONDS, SHARE * took))

    def start(self) -> None:
        """Tick from now on."""
        self._ticks.start()

    async def stop(self) -> None:
        """End the ticking."""
        await self._ticks.stop()

    async def tick(
        self, now: datetime, *, dry_run: bool = False, told: Callable[[Plan], None] | None = None
    ) -> Ticked:
        """Write every message that is due at this moment; with dry_run nothing.

        told: gets the plan piece by piece, with the reason why each other person gets nothing.
        """
        pack, at = await self._moment(now, dry_run=dry_run)
        if pack is None or at is None:
            return Ticked()
        if not dry_run:
            await reports.keep_up(self._database, self._tenant, pack)
        done = await self._summaries(pack, at, dry_run=dry_run, told=told)
        drawing, portion = (
            Drawing(self._tenant, self._library.catalog, pack, at.company, now),
            Portion(AT_ONCE),
        )
        async for plan, readers in self._plans(at, everybody=told is not None):
            if told is not None:
                told(plan)
            left = () if dry_run else plan.messages
            while left:
                # In small transactions: somebody may be waiting to answer while thousands are written.
                part, left = left[: portion.size], left[portion.size :]
                async with self._database.transaction() as connection:
                    if not await locks.hold_at_once(connection, f"tick {self._tenant}"):
                        return done  # another replica is at it: it does the rest
                    await locks.hold(connection, *(locks.person(self._tenant, one.person) for one in part))
                    began = time.monotonic()
                    wrote = await started_rows.write(connection, drawing, part, readers)
                    portion.took(len(part), time.monotonic() - began)
                    self.failpoint("planned")
                done = replace(done, sent=done.sent + wrote.sent, late=done.late + wrote.late)
                self.failpoint("ticked")
                self._deliveries.wake()
        if done != Ticked():
            log.info("ticked", sent=done.sent, in_channels=done.in_channels, late=done.late)
        return done

    async def _moment(self, now: datetime, *, dry_run: bool) -> tuple[Pack | None, Moment | None]:
        async with self._database.reading() as connection:
            company = await people.company(connection, self._tenant)
            if company is None:
                return None, None
            pack = self._library.catalog.packs[company.pack]
            at = await moment(connection, self._tenant, pack, company, now)
        if at.unwritten and not dry_run:
            async with self._database.transaction() as connection:
                await project.ensure_items(connection, self._tenant, pack, company)
        return pack, at

    async def _summaries(
        self, pack: Pack, at: Moment, *, dry_run: bool, told: Callable[[Plan], None] | None
    ) -> Ticked:
        """The weekly summaries: planned and measured once, not per person."""
        async with self._database.reading() as connection:
            posts = await digests(connection, self._tenant, pack, at.company, at.now)
            calendar = replace(at.calendar, launches=(), digests=posts)
            keys = [one.key for one in due(calendar, (), at.now).messages]
            known = await fanout.known(connection, self._tenant, keys)
        plan = due(replace(calendar, known=known), (), at.now)
        if told is not None:
            told(plan)
        writer = DigestPosts(self._database, self._tenant, self._library.catalog, pack, at.company, at.now)
        done = [] if dry_run else [await writer.write(one) for one in plan.messages]
        if any(done):
            self._deliveries.wake()
        return Ticked(in_channels=done.count("channel"), late=done.count("late"))

    async def _plans(self, at: Moment, *, everybody: bool) -> AsyncIterator[tuple[Plan, Readers]]:
        """The plan for all people, some hundreds at a time, so that a large company takes no more memory."""
        async with self._database.reading() as connection:
            wanted = (
                await self._wanted(connection, at) if not everybody else fanout.candidates(self._tenant, None)
            )
        last = ""
        while True:
            async with self._database.reading() as connection:
                known = await fanout.next_people(connection, self._tenant, wanted, last, TOGETHER)
                if not known:
                    return
                found, keys = await recipients(connection, self._tenant, at, known)
                plan = due(replace(at.calendar, known=keys), found, at.now, reasons=everybody)
                who = {one.person for one in plan.messages}
                addresses = await fanout.addresses(connection, self._tenant, who)
            yield plan, Readers(known, addresses)
            *_, last = known

    async def _wanted(self, connection: AsyncConnection, at: Moment) -> Candidates:
        """Those for whom there may be something: who surely gets nothing is not looked at."""
        chances = at.chances(await fanout.places(connection, self._tenant))
        asked = await fanout.asked(connection, self._tenant, [launch.id for launch in at.calendar.launches])
        return fanout.candidates(self._tenant, chances, at.owners(), asked)

    async def _tick_now(self) -> None:
        self._library.refresh()
        await self.tick(self._clock.now())
