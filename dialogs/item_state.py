"""Where a checklist item stands, and the measures taken over all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dialogs.metrics import ItemMark, OpenItem
from dialogs.schema import ChecklistItem, Nudges
from dialogs.text import Wording

EvidenceKind = Literal["link", "file", "number", "attestation"]
BlockKind = Literal["time", "information", "decision", "person", "hand_over", "other"]

UNKNOWN, ANSWERED, DEFINED, TESTED = 0, 1, 2, 3
"""The four degrees of maturity."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves an item. author: person id. tested: the day of the trial, where there was one."""

    kind: EvidenceKind
    value: str
    author: str
    at: datetime
    tested: date | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """What the owner waits for, in kind and in words, since which day."""

    kind: BlockKind
    note: str
    since: date


@dataclass(frozen=True, slots=True)
class Nudged:
    """One rung that went out. due: the due date it was about. answered: the owner reacted to it."""

    rung: str
    at: datetime
    answered: bool
    due: date


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item of one project as it stands.

    evidence: oldest first, the latest counts. commitment_at: the moment the owner chose to work on it.
    snoozes: dates moved or questions put off so far. paused: working days that the clock stood still for the
    present due date. revision: how many effects were stored; a control drawn under another number is stale.
    """

    item: ChecklistItem
    owner: str | None
    due: date
    evidence: tuple[Evidence, ...] = ()
    closed: bool = False
    block: Block | None = None
    commitment_at: datetime | None = None
    snoozes: int = 0
    snoozed_until: date | None = None
    nudges: tuple[Nudged, ...] = ()
    hand_over_asked: bool = False
    revision: int = 0
    paused: int = 0


@dataclass(frozen=True, slots=True)
class GateDay:
    """A gate of the project with its date, in the order in which they open."""

    id: str
    label: Wording
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the rules need besides the item.

    actor: person id of who clicked. now: the instant, in the actor's zone; today: the local date. peers: all
    items of the project. slots: (id, label) of the working moments offered, in the actor's language.
    """

    actor: str
    first_name: str
    now: datetime
    today: date
    ladder: Nudges
    gates: tuple[GateDay, ...] = ()
    peers: tuple[ItemState, ...] = ()
    slots: tuple[tuple[str, str], ...] = ()


def maturity(state: ItemState) -> int:
    """0 unknown, 1 answered, 2 defined, 3 tested (blueprint 3c); without evidence never more than 1.

    Answered: the owner took it up, that is planned it, closed it or closed it once. A reopened item falls
    back to 1 although its evidence is kept.
    """
    if state.closed and state.evidence:
        return TESTED if state.evidence[-1].tested is not None else DEFINED
    return ANSWERED if state.closed or state.evidence or state.commitment_at is not None else UNKNOWN


def marks(states: Iterable[ItemState], today: date) -> list[ItemMark]:
    """The items as the formulas of `dialogs.metrics` take them; the threshold is the lowest that a gate asks."""
    return [
        ItemMark(
            state.item.effective_weight,
            maturity(state),
            proven=bool(state.evidence),
            due=state.due <= today,
            blocking=state.item.blocking,
            threshold=min(state.item.gates.values(), default=DEFINED),
        )
        for state in states
    ]


def open_items(states: Iterable[ItemState], today: date) -> list[OpenItem]:
    """The items that are not closed, as the formulas take them; lateness in calendar days."""
    return [
        OpenItem((today - state.due).days, state.block is not None) for state in states if not state.closed
    ]


def gate_progress(gate_id: str, states: Iterable[ItemState]) -> tuple[int, int]:
    """(blocking items of the gate at their threshold, blocking items of the gate): blueprint 3j."""
    counted = [state for state in states if state.item.blocking and gate_id in state.item.gates]
    return sum(maturity(state) >= state.item.gates[gate_id] for state in counted), len(counted)


def missing(gate_id: str, states: Iterable[ItemState]) -> tuple[ItemState, ...]:
    """Every item, blocking or not, that keeps the gate from opening: below the maturity it asks."""
    return tuple(
        state
        for state in states
        if gate_id in state.item.gates and maturity(state) < state.item.gates[gate_id]
    )


def next_gate(state: ItemState, gates: Iterable[GateDay]) -> GateDay | None:
    """The first gate that the item still holds up, else the last one it belongs to; None when it has none."""
    own = [gate for gate in gates if gate.id in state.item.gates]
    held = (gate for gate in own if maturity(state) < state.item.gates[gate.id])
    return next(held, own[-1] if own else None)


def function_of(state: ItemState) -> str | None:
    """The code of the function whose lead owns the item; None for an item of the project's own roles."""
    role, _, code = state.item.owner_role.partition(".")
    return code if role == "function_lead" else None
