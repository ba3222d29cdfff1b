"""The ladder of reminders about an item: which rung is next, why none is, and the card that carries them."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from dialogs.calendar import Workdays
from dialogs.card import Block, Card, Choice, Option, Text
from dialogs.item_cards import button, item_ref, slot_options, status
from dialogs.item_state import Around, ItemState, gate_progress, next_gate
from dialogs.schema import Nudges, Rung
from dialogs.speech import Speech
from dialogs.text import Value

FIRST, PLAN, HELP = "K1", "K2", "K4"
LADDER = ("K1", "K2", "K3", "K4")
"""The rungs that the bot climbs by itself; K7 only answers."""


class Quiet(StrEnum):
    """Why an item asks for nothing today: the key of the sentence in ui.yaml."""

    CLOSED = "tick.reason.closed"
    BLOCKED = "tick.reason.blocked"
    HAND_OVER = "tick.reason.hand_over"
    SNOOZED = "tick.reason.snoozed"
    PLANNED = "tick.reason.planned"
    NOT_YET = "tick.reason.not_yet"
    ALL_SENT = "tick.reason.all_sent"


def next_rung(
    state: ItemState, ladder: Nudges, now: datetime, workdays: Workdays, *, ignored: int = 0
) -> Rung | Quiet:
    """The rung to send today, or why there is none (blueprint 3k).

    now: in the owner's zone. ignored: how many messages in a row, of any kind, the owner left unanswered.
    Rungs go out in order, each once for one due date, the first one also when it is late; days are working
    days, and those that the clock stood still are not counted. The last rung, help, comes by its date or as
    soon as enough was ignored: then asking the same again would be no use. A plan that the owner made stands
    for the rungs that ask for one. On the day until which the item was put off, the next rung is due.
    """
    today = now.date()
    stop = _stopped(state, now, today)
    if stop is not None:
        return stop
    rungs = [rung for rung in ladder.rungs if rung.id in LADDER]
    passed = {nudged.rung for nudged in state.nudges if nudged.due == state.due}
    if state.commitment_at is not None:
        passed |= {FIRST, PLAN}
    highest = max((place for place, rung in enumerate(rungs) if rung.id in passed), default=-1)
    left = rungs[highest + 1 :]
    if not left:
        return Quiet.ALL_SENT
    if highest >= 0 and (early := _help(state, left, ignored)) is not None:
        return early
    clock_due = workdays.plus(state.due, state.paused)
    due = left[0].days is not None and workdays.plus(clock_due, left[0].days) <= today
    return left[0] if due or _wakes(state, now) else Quiet.NOT_YET


def nudge_card(entries: Sequence[tuple[ItemState, Rung]], around: Around, speech: Speech) -> Card:
    """One message about at most three items, the most pressing gate first; each item keeps its own buttons.

    Draw it again with the new states after a click: an item that has moved on shows where it stands and no
    buttons, and the others can still be answered. around.slots are the moments offered by the planning rung.
    """
    blocks: list[Block] = []
    ordered = sorted(entries, key=lambda entry: pressing(entry[0], around))
    for place, (state, rung) in enumerate(ordered[: around.ladder.attention.items_per_card]):
        hello = _hello(around, speech) if place == 0 else speech("item.also")
        blocks.append(Text(speech.wording(rung.say, "normal", **_values(state, hello, around, speech)).spans))
        if _moved_on(state, around):
            blocks.append(Text(speech.text("item.now", state=status(state, around, speech)).spans, "quiet"))
            blocks.append(Choice((button("item.act.show", state, "show", speech, quiet=True),)))
        else:
            blocks.append(Choice(_options(state, rung, around, speech)))
    blocks.append(speech.text("item.way_out", "quiet"))
    first = next(block for block in blocks if isinstance(block, Text))
    return Card(first.plain, tuple(blocks), speech.locale)


def reminder_card(state: ItemState, around: Around, speech: Speech) -> Card:
    """What the owner asked for: the reminder just before the moment chosen to work on the item."""
    hello = _hello(around, speech)
    text = speech.text("item.reminder", hello=hello, item=state.item.ask.say(speech.locale))
    options = (
        button("item.act.done", state, "done", speech),
        button("item.act.another_moment", state, "in_progress", speech),
        button("item.act.blocked", state, "blocked", speech),
    )
    return Card(text.plain, (text, Choice(options)), speech.locale)


def pressing(state: ItemState, around: Around) -> tuple[int, int, date, str]:
    """The sort key of items that compete for room: the nearest gate, then the blocking ones, then by date."""
    gate = next_gate(state, around.gates)
    place = len(around.gates) if gate is None else around.gates.index(gate)
    return place, not state.item.blocking, state.due, state.item.id


def _hello(around: Around, speech: Speech) -> str:
    return speech("hello_name", first=around.first_name) if around.first_name else speech("hello")


def _stopped(state: ItemState, now: datetime, today: date) -> Quiet | None:
    if state.closed:
        return Quiet.CLOSED
    if state.hand_over_asked:
        return Quiet.HAND_OVER
    if state.block is not None:
        return Quiet.BLOCKED
    if state.snoozed_until is not None and state.snoozed_until > today:
        return Quiet.SNOOZED
    if state.commitment_at is not None and state.commitment_at > now:
        return Quiet.PLANNED
    return None


def _help(state: ItemState, left: Sequence[Rung], ignored: int) -> Rung | None:
    """The rung that comes early because enough was ignored, if it is still to come."""
    about_item = 0
    for nudged in reversed(state.nudges):
        if nudged.answered or nudged.due != state.due:
            break
        about_item += 1
    most = max(about_item, ignored)
    return next(
        (rung for rung in left if rung.after_ignored is not None and most >= rung.after_ignored), None
    )


def _wakes(state: ItemState, now: datetime) -> bool:
    """Whether the day that the owner chose to be asked again has come, and nothing was asked since."""
    day = state.snoozed_until
    asked = (nudged.at.astimezone(now.tzinfo).date() for nudged in state.nudges)
    return day is not None and day <= now.date() and all(one < day for one in asked)


def _moved_on(state: ItemState, around: Around) -> bool:
    return _stopped(state, around.now, around.today) is not None


def _options(state: ItemState, rung: Rung, around: Around, speech: Speech) -> tuple[Option, ...]:
    if not rung.options:
        return slot_options(state, around.slots, speech)
    return tuple(Option(one.label.say(speech.locale), item_ref(state, one.id)) for one in rung.options)


def _values(state: ItemState, hello: str, around: Around, speech: Speech) -> dict[str, Value]:
    gate = next_gate(state, around.gates)
    done, total = gate_progress(gate.id, around.peers) if gate is not None else (0, 0)
    return {
        "hello": hello,
        "first": around.first_name,
        "item": state.item.ask.say(speech.locale),
        "gate": gate.label.say(speech.locale) if gate is not None else speech("item.rest"),
        "due": state.due,
        "n": max(0, (around.today - state.due).days),
        "done": done,
        "total": total,
    }
