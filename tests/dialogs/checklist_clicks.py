"""An owner's clicks on a checklist item, and what comes of them."""

from dialogs.activity import FieldValue, Submission
from dialogs.card import Card
from dialogs.checklist import submit
from dialogs.item_effects import ItemEffect
from dialogs.item_state import Around, ItemState
from dialogs.outcome import Finished, Outcome
from dialogs.ref import Ref
from tests.dialogs.checklist_project import around, speech


def click(
    one: ItemState,
    reference: Ref | None,
    values: dict[str, FieldValue] | None = None,
    near: Around | None = None,
) -> Outcome:
    return submit(one, Submission(reference, values or {}), near or around(one), speech())


def effect_of(outcome: Outcome) -> ItemEffect:
    assert isinstance(outcome, Finished), outcome
    (effect,) = outcome.effects
    return effect  # type: ignore[return-value]


def card_of(outcome: Outcome) -> Card:
    return outcome.card
