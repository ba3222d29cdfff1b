"""The clockwork: what is due becomes deliveries, once, under the keys that `due` gives."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from adapters.base import Destination
from bot import project, reports, started_cards
from bot.attention import Planned
from bot.campaigns import Plan, due
from bot.clock import Clock
from bot.deliveries import Deliveries
from bot.desk import destination
from bot.library import Library
from bot.recipients import calendar, recipients
from bot.store import AsyncConnection, events, invitations, items, people
from bot.store import deliveries as store
from bot.store import runs as run_store
from bot.store.database import Database
from bot.store.deliveries import Delivery
from bot.store.people import Company
from dialogs.card import Card
from dialogs.catalog import Catalog, Pack
from dialogs.digest import digest_card
from dialogs.digest_week import Week
from dialogs.speech import Speech

log = structlog.get_logger()

EVERY_SECONDS = 20
AT_ONCE = 20
"""Messages written in one transaction."""
LATE = "its moment had passed"


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did. sent: written for people; in_channels: written for channels; late: recorded as late."""

    plan: Plan
    sent: int = 0
    in_channels: int = 0
    late: int = 0


class Ticker:
    """Asks what is due, now and then, and writes it."""

    def __init__(
        self, database: Database, library: Library, clock: Clock, deliveries: Deliveries, tenant: str
    ) -> None:
        self._database = database
        self._library = library
        self._clock = clock
        self._deliveries = deliveries
        self._tenant = tenant
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Tick from now on."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the ticking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tick(self, now: datetime, *, dry_run: bool = False) -> Ticked:
        """Write every message that is due at this moment; with dry_run only say what it would be."""
        catalog = self._library.catalog
        async with self._database.transaction() as connection:
            company = await people.company(connection, self._tenant)
            if company is None:
                return Ticked(Plan())
            pack = catalog.packs[company.pack]
            await project.ensure_items(connection, self._tenant, pack, company)
            plan = due(
                await calendar(connection, self._tenant, pack, company, now),
                await recipients(connection, self._tenant, pack, now),
                now,
            )
        if dry_run:
            return Ticked(plan)
        done: list[str] = []
        for first in range(0, len(plan.messages), AT_ONCE):
            # In small transactions: somebody may be waiting to answer while thousands are written.
            async with self._database.transaction() as connection:
                writer = _Writer(connection, self._tenant, catalog, pack, company, now)
                done += [await writer.write(planned) for planned in plan.messages[first : first + AT_ONCE]]
        self._deliveries.wake()
        if done:
            log.info("ticked", sent=done.count("person"), late=done.count("late"))
        return Ticked(plan, done.count("person"), done.count("channel"), done.count("late"))

    async def _run(self) -> None:
        while True:
            try:
                self._library.refresh()
                await self.tick(self._clock.now())
            except Exception:  # one bad tick must not end the clockwork
                log.exception("tick failed, trying again")
            await asyncio.sleep(EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns what is planned into rows, in one transaction."""

    connection: AsyncConnection
    tenant: str
    catalog: Catalog
    pack: Pack
    company: Company
    now: datetime

    async def write(self, planned: Planned) -> str:
        """Write one message: "person", "channel" or "late"; "" when it cannot be written or was before."""
        if planned.feature == "digest":
            return await self._digest(planned)
        person = await people.person(self.connection, self.tenant, planned.person)
        address = await people.address_of(self.connection, self.tenant, planned.person)
        if person is None or address is None:
            return ""
        cards = started_cards.Started(
            self.connection, self.tenant, self.now, self.catalog.ui, self.pack, self.company, person
        )
        # What comes too late is recorded without being drawn: drawing an invitation begins its dialog.
        card = Card(planned.feature, (), person.locale) if planned.late else await cards.card(planned)
        if card is None:
            return ""
        late = LATE if planned.late else None
        delivery = Delivery(
            planned.key,
            address.platform,
            destination(address),
            card,
            self.now,
            feature=planned.feature,
            person=person.id,
            started_by_bot=True,
        )
        if not await store.add(self.connection, self.tenant, delivery, self.now, late):
            return ""
        if planned.late:
            return "late"
        await self._follow(planned, cards)
        return "person"

    async def _follow(self, planned: Planned, cards: started_cards.Started) -> None:
        match planned.feature:
            case "nudge":
                for item_id, rung in planned.items:
                    await items.nudged(
                        self.connection, self.tenant, planned.key, cards.states[item_id], rung, self.now
                    )
            case "dialog" | "quiz":
                await invitations.sent(
                    self.connection, self.tenant, planned.subject, planned.person, self.now
                )
            case "resume" | "reminder" if not planned.items:
                await run_store.change(self.connection, self.tenant, planned.subject, resumed_at=self.now)
            case _:
                pass
        await events.audit(
            self.connection, self.tenant, None, f"{planned.feature} written", planned.key[:200], self.now
        )

    async def _digest(self, planned: Planned) -> str:
        digest = self.pack.digests[planned.subject]
        channel = next(
            (
                one
                for one in await people.channels(self.connection, self.tenant)
                if one["name"] == planned.person
            ),
            None,
        )
        if channel is None:
            return ""
        week, previous = await self._week(planned)
        earlier = await reports.month_before(self.connection, self.tenant, self.pack, week)
        speech = Speech(self.catalog.ui, channel["locale"])
        card = digest_card(digest, week, previous, speech, earlier)
        to = Destination(channel["team"], "", channel["conversation"], channel["route"])
        delivery = Delivery(
            planned.key, channel["platform"], to, card, self.now, feature="digest", channel=channel["name"]
        )
        written = await store.add(
            self.connection, self.tenant, delivery, self.now, LATE if planned.late else None
        )
        return ("late" if planned.late else "channel") if written else ""

    async def _week(self, planned: Planned) -> tuple[Week, Week | None]:
        """The week's figures, frozen when they are published; a summary that comes too late freezes nothing.

        The week is that of the nominal day, which the key ends with: a holiday may push the posting into the next.
        """
        day = date.fromisoformat(planned.key.rpartition(":")[2])
        where = (self.connection, self.tenant)
        found = await reports.latest(*where, self.pack, reports.week_of(day))
        if found is not None:
            return found
        measured = await reports.measured(*where, self.pack, self.company, self.now, day)
        before = await reports.latest(*where, self.pack)
        if not planned.late:
            await reports.freeze(*where, self.company, measured, self.now)
        return measured, before[0] if before else None
