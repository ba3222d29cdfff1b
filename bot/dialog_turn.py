"""A turn of a guided dialog: load what was said, let the rule decide, write what comes of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot import calendars, words_of
from bot.desk import Desk
from bot.store import events, people, runs
from bot.store.runs import Run
from dialogs import interview
from dialogs.activity import Submission
from dialogs.calendar import clock, local_moment
from dialogs.card import Card, Choice
from dialogs.impacts import capacity_flag, impacts, told_no_impact
from dialogs.interview_state import Circumstances, Interview
from dialogs.named_rules import asks_colleagues
from dialogs.outcome import (
    Asked,
    Cancelled,
    ChampionOffered,
    Effect,
    Finished,
    Given,
    LeadTold,
    Outcome,
    PutOff,
    Rejected,
    Stale,
    Stopped,
)
from dialogs.question import EDIT, RESUME
from dialogs.ref import Ref
from dialogs.schema import Slot


async def begin(desk: Desk, dialog_id: str) -> None:
    """Start the dialog, or go on where the person left it."""
    run = await runs.unfinished(desk.connection, desk.tenant, desk.person.id, "dialog", dialog_id)
    if run is None:
        run = await runs.start(
            desk.connection, desk.tenant, "dialog", dialog_id, desk.person.id, desk.now, {}
        )
    await resume(desk, run)


async def resume(desk: Desk, run: Run) -> None:
    """Show the question that is due, taking back a put-off."""
    state = await load(desk, run)
    back = interview.taken_up(state)
    if back:
        await runs.append(desk.connection, desk.tenant, run, back, desk.now)
        state = state.after(back)
    again = {"status": "open", "put_off_until": None, "ended_at": None}
    await runs.change(desk.connection, desk.tenant, run.id, **again)
    await desk.say(interview.ask(state, desk.speech))


async def submitted(desk: Desk, run: Run, submission: Submission) -> None:
    """Take a click or a form of the dialog."""
    state = await load(desk, run, submission.ref.step.rpartition(".")[0] if submission.ref else None)
    editing = submission.ref is not None and submission.ref.choice == EDIT
    if run.status == "cancelled" or (
        run.status == "finished" and state.position() is None and not editing and _open_words(submission)
    ):
        desk.toast(desk.speech("stale"))
        return
    await _apply(desk, run, state, interview.submit(state, submission, desk.speech))
    if submission.ref is not None and submission.ref.choice == RESUME and run.status == "paused":
        await runs.change(desk.connection, desk.tenant, run.id, status="open")


async def typed(desk: Desk, run: Run, text: str) -> None:
    """Take a typed message while the dialog is open."""
    state = await load(desk, run)
    await _apply(desk, run, state, interview.type_in(state, text, desk.speech))


async def answers_invitation(desk: Desk, text: str) -> bool:
    """Take a typed message as the answer to the question that came with an invitation; False when it is none."""
    for dialog_id in desk.pack.dialogs:
        run = await runs.unfinished(desk.connection, desk.tenant, desk.person.id, "dialog", dialog_id)
        if run is None or run.status != "invited":
            continue
        state = await load(desk, run)
        outcome = interview.type_in(state, text, desk.speech)
        if isinstance(outcome, Asked | Finished) and outcome.effects:
            await _apply(desk, run, state, outcome)
            return True
    return False


async def asks_for_words(desk: Desk, run: Run) -> bool:
    """Whether the open question is answered in free words."""
    state = await load(desk, run)
    position = state.position()
    return position is not None and state.kind(position.step) in {"text", "person"}


async def load(desk: Desk, run: Run, answering: str | None = None) -> Interview:
    """The interview as the rules see it. answering: the step that a click is about; None: the open one."""
    dialog = desk.pack.dialogs[run.dialog]
    around = Circumstances(run.active_seconds, desk.person.function, desk.company.headcounts)
    state = Interview(run.id, dialog, desk.pack.functions, run.given, around)
    function = state.function()
    if asks_colleagues(state, answering):
        heard = await runs.echoes(desk.connection, desk.tenant, desk.person.id, function)
        if heard:
            state = replace(state, around=replace(around, echoes=heard))
    return state.worded(desk.placeholders(next_digest(desk), desk.lead_name(function)))


def next_digest(desk: Desk) -> datetime:
    """When the next weekly summary is posted, in the person's zone."""
    return words_of.next_digest(desk.now, desk.pack, desk.company, desk.person)


async def _apply(desk: Desk, run: Run, state: Interview, outcome: Outcome) -> None:
    match outcome:
        case Rejected(errors, card):
            await desk.refuse(errors, card)
        case Stale(note, card):
            desk.toast(note)
            await desk.replace(card)
        case Asked(card, answered, effects) | Finished(card, answered, effects):
            await _store(desk, run, state, effects, finished=isinstance(outcome, Finished))
            if answered is not None:
                if desk.activity.message is not None or desk.activity.inline:
                    await desk.replace(answered)
                await desk.say(card)
            elif desk.activity.submission is not None and not effects:
                await desk.replace(card)
            else:
                await desk.say(card)
        case _:
            assert_never(outcome)


async def _store(
    desk: Desk, run: Run, state: Interview, effects: tuple[Effect, ...], *, finished: bool
) -> None:
    given = tuple(effect for effect in effects if isinstance(effect, Given))
    after = state.after(given)
    if given:
        told, before = impacts(after), impacts(state)
        status = "finished" if finished else "open"
        changed: dict[str, object] = {}
        if told != before:
            same = not finished and [one.round for one in before] == [one.round for one in told]
            await runs.keep_impacts(desk.connection, desk.tenant, run, told, desk.now, same_rounds=same)
            changed["capacity_flag"] = capacity_flag(told, desk.person.week_hours)
        if finished or status != run.status:
            changed |= {"status": status, "ended_at": desk.now if finished else None}
            changed["no_impact"] = finished and told_no_impact(after)
        await runs.append(desk.connection, desk.tenant, run, given, desk.now, **changed)
    for effect in effects:
        match effect:
            case PutOff(slot):
                await _put_off(desk, run, after, slot)
            case LeadTold(round_):
                await _tell_lead(desk, run, after, round_)
            case ChampionOffered():
                await _offer_champion(desk, run)
            case Stopped():
                await runs.change(desk.connection, desk.tenant, run.id, status="paused")
            case Cancelled():
                await runs.keep_impacts(desk.connection, desk.tenant, run, (), desk.now)
                await runs.change(desk.connection, desk.tenant, run.id, status="cancelled", ended_at=desk.now)
            case _:
                pass


async def _put_off(desk: Desk, run: Run, state: Interview, slot_id: str) -> None:
    later = state.dialog.later
    slot = next(slot for slot in (later.slots if later else ()) if slot.id == slot_id)
    await runs.change(
        desk.connection, desk.tenant, run.id, status="put_off", put_off_until=moment(desk, slot)
    )


def moment(desk: Desk, slot: Slot) -> datetime:
    """When a slot is, in UTC: in some hours, or at a time of a working day ahead in the person's zone."""
    if slot.in_hours is not None:
        return desk.now + timedelta(hours=slot.in_hours)
    zone = calendars.zone(desk.person.zone, desk.company.zone)
    today = desk.now.astimezone(zone).date()
    workdays = calendars.workdays(desk.person.region, today.year)
    return local_moment(workdays.plus(today, slot.in_workdays or 1), clock(slot.at or "09:00"), zone)


async def _tell_lead(desk: Desk, run: Run, state: Interview, round_: int) -> None:
    function = state.function() or ""
    lead = desk.company.leads.get(function)
    other = None if lead is None or lead == desk.person.id else await desk.words_for(lead)
    if lead is None or other is None:
        return
    person, speech = other
    dimension = str(state.saved("impact.dimension", round_))
    step = next(step for step in state.dialog.steps if step.save == "impact.dimension")
    where = next(
        (option.label.say(person.locale) for option in step.options if option.id == dimension),
        speech("not_told"),
    )
    text = speech.text(
        "urgent_for_lead",
        function=desk.pack.functions[function].label.say(person.locale),
        where=where,
        severity=_figure(state.saved("impact.severity", round_)),
        likelihood=_figure(state.saved("impact.likelihood", round_)),
    )
    await desk.tell(lead, Card(text.plain, (text,), person.locale), "impact", f"urgent:{run.id}:{round_}")


async def _offer_champion(desk: Desk, run: Run) -> None:
    await events.audit(
        desk.connection, desk.tenant, desk.person.id, "champion offered", desk.person.function or "", desk.now
    )
    for lead in await people.holders(desk.connection, desk.tenant, "change_lead"):
        other = await desk.words_for(lead)
        if other is None or lead == desk.person.id:
            continue
        person, speech = other
        function = desk.pack.functions.get(desk.person.function or "")
        where = function.label.say(person.locale) if function else speech("no_function")
        text = speech.text("champion_offered", name=desk.person.name, function=where)
        ref = Ref("do", f"champion:{desk.person.id}", "", "accept")
        blocks = (text, Choice((speech.option("champion_accept", ref, "primary"),)))
        await desk.tell(
            lead, Card(text.plain, blocks, person.locale), "champion", f"champion:{run.id}:{lead}"
        )


def _figure(value: object) -> str:
    return str(value) if isinstance(value, int) else "?"


def _open_words(submission: Submission) -> bool:
    return submission.ref is not None and submission.ref.step == ""
