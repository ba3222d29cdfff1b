"""What happens when an owner acts on a checklist item: (item, click) to (next card, what to store)."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from dialogs import item_cards as cards
from dialogs.activity import FieldValue, Submission
from dialogs.card import Card
from dialogs.evidence import as_date, one_value, read_evidence
from dialogs.item_cards import DAY, HELP, ITEM, KINDS, NOTE, SEND, TOPIC, Typed
from dialogs.item_effects import (
    Blocked,
    Closed,
    HandOverAsked,
    HelpAsked,
    ItemEffect,
    NewDate,
    Planned,
    Reopened,
    Snoozed,
    Unblocked,
    after,
)
from dialogs.item_state import Around, BlockKind, ItemState
from dialogs.outcome import Asked, Finished, Outcome, Rejected, Stale
from dialogs.schema import MAX_EXAMPLE
from dialogs.speech import Speech

FARTHEST_DAYS = 30
"""How far a date may be moved once the gate's own date has passed, or when there is none."""
ACTIONS = frozenset(
    {
        "show",
        "done",
        "evidence",
        "in_progress",
        "other_day",
        "blocked",
        "obstacle",
        "unblocked",
        "not_me",
        "hand_over",
        "new_date",
        "snooze",
        "reopen",
    }
) | frozenset(HELP)
"""Every step that a control of an item may carry; the options of the ladder in the content use these ids."""
ON_CLOSED = frozenset({"show", "evidence", "reopen"})


def chosen_item(submission: Submission) -> str | None:
    """The id of the item that a control is about: its own, or the entry picked in a list of items."""
    if submission.ref is None or submission.ref.topic != TOPIC:
        return None
    return submission.ref.subject or one_value(submission.values, ITEM) or None


def submit(state: ItemState, submission: Submission, around: Around, speech: Speech) -> Outcome:
    """Take a click or a form about an item; state is the item as it is now.

    Only its owner may act: to anybody else, and to a control drawn before something else was stored, the
    answer is Stale with the item as it stands. Where the clicked message is a nudge about several items, draw
    it again with `nudge_card` from the new states rather than with `answered`.
    """
    ref = submission.ref
    if around.actor != state.owner:
        return _stale(state, around, speech, "item.not_yours")
    if ref is None or ref.topic != TOPIC or ref.step not in ACTIONS:
        return _stale(state, around, speech, "item.stale")
    if ref.step == "show":
        return Asked(cards.item_card(state, around, speech))
    better_proof = state.closed and ref.step == "done" and ref.choice == SEND
    fits = better_proof or state.closed == (ref.step in ON_CLOSED)
    if ref.revision != state.revision or not fits:
        return _stale(state, around, speech, "item.stale")
    return _acted(state, ref.step, ref.choice, submission.values, around, speech)


def _acted(
    state: ItemState,
    step: str,
    choice: str,
    values: Mapping[str, FieldValue],
    around: Around,
    speech: Speech,
) -> Outcome:
    sent = choice == SEND
    match step:
        case "done" | "evidence":
            return (
                _proof(state, values, around, speech) if sent else Asked(cards.evidence_form(state, speech))
            )
        case "in_progress" | "other_day":
            return _plan(state, step, choice, values, around, speech)
        case "blocked" | "obstacle":
            return (
                _block(state, step, values, around, speech)
                if sent
                else Asked(cards.block_form(state, step, speech))
            )
        case "not_me" | "hand_over":
            if not sent:
                return Asked(cards.note_form(state, step, speech))
            return _noted(state, step, None, values, around, speech)
        case "time" | "information" | "decision" | "person":
            if choice == NOTE:
                return Asked(cards.note_form(state, step, speech))
            if sent:
                return _noted(state, step, step, values, around, speech)
            return _helped(state, step, "", around, speech)
        case "new_date" | "snooze":
            return _moved(state, step, values, around, speech, sent=sent)
        case "unblocked":
            return _settled(state, Unblocked(), around, speech)
        case _:
            return _settled(state, Reopened(), around, speech)


def _proof(state: ItemState, values: Mapping[str, FieldValue], around: Around, speech: Speech) -> Outcome:
    read = read_evidence(state.item, values, around)
    if isinstance(read, dict):
        return _rejected(read, values, speech, lambda typed: cards.evidence_form(state, speech, typed))
    closed = Closed(read)
    now = after(state, closed, around.today)
    return Finished(cards.thanks_card(now, around, speech), cards.item_card(now, around, speech), (closed,))


def _plan(
    state: ItemState,
    step: str,
    choice: str,
    values: Mapping[str, FieldValue],
    around: Around,
    speech: Speech,
) -> Outcome:
    labels = dict(around.slots)
    if step == "in_progress":
        if not choice:
            return Asked(cards.slots_card(state, around, speech))
        if choice not in labels:
            return _stale(state, around, speech, "item.stale")
        return _planned(state, choice, labels[choice], around, speech)
    if choice != SEND:
        return Asked(cards.date_form(state, step, speech))
    day = as_date(one_value(values, DAY))
    problem = _date_problem(state, day, around, speech)
    if day is None or problem:
        return _bad_day(problem, values, speech, state, step)
    return _planned(state, day.isoformat(), speech("item.date", date=day), around, speech)


def _planned(state: ItemState, slot: str, label: str, around: Around, speech: Speech) -> Outcome:
    planned = Planned(slot)
    now = after(state, planned, around.today)
    done = cards.button("item.act.done", now, "done", speech)
    card = cards.said_card(now, "item.said.planned", speech, done, when=label)
    return Finished(card, card, (planned,))


def _block(
    state: ItemState, step: str, values: Mapping[str, FieldValue], around: Around, speech: Speech
) -> Outcome:
    kind = _kind(one_value(values, "kind"))
    note = one_value(values, NOTE)
    errors: dict[str, str] = {}
    if kind is None:
        errors["kind"] = "item.error.pick"
    if len(note) > MAX_EXAMPLE:
        errors[NOTE] = "item.error.too_long_note"
    if kind is None or errors:
        return _rejected(errors, values, speech, lambda typed: cards.block_form(state, step, speech, typed))
    if kind == "hand_over":
        return _settled(state, HandOverAsked(note), around, speech, note)
    return _settled(state, Blocked(kind, note), around, speech, note)


def _noted(
    state: ItemState,
    step: str,
    help_: BlockKind | None,
    values: Mapping[str, FieldValue],
    around: Around,
    speech: Speech,
) -> Outcome:
    note = one_value(values, NOTE)
    if not note or len(note) > MAX_EXAMPLE:
        key = "item.error.too_long_note" if note else "item.error.note_needed"
        return _rejected(
            {NOTE: key}, values, speech, lambda typed: cards.note_form(state, step, speech, typed)
        )
    if help_ is not None:
        return _helped(state, help_, note, around, speech)
    return _settled(state, HandOverAsked(note), around, speech, note)


def _helped(state: ItemState, kind: BlockKind, note: str, around: Around, speech: Speech) -> Outcome:
    effect = HelpAsked(kind, note)
    now = after(state, effect, around.today)
    more = () if note else (cards.button("item.act.add_note", now, kind, speech, choice=NOTE, quiet=True),)
    card = cards.said_card(now, "item.said.help", speech, *more, quote=note, kind=speech(f"item.kind.{kind}"))
    return Finished(card, card, (effect,))


def _moved(
    state: ItemState,
    step: str,
    values: Mapping[str, FieldValue],
    around: Around,
    speech: Speech,
    *,
    sent: bool,
) -> Outcome:
    if state.snoozes >= around.ladder.attention.max_snoozes:
        return Asked(cards.help_card(state, around, speech))
    if not sent:
        return Asked(cards.date_form(state, step, speech))
    day = as_date(one_value(values, DAY))
    problem = _date_problem(state, day, around, speech)
    if day is None or problem:
        return _bad_day(problem, values, speech, state, step)
    effect: ItemEffect = NewDate(day) if step == "new_date" else Snoozed(day)
    now = after(state, effect, around.today)
    done = cards.button("item.act.done", now, "done", speech)
    card = cards.said_card(now, f"item.said.{step}", speech, done, date=day)
    return Finished(card, card, (effect,))


def _settled(state: ItemState, effect: ItemEffect, around: Around, speech: Speech, note: str = "") -> Outcome:
    now = after(state, effect, around.today)
    match effect:
        case Unblocked() | Reopened():
            key = "item.said.unblocked" if isinstance(effect, Unblocked) else "item.said.reopened"
            card = cards.item_card(now, around, speech, key)
        case Blocked():
            free = cards.button("item.act.unblocked", now, "unblocked", speech)
            card = cards.said_card(now, "item.said.blocked", speech, free, quote=note)
        case _:
            card = cards.said_card(now, "item.said.hand_over", speech, quote=note)
    return Finished(card, card, (effect,))


def _date_problem(state: ItemState, day: date | None, around: Around, speech: Speech) -> str:
    if day is None:
        return speech("item.error.date")
    if day <= around.today:
        return speech("item.error.past")
    dates = (gate.due for gate in around.gates if gate.id in state.item.gates and gate.due is not None)
    ahead = [due for due in dates if due > around.today]
    latest = min(ahead, default=around.today + timedelta(days=FARTHEST_DAYS))
    return speech("item.error.too_late", date=latest) if day > latest else ""


def _bad_day(
    problem: str, values: Mapping[str, FieldValue], speech: Speech, state: ItemState, step: str
) -> Rejected:
    typed = Typed(problem, {DAY: one_value(values, DAY)})
    return Rejected({DAY: problem}, cards.date_form(state, step, speech, typed))


def _rejected(
    errors: Mapping[str, str],
    values: Mapping[str, FieldValue],
    speech: Speech,
    draw: Callable[[Typed], Card],
) -> Rejected:
    said = {name: speech(key) for name, key in errors.items()}
    typed = Typed(" ".join(said.values()), {name: one_value(values, name) for name in values})
    return Rejected(said, draw(typed))


def _stale(state: ItemState, around: Around, speech: Speech, key: str) -> Stale:
    mine = around.actor == state.owner
    return Stale(speech(key), cards.item_card(state, around, speech, key, buttons=mine))


def _kind(text: str) -> BlockKind | None:
    return next((kind for kind in KINDS if kind == text), None)
