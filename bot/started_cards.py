"""The cards of messages that the bot starts: invitations, nudges, reminders, and the way back into a dialog."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import project, words_of
from bot.attention import Planned
from bot.store import AsyncConnection, items, runs
from bot.store.people import Company, Person
from dialogs import interview, quiz
from dialogs.card import Card, Choice
from dialogs.catalog import Pack
from dialogs.interview_state import Circumstances, Interview
from dialogs.item_state import Around, ItemState
from dialogs.nudge import nudge_card, reminder_card
from dialogs.quiz_state import QuizSession
from dialogs.ref import Ref
from dialogs.speech import Speech
from dialogs.text import Value, Wording


@dataclass
class Started:
    """Draws for one person. states: the checklist items, once a nudge was drawn."""

    connection: AsyncConnection
    tenant: str
    now: datetime
    ui: Mapping[str, Wording]
    pack: Pack
    company: Company
    person: Person
    states: dict[str, ItemState] = field(default_factory=dict)

    async def card(self, planned: Planned) -> Card | None:
        """The card of a planned message; None when its reason is gone."""
        match planned.feature:
            case "nudge":
                return await self._nudge(planned)
            case "dialog":
                return await self._dialog(planned)
            case "quiz":
                return self._quiz(planned)
            case "reminder" if planned.items:
                return await self._reminder(planned)
            case _:
                return await self._back(planned)

    @property
    def _speech(self) -> Speech:
        return Speech(self.ui, self.person.locale)

    async def _around(self) -> Around:
        self.states = await items.states(self.connection, self.tenant, project.checklist_items(self.pack))
        return words_of.around_items(self.now, self.pack, self.company, self.person, self.states)

    async def _nudge(self, planned: Planned) -> Card:
        around = await self._around()
        rungs = {rung.id: rung for rung in around.ladder.rungs}
        entries = [
            (self.states[item_id], next(one for key, one in rungs.items() if key == rung))
            for item_id, rung in planned.items
        ]
        return nudge_card(entries, around, self._speech)

    async def _reminder(self, planned: Planned) -> Card:
        around = await self._around()
        return reminder_card(self.states[planned.items[0][0]], around, self._speech)

    async def _dialog(self, planned: Planned) -> Card:
        """The invitation, with the first question on it; the run is only offered until the person answers."""
        campaign = self.pack.campaigns[planned.subject]
        run = await runs.unfinished(self.connection, self.tenant, self.person.id, "dialog", campaign.starts)
        if run is None:
            run = await runs.start(
                self.connection,
                self.tenant,
                "dialog",
                campaign.starts,
                self.person.id,
                self.now,
                {},
                "invited",
            )
        question = interview.ask(await self._interview(run), self._speech)
        invite = self._speech.wording(campaign.invite, **self._values(self.person.function))
        return Card(invite.plain, (invite, *question.blocks), self.person.locale)

    def _quiz(self, planned: Planned) -> Card:
        invite = self._speech.wording(
            self.pack.campaigns[planned.subject].invite, **self._values(self.person.function)
        )
        start = self._speech.option("menu_quiz", Ref("do", "quiz"), "primary")
        return Card(invite.plain, (invite, Choice((start,))), self.person.locale)

    async def _back(self, planned: Planned) -> Card | None:
        run = await runs.run(self.connection, self.tenant, planned.subject)
        if run is None or run.status not in {"open", "put_off"}:
            return None
        if run.kind == "quiz":
            chosen = self.pack.quizzes.get(run.dialog)
            return (
                None
                if chosen is None
                else quiz.ask(
                    QuizSession(run.id, chosen, tuple(run.subject["questions"]), run.given), self._speech
                )
            )
        return (
            interview.resume_card(await self._interview(run), self._speech)
            if run.dialog in self.pack.dialogs
            else None
        )

    async def _interview(self, run: runs.Run) -> Interview:
        around = Circumstances(run.active_seconds, self.person.function, self.company.headcounts)
        state = Interview(run.id, self.pack.dialogs[run.dialog], self.pack.functions, run.given, around)
        function = state.function()
        heard = await runs.echoes(self.connection, self.tenant, self.person.id, function)
        return replace(state, around=replace(around, echoes=heard, placeholders=self._values(function)))

    def _values(self, function: str | None) -> dict[str, Value]:
        day = words_of.next_digest(self.now, self.pack, self.company, self.person)
        lead = words_of.lead_name(self.company, self.person, function, self._speech)
        return words_of.placeholders(self.pack, self.person, day, lead, self._speech)
