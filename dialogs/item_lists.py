"""Lists of checklist items: "my items" for an owner, and the overview for a lead."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

from dialogs.card import Block, Card, Choice, Form, Meter, Pick, SelectField, Span, Table, Text
from dialogs.item_cards import ITEM, MAX_LABEL, TOPIC, button, status
from dialogs.item_state import (
    Around,
    GateDay,
    ItemState,
    function_of,
    gate_progress,
    marks,
    open_items,
)
from dialogs.metrics import lateness, planned_readiness, readiness
from dialogs.ref import Ref
from dialogs.schema import Function
from dialogs.speech import Speech
from dialogs.text import percent

Which = Literal["blocked", "hand_over", "waiting"]
WHICH: tuple[Which, ...] = ("hand_over", "blocked", "waiting")
LIST = "list"
SHOWN = 6
PICKABLE = 100


def items_card(states: Sequence[ItemState], around: Around, speech: Speech) -> Card:
    """Show an owner's items: the open ones by date with their buttons, then a list of all the others."""
    title = speech.text("item.mine", "heading")
    open_ = sorted(
        (state for state in states if not state.closed), key=lambda state: (state.due, state.item.id)
    )
    closed = [state for state in states if state.closed]
    blocks: list[Block] = [title]
    if not states:
        blocks.append(speech.text("item.mine_none"))
    elif not open_:
        blocks.append(speech.text("item.mine_done", n=len(closed)))
    for state in open_[:SHOWN]:
        blocks.append(_line(state, around, speech))
        more = button("item.act.more", state, "show", speech, quiet=True)
        blocks.append(Choice((button("item.act.done", state, "done", speech), more)))
    if open_ and closed:
        blocks.append(speech.text("item.mine_closed", "quiet", n=len(closed)))
    others = (*open_[SHOWN:], *closed)
    if others:
        picks = tuple(Pick(one.item.id, _short(one.item.ask.say(speech.locale))) for one in others[:PICKABLE])
        field = SelectField(ITEM, speech("item.mine_others"), picks, required=True)
        show = speech.option("item.act.show", Ref(TOPIC, "", "show"))
        blocks.append(Form((field,), show))
    return Card(title.plain, tuple(blocks), speech.locale)


def overview_card(
    states: Sequence[ItemState],
    functions: Mapping[str, Function],
    around: Around,
    speech: Speech,
    *,
    lists: bool = True,
) -> Card:
    """Show readiness beside what was planned, each gate, counts by function, and what to look at.

    lists: with the buttons that open the lists of items, which show what owners wrote.
    """
    title = speech.text("item.overview", "heading")
    blocks: list[Block] = [title]
    counted = marks(states, around.today)
    ready, planned = readiness(counted), planned_readiness(counted)
    if ready is None or planned is None:
        blocks.append(speech.text("item.overview_none"))
        return Card(title.plain, tuple(blocks), speech.locale)
    caption = speech(
        "item.overview_ready",
        now=percent(ready.value, speech.locale),
        planned=percent(planned.value, speech.locale),
    )
    blocks.append(Meter(speech("item.readiness"), ready.value, caption))
    blocks += [meter for gate in around.gates if (meter := gate_meter(gate, states, speech)) is not None]
    late = lateness(open_items(states, around.today))
    blocks.append(speech.text("item.overview_late", late=late.overdue, open=late.open, blocked=late.blocked))
    blocks.append(_table(states, functions, around, speech))
    options = tuple(
        speech.option(f"item.list.{which}", Ref(TOPIC, "", LIST, which), n=len(found))
        for which in WHICH
        if lists and (found := listed(states, which, around))
    )
    if options:
        blocks.append(Choice(options))
    return Card(title.plain, tuple(blocks), speech.locale)


def list_card(
    states: Sequence[ItemState],
    which: Which,
    functions: Mapping[str, Function],
    around: Around,
    speech: Speech,
) -> Card:
    """The items of one kind for a lead: by function, with what their owners wrote; nobody is named."""
    found = listed(states, which, around)
    title = speech.text(f"item.list.{which}", "heading", n=len(found))
    blocks: list[Block] = [title]
    for state in found[:SHOWN]:
        place = _place(function_of(state), functions, speech)
        blocks.append(_line(state, around, speech, place))
        if state.block is not None and state.block.note:
            blocks.append(Text((Span(state.block.note),), "quote"))
    if len(found) > SHOWN:
        blocks.append(speech.text("item.list_more", "quiet", n=len(found) - SHOWN))
    back = speech.option("item.act.overview", Ref(TOPIC, "", LIST), "quiet")
    return Card(title.plain, (*blocks, Choice((back,))), speech.locale)


def function_card(states: Sequence[ItemState], around: Around, speech: Speech) -> Card:
    """The items of a function for whoever leads it: what is asked, when and how it stands; nothing to press."""
    title = speech.text("item.of_function", "heading")
    shown = sorted(states, key=lambda state: (state.closed, state.due, state.item.id))
    blocks: list[Block] = [title, *(_line(state, around, speech) for state in shown[:SHOWN])]
    if len(shown) > SHOWN:
        blocks.append(speech.text("item.list_more", "quiet", n=len(shown) - SHOWN))
    return Card(title.plain, tuple(blocks), speech.locale)


def listed(states: Sequence[ItemState], which: Which, around: Around) -> tuple[ItemState, ...]:
    """The open items of one kind, the longest waiting first."""
    open_ = sorted(
        (state for state in states if not state.closed), key=lambda state: (state.due, state.item.id)
    )
    match which:
        case "blocked":
            return tuple(state for state in open_ if state.block is not None)
        case "hand_over":
            return tuple(state for state in open_ if state.hand_over_asked)
        case "waiting":
            return tuple(state for state in open_ if state.block is None and state.due < around.today)
        case _:
            assert_never(which)


def gate_meter(gate: GateDay, states: Sequence[ItemState], speech: Speech) -> Meter | None:
    """How far a gate is; None when no blocking item belongs to it."""
    done, total = gate_progress(gate.id, states)
    if not total:
        return None
    return Meter(gate.label.say(speech.locale), done / total, speech("item.progress", done=done, total=total))


def _line(state: ItemState, around: Around, speech: Speech, place: str = "") -> Text:
    ask = Span(state.item.ask.say(speech.locale), bold=True)
    where = f" · {place}" if place else ""
    when = speech("item.line", date=state.due, state=status(state, around, speech))
    return Text((ask, Span(f"{where}\n{when}")))


def _table(
    states: Sequence[ItemState], functions: Mapping[str, Function], around: Around, speech: Speech
) -> Table:
    groups: defaultdict[str | None, list[ItemState]] = defaultdict(list)
    for state in states:
        groups[function_of(state)].append(state)
    order = [code for code in (None, *functions) if code in groups]
    order += sorted(code for code in groups if code is not None and code not in functions)
    rows = []
    for code in order:
        late = lateness(open_items(groups[code], around.today))
        closed = sum(state.closed for state in groups[code])
        figures = (closed, late.open, late.overdue, late.blocked)
        rows.append((_place(code, functions, speech), *(str(figure) for figure in figures)))
    header = tuple(
        speech(f"item.column.{name}") for name in ("function", "closed", "open", "late", "blocked")
    )
    return Table(speech("item.overview_table"), header, tuple(rows))


def _place(code: str | None, functions: Mapping[str, Function], speech: Speech) -> str:
    if code is None:
        return speech("item.project_roles")
    function = functions.get(code)
    return function.label.say(speech.locale) if function is not None else code


def _short(text: str) -> str:
    return text if len(text) <= MAX_LABEL else f"{text[: MAX_LABEL - 1].rstrip()}…"
