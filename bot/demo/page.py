"""The application's side of the browser page: `adapters.web.company.Company` over the store."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from adapters.web.company import Channel, Move, Moved, Persona, Scene
from adapters.web.mailbox import channel
from adapters.web.page import flat_words
from bot import access, calendars
from bot.campaigns import Plan
from bot.clock import MovedClock
from bot.deliveries import Deliveries
from bot.demo import company, told
from bot.demo.moments import due_moments
from bot.library import Library
from bot.store import people, visit
from bot.store.database import Database
from bot.store.people import Company, Person
from bot.ticker import Ticker
from dialogs.calendar import local_moment
from dialogs.schema import Digest, UiWords
from dialogs.speech import Speech
from dialogs.text import Locale

OFFSET, SEEN, BEGAN = "demo.offset", "demo.seen.", "demo.began"
MORNING = time(8, 30)


class DemoCompany:
    """What the page may know and do. `sends` is set once the sender and the clockwork exist."""

    def __init__(self, database: Database, library: Library, moved: MovedClock, tenant: str) -> None:
        self.name = company.NAME
        self.zone = company.ZONE
        self._database = database
        self._library = library
        self._clock = moved
        self._tenant = tenant
        self._everybody = {one.id: one for one in company.members()}
        self._moving = asyncio.Lock()
        self._ticker: Ticker | None = None
        self._deliveries: Deliveries | None = None

    def sends(self, ticker: Ticker, deliveries: Deliveries) -> None:
        """Take the clockwork and the sender that a move of the clock sets going."""
        self._ticker, self._deliveries = ticker, deliveries

    async def known(self, user: str) -> bool:
        """Whether this is somebody of the company, today."""
        async with self._database.transaction() as connection:
            person = await people.person_at(connection, self._tenant, "web", self._tenant, user)
        return person is not None and person.active

    async def personas(self, locale: Locale) -> tuple[Persona, ...]:
        """The people whose place a visitor may take."""
        async with self._database.transaction() as connection:
            kept = await visit.settings(connection, self._tenant, SEEN)
            seen = {user: int(kept.get(user, 0)) for user in company.PERSONAS}
            waiting = await visit.waiting(connection, self._tenant, seen)
            found = {one.id: one for one in await people.people(connection, self._tenant)}
        return tuple(
            self._persona(found[user], waiting[user], seen[user], locale) for user in seen if user in found
        )

    async def channels(self, locale: Locale) -> tuple[Channel, ...]:
        """The leadership channel."""
        return (Channel(company.CHANNEL, company.CHANNEL_TITLE.say(locale)),)

    async def story(self, locale: Locale) -> tuple[Scene, ...]:
        """The guided visit; what is done is read from the store."""
        tenant, place = self._tenant, channel(company.CHANNEL)
        teller, learner = (
            (company.AGENT, company.AGENT) if locale == "en" else (company.ADVISER, company.SHIFT)
        )
        async with self._database.transaction() as connection:
            began = await visit.setting(connection, tenant, BEGAN)
            since = datetime.fromisoformat(began["at"])
            told_ = await visit.told_impact(connection, tenant, company.NEWCOMERS, since)
            closed = await visit.closed_item(connection, tenant, company.FINANCE, since)
            learnt = await visit.ended_quiz(connection, tenant, company.NEWCOMERS, since)
            posted = await visit.newest(connection, tenant, place)
            seen = await visit.setting(connection, tenant, SEEN + company.SPONSOR)
            asked = await visit.question_waits(connection, tenant, teller, "dialog")
            quizzed = await visit.question_waits(connection, tenant, learner, "quiz")
        read = posted > began["message"] and (seen or 0) >= posted
        return (
            Scene("impact", teller, command="" if asked else "/embarque impact", done=told_),
            Scene("item", company.FINANCE, to=Move.MORNING, done=closed),
            Scene("quiz", learner, command="" if quizzed else "/embarque quiz", done=learnt),
            Scene("digest", company.SPONSOR, conversation=place, to=Move.THURSDAY, done=read),
        )

    async def looked(self, user: str) -> None:
        """Nothing waits unseen in this person's conversations."""
        async with self._database.transaction() as connection:
            last = await visit.newest(connection, self._tenant)
            await visit.keep(connection, self._tenant, SEEN + user, last)

    def now(self) -> datetime:
        """The company's present moment."""
        return self._clock.now()

    async def move(self, to: Move, locale: Locale) -> Moved:
        """Go there by way of every moment at which something may be due, and wait until it is delivered."""
        async with self._moving:
            if self._ticker is None or self._deliveries is None:
                raise RuntimeError("the demo is moved before it is put together")
            after = self._clock.now()
            async with self._database.transaction() as connection:
                await visit.speak(connection, self._tenant, (company.FINANCE,), locale)
                known = await people.company(connection, self._tenant)
                chosen = await visit.chosen_moments(connection, self._tenant)
            if known is None:
                raise RuntimeError("the demo has no company")
            pack = self._library.catalog.packs[known.pack]
            until = destination(to, after, known, next(iter(pack.digests.values())))
            plans: list[Plan] = []
            sent = in_channels = 0
            for moment in dict.fromkeys([*due_moments(pack, known, chosen, after, until), until]):
                await self._put_at(moment)
                parts: list[Plan] = []
                ticked = await self._ticker.tick(moment, told=parts.append)
                await self._deliveries.settled()
                plans.append(Plan.whole(parts))
                sent += ticked.sent
                in_channels += ticked.in_channels
        speech = Speech(self._library.catalog.ui, locale)
        return Moved(self._clock.now(), sent, in_channels, told.lines(plans, self._everybody, speech))

    def mistakes(self, locale: Locale) -> tuple[str, ...]:
        """What is wrong with the content on disk."""
        return tuple(mistake.tell(locale) for mistake in self._library.mistakes)

    def words(self, locale: Locale) -> Mapping[str, str]:
        """The words of the page, as the content has them now."""
        return flat_words(UiWords(words=dict(self._library.catalog.ui)), locale)

    async def _put_at(self, moment: datetime) -> None:
        """The clock is kept before anything is sent, so that a restart does not go back in time."""
        self._clock.move_to(moment)
        async with self._database.transaction() as connection:
            await visit.keep(connection, self._tenant, OFFSET, self._clock.offset.total_seconds())

    def _persona(self, person: Person, waiting: int, seen: int, locale: Locale) -> Persona:
        member, pack = self._everybody[person.id], self._library.catalog.packs[company.PACK]
        function = pack.functions.get(person.function or "")
        roles = {role for role, _ in person.roles}
        return Persona(
            user=person.id,
            name=member.name(locale),
            function=function.label.say(locale) if function else company.CHANNEL_TITLE.say(locale),
            locale=person.locale,
            site=company.SITES[member.site].say(locale),
            roles=tuple(said.say(locale) for role, said in company.ROLES.items() if role in roles),
            waiting=waiting,
            channels=(company.CHANNEL,) if access.reads_channel(person) else (),
            seen=seen,
        )


def destination(to: Move, now: datetime, known: Company, digest: Digest) -> datetime:
    """Where a move leads: an hour on, the next working morning, or the moment of the next weekly summary."""
    zone = ZoneInfo(known.zone)
    today = now.astimezone(zone).date()
    match to:
        case Move.HOUR:
            return now + timedelta(hours=1)
        case Move.MORNING:
            workdays = calendars.workdays(known.region, today.year)
            early = local_moment(workdays.next(today), MORNING, zone)
            return early if early > now else local_moment(workdays.plus(today, 1), MORNING, zone)
        case Move.THURSDAY:
            return calendars.next_weekly(now, digest.day, digest.at, zone, known.region)
        case _:
            assert_never(to)
