"""Two replicas on one PostgreSQL: what one person does twice at once is done once, and nobody sees a fault."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.app import Embarque
from bot.library import BUILT_IN, Library
from bot.store import items, locks
from bot.store.columns import META
from bot.store.database import Database, open_database
from bot.store.health import outage
from dialogs.activity import Activity, Kind, Place, Platform, Reply, Submission
from dialogs.ref import Ref
from tests.company import MONDAY, hire
from tests.world import TestClock

ROUNDS = 4


@dataclass
class Replicas:
    """Two bots on one database, and what its tables hold."""

    apps: tuple[Embarque, Embarque]
    both: tuple[str, ...] = ()
    said: int = 0

    @property
    def database(self) -> Database:
        return self.apps[0].database

    def event(self, who: str, kind: Kind, text: str = "", ref: Ref | None = None) -> Activity:
        """A new event of somebody; those who have two platforms use them in turn."""
        self.said += 1
        submission = None if ref is None else Submission(ref)
        place = Place(f"dm:{who}")
        platform = Platform.SLACK if who in self.both and self.said % 2 else Platform.WEB
        return Activity(
            platform, "main", who, kind, f"E{self.said}", place, MONDAY, text, submission, name_hint=who
        )

    async def at_once(self, *events: Activity) -> list[Reply]:
        """Deliver all of them in the same moment, to one replica and the other in turn."""
        work = [_delivered(self.apps[number % 2], event) for number, event in enumerate(events)]
        return await asyncio.gather(*work)

    async def rows(self, table: str, **wanted: Any) -> list[dict[str, Any]]:
        """Rows of a table."""
        kept = META.tables[table]
        conditions = [kept.c[name] == value for name, value in wanted.items()]
        async with self.database.transaction() as connection:
            found = await connection.execute(kept.select().where(*conditions))
            return [dict(row) for row in found.mappings()]

    async def buttons(self, who: str) -> list[Ref]:
        """All buttons that this person has been sent."""
        cards = [row["card"] for row in await self.rows("delivery", person=who)]
        refs = [Ref.decode(text) for card in cards for text in _refs(card)]
        return [ref for ref in refs if ref is not None]


@pytest.fixture
async def replicas(postgres_url: str) -> AsyncIterator[Replicas]:
    async with replicas_on(postgres_url) as made:
        yield made


@asynccontextmanager
async def replicas_on(url: str) -> AsyncIterator[Replicas]:
    """Two replicas that are not served over HTTP: their turns and clocks are called."""
    async with AsyncExitStack() as stack:
        library = Library.open(BUILT_IN)
        apps = []
        for _ in range(2):
            database = open_database(url)
            stack.push_async_callback(database.close)
            apps.append(
                Embarque(
                    database, replace(library), "main", TestClock(MONDAY), (), {}, ticking=False
                )
            )  # fmt: skip
        for app in apps:
            stack.push_async_callback(app.deliveries.stop)
        await hire(apps[0].database, "web", "fr-CA", None)
        async with apps[0].database.transaction() as connection:
            there = {"platform": "slack", "team": "main", "user": "advisor", "person": "advisor", "route": {}}
            await connection.execute(META.tables["address"].insert().values(tenant="main", **there))
        await asyncio.gather(*(_warm(app.database) for app in apps for _ in range(ROUNDS)))
        yield Replicas((apps[0], apps[1]), both=("advisor",))


async def _delivered(app: Embarque, event: Activity) -> Reply:
    """Deliver as platforms do: again where a machine under load was too slow. Any other failure is one."""
    for _ in range(10):
        try:
            return await app.turns.handle(event)
        except Exception as error:
            if outage(error) is None:
                raise
    raise AssertionError("ten deliveries were not enough")


async def _warm(database: Database) -> None:
    """Connections that are made only now would put the turns in a line by themselves."""
    async with database.transaction():
        await asyncio.sleep(0.2)


async def test_a_double_click_on_two_replicas_is_one_answer(replicas: Replicas) -> None:
    """Would catch two turns that both believe to write the first answer, one of which ends in an error."""
    await replicas.at_once(replicas.event("advisor", Kind.COMMAND, "impact"))
    [yes, *_] = [ref for ref in await replicas.buttons("advisor") if ref.step == "I0.0"]
    await replicas.at_once(*(replicas.event("advisor", Kind.SUBMIT, ref=yes) for _ in range(ROUNDS)))
    assert [row["step"] for row in await replicas.rows("answer")] == ["I0"]


async def test_the_same_event_delivered_twice_at_once_is_handled_once(replicas: Replicas) -> None:
    """Would catch a load balancer's repetition, or Slack's, that is answered twice."""
    once = replicas.event("advisor", Kind.COMMAND, "impact")
    await replicas.at_once(*[once] * ROUNDS)
    assert len(await replicas.rows("run", person="advisor")) == 1
    assert len(await replicas.rows("delivery", person="advisor")) == 1


async def test_a_dialog_begun_twice_at_once_is_one_dialog(replicas: Replicas) -> None:
    """Would catch a person who is asked everything twice, in two conversations that do not know each other."""
    await replicas.at_once(*(replicas.event("advisor", Kind.COMMAND, "impact") for _ in range(ROUNDS)))
    assert len(await replicas.rows("run", person="advisor")) == 1


async def test_a_stranger_whom_two_replicas_meet_at_once_is_one_person(replicas: Replicas) -> None:
    """Would catch somebody who exists twice: their answers on one name, their reminders on the other."""
    before = len(await replicas.rows("person"))
    await replicas.at_once(*(replicas.event("inconnue", Kind.ARRIVED) for _ in range(ROUNDS)))
    assert len(await replicas.rows("person")) == before + 1
    assert len(await replicas.rows("address", user="inconnue")) == 1


async def test_an_item_that_is_closed_and_put_off_at_once_takes_one_of_them(replicas: Replicas) -> None:
    """Would catch an item that is closed twice, or one that is closed and asks for help at the same revision."""
    async with replicas.database.transaction() as connection:
        await items.ensure(connection, "main", {"FIN1": ("finance", MONDAY.date())})
    proof = {"kind": "number", "value": "12 %"}
    closes = Submission(Ref("item", "FIN1", "done", "send"), proof)
    asks = Submission(Ref("item", "FIN1", "time"))
    lead = Submission(Ref("item", "FIN1", "show"))
    events = [
        replace(replicas.event(who, Kind.SUBMIT), submission=said)
        for _ in range(ROUNDS)
        for who, said in (("finance", closes), ("finance", asks), ("lead", lead))
    ]
    await replicas.at_once(*events)
    [after] = await replicas.rows("item", id="FIN1")
    assert after["revision"] == 1
    told = await replicas.rows("delivery", feature="help")
    assert len(await replicas.rows("closure")) + len(told) == 1


async def test_the_clockwork_and_a_turn_begin_one_dialog(replicas: Replicas) -> None:
    """Would catch an invitation that goes out while its dialog is being begun by hand: two runs for one person."""
    first, second = replicas.apps
    people = ("advisor", "stores", "finance", "lead")
    await asyncio.gather(
        first.ticker.tick(MONDAY),
        second.ticker.tick(MONDAY),
        replicas.at_once(*(replicas.event(who, Kind.COMMAND, "impact") for who in people)),
    )
    runs = [(row["person"], row["kind"], row["dialog"]) for row in await replicas.rows("run")]
    assert len(runs) == len(set(runs))
    assert len([run for run in runs if run[1] == "dialog"]) >= len(people)


async def test_names_that_are_asked_for_in_any_order_never_block_each_other(replicas: Replicas) -> None:
    """Would catch two batches of the clockwork that wait for each other until the database ends one of them."""
    names = [f"n{number}" for number in range(20)]

    async def takes(app: Embarque, order: list[str]) -> None:
        async with app.database.transaction() as connection:
            await locks.hold(connection, *order)
            await asyncio.sleep(0.001)

    first, second = replicas.apps
    await asyncio.gather(
        *(takes(app, order) for _ in range(10) for app, order in ((first, names), (second, names[::-1])))
    )


def _refs(node: Any) -> Iterator[str]:
    """Every text of a stored card that may be a button's reference."""
    match node:
        case dict():
            for value in node.values():
                yield from _refs(value)
        case list():
            for value in node:
                yield from _refs(value)
        case str() if node.count("|") == 4:
            yield node
        case _:
            pass
