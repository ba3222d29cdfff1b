"""What a rule returns: the next card, a refusal, a stale click or the end, and what must be stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.card import Card
from dialogs.item_effects import ItemEffect
from dialogs.quiz_effects import Reviewed

Answer = str | int | float | tuple[str, ...]
"""The value of an answer: an option id, a text, an ISO date, a number, or the ids of several options."""

DONT_KNOW = "_dont_know"
SKIPPED = "_skipped"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer row, append-only; the latest of a step and round wins. A value of None withdraws."""

    step: str
    round: int
    value: Answer | None


@dataclass(frozen=True, slots=True)
class PutOff:
    """The person chose a later moment; slot is the id of the content's slot."""

    slot: str


@dataclass(frozen=True, slots=True)
class LeadTold:
    """The person wants the lead of the function to hear of this impact today."""

    round: int


@dataclass(frozen=True, slots=True)
class ChampionOffered:
    """The person offers to become a champion of their function."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person stops for now: what was said is kept, and what they type next is no answer."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person dropped the dialog: what was said does not count."""


Effect = Given | PutOff | LeadTold | ChampionOffered | Stopped | Cancelled | Reviewed | ItemEffect


@dataclass(frozen=True, slots=True)
class Asked:
    """A question is open. answered: how the message that was clicked looks now, where it changes."""

    card: Card
    answered: Card | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The input cannot be taken; nothing is stored. errors: field id to sentence. card: the form again."""

    errors: Mapping[str, str]
    card: Card


@dataclass(frozen=True, slots=True)
class Stale:
    """The control belongs to a question that has moved on; nothing is stored.

    note: one line saying so. card: how the clicked message looks now.
    """

    note: str
    card: Card


@dataclass(frozen=True, slots=True)
class Finished:
    """No question is open."""

    card: Card
    answered: Card | None = None
    effects: tuple[Effect, ...] = field(default=())


Outcome = Asked | Rejected | Stale | Finished
