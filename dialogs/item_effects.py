"""What must be stored after somebody acted on a checklist item, and the item as it stands then."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from dialogs.calendar import Workdays
from dialogs.item_state import Block, BlockKind, Evidence, ItemState


@dataclass(frozen=True, slots=True)
class Closed:
    """The item is done, with its proof; on a closed item the proof is replaced by a better one."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Planned:
    """The owner chose when to work on it: the id of a slot offered, or an ISO date picked by hand."""

    slot: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The owner cannot go on; the clock of the item stands still."""

    kind: BlockKind
    note: str


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """The owner told what would help; the bot asks for it, and the clock stands still."""

    kind: BlockKind
    note: str


@dataclass(frozen=True, slots=True)
class Unblocked:
    """What the owner waited for has come."""


@dataclass(frozen=True, slots=True)
class HandOverAsked:
    """The owner says that it should be somebody else's; the lead decides. note: who."""

    note: str


@dataclass(frozen=True, slots=True)
class NewDate:
    """The owner moved the due date."""

    day: date


@dataclass(frozen=True, slots=True)
class Snoozed:
    """The owner does not want to be asked before this day; the due date stays."""

    until: date


@dataclass(frozen=True, slots=True)
class Reopened:
    """The owner took a closed item up again."""


ItemEffect = Closed | Planned | Blocked | HelpAsked | Unblocked | HandOverAsked | NewDate | Snoozed | Reopened


def after(
    state: ItemState,
    effect: ItemEffect,
    today: date,
    *,
    commitment_at: datetime | None = None,
    workdays: Workdays | None = None,
) -> ItemState:
    """The item once the effect is stored.

    commitment_at: the instant of the slot, needed for Planned. workdays: those of the owner, which tell how
    long the clock stood still when a block ends (default Monday to Friday).
    """
    calendar = workdays or Workdays()
    calm = replace(
        state,
        revision=state.revision + 1,
        snoozed_until=None,
        nudges=tuple(replace(nudged, answered=True) for nudged in state.nudges),
    )
    if state.block is not None and not isinstance(effect, Blocked | HelpAsked):
        stood = max(0, calendar.between(state.block.since, today))
        calm = replace(calm, block=None, paused=calm.paused + stood)
    since = state.block.since if state.block is not None else today
    match effect:
        case Closed(evidence):
            kept = (*state.evidence, evidence)
            return replace(calm, closed=True, evidence=kept, hand_over_asked=False)
        case Planned():
            return replace(calm, commitment_at=commitment_at, hand_over_asked=False)
        case Blocked(kind, note) | HelpAsked(kind, note):
            return replace(calm, block=Block(kind, note, since))
        case Unblocked():
            return calm
        case HandOverAsked():
            return replace(calm, hand_over_asked=True)
        case NewDate(day):
            moved = replace(calm, due=day, snoozes=state.snoozes + 1)
            return replace(moved, paused=0, commitment_at=None)
        case Snoozed(until):
            return replace(calm, snoozes=state.snoozes + 1, snoozed_until=until)
        case Reopened():
            return replace(calm, closed=False, commitment_at=None)
        case _:
            assert_never(effect)
