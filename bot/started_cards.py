"""The cards of messages that the bot starts: invitations, nudges, reminders, and the way back into a dialog."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import calendars, project
from bot.attention import Planned
from bot.store import items, runs
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
        now = self.now.astimezone(ZoneInfo(self.person.zone))
        return Around(
            actor=self.person.id,
            first_name=self.person.first_name or "",
            now=now,
            today=now.date(),
            ladder=next(iter(self.pack.nudges.values())),
            gates=project.gate_days(self.pack, self.company),
            peers=tuple(self.states.values()),
            slots=project.slots(self.now, self.person, self.person.locale),
        )

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
        question = interview.ask(self._interview(run), self._speech)
        invite = self._speech.wording(campaign.invite, **self._values())
        return Card(invite.plain, (invite, *question.blocks), self.person.locale)

    def _quiz(self, planned: Planned) -> Card:
        invite = self._speech.wording(self.pack.campaigns[planned.subject].invite, **self._values())
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
            interview.resume_card(self._interview(run), self._speech)
            if run.dialog in self.pack.dialogs
            else None
        )

    def _interview(self, run: runs.Run) -> Interview:
        around = Circumstances(
            run.active_seconds, self.person.function, self.company.headcounts, (), self._values()
        )
        return Interview(run.id, self.pack.dialogs[run.dialog], self.pack.functions, run.given, around)

    def _values(self) -> dict[str, Value]:
        digest = next(iter(self.pack.digests.values()))
        zone = ZoneInfo(self.company.zone)
        at = calendars.next_weekly(self.now, digest.day, digest.at, zone, self.company.region)
        first = self.person.first_name
        return {
            "project": self.pack.head.project.say(self.person.locale),
            "lead": self._speech("your_lead"),
            "date": self._speech("date", date=at.astimezone(zone).date()),
            "hello": self._speech("hello_name", first=first) if first else self._speech("hello"),
        }
