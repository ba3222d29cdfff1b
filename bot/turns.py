"""One turn in one transaction: known before, who is it, what do they want, what is written."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import structlog

from bot import dialog_turn, item_turn, quiz_turn, word_turn
from bot.clock import Clock
from bot.crowd import Crowd, CrowdedError
from bot.deliveries import Deliveries
from bot.desk import Desk
from bot.library import Library
from bot.measures import TURNS
from bot.one_moment import Locales, one_moment
from bot.store import AsyncConnection, budget, events, locks, people, runs, strangers
from bot.store.database import Database
from bot.store.hot import together
from bot.store.people import Address, Company, Person
from bot.store.runs import Run
from dialogs.activity import Activity, Kind, Reply
from dialogs.commands import understand
from dialogs.interview import text_card

log = structlog.get_logger()
_turns = cache(TURNS.labels)

TURN_SECONDS = 2.5
"""Slack waits for three. What takes longer is refused, and the platform delivers it again."""


class Turns:
    """The application's door for activities that the ingress let in."""

    def __init__(
        self,
        database: Database,
        library: Library,
        clock: Clock,
        deliveries: Deliveries,
        tenant: str,
        crowd: Crowd | None = None,
        seconds: float = TURN_SECONDS,
    ) -> None:
        """seconds: a turn takes no longer than that; it is refused then."""
        self._database = database
        self._library = library
        self._clock = clock
        self._deliveries = deliveries
        self._tenant = tenant
        self._crowd = crowd or Crowd(at_once=database.at_once)
        self._seconds = seconds
        self._locales = Locales()
        self.failpoint: Callable[[str], None] = lambda _: None

    @property
    def full(self) -> bool:
        """Whether whoever comes now would be turned away."""
        return self._crowd.full

    async def handle(self, activity: Activity) -> Reply:
        """Do everything that the activity asks for, or nothing at all; it is stored when this returns.

        Where too many wait, nothing is stored: what the platform delivers again is refused, anybody else is
        told to try again in a moment.
        """
        who = (activity.platform, activity.tenant, activity.actor)
        try:
            async with asyncio.timeout(self._seconds), self._crowd.place(who):
                return await self._turn(activity)
        except CrowdedError:
            _turns(activity.platform, "busy").inc()
            return one_moment(activity, self._library.catalog.ui, self._locales.get(who))

    async def _turn(self, activity: Activity) -> Reply:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            noted, company_found, met = await together(
                connection,
                events.noting(connection, activity, now),
                people.asking_for_company(self._tenant),
                people.asking_who(self._tenant, activity.platform, activity.tenant, activity.actor),
            )
            if noted.count == 0:
                log.info("event known already", platform=activity.platform, kind=activity.kind)
                _turns(activity.platform, "repeated").inc()
                return Reply()
            self.failpoint("recorded")
            company = people.company_of(self._tenant, company_found)
            if company is None:
                log.error("no project is set up: import people first")
                return Reply()
            person, kept = people.met_as(met) or (None, None)
            if person is not None and not person.active:
                log.info("refused: deactivated", person=person.id)
                return Reply()
            if person is None:
                person = await self._met(connection, company, activity)
            await locks.hold(connection, locks.person(self._tenant, person.id))
            self._library.in_use = company.pack
            catalog = self._library.catalog
            desk = Desk(
                connection,
                self._tenant,
                now,
                catalog.ui,
                catalog.packs[company.pack],
                company,
                person,
                activity,
            )
            await self._remember(desk, kept)
            await route(desk)
            await desk.post()
            self.failpoint("decided")
        self.failpoint("committed")
        self._deliveries.send(desk.written)
        self._locales.keep((activity.platform, activity.tenant, activity.actor), desk.person.locale)
        _turns(activity.platform, "done").inc()
        return desk.reply

    async def _met(self, connection: AsyncConnection, company: Company, activity: Activity) -> Person:
        """Somebody who was not known: made a person by one turn, even where two replicas meet them at once."""
        who = (activity.platform, activity.tenant, activity.actor)
        await locks.hold(connection, locks.address(*who))
        name = activity.name_hint or activity.actor
        hints = (activity.locale_hint, activity.zone_hint)
        return await people.person_at(connection, self._tenant, *who) or await strangers.welcome(
            connection, self._tenant, company, name, *hints
        )

    async def _remember(self, desk: Desk, kept: Address | None) -> None:
        activity, person = desk.activity, desk.person
        place = activity.place
        address = Address(
            activity.platform, activity.tenant, activity.actor, person.id, place.conversation, place.route
        )
        if place.shared:  # what was said among others must be answered in private
            last = await people.address_of(desk.connection, self._tenant, person.id)
            same = last is not None and last.platform == activity.platform
            private = last.conversation if last is not None and same else ""
            address = replace(address, conversation=private, route=last.route if last else place.route)
        await people.remember_address(desk.connection, self._tenant, address, desk.now, kept)
        if person.name == activity.actor and activity.name_hint:
            # Met through an event without a name; a lead must not read an id.
            await people.change(desk.connection, self._tenant, person.id, name=activity.name_hint)
        # Any sign of life answers what the bot started: the silence rule looks at this.
        await budget.answered(desk.connection, desk.tenant, person.id, desk.now)


async def route(desk: Desk) -> None:
    """Find who answers: the dialog, the item, the quiz or a word of the bot's."""
    match desk.activity.kind:
        case Kind.ARRIVED:
            await word_turn.welcome(desk)
        case Kind.SUBMIT:
            await _submitted(desk)
        case Kind.COMMAND:
            await word_turn.command(desk, desk.activity.text)
        case Kind.MESSAGE:
            await _typed(desk)


async def _submitted(desk: Desk) -> None:
    submission = desk.activity.submission
    ref = submission.ref if submission else None
    if submission is None or ref is None:
        desk.toast(desk.speech("unknown_control"))
        return
    match ref.topic:
        case "run" | "quiz":
            run = await runs.run(desk.connection, desk.tenant, ref.subject)
            # A button grants nothing: whose run it is decides. "Not yours" and "not there" look the same.
            if run is None or run.person != desk.person.id:
                desk.toast(desk.speech("not_yours"))
            elif not _still_there(desk, run):
                await desk.replace(text_card(desk.speech, "dialog_gone"))
            elif run.kind == "quiz":
                await quiz_turn.submitted(desk, run, submission)
            else:
                await dialog_turn.submitted(desk, run, submission)
        case "item":
            await item_turn.submitted(desk, submission)
        case "do" | "digest":
            await word_turn.pressed(desk, ref)
        case _:
            desk.toast(desk.speech("unknown_control"))


async def _typed(desk: Desk) -> None:
    run = await runs.open_run(desk.connection, desk.tenant, desk.person.id)
    run = run if run is not None and _still_there(desk, run) else None
    if desk.activity.place.shared:
        await word_turn.command(desk, desk.activity.text)
    elif run is None:
        if understand(desk.activity.text).command is not None or not await dialog_turn.answers_invitation(
            desk, desk.activity.text
        ):
            await word_turn.command(desk, desk.activity.text)
    elif await _is_command(desk, run):
        await word_turn.command(desk, desk.activity.text)
    elif run.kind == "quiz":
        await quiz_turn.typed(desk, run, desk.activity.text)
    else:
        await dialog_turn.typed(desk, run, desk.activity.text)


def _still_there(desk: Desk, run: Run) -> bool:
    """Whether the content still has what the run is about."""
    return run.dialog in (desk.pack.quizzes if run.kind == "quiz" else desk.pack.dialogs)


async def _is_command(desk: Desk, run: Run) -> bool:
    """A word of ours is a command, also in the middle of a dialog; a sentence is an answer where one is asked for."""
    said = understand(desk.activity.text)
    if said.command is None:
        return False
    return not said.rest or run.kind == "quiz" or not await dialog_turn.asks_for_words(desk, run)
