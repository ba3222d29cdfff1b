"""How one checklist item is shown: where it stands, what may be done with it, and the forms behind that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from dialogs.card import (
    Block as CardBlock,
)
from dialogs.card import (
    Card,
    Choice,
    DateField,
    Facts,
    Field,
    Form,
    Meter,
    Option,
    Pick,
    SelectField,
    Span,
    Text,
    TextField,
)
from dialogs.evidence import KIND, MAX_VALUE, TESTED_ON, VALUE
from dialogs.item_state import Around, BlockKind, ItemState, gate_progress, next_gate
from dialogs.ref import Ref
from dialogs.schema import MAX_EXAMPLE
from dialogs.speech import Speech

TOPIC = "item"
SEND = "send"
NOTE, DAY, ITEM = "note", "day", "item"
MAX_LABEL = 75
MAX_SLOTS = 3
KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
HELP: tuple[BlockKind, ...] = ("time", "information", "decision", "person")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form shows again when it could not be taken: a warning over it, and the values as typed."""

    note: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def button(
    key: str, state: ItemState, step: str, speech: Speech, *, choice: str = "", quiet: bool = False
) -> Option:
    """A button of this item, drawn under its present revision."""
    return speech.option(key, item_ref(state, step, choice), "quiet" if quiet else "normal")


def item_ref(state: ItemState, step: str, choice: str = "") -> Ref:
    """What a control of this item says when it comes back."""
    return Ref(TOPIC, state.item.id, step, choice, state.revision)


def item_card(
    state: ItemState, around: Around, speech: Speech, note: str = "", *, buttons: bool = True
) -> Card:
    """The item as it stands, with every action that its owner has now. note: one key said over it."""
    ask = state.item.ask.say(speech.locale)
    blocks: list[CardBlock] = [speech.text(note, "quiet")] if note else []
    blocks.append(Text((Span(ask, bold=True),)))
    facts = [
        (speech("item.fact.state"), status(state, around, speech)),
        (speech("item.fact.due"), speech("item.date", date=state.due)),
        (speech("item.fact.proof"), state.item.evidence.what.say(speech.locale)),
    ]
    gate = next_gate(state, around.gates)
    if gate is not None:
        facts.append((speech("item.fact.gate"), gate.label.say(speech.locale)))
    blocks.append(Facts(tuple(facts)))
    if state.block is not None and state.block.note:
        blocks.append(Text((Span(state.block.note),), "quote"))
    if state.closed and state.evidence:
        blocks.append(Text((Span(state.evidence[-1].value),), "quote"))
    if buttons:
        blocks += _actions(state, around, speech)
    return Card(ask, tuple(blocks), speech.locale)


def status(state: ItemState, around: Around, speech: Speech) -> str:
    """In one line, where the item stands."""
    if state.closed:
        tested = state.evidence[-1].tested if state.evidence else None
        return speech("item.status.tested", date=tested) if tested else speech("item.status.closed")
    if state.hand_over_asked:
        return speech("item.status.hand_over")
    if state.block is not None:
        return speech("item.status.blocked", kind=speech(f"item.kind.{state.block.kind}"))
    if state.snoozed_until is not None and state.snoozed_until > around.today:
        return speech("item.status.snoozed", date=state.snoozed_until)
    if state.commitment_at is not None and state.commitment_at > around.now:
        moment = state.commitment_at.astimezone(around.now.tzinfo)
        return speech("item.status.planned", when=moment)
    return speech("item.status.waiting" if state.due < around.today else "item.status.open")


def evidence_form(state: ItemState, speech: Speech, typed: Typed | None = None) -> Card:
    """The form that closes an item: the kind of proof, the proof, and the day of the test if any."""
    typed = typed or Typed()
    picks = tuple(Pick(kind, speech(f"item.proof.{kind}")) for kind in state.item.evidence.types)
    chosen = typed.values.get(KIND) or picks[0].value
    what = speech("item.form.proof_hint", what=state.item.evidence.what.say(speech.locale))
    fields: tuple[Field, ...] = (
        SelectField(KIND, speech("item.form.kind"), picks, required=True, value=(chosen,)),
        TextField(
            VALUE,
            speech("item.form.proof"),
            hint=what,
            required=True,
            max_length=MAX_VALUE,
            value=typed.values.get(VALUE, ""),
        ),
        DateField(TESTED_ON, speech("item.form.tested"), value=_day(typed.values.get(TESTED_ON, ""))),
    )
    return _form(state, "done", "item.form.done", fields, speech, typed)


def block_form(state: ItemState, step: str, speech: Speech, typed: Typed | None = None) -> Card:
    """The form that asks what would unblock the item. step: blocked, or obstacle, which is the same."""
    typed = typed or Typed()
    picks = tuple(Pick(kind, speech(f"item.kind.{kind}")) for kind in KINDS)
    kind = typed.values.get(KIND, "")
    fields = (
        SelectField(KIND, speech("item.form.unblock"), picks, required=True, value=(kind,) if kind else ()),
        _note("item.form.note", speech, typed, required=False),
    )
    return _form(state, step, "item.form.blocked", fields, speech, typed)


def note_form(state: ItemState, step: str, speech: Speech, typed: Typed | None = None) -> Card:
    """A form of one sentence: who should have the item (not_me, hand_over), or a word more about the help."""
    who = step in {"not_me", "hand_over"}
    label = "item.form.who" if who else "item.form.note"
    title = "item.form.not_me" if who else "item.form.help"
    fields = (_note(label, speech, typed or Typed(), required=True),)
    return _form(state, step, title, fields, speech, typed or Typed())


def date_form(state: ItemState, step: str, speech: Speech, typed: Typed | None = None) -> Card:
    """A form of one date: a new due date (new_date), when to ask again (snooze), or a day to work on it."""
    typed = typed or Typed()
    field_ = DateField(
        DAY, speech(f"item.form.{step}_label"), required=True, value=_day(typed.values.get(DAY, ""))
    )
    return _form(state, step, f"item.form.{step}", (field_,), speech, typed)


def slots_card(state: ItemState, around: Around, speech: Speech) -> Card:
    """When will you work on it? The moments offered, and any other day."""
    text = speech.text("item.when", item=state.item.ask.say(speech.locale))
    return Card(text.plain, (text, Choice(slot_options(state, around.slots, speech))), speech.locale)


def slot_options(state: ItemState, slots: Sequence[tuple[str, str]], speech: Speech) -> tuple[Option, ...]:
    """A button for each of the first moments offered, and one for another day."""
    offered = tuple(Option(label, item_ref(state, "in_progress", id_)) for id_, label in slots[:MAX_SLOTS])
    return (*offered, button("item.act.other_day", state, "other_day", speech, quiet=True))


def help_card(state: ItemState, around: Around, speech: Speech) -> Card:
    """What would unblock it? The question of the last rung, one tap each."""
    rung = next(one for one in around.ladder.rungs if one.id == "K4")
    text = speech.text("item.help", item=state.item.ask.say(speech.locale))
    options = tuple(Option(one.label.say(speech.locale), item_ref(state, one.id)) for one in rung.options)
    note = speech.text("item.no_more_dates", "quiet")
    return Card(text.plain, (note, text, Choice(options)), speech.locale)


def said_card(
    state: ItemState, key: str, speech: Speech, *options: Option, quote: str = "", **values: str | date
) -> Card:
    """What the bot took note of, in one sentence, over the words that the owner typed."""
    text = speech.text(key, "normal", item=state.item.ask.say(speech.locale), **values)
    blocks: tuple[CardBlock, ...] = (text,)
    if quote:
        blocks += (Text((Span(quote),), "quote"),)
    if options:
        blocks += (Choice(options),)
    return Card(text.plain, blocks, speech.locale)


def thanks_card(state: ItemState, around: Around, speech: Speech) -> Card:
    """Rung K7: thanks, and how far the gate is now. A way back for a click too quick, and room for a test."""
    peers = [state if one.item.id == state.item.id else one for one in around.peers]
    own = [gate for gate in around.gates if gate.id in state.item.gates]
    gate = next((one for one in own if gate_progress(one.id, peers)[1]), None)
    rung = next((one for one in around.ladder.rungs if one.id == "K7"), None)
    if gate is None or rung is None:
        text = speech.text("item.thanks")
        blocks: tuple[CardBlock, ...] = (text,)
    else:
        done, total = gate_progress(gate.id, peers)
        label = gate.label.say(speech.locale)
        text = speech.wording(rung.say, gate=label, done=done, total=total)
        caption = speech("item.progress", done=done, total=total)
        blocks = (text, Meter(label, done / total, caption))
    return Card(text.plain, (*blocks, Choice(_closed_actions(state, speech))), speech.locale)


def _actions(state: ItemState, around: Around, speech: Speech) -> tuple[Choice, ...]:
    if state.closed:
        return (Choice(_closed_actions(state, speech)),)
    more = state.snoozes < around.ladder.attention.max_snoozes
    first = [button("item.act.done", state, "done", speech)]
    if state.block is not None:
        first.append(button("item.act.unblocked", state, "unblocked", speech))
    else:
        first.append(button("item.act.in_progress", state, "in_progress", speech))
        first.append(button("item.act.blocked", state, "blocked", speech))
    if not state.hand_over_asked:
        first.append(button("item.act.not_me", state, "not_me", speech))
    second = (
        button("item.act.new_date", state, "new_date", speech, quiet=True),
        button("item.act.snooze", state, "snooze", speech, quiet=True),
    )
    return (Choice(tuple(first)), Choice(second)) if more else (Choice(tuple(first)),)


def _closed_actions(state: ItemState, speech: Speech) -> tuple[Option, ...]:
    return (
        button("item.act.evidence", state, "evidence", speech, quiet=True),
        button("item.act.reopen", state, "reopen", speech, quiet=True),
    )


def _form(
    state: ItemState, step: str, title: str, fields: tuple[Field, ...], speech: Speech, typed: Typed
) -> Card:
    text = speech.text(title, item=state.item.ask.say(speech.locale))
    warning = (Text((Span(typed.note),), "warning"),) if typed.note else ()
    send = speech.option("item.form.send", item_ref(state, step, SEND), "primary")
    return Card(text.plain, (*warning, text, Form(fields, send)), speech.locale)


def _note(label: str, speech: Speech, typed: Typed, *, required: bool) -> TextField:
    value = typed.values.get(NOTE, "")
    return TextField(
        NOTE, speech(label), required=required, multiline=True, max_length=MAX_EXAMPLE, value=value
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
