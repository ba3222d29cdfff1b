"""A turn about checklist items: show them, take what the owner did, tell whoever has to act."""

from typing import assert_never

from bot import access, calendars, project, words_of
from bot.desk import Desk
from bot.store import events, items, people
from dialogs import checklist
from dialogs.activity import Submission
from dialogs.card import Card, Span, Text
from dialogs.item_effects import Blocked, HandOverAsked, HelpAsked, ItemEffect, Planned, after
from dialogs.item_lists import LIST, WHICH, function_card, items_card, list_card, overview_card
from dialogs.item_state import Around, ItemState, function_of
from dialogs.nudge import nudge_card
from dialogs.outcome import Asked, Finished, Rejected, Stale
from dialogs.schema import Nudges, Rung

ASKS_SOMEBODY = (Blocked, HelpAsked, HandOverAsked)


async def owns_any(desk: Desk) -> bool:
    """Whether the person owns an item."""
    return any(state.owner == desk.person.id for state in (await _states(desk)).values())


async def show(desk: Desk) -> None:
    """The person's own items; for those who lead, the whole picture first; then the others of their function."""
    states = await _states(desk)
    around = await around_of(desk, states)
    every, everything = tuple(states.values()), access.sees_everything(desk.person)
    mine = [state for state in every if state.owner == desk.person.id]
    overview = access.sees_overview(desk.person)
    if overview:
        card = overview_card(every, desk.pack.functions, around, desk.speech, lists=everything)
        await desk.say(card)
    if mine or not overview:
        await desk.say(items_card(mine, around, desk.speech))
    codes = access.leads_functions(desk.person)
    if others := [one for one in every if function_of(one) in codes and one.owner != desk.person.id]:
        await desk.say(function_card(others, around, desk.speech))


async def submitted(desk: Desk, submission: Submission) -> None:
    """Take a click or a form about an item."""
    states = await _states(desk)
    around = await around_of(desk, states)
    ref = submission.ref
    if ref is not None and ref.step == LIST:
        await _listed(desk, states, around, ref.choice)
        return
    state = states.get(checklist.chosen_item(submission) or "")
    mine = state is not None and state.owner == desk.person.id
    # "Not yours" and "not there" look the same: an item shows its proof and what its owner wrote.
    if state is None or not (mine or access.sees_everything(desk.person)):
        desk.toast(desk.speech("unknown_control"))
        return
    outcome = checklist.submit(state, submission, around, desk.speech)
    match outcome:
        case Rejected(errors, card):
            await desk.refuse(errors, card)
        case Stale(note, card):
            desk.toast(note)
            await _redraw(desk, card, states, around)
        case Asked(card, _, effects) if not effects:
            await (desk.show(card) if card.form() is not None else desk.replace(card))
        case Asked(card, answered, effects) | Finished(card, answered, effects):
            if not await _store(desk, state, effects, around):
                desk.toast(desk.speech("item.stale"))
                return
            fresh = await _states(desk)
            await _redraw(desk, answered or card, fresh, await around_of(desk, fresh))
            if answered is not None and answered != card:
                await desk.say(card)
        case _:
            assert_never(outcome)


async def around_of(desk: Desk, states: dict[str, ItemState]) -> Around:
    """What the rules of items need to know."""
    return words_of.around_items(desk.now, desk.pack, desk.company, desk.person, states)


def ladder(desk: Desk) -> Nudges:
    """The nudge ladder of the pack."""
    return next(iter(desk.pack.nudges.values()))


async def _states(desk: Desk) -> dict[str, ItemState]:
    return await items.states(desk.connection, desk.tenant, project.checklist_items(desk.pack))


async def _listed(desk: Desk, states: dict[str, ItemState], around: Around, which: str) -> None:
    if not access.sees_everything(desk.person):
        desk.toast(desk.speech("not_yours"))
        return
    every = tuple(states.values())
    wanted = next((one for one in WHICH if one == which), None)
    if wanted is None:
        await desk.replace(overview_card(every, desk.pack.functions, around, desk.speech))
    else:
        await desk.replace(list_card(every, wanted, desk.pack.functions, around, desk.speech))


async def _redraw(desk: Desk, card: Card, states: dict[str, ItemState], around: Around) -> None:
    """A nudge about several items keeps those that are still open; any other message becomes the card."""
    entries = await _nudge_entries(desk, states)
    await desk.replace(nudge_card(entries, around, desk.speech) if len(entries) > 1 else card)


async def _nudge_entries(desk: Desk, states: dict[str, ItemState]) -> list[tuple[ItemState, Rung]]:
    if desk.activity.message is None:
        return []
    rungs = {rung.id: rung for rung in ladder(desk).rungs}
    found = await items.nudged_in(desk.connection, desk.tenant, desk.person.id, desk.activity.message)
    return [(states[item], rungs[rung]) for item, rung in found if item in states and rung in rungs]


async def _store(desk: Desk, state: ItemState, effects: tuple[object, ...], around: Around) -> bool:
    now = state
    calendar = calendars.workdays(desk.person.region, around.today.year)
    for effect in effects:
        if not isinstance(effect, ItemEffect):
            continue
        at = project.slot_moment(effect.slot, desk.person) if isinstance(effect, Planned) else None
        now = after(now, effect, around.today, commitment_at=at, workdays=calendar)
    if not await items.keep(desk.connection, desk.tenant, state, now, desk.person.id, desk.now, around.today):
        return False
    for effect in effects:
        if isinstance(effect, ItemEffect):
            await events.audit(
                desk.connection,
                desk.tenant,
                desk.person.id,
                f"item {type(effect).__name__.lower()}",
                state.item.id,
                desk.now,
            )
        if isinstance(effect, ASKS_SOMEBODY):
            await _ask_for_help(desk, now, effect)
    return True


async def _ask_for_help(desk: Desk, state: ItemState, effect: Blocked | HelpAsked | HandOverAsked) -> None:
    """Whoever leads the project hears what is asked for, with the owner's words; the sponsor does not."""
    leads = [*await people.holders(desk.connection, desk.tenant, "project_lead")] or await people.holders(
        desk.connection, desk.tenant, "change_lead"
    )
    for lead in leads:
        other = await desk.words_for(lead)
        if other is None or lead == desk.person.id:
            continue
        person, speech = other
        item = state.item.ask.say(person.locale)
        kind = "hand_over" if isinstance(effect, HandOverAsked) else effect.kind
        text = speech.text(
            "item_help_for_lead", item=item, name=desk.person.name, help=speech(f"item.kind.{kind}")
        )
        quote = (Text((Span(effect.note),), "quote"),) if effect.note else ()
        await desk.tell(
            lead,
            Card(text.plain, (text, *quote), person.locale),
            "help",
            f"help:{state.item.id}:{state.revision}:{lead}",
        )
