"""The browser chat over the real database, for trying content: only people who are on no platform yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import yaml

from adapters.web.app import WebEdge
from adapters.web.company import Channel, Move, Moved, Persona, Scene
from adapters.web.outbound import WebOutbound
from adapters.web.page import Page, flat_words
from adapters.web.streams import Streams
from bot.app import Embarque
from bot.commands.words import refuse
from bot.library import BUILT_IN
from bot.store import people, roster
from bot.store.mailbox import StoredMailbox
from dialogs.schema import UiWords
from dialogs.speech import Speech
from dialogs.text import Locale


@dataclass
class TriedCompany:
    """The company of the database, as the page sees it."""

    app: Embarque
    say: Speech
    page_words: UiWords
    name: str = "Embarque"
    zone: str = "America/Toronto"

    async def personas(self, locale: Locale) -> tuple[Persona, ...]:
        """Everybody who is on no other platform: a visitor's words must not draw their messages here."""
        async with self.app.database.transaction() as connection:
            everybody = await people.people(connection, self.app.tenant)
            company = await people.company(connection, self.app.tenant)
            reached = await people.addresses(connection, self.app.tenant)
            channels = await people.channels(connection, self.app.tenant)
        functions = self.app.library.catalog.packs[company.pack].functions if company else {}
        names = tuple(one["name"] for one in channels if one["platform"] == "web")
        return tuple(
            Persona(
                person.id,
                person.name,
                functions[person.function].label.say(locale)
                if person.function and person.function in functions
                else "",
                person.locale,
                person.site or "",
                tuple(sorted({role for role, _ in person.roles})),
                channels=names,
            )
            for person in everybody
            if person.id in reached and reached[person.id].platform == "web"
        )

    async def channels(self, locale: Locale) -> tuple[Channel, ...]:
        """The channels of the browser."""
        del locale
        async with self.app.database.transaction() as connection:
            found = await people.channels(connection, self.app.tenant)
        return tuple(Channel(one["name"], one["name"]) for one in found if one["platform"] == "web")

    async def story(self, locale: Locale) -> tuple[Scene, ...]:
        """There is no guided visit of a real company."""
        del locale
        return ()

    async def looked(self, user: str) -> None:
        """Nothing is counted here."""
        del user

    def now(self) -> datetime:
        """The real time."""
        return self.app.clock.now()

    async def move(self, to: Move, locale: Locale) -> Moved:
        """The real time does not move."""
        del to
        words = Speech(self.say.words, locale)
        return Moved(self.now(), 0, 0, (words("cli.run.real_clock"),))

    def mistakes(self, locale: Locale) -> tuple[str, ...]:
        """What is wrong with the content on disk."""
        return tuple(one.tell(locale) for one in self.app.library.mistakes)

    def words(self, locale: Locale) -> Mapping[str, str]:
        """The page's own words."""
        return flat_words(self.page_words, locale)


async def with_chat(app: Embarque, say: Speech) -> None:
    """Add the page to the application; ends the program when there is nobody to be."""
    async with app.database.transaction() as connection:
        company = await people.company(connection, app.tenant)
        reached = await people.addresses(connection, app.tenant)
        for person in await people.people(connection, app.tenant):
            if person.id not in reached:
                await roster.set_address(connection, app.tenant, ("web", app.tenant, person.id), person.id)
    file = (BUILT_IN / "page.yaml").read_bytes()
    zone = company.zone if company is not None else "America/Toronto"
    tried = TriedCompany(app, say, UiWords.model_validate(yaml.safe_load(file)), zone=zone)
    if company is None or not await tried.personas(say.locale):
        await app.database.close()
        refuse(say("cli.run.no_chat"))
    mailbox, streams = StoredMailbox(app.database, app.tenant), Streams()

    async def known(user: str) -> bool:
        return any(one.user == user for one in await tried.personas(say.locale))

    edge = WebEdge(app.tenant, mailbox, tried, known, streams, Page())
    app.edges = (*app.edges, edge)
    app.outbounds["web"] = WebOutbound(mailbox, streams, app.clock.now)
    app.routes.extend(edge.routes())
