"""Every card of the checklist: items in every state, forms, refusals, lists, the ladder and reminders."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.commands.exhibit import MESSAGE, ON_THE_SPOT, Exhibit
from dialogs import checklist, item_lists
from dialogs.activity import FieldValue, Submission
from dialogs.card import Card
from dialogs.catalog import Pack
from dialogs.item_cards import NOTE, SEND, item_ref
from dialogs.item_state import Around, Block, Evidence, GateDay, ItemState
from dialogs.nudge import LADDER, nudge_card, reminder_card
from dialogs.outcome import Asked, Finished, Outcome, Rejected, Stale
from dialogs.schema import MAX_EXAMPLE, Nudges
from dialogs.speech import Speech
from dialogs.text import written

_NOW = datetime(2027, 3, 10, 15, tzinfo=UTC)
_TODAY = date(2027, 3, 10)
_OWNER = "sample"
_NOTE = ("Il manque l'accord du transporteur pour les retours du samedi. " * 5)[:MAX_EXAMPLE].strip()
_PROOFS = {
    "link": "https://example.org/preuve",
    "file": "preuve.xlsx",
    "number": "1250",
    "attestation": "La direction a signé la fiche.",
}
Sent = dict[str, FieldValue]


def item_cards_of(pack: Pack, speech: Speech) -> Iterator[Exhibit]:
    """Draw every card about the items of a pack, one by one and together."""
    ladder = next(iter(pack.nudges.values()), None)
    states = tuple(
        ItemState(item, _OWNER, _TODAY + timedelta(days=12))
        for checks in pack.checklists.values()
        for item in checks.items
    )
    if ladder is None:
        return
    around = _around(pack, ladder, states, speech)
    for state in states:
        for step, card in _standing(state, around, speech):
            yield Exhibit("item", state.item.id, step, card)
        for step, outcome in _acted(state, around, speech):
            yield from _shown(state, step, outcome)
        yield from _nudges(state, around, speech)
    yield from _together(states, around, speech)
    for name, card in _lists(pack, states, around, speech):
        yield Exhibit("checklist", next(iter(pack.checklists), "-"), name, card)


def _around(pack: Pack, ladder: Nudges, states: tuple[ItemState, ...], speech: Speech) -> Around:
    gates = tuple(GateDay(gate.id, gate.label, _TODAY + timedelta(days=40)) for gate in pack.gates.values())
    moments = (_NOW + timedelta(days=days) for days in (1, 1, 2, 5))
    slots = tuple((moment.strftime("%Y-%m-%dT%H:%M"), written(moment, speech.locale)) for moment in moments)
    return Around(_OWNER, "Prénom-Composé", _NOW, _TODAY, ladder, gates, states, slots)


def _standing(state: ItemState, around: Around, speech: Speech) -> Iterator[tuple[str, Card]]:
    for name, one in _states(state):
        yield name, Asked(_show(one, around, speech)).card
    taken = replace(state, owner="another")
    yield "not-yours", _card(checklist.submit(taken, _click(taken, "done"), around, speech))
    yield "stale", _card(checklist.submit(state, Submission(None), around, speech))


def _states(state: ItemState) -> Iterator[tuple[str, ItemState]]:
    proof = Evidence(state.item.evidence.types[0], "x" * 500, _OWNER, _NOW)
    yield "open", state
    yield "waiting", replace(state, due=_TODAY - timedelta(days=9))
    yield "planned", replace(state, commitment_at=_NOW + timedelta(days=1))
    yield "snoozed", replace(state, snoozed_until=_TODAY + timedelta(days=3))
    yield "hand-over", replace(state, hand_over_asked=True)
    yield "no-more-dates", replace(state, snoozes=9)
    for kind in ("time", "information", "decision", "person", "hand_over", "other"):
        yield f"blocked-{kind}", replace(state, block=Block(kind, _NOTE, _TODAY))
    yield "closed", replace(state, closed=True, evidence=(proof,))
    yield "tested", replace(state, closed=True, evidence=(replace(proof, tested=_TODAY),))


def _show(state: ItemState, around: Around, speech: Speech) -> Card:
    return _card(checklist.submit(state, _click(state, "show"), around, speech))


def _acted(state: ItemState, around: Around, speech: Speech) -> Iterator[tuple[str, Outcome]]:
    soon, past = (_TODAY + timedelta(days=5)).isoformat(), _TODAY.isoformat()
    kind = state.item.evidence.types[0]
    blocked = replace(state, block=Block("time", _NOTE, _TODAY))
    closed = replace(state, closed=True, evidence=(Evidence(kind, "x", _OWNER, _NOW),))
    tired = replace(state, snoozes=9)
    acts: list[tuple[str, ItemState, str, str, Sent]] = [
        ("done", state, "done", "", {}),
        ("done-refused", state, "done", SEND, {"kind": kind, "value": "?", "tested": "2999-01-01"}),
        ("done-empty", state, "done", SEND, {}),
        ("done-too-long", state, "done", SEND, {"kind": kind, "value": "x" * 501}),
        ("done-sent", state, "done", SEND, {"kind": kind, "value": _PROOFS[kind]}),
        ("evidence", closed, "evidence", "", {}),
        ("reopen", closed, "reopen", "", {}),
        ("in_progress", state, "in_progress", "", {}),
        ("planned-sent", state, "in_progress", around.slots[0][0], {}),
        ("other_day", state, "other_day", "", {}),
        ("other_day-refused", state, "other_day", SEND, {"day": past}),
        ("other_day-sent", state, "other_day", SEND, {"day": soon}),
        ("blocked", state, "blocked", "", {}),
        ("blocked-refused", state, "blocked", SEND, {"note": "x" * 281}),
        ("blocked-sent", state, "blocked", SEND, {"kind": "time", "note": _NOTE}),
        ("obstacle", state, "obstacle", "", {}),
        ("unblocked", blocked, "unblocked", "", {}),
        ("no-more-dates", tired, "new_date", "", {}),
    ]
    for step in ("not_me", "hand_over"):
        acts += [
            (step, state, step, "", {}),
            (f"{step}-refused", state, step, SEND, {}),
            (f"{step}-sent", state, step, SEND, {"note": _NOTE}),
        ]
    for step in ("time", "information", "decision", "person"):
        acts += [
            (step, state, step, "", {}),
            (f"{step}-note", state, step, NOTE, {}),
            (f"{step}-refused", state, step, SEND, {"note": "x" * 281}),
            (f"{step}-sent", state, step, SEND, {"note": _NOTE}),
        ]
    for step in ("new_date", "snooze"):
        acts += [
            (step, state, step, "", {}),
            (f"{step}-refused", state, step, SEND, {"day": "?"}),
            (f"{step}-too-late", state, step, SEND, {"day": "2999-01-01"}),
            (f"{step}-sent", state, step, SEND, {"day": soon}),
        ]
    for name, one, step, choice, values in acts:
        yield name, checklist.submit(one, _click(one, step, choice, values), around, speech)


def _nudges(state: ItemState, around: Around, speech: Speech) -> Iterator[Exhibit]:
    yield Exhibit("reminder", state.item.id, "commitment", reminder_card(state, around, speech))
    for rung in around.ladder.rungs:
        if rung.id in LADDER:
            card = nudge_card([(state, rung)], around, speech)
            yield Exhibit("nudge", rung.id, state.item.id, card)
    thanks = checklist.submit(
        state,
        _click(state, "done", SEND, {"kind": (kind := state.item.evidence.types[0]), "value": _PROOFS[kind]}),
        around,
        speech,
    )
    yield Exhibit("nudge", "K7", state.item.id, _card(thanks))


def _together(states: tuple[ItemState, ...], around: Around, speech: Speech) -> Iterator[Exhibit]:
    """Several items on one reminder, the longest names first; then once some of them have moved on."""
    longest = sorted(states, key=lambda one: -len(one.item.ask.say(speech.locale)))
    most = longest[: around.ladder.attention.items_per_card]
    if not most:
        return
    moved = [next(one for name, one in _states(most[0]) if name == "planned"), *most[1:]]
    done = [dict(_states(one))["closed"] for one in most]
    nobody = replace(around, first_name="")
    for rung in around.ladder.rungs:
        if rung.id in LADDER:
            for name, some, who in (
                ("several", most, around),
                ("several-one-moved", moved, around),
                ("several-all-done", done, around),
                ("no-first-name", most[:1], nobody),
            ):
                yield Exhibit("nudge", rung.id, name, nudge_card([(one, rung) for one in some], who, speech))


def _lists(
    pack: Pack, states: tuple[ItemState, ...], around: Around, speech: Speech
) -> Iterator[tuple[str, Card]]:
    every = [one for state in states for _, one in _states(state)]
    closed = tuple(dict(_states(state))["closed"] for state in states)
    mixed = tuple(dict(_states(state))[name] for state, name in zip(states, _cycle(len(states)), strict=True))
    for name, some in (
        ("none", ()),
        ("one", states[:1]),
        ("all", states),
        ("mixed", mixed),
        ("done", closed),
    ):
        yield f"mine-{name}", item_lists.items_card(some, around, speech)
        yield f"overview-{name}", item_lists.overview_card(some, pack.functions, around, speech)
    for which in item_lists.WHICH:
        found = item_lists.listed(every, which, around)
        for name, some in (("none", ()), ("one", found[:1]), ("all", found)):
            yield f"list-{which}-{name}", item_lists.list_card(some, which, pack.functions, around, speech)


def _cycle(count: int) -> list[str]:
    names = ["open", "waiting", "blocked-time", "closed", "hand-over", "tested", "planned"]
    return [names[place % len(names)] for place in range(count)]


def _click(state: ItemState, step: str, choice: str = "", values: Sent | None = None) -> Submission:
    return Submission(item_ref(state, step, choice), values or {})


def _card(outcome: Outcome) -> Card:
    return outcome.card


def _shown(state: ItemState, step: str, outcome: Outcome) -> Iterator[Exhibit]:
    match outcome:
        case Asked(card, answered, _) | Finished(card, answered, _):
            pass
        case Rejected(_, card) | Stale(_, card):
            answered = None
    yield Exhibit("item", state.item.id, step, card, ON_THE_SPOT if card.form() else MESSAGE)
    if answered is not None and answered != card:
        yield Exhibit("item", state.item.id, f"{step}-answered", answered)
