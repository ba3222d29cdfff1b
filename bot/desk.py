"""One person's turn: who they are, what time it is, which content holds, and what will be sent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property

from adapters.base import Destination
from bot import calendars, words_of
from bot.attention import usual_hours
from bot.recipient import Recipient
from bot.store import AsyncConnection, deliveries, people
from bot.store.deliveries import Delivery, Written
from bot.store.people import Address, Company, Person
from dialogs.activity import Activity, Reply
from dialogs.calendar import local_moment
from dialogs.card import Card
from dialogs.catalog import Pack
from dialogs.schema import Attention
from dialogs.speech import Speech
from dialogs.text import Value, Wording


@dataclass
class Desk:
    """What a turn works with. Everything is written through `connection`, in one transaction."""

    connection: AsyncConnection
    tenant: str
    now: datetime
    ui: Mapping[str, Wording]
    pack: Pack
    company: Company
    person: Person
    activity: Activity
    reply: Reply = field(default_factory=Reply)
    written: list[Written] = field(default_factory=list)
    _said: list[Delivery] = field(default_factory=list)
    _count: int = 0

    @property
    def speech(self) -> Speech:
        """The bot's own words in the person's language."""
        return Speech(self.ui, self.person.locale)

    @property
    def project(self) -> str:
        """The name of the project, as it stands inside sentences."""
        return self.pack.head.project.say(self.person.locale)

    def hello(self) -> str:
        """How the person is greeted."""
        return words_of.hello(self.person, self.speech)

    def local(self, moment: datetime) -> datetime:
        """The moment in the person's own zone."""
        return moment.astimezone(calendars.zone(self.person.zone, self.company.zone))

    async def say(self, card: Card) -> None:
        """Answer with a new message, in private even when the person spoke in a shared place."""
        self._add("post", card, None)

    async def replace(self, card: Card) -> None:
        """Put a card in the place of the message that was clicked; where there is none, say it."""
        if self.activity.inline:
            self.reply = Reply(card=card, toast=self.reply.toast)
        elif self.activity.message is not None:
            self._add("update", card, self.activity.message)
        else:
            await self.say(card)

    def toast(self, line: str) -> None:
        """One short line for the person alone."""
        self.reply = Reply(self.reply.card, self.reply.open, self.reply.errors, line)

    async def show(self, form: Card) -> None:
        """Show a form on the spot: opened over the conversation where possible, else in the message's place."""
        if self.activity.can_open:
            self.reply = Reply(open=form)
        else:
            await self.replace(form)

    async def refuse(self, errors: Mapping[str, str], form: Card) -> None:
        """Give a form back with what is wrong with it; nothing typed is lost.

        To a typed message there is no form to give back: it is said, with what is wrong on it.
        """
        if self.activity.submission is None:
            await self.say(form)
        elif self.activity.inline:
            self.reply = Reply(open=form, errors=dict(errors))
        elif self.activity.can_open:
            self.reply = Reply(errors=dict(errors))
        else:
            await self.say(form)

    async def tell(self, person_id: str, card: Card, feature: str, key: str) -> bool:
        """Write to another person, at their next good hour and not during their pause.

        False when there is no way to reach them or the key is known.
        """
        other = await people.person(self.connection, self.tenant, person_id)
        address = await people.address_of(self.connection, self.tenant, person_id)
        if other is None or not other.active or address is None:
            return False
        at = good_hour(other, self.now, next(iter(self.pack.nudges.values())).attention)
        delivery = Delivery(
            key, address.platform, destination(address), card, at, feature=feature, person=person_id
        )
        return await self.write(delivery)

    async def write(self, delivery: Delivery) -> bool:
        """Write a delivery, to go out when the turn is stored; False when its key is known."""
        written = await deliveries.add(self.connection, self.tenant, delivery, self.now)
        if written is not None and delivery.due_at <= self.now:
            self.written.append(written)
        return written is not None

    async def post(self) -> None:
        """Write what was said to the person so far; the turn does it at its end, in one go."""
        said, self._said = self._said, []
        if not said:
            return
        for written in await deliveries.add_each(self.connection, self.tenant, said, self.now):
            if written is not None:
                self.written.append(written)

    async def words_for(self, person_id: str) -> tuple[Person, Speech] | None:
        """Another person and the bot's words in their language."""
        other = await people.person(self.connection, self.tenant, person_id)
        return None if other is None or not other.active else (other, Speech(self.ui, other.locale))

    def lead_name(self, function: str | None) -> str:
        """How the lead of a function is called in a sentence."""
        return words_of.lead_name(self.company, self.person, function, self.speech)

    def placeholders(self, digest_day: datetime, lead: str) -> dict[str, Value]:
        """What the wordings of dialogs may name."""
        return words_of.placeholders(self.pack, self.person, digest_day, lead, self.speech)

    def _add(self, operation: str, card: Card, message: str | None) -> None:
        self._count += 1
        place, activity = self.activity.place, self.activity
        conversation = "" if place.shared and operation == "post" else place.conversation
        route = dict(place.route)
        if not conversation and "conversation_type" in route:
            route["conversation_type"] = "personal"
        to = Destination(
            activity.tenant, "" if operation == "update" else activity.actor, conversation, route
        )
        key = f"{self._event_key}:{self._count}"
        self._said.append(
            Delivery(
                key,
                activity.platform,
                to,
                card,
                self.now,
                operation,
                "reply",
                self.person.id,
                message=message,
            )
        )

    @cached_property
    def _event_key(self) -> str:
        activity = self.activity
        raw = f"{activity.platform}\x1f{activity.tenant}\x1f{activity.event_id}"
        return hashlib.sha256(raw.encode()).hexdigest()[:32]


def destination(address: Address) -> Destination:
    """Where an address is, as adapters take it."""
    return Destination(address.team, address.user, address.conversation, address.route)


def good_hour(person: Person, now: datetime, attention: Attention) -> datetime:
    """The first moment from now on at which the person works and has not asked to be left alone."""
    calendar = calendars.workdays(person.region, now.year)
    reader = Recipient(person.id, person.locale, calendars.zone(person.zone), calendar)
    moment = max(now, person.paused_until or now)
    if person.away_until is not None:
        after = local_moment(person.away_until + timedelta(days=1), time(), reader.zone)
        moment = max(moment, after)
    return reader.opening(moment, usual_hours(attention))
