"""A platform of a few lines and a store with one person, for the tests of sending."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.base import Budget, Destination, Sent
from bot.clock import FixedClock
from bot.deliveries import Deliveries
from bot.store import deliveries as store
from bot.store import people
from bot.store import rows as r
from bot.store import tables as t
from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.deliveries import Delivery
from bot.store.migrate import migrate
from dialogs.activity import Platform
from dialogs.card import Card, Span, Text

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def card(text: str) -> Card:
    return Card(text, (Text((Span(text),)),), "fr-CA")


@dataclass
class Postbox:
    """Takes cards; `faults` are raised first, `lost` after the card was taken, `deaf` by look-ups."""

    can_find: bool = True
    platform: Platform = Platform.SLACK
    taken: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[str, deque[Exception]] = field(default_factory=dict)
    lost: dict[str, deque[Exception]] = field(default_factory=dict)
    tries: list[str] = field(default_factory=list)
    limits: tuple[Budget, ...] = ()
    deaf: deque[Exception] = field(default_factory=deque)

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        self.tries.append(card.title)
        if self.faults.get(card.title):
            raise self.faults[card.title].popleft()
        self.taken.append((to.user, card.title))
        if self.lost.get(card.title):
            raise self.lost[card.title].popleft()
        return Sent(f"m-{key}", f"D-{to.user}")

    async def update(self, to: Destination, message: str, card: Card) -> None:
        self.taken.append((message, card.title))

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        return self.limits

    async def find(self, to: Destination, key: str) -> Sent | None:
        if self.deaf:
            raise self.deaf.popleft()
        title = key.rpartition(":")[2]
        return Sent(f"m-{key}", f"D-{to.user}") if (to.user, title) in self.taken else None

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Office:
    """The sender with its store and clock."""

    database: Database
    postbox: Postbox
    clock: FixedClock
    sender: Deliveries

    async def writes(
        self, *titles: str, user: str = "U1", platform: str = "slack", started_by_bot: bool = False
    ) -> None:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            for title in titles:
                to = Destination("T1", user)
                one = Delivery(
                    f"{user}:{title}",
                    platform,
                    to,
                    card(title),
                    now,
                    person="marie",
                    started_by_bot=started_by_bot,
                )
                await store.add(connection, "main", one, now)

    async def marie(self, **values: object) -> None:
        """Change the one person of the company, who works in Montreal."""
        async with self.database.transaction() as connection:
            await people.change(connection, "main", "marie", **values)

    async def later(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        await self.sender.drain()

    async def rows(self) -> dict[str, r.Row]:
        async with self.database.transaction() as connection:
            found = await r.rows(connection, t.delivery.select())
        return {one["id"].rpartition(":")[2]: one for one in found}

    async def every(self, table: str) -> list[r.Row]:
        async with self.database.transaction() as connection:
            return await r.rows(connection, META.tables[table].select())

    def order(self, user: str = "U1") -> list[str]:
        return [title for who, title in self.postbox.taken if who == user]

    def colleague(self, url: str) -> "Office":
        """Another replica on the same database and the same platform."""
        database = open_database(url)
        return Office(
            database,
            self.postbox,
            self.clock,
            Deliveries(database, {"slack": self.postbox}, self.clock, "main"),
        )

    async def close(self) -> None:
        await self.sender.stop()
        await self.database.close()


async def office(folder: Path, postbox: Postbox, url: str = "") -> Office:
    database = open_database(url or f"sqlite+aiosqlite:///{folder}/embarque.db")
    await migrate(database)
    async with database.transaction() as connection:
        await connection.execute(
            t.person.insert().values(
                tenant="main",
                id="marie",
                name="Conseil",
                locale="fr-CA",
                zone="America/Toronto",
                region="CA-QC",
                week_hours=37.5,
            )
        )
    clock = FixedClock(NOW)
    return Office(database, postbox, clock, Deliveries(database, {"slack": postbox}, clock, "main"))
