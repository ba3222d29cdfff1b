"""What is planned for some people becomes rows in one transaction: messages, and what is noted with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.attention import Planned
from bot.desk import destination
from bot.digest_posts import LATE
from bot.started_cards import Drawing, Drawn, Table
from bot.store import AsyncConnection, invitations, noted
from bot.store import deliveries as store
from bot.store.deliveries import Delivery
from bot.store.people import Address, Person
from dialogs.card import Card


@dataclass(frozen=True, slots=True)
class Wrote:
    """How many messages were written for people, and how many of them recorded as late."""

    sent: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Readers:
    """The people of some messages and where they are reached, by their ids."""

    people: Mapping[str, Person]
    addresses: Mapping[str, Address]


async def write(
    connection: AsyncConnection, drawing: Drawing, planned: Sequence[Planned], readers: Readers
) -> Wrote:
    """Write these messages, and with each that nobody has written before what is noted with it.

    The unique key of the message decides: whatever another replica or an earlier life of this one has written
    stays as it is, and nothing is noted a second time.
    """
    # What comes too late is recorded without being drawn: drawing an invitation begins its dialog.
    table = await drawing.table(connection, [one for one in planned if not one.late])
    made: list[tuple[Planned, Delivery, Drawn]] = []
    for one in planned:
        person, address = readers.people.get(one.person), readers.addresses.get(one.person)
        if person is None or address is None:
            continue
        drawn = Drawn(Card(one.feature, (), person.locale)) if one.late else await table.card(one, person)
        if drawn is not None:
            made.append((one, _delivery(one, person, address, drawn, drawing), drawn))
    sent = [(one, drawn) for one, _, drawn in made if not one.late]
    new = await _added(connection, drawing, [delivery for one, delivery, _ in made if not one.late], None)
    late = await _added(connection, drawing, [delivery for one, delivery, _ in made if one.late], LATE)
    await _note(connection, drawing, table, [(one, drawn) for one, drawn in sent if one.key in new])
    return Wrote(len(new), len(late))


def _delivery(planned: Planned, person: Person, address: Address, drawn: Drawn, drawing: Drawing) -> Delivery:
    return Delivery(
        planned.key,
        address.platform,
        destination(address),
        drawn.card,
        drawing.now,
        feature=planned.feature,
        person=person.id,
        started_by_bot=True,
        drawn=drawn.data,
    )


async def _added(
    connection: AsyncConnection, drawing: Drawing, deliveries: Sequence[Delivery], late: str | None
) -> frozenset[str]:
    if not deliveries:
        return frozenset()
    return await store.add_many(connection, drawing.tenant, deliveries, drawing.now, late)


async def _note(
    connection: AsyncConnection, drawing: Drawing, table: Table, written: Sequence[tuple[Planned, Drawn]]
) -> None:
    where = (connection, drawing.tenant)
    offered = [drawn.offered for _, drawn in written if drawn.offered is not None]
    await noted.offer(*where, offered, drawing.now)
    invited = [(one.subject, one.person) for one, _ in written if one.feature in {"dialog", "quiz"}]
    await invitations.all_sent(*where, invited, drawing.now)
    back = [one.subject for one, _ in written if one.feature in {"resume", "reminder"} and not one.items]
    await noted.resumed(*where, back, drawing.now)
    nudges = [row for one, _ in written if one.feature == "nudge" for row in _rungs(one, table)]
    await noted.nudged(*where, nudges, drawing.now)
    told = [(f"{one.feature} written", one.key[:200]) for one, _ in written]
    await noted.audited(*where, told, drawing.now)


def _rungs(planned: Planned, table: Table) -> list[Mapping[str, Any]]:
    return [
        {
            "delivery": planned.key,
            "item": item,
            "person": planned.person,
            "rung": rung,
            "due_on": table.states[item].due,
        }
        for item, rung in planned.items
    ]
