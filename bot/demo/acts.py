"""What people of the demo company do, each through the turn or the rule that a click of theirs would reach."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from bot import dialog_turn, item_turn, project, word_turn
from bot.demo import company
from bot.demo.answers import plausible
from bot.desk import Desk
from bot.store import AsyncConnection, budget, items, people, runs, visit
from bot.store import tables as t
from bot.store.people import Company
from bot.store.runs import Run
from dialogs.activity import Activity, FieldValue, Kind, Place, Platform, Submission
from dialogs.catalog import Catalog, Pack
from dialogs.impacts import capacity_flag, impacts, told_no_impact
from dialogs.interview_state import Interview, Position
from dialogs.item_cards import SEND, item_ref
from dialogs.outcome import Given
from dialogs.reading import read
from dialogs.ref import Ref
from dialogs.text import Locale

DIALOG = "impact"


class UnlikelyError(RuntimeError):
    """The content refused what the demo company would say: the demo must be brought up to the content."""


@dataclass
class Stage:
    """Where the acts take place; connection and now are set for each."""

    tenant: str
    catalog: Catalog
    pack: Pack
    company: Company
    chance: Random
    connection: AsyncConnection = field(init=False)
    now: datetime = field(init=False)
    _events: int = 0

    async def desk(self, person_id: str, submission: Submission | None = None) -> Desk:
        """A turn of this person, about the newest message of their conversation."""
        person = await people.person(self.connection, self.tenant, person_id)
        if person is None:
            raise UnlikelyError(person_id)
        self._events += 1
        message = 0
        if submission is not None:
            message = await visit.newest(self.connection, self.tenant, f"dm:{person_id}")
        activity = Activity(
            Platform.WEB,
            self.tenant,
            person_id,
            Kind.SUBMIT,
            f"before-{self._events}",
            Place(f"dm:{person_id}"),
            self.now,
            submission=submission,
            message=str(message) if message else None,
            can_open=True,
        )
        ui = self.catalog.ui
        return Desk(self.connection, self.tenant, self.now, ui, self.pack, self.company, person, activity)


Act = Callable[[Stage], Awaitable[None]]


def closes(owner: str, item: str, kind: str, proof: str) -> Act:
    """The owner closes an item with its proof."""
    return works(owner, item, "done", {"kind": kind, "value": proof})


def works(owner: str, item: str, step: str, values: Mapping[str, FieldValue]) -> Act:
    """The owner fills in one of the forms of an item."""

    async def act(stage: Stage) -> None:
        states = await items.states(stage.connection, stage.tenant, project.checklist_items(stage.pack))
        before = states[item]
        desk = await stage.desk(owner, Submission(item_ref(before, step, SEND), values))
        await budget.answered(stage.connection, stage.tenant, owner, stage.now)
        await item_turn.submitted(desk, desk.activity.submission or Submission(None))
        await desk.post()
        states = await items.states(stage.connection, stage.tenant, project.checklist_items(stage.pack))
        if states[item].revision == before.revision:
            raise UnlikelyError(f"{item}: {step} {dict(values)} was refused: {desk.reply}")
        await visit.post_pending(stage.connection, stage.tenant, stage.now)

    return act


def answers(person: str) -> Act:
    """Somebody answers the whole interview; only its result is kept, as nobody reads that conversation."""

    async def act(stage: Stage) -> None:
        desk, run = await _invited(stage, person)
        state = await dialog_turn.load(desk, run)
        while (position := state.position()) is not None:
            choice, values = plausible(state, position, stage.chance, desk.person.locale, stage.now.date())
            answer = read(state, position, values, choice)
            state = replace(state, given=(*state.given, Given(position.step.id, position.round, answer)))
        told = impacts(state)
        where = (stage.connection, stage.tenant)
        await runs.append(*where, run, state.given, stage.now)
        await runs.keep_impacts(*where, run, told, stage.now)
        await runs.change(
            *where,
            run.id,
            status="finished",
            ended_at=stage.now,
            capacity_flag=capacity_flag(told, desk.person.week_hours),
            no_impact=told_no_impact(state),
        )
        await budget.answered(*where, person, stage.now)

    return act


def talks(person: str) -> Act:
    """Somebody whose conversation can be read answers the whole interview, message by message."""

    async def act(stage: Stage) -> None:
        desk, run = await _invited(stage, person)
        await budget.answered(stage.connection, stage.tenant, person, stage.now)
        while (position := (state := await dialog_turn.load(desk, run)).position()) is not None:
            submission = _said(stage, state, position, desk.person.locale)
            label = _label(state, position, submission, desk)
            turn = await stage.desk(person, submission)
            if label:
                key = f"said:{turn.activity.event_id}"
                await visit.said(stage.connection, stage.tenant, person, label, key, stage.now)
            await dialog_turn.submitted(turn, run, submission)
            await turn.post()
            await visit.post_pending(stage.connection, stage.tenant, stage.now)
            desk, run = await _unfinished(stage, person, run)

    return act


def asks(person: str, words: str) -> Act:
    """Somebody types a command."""

    async def act(stage: Stage) -> None:
        turn = await stage.desk(person)
        await budget.answered(stage.connection, stage.tenant, person, stage.now)
        key = f"said:{turn.activity.event_id}"
        await visit.said(stage.connection, stage.tenant, person, words, key, stage.now)
        await word_turn.command(turn, words)
        await turn.post()
        await visit.post_pending(stage.connection, stage.tenant, stage.now)

    return act


def waits(until: datetime) -> Act:
    """The bot leaves everybody in peace for a moment."""

    async def act(stage: Stage) -> None:
        await stage.connection.execute(
            t.person.update().where(t.person.c.tenant == stage.tenant).values(paused_until=until)
        )

    return act


def arrives(person: str) -> Act:
    """Somebody begins to work here."""

    async def act(stage: Stage) -> None:
        await people.change(stage.connection, stage.tenant, person, active=True)

    return act


async def opens_channel(stage: Stage) -> None:
    """The leadership channel is set up."""
    await stage.connection.execute(
        t.channel.insert().values(
            tenant=stage.tenant,
            name=company.CHANNEL,
            platform="web",
            team=stage.tenant,
            conversation=f"channel:{company.CHANNEL}",
            route={},
            locale="fr-CA",
        )
    )


async def _invited(stage: Stage, person: str) -> tuple[Desk, Run]:
    desk = await stage.desk(person)
    run = await runs.unfinished(stage.connection, stage.tenant, person, "dialog", DIALOG)
    if run is None:
        raise UnlikelyError(f"{person} was not invited")
    return desk, run


async def _unfinished(stage: Stage, person: str, before: Run) -> tuple[Desk, Run]:
    """The run after a turn; a turn that stored nothing would go on for ever."""
    run = await runs.run(stage.connection, stage.tenant, before.id)
    if run is None or len(run.given) == len(before.given):
        raise UnlikelyError(f"{person}: the answer to {before.dialog} was refused")
    return await stage.desk(person), run


def _said(stage: Stage, state: Interview, position: Position, locale: Locale) -> Submission:
    choice, values = plausible(state, position, stage.chance, locale, stage.now.date())
    return Submission(Ref("run", state.run, position.key, choice, state.revision(position)), values)


def _label(state: Interview, position: Position, submission: Submission, desk: Desk) -> str:
    """What the person's own bubble shows: the button's words; nothing for a form."""
    choice = submission.ref.choice if submission.ref else ""
    if not choice:
        return ""
    found = {option.id: option.label.say(desk.person.locale) for option in state.options(position)}
    return found.get(choice, choice if choice.isdigit() else desk.speech("skip"))
