"""Weekly summaries as rows: measured once for the whole company, frozen when they are published."""

from dataclasses import dataclass
from datetime import date, datetime

from adapters.base import Destination
from bot import reports
from bot.attention import Planned
from bot.store import AsyncConnection, people
from bot.store import deliveries as store
from bot.store.database import Database
from bot.store.deliveries import Delivery
from bot.store.people import Company
from dialogs.catalog import Catalog, Pack
from dialogs.digest import digest_card
from dialogs.digest_week import Week
from dialogs.speech import Speech

LATE = "its moment had passed"
TRIES = 5
"""Attempts to find everybody counted; after that all are counted anew from their rows, which takes a second or two."""


@dataclass(frozen=True, slots=True)
class DigestPosts:
    """Writes the summaries of one moment."""

    database: Database
    tenant: str
    catalog: Catalog
    pack: Pack
    company: Company
    now: datetime

    async def write(self, planned: Planned) -> str:
        """Write one: "channel" or "late"; "" when the channel is gone or somebody else has written it.

        The week is that of the nominal day, which the key ends with: a holiday may push the posting into the next.
        """
        day = date.fromisoformat(planned.key.rpartition(":")[2])
        measured = await self._measured(day)
        async with self.database.transaction() as connection:
            # Another channel may have been served: all show the same figures.
            frozen = await reports.latest(connection, self.tenant, self.pack, reports.week_of(day))
            found = frozen or measured
            delivery = await self._delivery(connection, planned, *found)
            late = LATE if planned.late else None
            if delivery is None or not await store.add(connection, self.tenant, delivery, self.now, late):
                return ""
            if frozen is None and not planned.late:  # a summary that comes too late freezes nothing
                await reports.freeze(connection, self.tenant, found[0], self.now)
        return "late" if planned.late else "channel"

    async def _measured(self, day: date) -> tuple[Week, Week | None]:
        """The week and the one before it: all that takes long is done before the transaction that publishes them."""
        for tries_left in reversed(range(TRIES)):
            while await reports.keep_up(self.database, self.tenant, self.pack):
                pass
            async with self.database.reading() as connection:
                where = (connection, self.tenant, self.pack)
                if frozen := await reports.latest(*where, reports.week_of(day)):
                    return frozen
                # Somebody may have answered just now, which is soon counted; for ever nobody waits for that.
                if not tries_left or await reports.stand(*where, self.company, self.now):
                    measured = await reports.measured(*where, self.company, self.now, day, counting=False)
                    before = await reports.latest(*where)
                    return measured, before[0] if before else None
        raise AssertionError

    async def _delivery(
        self, connection: AsyncConnection, planned: Planned, week: Week, previous: Week | None
    ) -> Delivery | None:
        channels = {one["name"]: one for one in await people.channels(connection, self.tenant)}
        channel = channels.get(planned.person)
        if channel is None:
            return None
        earlier = await reports.month_before(connection, self.tenant, self.pack, week)
        speech = Speech(self.catalog.ui, channel["locale"])
        card = digest_card(self.pack.digests[planned.subject], week, previous, speech, earlier)
        to = Destination(channel["team"], "", channel["conversation"], channel["route"])
        return Delivery(
            planned.key, channel["platform"], to, card, self.now, feature="digest", channel=channel["name"]
        )
