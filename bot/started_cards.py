"""The cards of messages that the bot starts: invitations, nudges, reminders, and the way back into a dialog."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from bot import project, words_of
from bot.attention import Planned
from bot.card_patterns import HELLO, RUN, Pattern
from bot.store import AsyncConnection, fanout, items, many, runs
from bot.store.people import Company, Person
from dialogs import interview, quiz
from dialogs.card import Card, Choice
from dialogs.catalog import Catalog, Pack
from dialogs.interview_state import Circumstances, Echo, Interview
from dialogs.item_state import ItemState
from dialogs.nudge import nudge_card, reminder_card
from dialogs.quiz_state import QuizSession
from dialogs.ref import Ref
from dialogs.speech import Speech
from dialogs.text import Value


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card, and the dialog that it offers: (id of the run, dialog, person), to be noted with the message.

    data: the card as JSON where it was filled in; `card` is then its pattern.
    """

    card: Card
    data: orjson.Fragment | None = None
    offered: tuple[str, str, str] | None = None


@dataclass(slots=True)
class Drawing:
    """Everything that cards of one moment have in common; what was drawn once is kept for the next readers."""

    tenant: str
    catalog: Catalog
    pack: Pack
    company: Company
    now: datetime
    patterns: dict[object, Pattern | None] = field(default_factory=dict)
    days: dict[str, datetime] = field(default_factory=dict)
    speeches: dict[str, Speech] = field(default_factory=dict)
    fresh: Iterator[str] = field(default_factory=many.new_ids)

    async def table(self, connection: AsyncConnection, planned: Sequence[Planned]) -> "Table":
        """What the cards of these messages need from the store, read at once."""
        states: dict[str, ItemState] = {}
        if any(one.items for one in planned):
            states = await items.states(connection, self.tenant, project.checklist_items(self.pack))
        invited = [one for one in planned if one.feature == "dialog"]
        dialogs = {self.pack.campaigns[one.subject].starts for one in invited}
        who = [one.person for one in invited]
        begun = await fanout.unfinished(connection, self.tenant, who, dialogs) if invited else {}
        back = [one.subject for one in planned if one.feature in {"resume", "reminder"} and not one.items]
        left = await fanout.runs_by_id(connection, self.tenant, back) if back else {}
        return Table(connection, self, states, begun, left)

    def speech(self, person: Person) -> Speech:
        """The bot's words in the person's language."""
        if person.locale not in self.speeches:
            self.speeches[person.locale] = Speech(self.catalog.ui, person.locale)
        return self.speeches[person.locale]

    def day(self, person: Person) -> datetime:
        """When the person reads the next weekly summary; the same for everybody in their zone."""
        if person.zone not in self.days:
            self.days[person.zone] = words_of.next_digest(self.now, self.pack, self.company, person)
        return self.days[person.zone]

    def lead(self, person: Person, function: str | None) -> str:
        """How the lead of a function is called in a sentence to the person."""
        return words_of.lead_name(self.company, person, function, self.speech(person))

    def values(self, person: Person, function: str | None) -> dict[str, Value]:
        """What the wordings for this person may name."""
        lead = self.lead(person, function)
        return words_of.placeholders(self.pack, person, self.day(person), lead, self.speech(person))

    def state(self, run: runs.Run, person: Person) -> Interview:
        """Where the person stands in a dialog."""
        around = Circumstances(run.active_seconds, person.function, self.company.headcounts)
        state = Interview(run.id, self.pack.dialogs[run.dialog], self.pack.functions, run.given, around)
        return replace(state, around=replace(around, placeholders=self.values(person, state.function())))


@dataclass(frozen=True, slots=True)
class Table:
    """Draws the cards of some messages. states: the checklist items, where a message is about one."""

    connection: AsyncConnection
    drawing: Drawing
    states: Mapping[str, ItemState]
    begun: Mapping[tuple[str, str], tuple[str, str]]
    left: Mapping[str, runs.Run]

    async def card(self, planned: Planned, person: Person) -> Drawn | None:
        """The card of a planned message; None when its reason is gone."""
        match planned.feature:
            case "dialog":
                return await self._dialog(planned, person)
            case "quiz":
                return await self._alike(planned, person)
            case _:
                card = self._about_items(planned, person) if planned.items else self._back(planned, person)
                return None if card is None else Drawn(card)

    def _about_items(self, planned: Planned, person: Person) -> Card | None:
        drawing, speech = self.drawing, self.drawing.speech(person)
        if any(self.states[item].owner != person.id for item, _ in planned.items):
            return None  # it changed hands since it was planned
        around = words_of.around_items(drawing.now, drawing.pack, drawing.company, person, dict(self.states))
        if planned.feature == "reminder":
            return reminder_card(self.states[planned.items[0][0]], around, speech)
        rungs = {rung.id: rung for rung in around.ladder.rungs}
        entries = [
            (self.states[item_id], next(one for key, one in rungs.items() if key == rung))
            for item_id, rung in planned.items
        ]
        return nudge_card(entries, around, speech)

    async def _dialog(self, planned: Planned, person: Person) -> Drawn | None:
        """The invitation, with the first question on it; the run is only offered until the person answers."""
        dialog = self.drawing.pack.campaigns[planned.subject].starts
        id_, status = self.begun.get((person.id, dialog)) or (next(self.drawing.fresh), "")
        if status not in {"", "invited"}:
            return None  # begun by themselves since it was planned
        drawn = await self._alike(planned, person, id_)
        return drawn if status else replace(drawn, offered=(id_, dialog, person.id))

    async def _alike(self, planned: Planned, person: Person, run: str = "") -> Drawn:
        """The invitation from the pattern that all with the same words share."""
        drawing, function = self.drawing, person.function
        day = drawing.day(person).date()
        key = (planned.subject, person.locale, function, drawing.lead(person, function), day)
        if key not in drawing.patterns:
            drawing.patterns[key] = await self._pattern(planned, person)
        pattern = drawing.patterns[key]
        if pattern is not None:
            hello = words_of.hello(person, drawing.speech(person))
            return Drawn(pattern.card, pattern.filled(run, hello))
        heard = await runs.echoes(self.connection, drawing.tenant, person.id, function)
        return Drawn(self._invitation(planned, person, run, drawing.values(person, function), heard))

    async def _pattern(self, planned: Planned, person: Person) -> Pattern | None:
        """None where the first question tells what colleagues have said: that differs from one to the next."""
        drawing = self.drawing
        values = {**drawing.values(person, person.function), "hello": HELLO}
        card = self._invitation(planned, person, RUN, values, ())
        heard = await runs.echoes(self.connection, drawing.tenant, "", person.function)
        return Pattern.of(card) if card == self._invitation(planned, person, RUN, values, heard) else None

    def _invitation(
        self,
        planned: Planned,
        person: Person,
        run: str,
        values: Mapping[str, Value],
        heard: tuple[Echo, ...],
    ) -> Card:
        drawing, speech = self.drawing, self.drawing.speech(person)
        campaign = drawing.pack.campaigns[planned.subject]
        invite = speech.wording(campaign.invite, **values)
        if campaign.kind == "quiz":
            start = speech.option("menu_quiz", Ref("do", "quiz"), "primary")
            return Card(invite.plain, (invite, Choice((start,))), person.locale)
        now = drawing.now
        offered = runs.Run(run, "dialog", campaign.starts, person.id, {}, None, "invited", now, now, 0, ())
        state = drawing.state(offered, person)
        state = replace(state, around=replace(state.around, echoes=heard, placeholders=values))
        return Card(invite.plain, (invite, *interview.ask(state, speech).blocks), person.locale)

    def _back(self, planned: Planned, person: Person) -> Card | None:
        drawing, speech = self.drawing, self.drawing.speech(person)
        run = self.left.get(planned.subject)
        if run is None or run.status not in {"open", "put_off"}:
            return None
        if run.kind == "quiz":
            chosen = drawing.pack.quizzes.get(run.dialog)
            if chosen is None:
                return None
            return quiz.ask(QuizSession(run.id, chosen, tuple(run.subject["questions"]), run.given), speech)
        if run.dialog not in drawing.pack.dialogs:
            return None
        return interview.resume_card(drawing.state(run, person), speech)
